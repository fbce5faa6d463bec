"""What the assistant offers to whom."""

from collections.abc import Mapping

from server.chat.intents import Intent
from server.domain.parties import Party

SUGGESTIONS: Mapping[Party, tuple[str, ...]] = {
    Party.CUSTOMER: ("Track my bookings", "Approve signature for completed service", "View booking details"),
    Party.PROVIDER: ("What are my pending jobs?", "Show today's schedule", "How much have I earned?"),
    Party.STAFF: ("Give me an overview", "Show open disputes", "Show recent bookings"),
}

ABILITIES: Mapping[Party, str] = {
    Party.CUSTOMER: "bookings, prices at a pincode, free vendors, signatures, payments and disputes",
    Party.PROVIDER: "today's schedule, open jobs, earnings, signatures, your rating and disputes",
    Party.STAFF: "bookings, disputes, payments, applications and how the marketplace does",
}

FOR_ALL_STAFF = frozenset(
    {Intent.APPLICATIONS, Intent.NOTIFICATIONS, Intent.HELP, Intent.GREETING, Intent.THANKS}
)
"""What staff who do not manage users may ask."""

REVIEWER_SUGGESTIONS = ("Show the applications",)
"""For staff who see neither bookings nor money."""
