"""What the database is asked, by transaction."""

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pymongo import monitoring

from server.store.database import Database


@dataclass(frozen=True, slots=True)
class Command:
    """One command inside a transaction. `subject` is its collection, `where` what a read looks for."""

    name: str
    subject: str
    where: str
    transaction: Hashable


class _Listener(monitoring.CommandListener):
    """Hears every command of this process; keeps those in transactions for who wants to know."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Command]] = {}

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        wanted = self.kept.get(event.database_name)
        command: Mapping[str, Any] = event.command
        if wanted is not None and "autocommit" in command:
            subject, where = str(command[event.command_name]), repr(command.get("filter"))
            transaction = (repr(command["lsid"]), command["txnNumber"])
            wanted.append(Command(event.command_name, subject, where, transaction))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to do."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to do."""


_LISTENER = _Listener()
monitoring.register(_LISTENER)  # the driver tells only those clients that are opened from now on


@contextmanager
def commands_of(database: Database) -> Iterator[list[Command]]:
    """Give the commands of a database's transactions, as they come."""
    kept = _LISTENER.kept[database.name] = []
    try:
        yield kept
    finally:
        del _LISTENER.kept[database.name]
