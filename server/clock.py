"""The one place that reads the clock, and the marketplace's calendar."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Give the present, UTC, to the millisecond that the database keeps."""
    present = datetime.now(UTC)
    return present.replace(microsecond=present.microsecond // 1000 * 1000)


def text(moment: datetime) -> str:
    """Give 2024-01-15T10:00:00Z, which everybody is told."""
    # isoformat runs in C and takes a quarter of strftime's time; this is on every reply's way.
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """Give the calendar day of a moment in a zone."""
    return moment.astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Give the start of a local day as UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def minute_of_day(moment: datetime, day: date, zone: ZoneInfo) -> int:
    """Give whole minutes from local midnight of `day` to `moment`; beyond 0..1439 on other days."""
    return int((moment - midnight(day, zone)) / timedelta(minutes=1))


def at_minute(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Give the UTC moment that many minutes after local midnight."""
    return midnight(day, zone) + timedelta(minutes=minute)


def hour_of_week(moment: datetime, zone: ZoneInfo) -> int:
    """Give 0..167 in local time; 0 is Monday, midnight to one."""
    local = moment.astimezone(zone)
    return local.weekday() * 24 + local.hour


def hour_start(moment: datetime, zone: ZoneInfo) -> datetime:
    """Give the UTC moment at which the local hour of `moment` began (zones may be half an hour off UTC)."""
    local = moment.astimezone(zone)
    return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
