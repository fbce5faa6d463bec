"""The event that the fan-out sends: 300 bytes, as one about a booking."""

from typing import Any

MESSAGE_BYTES = 300
FRAME_BYTES = MESSAGE_BYTES + 4


def message(number: int) -> dict[str, Any]:
    """Give a message that takes MESSAGE_BYTES as JSON; number: below 10,000."""
    told = "Your booking has been confirmed by the vendor, who'll come at the time that you have agreed on."
    data = {
        "booking_id": "5d1b2f34-7c1e-4b53-9c46-0f7a0e5d9c11",
        "old_status": "pending",
        "new_status": "confirmed",
        "timestamp": "2026-01-15T10:00:00Z",
        "message": told,
        "number": f"{number:04d}",
    }
    return {"type": "booking_status_change", "data": data}
