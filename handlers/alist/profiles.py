"""Business profiles: everybody finds and reads them, their owners write them."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, WithJsonSchema

from handlers.alist.categories import ServiceOut
from handlers.alist.portfolio import ItemOut, item_out
from handlers.alist.reviews import ReviewOut, review_out
from handlers.alist.roles import HOME_PROS
from handlers.alist.users import ContactOut
from handlers.alist.wire import Body, PageQuery
from handlers.call import Call, Viewer
from handlers.fields import Clean, Id, Line, Name, Notes, WireTime
from handlers.media import media_url
from handlers.paging import Page, page
from handlers.route import Route
from handlers.uploads import UploadedFile
from server.services.files.uploads import IMAGE_BYTES
from server.services.shop.showcase import Card
from server.store.profiles import ProfileOrder
from server.store.profiles import ProfileQuery as Wanted

PROFILES = "/api/alistpros/profiles/"
UPDATE = PROFILES + "update/"
NAMES = {"business_description": "description", "service_categories": "service_ids"}
"""A-List's field -> the core's."""

FIELDS = {
    "business_name": ProfileOrder.NAME,
    "years_of_experience": ProfileOrder.EXPERIENCE,
    "created_at": ProfileOrder.AGE,
}
ORDERS = {f"{sign}{name}": (field, sign == "-") for name, field in FIELDS.items() for sign in ("", "-")}
NEWEST = (ORDERS["-created_at"],)
_FIELD = f"({'|'.join(ORDERS)})"


def _listed(value: object) -> object:
    """Take "1,2" of an address or a form for a list; a form may as well repeat the field."""
    if isinstance(value, str):
        return tuple(part for part in value.split(",") if part.strip())
    return tuple(value) if isinstance(value, list) else value


Ids = Annotated[tuple[Id, ...], Field(max_length=50), BeforeValidator(_listed)]
IdsText = Annotated[
    Ids, WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,14}(,[1-9][0-9]{0,14}){0,49}$"})
]


def _ordered(value: object) -> object:
    """Take "-created_at,business_name" for orders, the first of which decides."""
    fields = [field.strip() for field in value.split(",")] if isinstance(value, str) else []
    if not set(fields) <= ORDERS.keys():
        raise ValueError(f"Order by some of {', '.join(ORDERS)}.")
    return tuple(ORDERS[field] for field in fields)


Orders = Annotated[
    tuple[tuple[ProfileOrder, bool], ...],
    BeforeValidator(_ordered),
    WithJsonSchema({"type": "string", "pattern": f"^{_FIELD}(,{_FIELD})*$", "examples": ["business_name"]}),
]
Years = Annotated[int, Field(ge=0, le=100)]
Radius = Annotated[int, Field(ge=0, le=100_000)]
Text = Annotated[str, StringConstraints(max_length=5000), Clean]


class ProfileQuery(PageQuery):
    search: Annotated[str, StringConstraints(max_length=200), Clean] | None = None
    service_categories: IdsText | None = None
    years_of_experience__gte: Years | None = None
    service_radius__gte: Radius | None = None
    is_onboarded: bool | None = None
    ordering: Orders | None = None

    def wanted(self) -> Wanted:
        """Give the question in the core's words; without an order, the newest come first."""
        return Wanted(
            search=self.search,
            service_ids=self.service_categories,
            min_years=self.years_of_experience__gte,
            min_radius=self.service_radius__gte,
            is_onboarded=self.is_onboarded,
            orders=self.ordering or NEWEST,
        )


class ProfileBody(Body):
    """What an owner tells of the business; whether they are onboarded, and their ratings, are not theirs."""

    business_name: Name | None = None
    business_description: Text | None = None
    years_of_experience: Years | None = None
    license_number: Line | None = None
    insurance_info: Notes | None = None
    service_radius: Radius | None = None
    service_categories: Ids | None = None
    profile_image: UploadedFile | None = None

    def values(self) -> dict[str, Any]:
        """Give what was told, the image apart, under the core's names."""
        told = self.model_dump(exclude_none=True, exclude={"profile_image"})
        return {NAMES.get(name, name): value for name, value in told.items()}


