"""Disputes and messages for tests of what is computed from them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from server.domain.disputes import (
    Dispute,
    DisputeMessage,
    DisputeState,
    DisputeType,
    Evidence,
    MessageKind,
    Severity,
)

CUSTOMER, PROVIDER, MEDIATOR = 1, 2, 3
OPENED = datetime(2026, 1, 15, 10, tzinfo=UTC)


def a_dispute(**changes: Any) -> Dispute:
    """Give a dispute that the customer opened about a visit for 500.00."""
    usual: dict[str, Any] = {
        "id": str(uuid4()),
        "booking_id": str(uuid4()),
        "service_name": "AC Repair",
        "customer_id": CUSTOMER,
        "customer_name": "John Doe",
        "provider_id": PROVIDER,
        "provider_name": "Jane Smith",
        "opened_by": CUSTOMER,
        "kind": DisputeType.QUALITY_ISSUE,
        "severity": Severity.MEDIUM,
        "title": "Not cooling",
        "description": "The machine is still warm",
        "evidence": Evidence(),
        "state": DisputeState.OPEN,
        "price_minor": 500_00,
        "created_at": OPENED,
        "updated_at": OPENED,
        "date": "2026-01-15",
    }
    return Dispute(**usual | changes)


def a_case(share: float, **changes: Any) -> Dispute:
    """Give a resolved dispute that gave back a share of its price."""
    price = changes.pop("price_minor", 500_00)
    return a_dispute(
        state=DisputeState.RESOLVED,
        price_minor=price,
        resolution_minor=round(share * price),
        resolved_at=OPENED + timedelta(days=2),
        **changes,
    )


def a_message(sender: int, hours: float = 1, recipients: tuple[int, ...] = ()) -> DisputeMessage:
    """Give what somebody wrote so long after the opening."""
    return DisputeMessage(
        id=str(uuid4()),
        dispute_id="d",
        sender_id=sender,
        sender_name="",
        recipient_ids=recipients,
        recipient_name="",
        kind=MessageKind.TEXT,
        content="Hello",
        created_at=OPENED + timedelta(hours=hours),
        unread_by=recipients,
    )
