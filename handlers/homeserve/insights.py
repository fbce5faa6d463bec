"""What the data says: a pincode's next week, how to end a dispute, how disputes and applications fare."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import MajorNumber, Pincode, WireTime
from handlers.homeserve.roles import ADMINS, ONBOARDERS
from handlers.reading import Query
from handlers.route import Route
from server import clock

Days = Annotated[int, Field(ge=1, le=365)]


class DaysQuery(Query):
    days: Days = 30


class PincodeQuery(Query):
    pincode: Pincode
    days: Annotated[int, Field(ge=7, le=365)] = 30


class ForecastDay(BaseModel):
    date: date
    predicted_bookings: float
    low: float
    high: float
    confidence: float


class DemandForecast(BaseModel):
    next_7_days: list[ForecastDay]
    trend: str
    seasonal_factor: float


class VendorRecommendations(BaseModel):
    optimal_vendor_count: int
    current_vendor_count: int
    shortage: int


class PricingInsights(BaseModel):
    recommended_surge_multiplier: float
    peak_hours: list[str]


class PincodeAnalysis(BaseModel):
    pincode: str
    demand_forecast: DemandForecast
    vendor_recommendations: VendorRecommendations
    pricing_insights: PricingInsights


class PincodeReply(BaseModel):
    status: str
    pincode_analysis: PincodeAnalysis
    timestamp: WireTime


class ResolutionAnalysis(BaseModel):
    recommended_action: str
    confidence: float
    reasoning: str
    suggested_amount: MajorNumber
    similar_cases: int


class EscalationAnalysis(BaseModel):
    should_escalate: bool
    escalation_score: float
    factors: list[str]


class DisputeReply(BaseModel):
    status: str
    dispute_id: str
    resolution_analysis: ResolutionAnalysis
    escalation_analysis: EscalationAnalysis


class DisputeAnalytics(BaseModel):
    total_disputes: int
    by_status: dict[str, int]
    by_type: dict[str, int]
    average_resolution_time_hours: float
    resolution_rate: float


class OnboardingAnalytics(BaseModel):
    total_applications: int
    by_status: dict[str, int]
    average_review_time_days: float
    approval_rate: float


async def analyse_pincode(call: Call) -> dict[str, Any]:
    """Forecast a pincode's next week from its past, with what it asks of vendors and prices."""
    query: PincodeQuery = call.query
    insight = await call.market.insights.of_pincode(query.pincode, query.days)
    days = [
        {
            "date": day.date,
            "predicted_bookings": day.bookings,
            "low": day.low,
            "high": day.high,
            "confidence": day.confidence,
        }
        for day in insight.days
    ]
    return {
        "status": "success",
        "pincode_analysis": {
            "pincode": insight.pincode,
            "demand_forecast": {
                "next_7_days": days,
                "trend": insight.trend,
                "seasonal_factor": insight.seasonal_factor,
            },
            "vendor_recommendations": {
                "optimal_vendor_count": insight.providers_needed,
                "current_vendor_count": insight.providers,
                "shortage": insight.shortage,
            },
            "pricing_insights": {
                "recommended_surge_multiplier": insight.surge,
                "peak_hours": [f"{start:02d}:00-{end:02d}:00" for start, end in insight.peak_hours],
            },
        },
        "timestamp": clock.now(),
    }


async def analyse_dispute(call: Call) -> dict[str, Any]:
    """Recommend an outcome from similar resolved disputes, and say whether to escalate."""
    dispute_id = call.path["dispute_id"]
    advice, escalation = await call.market.dispute_analysis.analyse(call.caller, dispute_id)
    return {
        "status": "success",
        "dispute_id": dispute_id,
        "resolution_analysis": {
            "recommended_action": advice.action,
            "confidence": advice.confidence,
            "reasoning": advice.reasoning,
            "suggested_amount": advice.amount_minor,
            "similar_cases": advice.cases,
        },
        "escalation_analysis": {
            "should_escalate": escalation.is_due,
            "escalation_score": escalation.score,
            "factors": list(escalation.factors),
        },
    }


async def count_disputes(call: Call) -> dict[str, Any]:
    """Count the disputes of the last days."""
    found = await call.market.dispute_analysis.analytics(call.query.days)
    return {
        "total_disputes": found.total,
        "by_status": found.by_state,
        "by_type": found.by_kind,
        "average_resolution_time_hours": found.mean_hours,
        "resolution_rate": found.resolution_rate,
    }


async def count_applications(call: Call) -> dict[str, Any]:
    """Count the vendor applications of the last days."""
    found = await call.market.application_statistics.analytics(call.query.days)
    return {
        "total_applications": found.total,
        "by_status": found.by_state,
        "average_review_time_days": found.mean_review_days,
        "approval_rate": found.approval_rate,
    }


ROUTES = (
    Route(
        "GET",
        "/api/pincode-ai-analytics/",
        analyse_pincode,
        roles=ADMINS,
        query=PincodeQuery,
        reply=PincodeReply,
    ),
    Route(
        "GET",
        "/api/advanced-dispute-resolution/{dispute_id:uuid}/",
        analyse_dispute,
        roles=ADMINS,
        reply=DisputeReply,
    ),
    Route(
        "GET",
        "/api/analytics/disputes/",
        count_disputes,
        roles=ADMINS,
        query=DaysQuery,
        reply=DisputeAnalytics,
    ),
    Route(
        "GET",
        "/api/analytics/vendor-onboarding/",
        count_applications,
        roles=ONBOARDERS,
        query=DaysQuery,
        reply=OnboardingAnalytics,
    ),
)
