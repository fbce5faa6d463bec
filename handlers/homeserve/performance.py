"""How well vendors work, and what it is worth to them."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import Id, MajorNumber, WireTime
from handlers.homeserve.roles import ADMINS, VENDORS
from handlers.paging import Page, PageQuery, page
from handlers.reading import Body, Query
from handlers.route import Route
from server.domain.performance import Performance
from server.errors import Invalid, NotFound


class PerformanceQuery(PageQuery):
    tier: Annotated[str, Field(max_length=40)] | None = None


class VendorQuery(Query):
    vendor_id: Id | None = None


class BonusQuery(VendorQuery):
    days: Annotated[int, Field(ge=1, le=365)] = 30


class Recalculation(Body):
    vendor_id: Id | None = None


class PerformanceOut(BaseModel):
    """A vendor's figures; rates are percentages."""

    id: str
    vendor: int
    vendor_name: str
    avg_rating: float
    completion_rate: float
    on_time_rate: float
    dispute_rate: float
    tier: str
    bonus_points: int
    last_calculated: WireTime


class BonusBreakdown(BaseModel):
    quality_bonus: MajorNumber
    efficiency_bonus: MajorNumber
    customer_satisfaction_bonus: MajorNumber


class BonusAnalysisOut(BaseModel):
    performance_score: float
    predicted_bonus: MajorNumber
    bonus_breakdown: BonusBreakdown
    improvement_suggestions: list[str]


class BonusReply(BaseModel):
    status: str
    vendor_bonus_analysis: BonusAnalysisOut


def performance_out(performance: Performance) -> dict[str, Any]:
    """Give HomeServe's fields."""
    return {
        "id": performance.id,
        "vendor": performance.provider_id,
        "vendor_name": performance.provider_name,
        "avg_rating": performance.avg_rating,
        "completion_rate": performance.completion_rate,
        "on_time_rate": performance.on_time_rate,
        "dispute_rate": performance.dispute_rate,
        "tier": performance.tier,
        "bonus_points": performance.bonus_points,
        "last_calculated": performance.calculated_at,
    }


def _vendor_id(call: Call, asked: int | None) -> int:
    """Give whose figures are meant: a vendor's own, or those an admin names."""
    if not call.caller.is_staff:
        if asked not in (None, call.caller.user_id):
            raise NotFound("Vendor not found")
        return call.caller.user_id
    if asked is None:
        raise Invalid({"vendor_id": ["Say which vendor."]})
    return asked


async def summarise_performance(call: Call) -> dict[str, Any]:
    """Give a vendor's figures as they were last calculated."""
    vendor_id = _vendor_id(call, call.query.vendor_id)
    return performance_out(await call.market.performance.summary(vendor_id))


async def list_performance(call: Call) -> dict[str, Any]:
    """Give every vendor's figures, most points first."""
    query: PerformanceQuery = call.query
    listed = await call.market.performance.list(query.tier, query.paging())
    return page(call, listed.map(performance_out))


async def recalculate_performance(call: Call) -> dict[str, Any]:
    """Measure a vendor afresh."""
    vendor_id = _vendor_id(call, call.body.vendor_id)
    return performance_out(await call.market.performance.recalculate(vendor_id))


async def analyse_bonus(call: Call) -> dict[str, Any]:
    """Give what a vendor's last days are worth, and what would bring more."""
    query: BonusQuery = call.query
    vendor_id = _vendor_id(call, query.vendor_id)
    analysis = await call.market.performance.analyse_bonus(vendor_id, query.days)
    return {
        "status": "success",
        "vendor_bonus_analysis": {
            "performance_score": analysis.figures.score,
            "predicted_bonus": analysis.bonus.total_minor,
            "bonus_breakdown": {
                "quality_bonus": analysis.bonus.quality_minor,
                "efficiency_bonus": analysis.bonus.efficiency_minor,
                "customer_satisfaction_bonus": analysis.bonus.satisfaction_minor,
            },
            "improvement_suggestions": list(analysis.suggestions),
        },
    }


MEASURED = VENDORS | ADMINS

ROUTES = (
    Route(
        "GET",
        "/api/performance-metrics/summary/",
        summarise_performance,
        roles=MEASURED,
        query=VendorQuery,
        reply=PerformanceOut,
    ),
    Route(
        "GET",
        "/api/performance-metrics/",
        list_performance,
        roles=ADMINS,
        query=PerformanceQuery,
        reply=Page[PerformanceOut],
    ),
    Route(
        "POST",
        "/api/performance-metrics/recalculate/",
        recalculate_performance,
        roles=MEASURED,
        body=Recalculation,
        reply=PerformanceOut,
    ),
    Route(
        "GET",
        "/api/advanced-vendor-bonus/",
        analyse_bonus,
        roles=MEASURED,
        query=BonusQuery,
        reply=BonusReply,
    ),
)
