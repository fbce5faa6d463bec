"""What one user may hold and say over all their sockets in this process."""

from dataclasses import dataclass

from server.errors import TooMany

MAX_CONNECTIONS = 50
"""Sockets a user, each of one topic: a few devices, each with several screens open."""

MESSAGES_PER_SECOND = 60
"""What a user's sockets may say together."""


@dataclass(slots=True)
class Allowance:
    """One user's counts."""

    connections: int = 0
    second: int = 0
    said: int = 0

    def may_speak(self, now: float, most: int = MESSAGES_PER_SECOND) -> bool:
        """Count a message; false when it is one too many in this second (`now`: seconds of any clock)."""
        if int(now) != self.second:
            self.second, self.said = int(now), 0
        self.said += 1
        return self.said <= most


class Allowances:
    """Everybody's counts, as long as they have a socket."""

    def __init__(self) -> None:
        self._users: dict[tuple[str, int], Allowance] = {}

    def take(self, marketplace: str, user_id: int) -> Allowance:
        """Count one more socket; raises TooMany."""
        one = self._users.setdefault((marketplace, user_id), Allowance())
        if one.connections >= MAX_CONNECTIONS:
            raise TooMany("Too many open sockets.")
        one.connections += 1
        return one

    def give_back(self, marketplace: str, user_id: int) -> None:
        """Count one socket less."""
        one = self._users[marketplace, user_id]
        one.connections -= 1
        if not one.connections:
            del self._users[marketplace, user_id]
