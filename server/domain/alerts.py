"""What deserves somebody's attention, and from when on it cannot wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Rule:
    """alert, critical: a measure that reaches them; what reaches the second reaches the first too."""

    alert: float
    critical: float


UNACCEPTED = Rule(alert=-24, critical=-3)
"""Bookings that nobody has accepted, by hours since their start: negative while it lies ahead."""

UNSIGNED = Rule(alert=-24, critical=-3)
"""Requested signatures that are not given, by hours since they expired."""

UNSETTLED = Rule(alert=72, critical=168)
"""Disputes that nobody has settled, by hours since they were opened."""

UNDELIVERED = Rule(alert=1, critical=20)
"""Messages given up today, by how many they are: one alert for all of them."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """How much needs attention; the critical ones are among the active."""

    active: int = 0
    critical: int = 0

    def plus(self, rule: Rule, measures: Iterable[float]) -> "Alerts":
        """Give the alerts with one more for each measure that reaches a rule."""
        found = list(measures)
        return Alerts(
            self.active + sum(one >= rule.alert for one in found),
            self.critical + sum(one >= rule.critical for one in found),
        )


def hours(span: timedelta) -> float:
    """Give a span as hours."""
    return span / timedelta(hours=1)
