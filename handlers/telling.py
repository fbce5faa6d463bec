"""How a socket tells of an event: the face's message, and beside it what changed, as rows show it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from handlers.call import Viewer
from handlers.fields import wire_time
from server.domain.events import Event
from server.services.telling.shown import Gone, shown_in

Spell = Callable[[Event], dict[str, Any] | None]
State = dict[str, list[Any]]


def _as_it_is(id: Any) -> Any:
    return id


@dataclass(frozen=True, slots=True)
class Row:
    """How things of a kind are shown.

    name  : the list that they are in; ids of those that are gone are in "gone_<name>"
    reply : the type that the row of such a thing replies with
    out   : gives that type's fields
    id    : gives the row's id of a thing's
    """

    name: str
    reply: Any
    out: Callable[[Viewer, Any], Any]
    id: Callable[[Any], Any] = _as_it_is


class Rows:
    """A face's rows by the kind of thing they show; what a face has no row for, its clients do not see."""

    def __init__(self, rows: Mapping[type, Row]) -> None:
        self._rows = {kind.__name__: row for kind, row in rows.items()}
        self._replies = {row.name: TypeAdapter[Any](row.reply) for row in rows.values()}

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._replies)

    def state(self, event: Event, viewer: Viewer, more: Sequence[Any] = ()) -> State:
        """Give what changed with an event, and what else it tells of, in lists by name."""
        state: State = {}
        for thing in (*shown_in(event), *more):
            is_gone = isinstance(thing, Gone)
            row = self._rows.get(thing.kind if is_gone else type(thing).__name__)
            if row is not None:
                name = f"gone_{row.name}" if is_gone else row.name
                shown = row.id(thing.id) if is_gone else self._shown(row, viewer, thing)
                state.setdefault(name, []).append(shown)
        return state

    def _shown(self, row: Row, viewer: Viewer, thing: Any) -> Any:
        reply = self._replies[row.name]
        read = reply.validate_python(row.out(viewer, thing), from_attributes=True)
        return reply.dump_python(read, mode="json")


@dataclass(frozen=True, slots=True)
class Spelling:
    """How listeners of one kind are told, to whom everything looks the same.

    updates : whether they hear also of changes that no message tells of, as `update`
    """

    spell: Spell
    state: Callable[[Event, Viewer], State] | None
    updates: bool
    viewer: Viewer

    def __call__(self, event: Event) -> dict[str, Any] | None:
        """Give an event's message, None when there is none."""
        message = self.spell(event)
        if self.state is None or (message is None and not self.updates):
            return message
        state = self.state(event, self.viewer)
        if not state:
            return message
        return (message or {"type": "update", "data": {"timestamp": wire_time(event.at)}}) | {"state": state}
