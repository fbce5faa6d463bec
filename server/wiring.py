"""Builds services from the types their constructors ask for: adding one needs no line of plumbing."""

import inspect
from collections.abc import Mapping
from typing import Any, TypeVar

from server.errors import WrongTable

T = TypeVar("T")


class Wiring:
    """Gives one object a type: one that was handed in, or one built, once, from its constructor's types.

    Parameters that have a default keep it.
    """

    def __init__(self, given: Mapping[type, Any]) -> None:
        self._made: dict[type, Any] = dict(given)
        self._building: list[type] = []

    def add(self, part: Any) -> None:
        """Hand in one more object."""
        self._made[type(part)] = part

    def get(self, kind: type[T]) -> T:
        """Give the object of a type.

        raises : WrongTable naming who asked for a type that is neither handed in nor ours to build, or
                 whose services need each other in a circle
        """
        if kind not in self._made:
            self._made[kind] = self._build(kind)
        made: T = self._made[kind]
        return made

    def _build(self, kind: type) -> Any:
        chain = " -> ".join(part.__qualname__ for part in (*self._building, kind))
        if kind in self._building:
            raise WrongTable(f"wiring: services need each other in a circle: {chain}")
        if not kind.__module__.startswith("server.services.") or inspect.isabstract(kind):
            raise WrongTable(f"wiring: nothing gives {kind.__qualname__}, asked for by {chain}")
        self._building.append(kind)
        try:
            asked = inspect.signature(kind, eval_str=True).parameters.values()
            wanted = {one.name: one.annotation for one in asked if one.default is one.empty}
            return kind(**{name: self.get(each) for name, each in wanted.items()})
        finally:
            self._building.pop()
