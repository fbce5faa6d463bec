"""One entry of the audit: who changed what, when, from where, with both values of what differs."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python

SECRET_FIELDS = frozenset({"password_hash", "secret", "refresh_id"})
"""What no entry ever repeats."""

BOOKKEEPING = frozenset({"id", "revision", "updated_at"})
"""What every change touches, which says nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """An audit entry; it is written once and never changed.

    user_id, role : who acted; None and "system" for background work
    subject       : the kind of thing that changed, "Booking"
    old, new      : the fields that differ, as plain JSON values; empty before a creation, after a deletion
    date          : UTC day of `at`, YYYY-MM-DD, which bounds every read
    """

    id: int
    user_id: int | None
    role: str
    action: str
    subject: str
    subject_id: str
    at: datetime
    date: str
    address: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]


def differences(before: Any, after: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the old and the new values of the fields in which two entities differ; either may be None."""
    old, new = _facts(before), _facts(after)
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return (
        {name: old[name] for name in changed if name in old},
        {name: new[name] for name in changed if name in new},
    )


def _facts(entity: Any) -> dict[str, Any]:
    if entity is None:
        return {}
    hidden = SECRET_FIELDS | BOOKKEEPING
    names = [field.name for field in fields(entity) if field.name not in hidden]
    return {name: to_jsonable_python(getattr(entity, name)) for name in names}
