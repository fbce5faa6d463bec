"""Callers and accounts for tests of services."""

from datetime import UTC, datetime
from typing import Any

from server.domain.entities import User
from server.domain.parties import Caller
from server.marketplaces.homeserve import HOMESERVE

LONG_AFTER = datetime(2100, 1, 1, tzinfo=UTC)
OPENED = datetime(2024, 1, 1, tzinfo=UTC)


def caller(user_id: int, role: str) -> Caller:
    """Give somebody signed in."""
    return Caller(user_id, role, HOMESERVE.roles[role], f"session-{user_id}", LONG_AFTER)


def user(user_id: int, role: str = "customer", **fields: Any) -> User:
    """Give an account named after its role and id."""
    username = f"{role}{user_id}"
    return User(user_id, username, f"{username}@example.com", role, OPENED, **fields)
