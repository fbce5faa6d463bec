"""Queries of the hot paths read an index, never a whole collection."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.store.database import Database
from server.store.stores import Stores

HOT: dict[str, tuple[str, dict[str, Any]]] = {
    "caller's session": ("sessions", {"_id": "s"}),
    "sign-in by name": ("users", {"username_key": "customer1"}),
    "sign-in by address": ("users", {"email": "customer1@example.com"}),
    "code by phone": ("users", {"phone": "+919800000001"}),
    "demand around a pincode": (
        "bookings",
        {"hour": 1, "pincode": {"$in": ["110001", "110002"]}},
    ),
    "history around a pincode": (
        "bookings",
        {"pincode": "110001", "date": {"$gte": "2026-01-01", "$lte": "2026-02-01"}},
    ),
    "vendors of a pincode": ("shifts", {"area_pincodes": "110001", "weekday": 1, "is_active": True}),
    "vendors of a pincode on any day": ("shifts", {"area_pincodes": "110001", "is_active": True}),
    "a vendor's shift": ("shifts", {"provider_id": 1, "weekday": 1}),
    "a vendor's areas": ("shifts", {"provider_id": 1}),
    "a vendor's day": ("days", {"_id": "1:2026-01-01"}),
    "a customer's bookings": ("bookings", {"customer_id": 1}),
    "a customer's bookings of late": ("bookings", {"customer_id": 1, "created_at": {"$gt": 1}}),
    "a customer's unanswered bookings": (
        "bookings",
        {"customer_id": 1, "state": "pending", "starts_at": {"$gt": 1}},
    ),
    "a vendor's bookings of a day": ("bookings", {"provider_id": 1, "date": "2026-01-01"}),
    "a vendor's bookings": ("bookings", {"provider_id": 1}),
    "open bookings": ("bookings", {"provider_id": None, "state": "pending", "pincode": {"$in": ["110001"]}}),
    "a customer's addresses": ("addresses", {"user_id": 1}),
    "providers by id": ("users", {"_id": {"$in": [1, 2]}}),
    "proposals that lapsed": ("proposals", {"expires_at": {"$gte": 1, "$lte": 2}}),
    "a booking's disputes": ("disputes", {"booking_id": "b"}),
    "a customer's disputes": ("disputes", {"customer_id": 1}),
    "a mediator's unsettled disputes": (
        "disputes",
        {"mediator_id": 1, "state": {"$in": ["in_progress", "open"]}},
    ),
    "a vendor's disputes of late": (
        "disputes",
        {"provider_id": 1, "date": {"$gte": "2026-01-01", "$lte": "2026-02-01"}},
    ),
    "disputes of a period": ("disputes", {"date": {"$gte": "2026-01-01", "$lte": "2026-02-01"}}),
    "resolved cases of a kind": ("disputes", {"state": "resolved", "kind": "damage"}),
    "a dispute's messages": ("dispute_messages", {"dispute_id": "d"}),
    "what somebody has not read": ("dispute_messages", {"unread_by": 1, "dispute_id": {"$in": ["d", "e"]}}),
    "a file's message": ("dispute_messages", {"attachment.key": "k"}),
    "a member's rooms": ("rooms", {"members.user_id": 1}),
    "a page of a room": ("messages", {"room_id": 1, "number": {"$gt": 0, "$lte": 10}}),
    "a booking's payment": ("payments", {"booking_id": "b"}),
    "an intent's payment": ("payments", {"intent_id": "pi_1"}),
    "a customer's payments of a state": ("payments", {"customer_id": 1, "status": {"$in": ["pending"]}}),
    "the owner of an account at the gateway": ("payout_accounts", {"account_id": "acct_1"}),
    "a booking's photos": ("photos", {"booking_id": "b"}),
    "a file's photo": ("photos", {"key": "photos/1.jpg"}),
    "profiles of a service": ("profiles", {"service_ids": {"$in": [1, 2]}}),
    "onboarded profiles": ("profiles", {"is_onboarded": True}),
    "profiles by id": ("profiles", {"_id": {"$in": [1, 2]}}),
    "words by a part": ("word_ends", {"is_whole": False, "end": {"$gte": "lumb", "$lt": "lumz"}}),
    "words that are known": ("word_ends", {"_id": {"$in": ["pipe:0", "plumbing:0"]}}),
    "profiles by words": ("profile_words", {"words": {"$in": ["plumber", "plumbing"]}}),
    "a file's profile": ("profiles", {"image_key": "k"}),
    "a file's piece of work": ("portfolio_items", {"image_key": "k"}),
    "work of several providers": ("portfolio_items", {"provider_id": {"$in": [1, 2]}}),
    "work of a provider": ("portfolio_items", {"provider_id": 1}),
    "a customer's review of a provider": ("reviews", {"provider_id": 1, "customer_id": 2}),
    "a page of reviews": ("reviews", {"provider_id": 1, "number": {"$gte": 1, "$lte": 10}}),
    "newest reviews of several providers": ("reviews", {"batch": {"$in": ["1:0", "2:0"]}}),
    "a file's application": ("applications", {"documents.key": "applications/1.pdf"}),
    "files to look at again": ("leftovers", {"due_at": {"$gte": 1, "$lte": 2}}),
    "a booking's signature": ("signatures", {"booking_id": "b"}),
    "signatures that run out": ("signatures", {"state": "pending", "expires_at": {"$gte": 1, "$lte": 2}}),
}


def stages(plan: Any) -> Iterator[str]:
    """Give every stage of an explained plan."""
    if isinstance(plan, dict):
        if "stage" in plan:
            yield plan["stage"]
        for part in plan.values():
            yield from stages(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from stages(part)


@pytest.mark.parametrize("question", HOT)
async def test_a_hot_query_scans_no_collection(database: Database, question: str) -> None:
    """`explain` shows an index scan or an id look-up."""
    await Stores.open(database)
    name, where = HOT[question]
    await database.collection(name).insert_one({"_id": "any", "username_key": "x", "email": "x"})
    explained = await database.collection(name).find(where).explain()
    seen = set(stages(explained["queryPlanner"]["winningPlan"]))
    assert seen
    assert "COLLSCAN" not in seen
    assert seen & {"IXSCAN", "IDHACK", "EXPRESS_IXSCAN", "EXPRESS_CLUSTERED_IXSCAN"}
