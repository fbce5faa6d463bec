"""What clients say of professionals."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.alist.roles import ADMINS, CLIENTS
from handlers.alist.users import PersonOut
from handlers.alist.wire import Body, PageQuery
from handlers.call import Call
from handlers.fields import Notes, WireTime, wire_time
from handlers.paging import Page, page
from handlers.route import Route
from server.domain.reviews import Review

REVIEWS = "/api/alistpros/profiles/{alistpro_id:int}/reviews/"
ONE = REVIEWS + "{id:int}/"


Rating = Annotated[int, Field(ge=1, le=5)]


class NewReview(Body):
    rating: Rating
    comment: Notes = ""


class ChangeReview(Body):
    rating: Rating | None = None
    comment: Notes | None = None


class ReviewOut(BaseModel):
    id: int
    client: PersonOut
    rating: int
    comment: str
    is_verified: bool
    created_at: WireTime


def review_out(review: Review) -> dict[str, Any]:
    """Give a review as profiles and lists show it."""
    return {
        "id": review.id,
        "client": {"id": review.customer_id, "name": review.customer_name},
        "rating": review.rating,
        "comment": review.comment,
        "is_verified": review.is_verified,
        "created_at": review.created_at,
    }


def review_facts(facts: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Give the review that a notification tells of, as its list shows it."""
    return {
        "id": facts["review_id"],
        "client": {"id": facts["customer_id"], "name": facts["customer_name"]},
        "rating": facts["rating"],
        "comment": facts["comment"],
        "is_verified": facts["is_verified"],
        "created_at": wire_time(at),
    }


async def list_reviews(call: Call) -> dict[str, Any]:
    """Give a professional's reviews, newest first."""
    query: PageQuery = call.query
    listed = await call.market.reviews.list(call.path["alistpro_id"], query.paging())
    return page(call, listed.map(review_out))


async def create_review(call: Call) -> dict[str, Any]:
    """Review a professional, once; it is verified when they have finished an appointment for the caller."""
    body: NewReview = call.body
    review = await call.market.reviews.add(call.caller, call.path["alistpro_id"], body.rating, body.comment)
    return review_out(review)


async def get_review(call: Call) -> dict[str, Any]:
    """Give one review of a professional."""
    return review_out(await call.market.reviews.get(call.path["alistpro_id"], call.path["id"]))


async def change_review(call: Call) -> dict[str, Any]:
    """Change one's own review."""
    values = call.body.model_dump(exclude_none=True)
    changed = await call.market.reviews.change(call.caller, call.path["alistpro_id"], call.path["id"], values)
    return review_out(changed)


async def delete_review(call: Call) -> None:
    """Take back one's own review; admins remove anybody's."""
    await call.market.reviews.remove(call.caller, call.path["alistpro_id"], call.path["id"])


ROUTES = (
    Route("GET", REVIEWS, list_reviews, public=True, query=PageQuery, reply=Page[ReviewOut]),
    Route("POST", REVIEWS, create_review, roles=CLIENTS, body=NewReview, reply=ReviewOut, status=201),
    Route("GET", ONE, get_review, public=True, reply=ReviewOut),
    Route("PATCH", ONE, change_review, roles=CLIENTS, body=ChangeReview, reply=ReviewOut),
    Route("DELETE", ONE, delete_review, roles=CLIENTS | ADMINS, status=204),
)