class NewProfile(ProfileBody):
    business_name: Name


class ProfileOut(BaseModel):
    """A profile with its newest work and reviews; there may be more of both than it shows."""

    id: int
    user: ContactOut
    business_name: str
    business_description: str
    years_of_experience: int
    license_number: str
    insurance_info: str
    service_radius: int
    profile_image: str | None
    is_onboarded: bool
    service_categories: list[ServiceOut]
    portfolio_items: list[ItemOut]
    reviews: list[ReviewOut]
    average_rating: float
    total_reviews: int
    created_at: WireTime


def profile_out(viewer: Viewer, card: Card) -> dict[str, Any]:
    """Give A-List's fields."""
    profile, owner = card.profile, card.owner
    return {
        "id": profile.id,
        "user": owner,
        "business_name": profile.business_name,
        "business_description": profile.description,
        "years_of_experience": profile.years_of_experience,
        "license_number": profile.license_number,
        "insurance_info": profile.insurance_info,
        "service_radius": profile.service_radius,
        "profile_image": media_url(viewer, profile.image_key) if profile.image_key else None,
        "is_onboarded": profile.is_onboarded,
        "service_categories": list(card.services),
        "portfolio_items": [item_out(viewer, item) for item in card.items],
        "reviews": [review_out(review) for review in card.reviews],
        "average_rating": owner.rating,
        "total_reviews": owner.rating_count,
        "created_at": profile.created_at,
    }


async def list_profiles(call: Call) -> dict[str, Any]:
    """Give profiles by words, service categories (any of them), experience and radius."""
    query: ProfileQuery = call.query
    listed = await call.market.showcase.list(query.wanted(), query.paging())
    return page(call, listed.map(lambda card: profile_out(call.viewer, card)))


async def list_featured(call: Call) -> list[dict[str, Any]]:
    """Give the ten onboarded professionals who are rated best."""
    return [profile_out(call.viewer, card) for card in await call.market.showcase.featured()]


async def get_profile(call: Call) -> dict[str, Any]:
    """Give one profile."""
    return profile_out(call.viewer, await call.market.showcase.get(call.path["id"]))


async def create_profile(call: Call) -> dict[str, Any]:
    """Make one's own profile, once."""
    body: NewProfile = call.body
    image = body.profile_image.path if body.profile_image else None
    return profile_out(call.viewer, await call.market.profiles.create(call.caller, body.values(), image))


async def update_profile(call: Call) -> dict[str, Any]:
    """Change one's own profile: what is not sent stays, and an image that is sent as null goes."""
    body: ProfileBody = call.body
    image = body.profile_image.path if body.profile_image else None
    removes_image = "profile_image" in body.model_fields_set and image is None
    card = await call.market.profiles.update(call.caller, body.values(), image, removes_image=removes_image)
    return profile_out(call.viewer, card)


async def patch_profile(call: Call) -> dict[str, Any]:
    """Change one's own profile, as PUT does."""
    return await update_profile(call)


IMAGE = {"profile_image": IMAGE_BYTES}

ROUTES = (
    Route("GET", PROFILES, list_profiles, public=True, query=ProfileQuery, reply=Page[ProfileOut]),
    Route("GET", PROFILES + "featured/", list_featured, public=True, reply=list[ProfileOut]),
    Route("GET", PROFILES + "{id:int}/", get_profile, public=True, reply=ProfileOut),
    Route(
        "POST",
        PROFILES + "create/",
        create_profile,
        roles=HOME_PROS,
        body=NewProfile,
        uploads=IMAGE,
        reply=ProfileOut,
        status=201,
    ),
    Route("PUT", UPDATE, update_profile, roles=HOME_PROS, body=ProfileBody, uploads=IMAGE, reply=ProfileOut),
    Route("PATCH", UPDATE, patch_profile, roles=HOME_PROS, body=ProfileBody, uploads=IMAGE, reply=ProfileOut),
)
