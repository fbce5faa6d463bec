"""What one user may hold and say over all their sockets in this process."""

from dataclasses import dataclass

from server.errors import TooMany

MAX_CONNECTIONS = 50
"""Sockets a user: a few devices, each with several screens open."""

MAX_TOPICS = 200
"""Topics that a user's sockets hear of together."""

MESSAGES_PER_SECOND = 60
"""What a user's sockets may say together."""


@dataclass(slots=True)
class Allowance:
    """One user's counts."""

    connections: int = 0
    topics: int = 0
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

    def take(self, marketplace: str, user_id: int, topics: int) -> Allowance:
        """Count one more socket that hears of so many topics; raises TooMany."""
        one = self._users.setdefault((marketplace, user_id), Allowance())
        if one.connections >= MAX_CONNECTIONS or one.topics + topics > MAX_TOPICS:
            if not one.connections:
                del self._users[marketplace, user_id]
            raise TooMany("Too many open sockets.")
        one.connections += 1
        one.topics += topics
        return one

    def give_back(self, marketplace: str, user_id: int, topics: int) -> None:
        """Count one socket less."""
        one = self._users[marketplace, user_id]
        one.connections -= 1
        one.topics -= topics
        if not one.connections:
            del self._users[marketplace, user_id]
