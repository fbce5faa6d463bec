"""The admin dashboard: caches, pincodes, and how it all stands."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model

from handlers.call import Call
from handlers.fields import Line, WireTime
from handlers.homeserve.roles import ADMINS
from handlers.reading import Body, Query
from handlers.route import Route
from server import clock
from server.domain.rollups import Zone, ZoneStatus
from server.services.insights.caches import CacheStats

CacheName = Literal["all", "default", "sessions", "search_results", "api_data"]


class ClearCache(Body):
    cache_type: CacheName = "all"


class CacheOut(BaseModel):
    """One cache of this process; the Redis facts are those of the Redis that announces its clearing."""

    name: str
    backend: str
    timeout: int
    redis_version: str | None
    used_memory: str | None
    connected_clients: int | None
    keyspace_hits: int
    keyspace_misses: int
    hit_rate_percentage: float
    total_keys: int


class CacheHealth(BaseModel):
    healthy_caches: int
    total_caches: int
    health_percentage: float
    average_hit_rate: float
    status: str


CacheStatsOut = create_model(
    "CacheStatsOut",
    default=(CacheOut, ...),
    sessions=(CacheOut, ...),
    search_results=(CacheOut, ...),
    api_data=(CacheOut, ...),
    overall_health=(CacheHealth, ...),
)


class CacheReply(BaseModel):
    status: str
    cache_stats: CacheStatsOut  # type: ignore[valid-type]
    timestamp: WireTime


class Cleared(BaseModel):
    cleared: list[str]
    errors: list[str]


class ClearReply(BaseModel):
    status: str
    message: str
    result: Cleared


class ScalingQuery(Query):
    service_type: Annotated[Line, Field(max_length=100)] | None = None
    days_back: Annotated[int, Field(ge=1, le=365)] = 30


class ZoneOut(BaseModel):
    """A pincode: bookings of the days asked for and all ahead, and who serves it."""

    pincode: str
    total_bookings: int
    completed_bookings: int
    pending_bookings: int
    cancelled_bookings: int
    completion_rate: float
    cancellation_rate: float
    available_vendors: int
    demand_intensity: float
    estimated_wait_time_hours: float
    zone_status: str
    heat_intensity: float


class ScalingSummary(BaseModel):
    total_pincodes: int
    total_bookings: int
    total_vendors: int
    high_demand_zones: int
    optimal_zones: int


class ScalingReply(BaseModel):
    status: str
    data: list[ZoneOut]
    summary: ScalingSummary


class HealthSummary(BaseModel):
    health_percentage: float
    average_hit_rate: float
    status: str


class ActionCount(BaseModel):
    action: str
    count: int


class ActivityOut(BaseModel):
    total_actions_24h: int
    unique_users_24h: int
    top_actions: list[ActionCount]


class PincodeStats(BaseModel):
    total_pincodes_served: int
    avg_bookings_per_pincode: float
    active_vendors: int


class StatsReply(BaseModel):
    status: str
    cache_health: HealthSummary
    activity_stats: ActivityOut
    pincode_stats: PincodeStats


async def read_caches(call: Call) -> dict[str, Any]:
    """Give how the caches of this process do."""
    caches = call.market.caches.statistics()
    redis = await call.market.caches.redis_facts()
    shown = {one.name: _cache(one, redis) for one in caches}
    return {
        "status": "success",
        "cache_stats": {**shown, "overall_health": _health(caches, redis is not None)},
        "timestamp": clock.now(),
    }


async def clear_cache(call: Call) -> dict[str, Any]:
    """Clear one cache or all, in every process; nobody is signed out."""
    name = call.body.cache_type
    cleared = await call.market.caches.clear(name)
    message = f'Cache "{name}" cleared successfully'
    return {"status": "success", "message": message, "result": {"cleared": cleared, "errors": []}}


async def read_scaling(call: Call) -> dict[str, Any]:
    """Give where bookings are and who serves them, busiest pincodes first."""
    query: ScalingQuery = call.query
    scaling = await call.market.scaling.scaling(query.days_back, query.service_type)
    return {
        "status": "success",
        "data": [zone_out(zone) for zone in scaling.zones],
        "summary": {
            "total_pincodes": len(scaling.zones),
            "total_bookings": scaling.bookings,
            "total_vendors": scaling.providers,
            "high_demand_zones": scaling.count(ZoneStatus.HIGH_DEMAND),
            "optimal_zones": scaling.count(ZoneStatus.OPTIMAL),
        },
    }


async def read_stats(call: Call) -> dict[str, Any]:
    """Give the dashboard's figures; they are those of the pages they sum up."""
    caches, redis = call.market.caches.statistics(), await call.market.caches.redis_facts()
    activity = await call.market.history.activity()
    scaling = await call.market.scaling.scaling(30)
    average = scaling.bookings / len(scaling.zones) if scaling.zones else 0.0
    return {
        "status": "success",
        "cache_health": _health(caches, redis is not None),
        "activity_stats": {
            "total_actions_24h": activity.actions,
            "unique_users_24h": activity.users,
            "top_actions": [{"action": action, "count": count} for action, count in activity.top],
        },
        "pincode_stats": {
            "total_pincodes_served": len(scaling.zones),
            "avg_bookings_per_pincode": round(average, 2),
            "active_vendors": scaling.providers,
        },
    }


def _cache(stats: CacheStats, redis: Any) -> dict[str, Any]:
    facts = redis or {}
    return {
        "name": stats.name,
        "backend": "InProcessCache",
        "timeout": stats.timeout_seconds,
        "redis_version": facts.get("redis_version"),
        "used_memory": facts.get("used_memory_human"),
        "connected_clients": facts.get("connected_clients"),
        "keyspace_hits": stats.hits,
        "keyspace_misses": stats.misses,
        "hit_rate_percentage": stats.hit_rate,
        "total_keys": stats.entries,
    }


def _health(caches: list[CacheStats], is_told: bool) -> dict[str, Any]:
    """Sum caches up; without Redis a clearing reaches no other process, and none counts as healthy."""
    healthy = len(caches) if is_told else 0
    return {
        "healthy_caches": healthy,
        "total_caches": len(caches),
        "health_percentage": round(100 * healthy / len(caches), 1),
        "average_hit_rate": round(sum(one.hit_rate for one in caches) / len(caches), 2),
        "status": "healthy" if healthy == len(caches) else "degraded",
    }


def zone_out(zone: Zone) -> dict[str, Any]:
    """Give HomeServe's fields of a pincode."""
    return {
        "pincode": zone.pincode,
        "total_bookings": zone.total,
        "completed_bookings": zone.completed,
        "pending_bookings": zone.pending,
        "cancelled_bookings": zone.cancelled,
        "completion_rate": zone.completion_rate,
        "cancellation_rate": zone.cancellation_rate,
        "available_vendors": zone.providers,
        "demand_intensity": zone.intensity,
        "estimated_wait_time_hours": zone.wait_hours,
        "zone_status": zone.status,
        "heat_intensity": zone.heat,
    }


ROUTES = (
    Route("GET", "/admin-dashboard/cache/", read_caches, roles=ADMINS, reply=CacheReply),
    Route("POST", "/admin-dashboard/cache/", clear_cache, roles=ADMINS, body=ClearCache, reply=ClearReply),
    Route(
        "GET",
        "/admin-dashboard/pincode-scaling/data/",
        read_scaling,
        roles=ADMINS,
        query=ScalingQuery,
        reply=ScalingReply,
    ),
    Route("GET", "/admin-dashboard/dashboard/stats/", read_stats, roles=ADMINS, reply=StatsReply),
)
