"""What one user may say over all their sockets in this process."""

from dataclasses import dataclass
from weakref import WeakValueDictionary

MESSAGES_PER_SECOND = 60
"""What a user's sockets may say together. A process counts its own: what it costs is the process' time."""


@dataclass(slots=True, weakref_slot=True)
class Allowance:
    """One user's count."""

    second: int = 0
    said: int = 0

    def may_speak(self, now: float, most: int = MESSAGES_PER_SECOND) -> bool:
        """Count a message; false when it is one too many in this second (`now`: seconds of any clock)."""
        if int(now) != self.second:
            self.second, self.said = int(now), 0
        self.said += 1
        return self.said <= most


class Allowances:
    """Everybody's counts, as long as one of their sockets holds on to them."""

    def __init__(self) -> None:
        self._users: WeakValueDictionary[tuple[str, int], Allowance] = WeakValueDictionary()

    def of(self, marketplace: str, user_id: int) -> Allowance:
        """Give a user's allowance, which their sockets share."""
        return self._users.setdefault((marketplace, user_id), Allowance())
