"""One call, and what is expected of it. Nothing is raised: every outcome is kept and told at the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from walkthrough.client import Client, Reply, Timings
from walkthrough.smoke.shapes import differences
from walkthrough.tables import table


@dataclass(frozen=True, slots=True)
class Outcome:
    """A call as it went; `faults` say what differs from what is documented."""

    call: str
    role: str
    status: int
    ms: float
    faults: Sequence[str]


@dataclass
class Checks:
    """The calls of one run.

    error : the shape of an error's body, without its status
    """

    base_url: str
    error: dict[str, Any]
    outcomes: list[Outcome] = field(default_factory=list)
    called: set[tuple[str, str]] = field(default_factory=set)
    """Method and path, without its query, of every call."""

    def __post_init__(self) -> None:
        self.timings = Timings()
        self.code = uuid4().hex[:8]
        """Part of every new name, so that each run has its own."""

    def client(self, name: str) -> Client:
        """Give somebody who is not signed in."""
        return Client(self.base_url, self.timings, name)

    async def expect(
        self,
        client: Client,
        method: str,
        path: str,
        status: int | tuple[int, ...] = 200,
        body: Any = None,
        *,
        shape: Any = None,
        field: str | None = None,
    ) -> Reply:
        """Call and note how it went.

        status : what is expected, or any of these; an error has to have the marketplace's form
        shape  : of the answer's body
        field  : a field that an error has to name
        """
        reply = await client.ask(method, path, body)
        wanted = status if isinstance(status, tuple) else (status,)
        faults = [] if reply.status in wanted else [f"status {reply.status}, expected {_either(wanted)}"]
        if reply.status >= 400:
            faults += differences(self.error, reply.json)
            if field is not None and field not in str(reply.json):
                faults.append(f"the error does not name {field}: {reply.json!r:.200}")
        elif shape is not None:
            faults += differences(shape, reply.json)
        self.note(method, path, client.name, reply, faults)
        return reply

    def note(self, method: str, path: str, role: str, reply: Reply, faults: Iterable[str]) -> None:
        """Keep how a call went."""
        bare = path.removeprefix(self.base_url).partition("?")[0]
        self.called.add((method, bare))
        shown = path.removeprefix(self.base_url)
        self.outcomes.append(Outcome(f"{method} {shown}", role, reply.status, reply.ms, tuple(faults)))

    def check(self, role: str, promise: str, is_kept: bool) -> None:
        """Keep whether a promise that no single answer shows was kept."""
        self.outcomes.append(Outcome(promise, role, 0, 0.0, () if is_kept else ("is not so",)))

    def report(self) -> str:
        """Give every call as a table."""
        rows = [
            (
                one.call[:78],
                one.role,
                one.status or "",
                f"{one.ms:.1f}" if one.status else "",
                "no" if one.faults else "ok",
            )
            for one in self.outcomes
        ]
        return table(("call", "role", "status", "ms", "ok"), rows)

    def faults(self) -> list[str]:
        """Give what differs, a line a fault."""
        return [f"{one.call} as {one.role}: {fault}" for one in self.outcomes for fault in one.faults]


def _either(statuses: tuple[int, ...]) -> str:
    return " or ".join(map(str, statuses))
