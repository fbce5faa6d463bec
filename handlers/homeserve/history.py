"""Who changed what, for super admins."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from handlers.call import Call
from handlers.fields import EARLIEST, LATEST, Line, WireTime
from handlers.homeserve.roles import SUPER_ADMINS
from handlers.paging import PageQuery
from handlers.route import Route
from server.domain.changes import Change
from server.domain.paging import Listed
from server.services.audit import SYSTEM
from server.services.insights.history import HistoryFilter

FIELD_NAMES = {
    "state": "status",
    "provider_id": "vendor",
    "provider_name": "vendor_name",
    "provider_notes": "vendor_notes",
    "customer_id": "customer",
    "service_id": "service",
    "starts_at": "scheduled_date",
    "completed_at": "completion_date",
}
"""The core's field -> HomeServe's."""


def _day(moment: date | datetime) -> date:
    day = moment.date() if isinstance(moment, datetime) else moment
    if not EARLIEST.date() <= day <= LATEST.date():
        raise ValueError("The date is out of range.")
    return day


Day = Annotated[date | datetime, AfterValidator(_day)]
"""A day, or the day of a moment."""


class HistoryQuery(PageQuery):
    model: Annotated[str, Field(max_length=60)] | None = None
    user: Annotated[Line, Field(max_length=150)] | None = None
    action: Annotated[str, Field(max_length=60)] | None = None
    start_date: Day | None = None
    end_date: Day | None = None


class Difference(BaseModel):
    field: str
    old_value: Any
    new_value: Any
    change_type: str


class ChangeOut(BaseModel):
    id: int
    user: str
    user_role: str
    action: str
    resource_type: str
    resource_id: str
    timestamp: WireTime
    ip_address: str
    old_values: dict[str, Any]
    new_values: dict[str, Any]
    diff: list[Difference]


class Pagination(BaseModel):
    page: int
    page_size: int
    total_count: int
    total_pages: int
    has_next: bool
    has_previous: bool


class HistoryReply(BaseModel):
    status: str
    data: list[ChangeOut]
    pagination: Pagination


async def read_history(call: Call) -> dict[str, Any]:
    """Give who changed what, newest first; of the last 30 days unless days are named."""
    query: HistoryQuery = call.query
    narrowed = HistoryFilter(query.model, query.user, query.action, query.start_date, query.end_date)
    listed, names = await call.market.history.list(narrowed, query.paging())
    data = [_change(change, names.get(change.user_id or 0, SYSTEM)) for change in listed.items]
    return {"status": "success", "data": data, "pagination": _pagination(listed)}


def _change(change: Change, username: str) -> dict[str, Any]:
    old, new = _spelled(change.old), _spelled(change.new)
    return {
        "id": change.id,
        "user": username,
        "user_role": change.role,
        "action": change.action,
        "resource_type": change.subject,
        "resource_id": change.subject_id,
        "timestamp": change.at,
        "ip_address": change.address,
        "old_values": old,
        "new_values": new,
        "diff": [_difference(old, new, field) for field in {**old, **new}],
    }


def _spelled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {FIELD_NAMES.get(name, name): value for name, value in values.items()}


def _difference(old: Mapping[str, Any], new: Mapping[str, Any], field: str) -> dict[str, Any]:
    kind = "added" if field not in old else "removed" if field not in new else "modified"
    return {
        "field": field,
        "old_value": old.get(field),
        "new_value": new.get(field),
        "change_type": kind,
    }


def _pagination(listed: Listed[Any]) -> dict[str, Any]:
    paging = listed.paging
    return {
        "page": paging.number,
        "page_size": paging.size,
        "total_count": listed.total,
        "total_pages": -(-listed.total // paging.size),
        "has_next": listed.has_next,
        "has_previous": paging.number > 1,
    }


ROUTES = (
    Route(
        "GET",
        "/admin-dashboard/edit-history/",
        read_history,
        roles=SUPER_ADMINS,
        query=HistoryQuery,
        reply=HistoryReply,
    ),
)
