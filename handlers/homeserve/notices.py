"""The admin's side of notifications: how they fare, what needs attention, and work to start."""

from typing import Any, Literal

from pydantic import BaseModel

from handlers.call import Call
from handlers.fields import WireTime
from handlers.homeserve.roles import SUPER_ADMINS
from handlers.reading import Body
from handlers.route import Route
from server.domain.tasks import Task

Action = Literal[
    "send_bonus_alerts",
    "send_signature_reminders",
    "send_booking_timeout_alerts",
    "retry_failed",
    "recalculate_performance",
]

ACTIONS: dict[str, tuple[str, str]] = {
    "send_bonus_alerts": ("alert_bonuses", "Bonus alerts"),
    "send_signature_reminders": ("remind_all_signers", "Signature reminders"),
    "send_booking_timeout_alerts": ("warn_of_timeouts", "Booking timeout alerts"),
    "retry_failed": ("retry_failed", "Retry of failed notifications"),
    "recalculate_performance": ("measure_providers", "Performance recalculation"),
}
"""HomeServe's action -> the job and its name in a sentence."""


class StartAction(Body):
    action: Action


class NotificationStats(BaseModel):
    total_sent_today: int
    total_sent_week: int
    success_rate_today: float
    by_type_today: dict[str, int]
    by_method_today: dict[str, int]
    failed_today: int


class BusinessAlerts(BaseModel):
    active_alerts: int
    critical_alerts: int


class NoticesReply(BaseModel):
    status: str
    notification_stats: NotificationStats
    business_alerts: BusinessAlerts


class Started(BaseModel):
    status: str
    message: str
    task_id: str


class TaskOut(BaseModel):
    """A task: how far it is, and how it ended."""

    task_id: str
    name: str
    state: str
    done: int
    total: int | None
    result: str
    error: str
    created_at: WireTime
    finished_at: WireTime | None


async def read_notices(call: Call) -> dict[str, Any]:
    """Give how notifications fared today and this week, and what needs attention."""
    found = await call.market.notices.statistics()
    alerts = await call.market.notices.alerts()
    return {
        "status": "success",
        "notification_stats": {
            "total_sent_today": found.sent_today,
            "total_sent_week": found.sent_week,
            "success_rate_today": found.success_rate,
            "by_type_today": found.by_kind,
            "by_method_today": found.by_channel,
            "failed_today": found.failed_today,
        },
        "business_alerts": {"active_alerts": alerts.active, "critical_alerts": alerts.critical},
    }


async def start_action(call: Call) -> dict[str, Any]:
    """Start background work and give its id."""
    job, words = ACTIONS[call.body.action]
    task = await call.market.notices.start(call.caller, job)
    message = f"{words} task started. Task ID: {task.id}"
    return {"status": "success", "message": message, "task_id": task.id}


async def read_task(call: Call) -> dict[str, Any]:
    """Give how far a task is."""
    task: Task = await call.market.notices.task(call.path["id"])
    return {
        "task_id": task.id,
        "name": task.name,
        "state": task.state,
        "done": task.done,
        "total": task.total,
        "result": task.result,
        "error": task.error,
        "created_at": task.created_at,
        "finished_at": task.finished_at,
    }


ROUTES = (
    Route("GET", "/admin-dashboard/notifications/", read_notices, roles=SUPER_ADMINS, reply=NoticesReply),
    Route(
        "POST",
        "/admin-dashboard/notifications/",
        start_action,
        roles=SUPER_ADMINS,
        body=StartAction,
        reply=Started,
    ),
    Route("GET", "/admin-dashboard/tasks/{id:uuid}/", read_task, roles=SUPER_ADMINS, reply=TaskOut),
)
