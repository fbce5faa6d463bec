"""How the assistant words things."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from server.domain.entities import Booking


def when(moment: datetime, zone: ZoneInfo) -> str:
    """Give "2024-01-15 15:30 IST": local time, and which."""
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


def amount(minor: int) -> str:
    """Give "₹500.00"."""
    return f"-₹{-minor / 100:,.2f}" if minor < 0 else f"₹{minor / 100:,.2f}"


def title(state: str) -> str:
    """Give "In progress" for "in_progress"."""
    return state.replace("_", " ").capitalize()


def bullets(head: str, items: Iterable[str]) -> str:
    """Give a heading and a point an item."""
    return "\n\n".join([head, "\n\n".join(f"• {item}" for item in items)])


def counted(count: int, noun: str) -> str:
    """Give "1 booking", "3 bookings"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def visit(booking: Booking, zone: ZoneInfo) -> str:
    """Give a booking in three lines."""
    return "\n".join(
        (
            f"{booking.service_name} - {title(booking.state)}",
            f"  Scheduled for: {when(booking.starts_at, zone)}",
            f"  Booking ID: {booking.id}",
        )
    )
