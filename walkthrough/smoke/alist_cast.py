"""Who calls A-List, and what they are shown."""

from dataclasses import dataclass, field
from typing import Any

from walkthrough.client import Client
from walkthrough.smoke.checking import Checks
from walkthrough.smoke.shapes import DATE, LINK, MOMENT, MONEY, TIME, Maybe

PASSWORD = "password123"  # noqa: S105 - the demo accounts' published password
ROLES = ("client", "contractor", "crew", "specialist", "admin")

PERSON = {"id": int, "name": str}
BUSINESS = {"id": int, "business_name": str}
CONTACT = {**PERSON, "email": str, "phone_number": Maybe(str), "role": str}
USER = {**CONTACT, "is_verified": bool, "date_joined": MOMENT}
TOKENS = {"access": str, "refresh": str}
CATEGORY = {"id": int, "name": str, "description": str}
ITEM = {"id": int, "title": str, "description": str, "image": Maybe(LINK), "completion_date": Maybe(DATE)}
REVIEW = {
    "id": int,
    "client": PERSON,
    "rating": int,
    "comment": str,
    "is_verified": bool,
    "created_at": MOMENT,
}
PROFILE = {
    "id": int,
    "user": CONTACT,
    "business_name": str,
    "business_description": str,
    "years_of_experience": int,
    "license_number": str,
    "insurance_info": str,
    "service_radius": int,
    "profile_image": Maybe(LINK),
    "is_onboarded": bool,
    "service_categories": [CATEGORY],
    "portfolio_items": [ITEM],
    "reviews": [REVIEW],
    "average_rating": float,
    "total_reviews": int,
    "created_at": MOMENT,
}
APPOINTMENT = {
    "id": int,
    "client": PERSON,
    "contractor": BUSINESS,
    "service_category": PERSON,
    "appointment_date": DATE,
    "start_time": TIME,
    "end_time": TIME,
    "status": str,
    "notes": str,
    "location": str,
    "estimated_cost": MONEY,
    "created_at": MOMENT,
}
SLOT = {"id": int, "day_of_week": int, "start_time": TIME, "end_time": TIME, "is_recurring": bool}
MESSAGE = {"id": int, "sender": PERSON, "content": str, "created_at": MOMENT}
READ_MESSAGE = {**MESSAGE, "read_by": [int]}
CONVERSATION = {
    "id": int,
    "participants": [{**PERSON, "role": str}],
    "title": str,
    "last_message": Maybe(MESSAGE),
    "updated_at": MOMENT,
}
PAYMENT = {
    "id": int,
    "client": PERSON,
    "alistpro": BUSINESS,
    "amount": MONEY,
    "description": str,
    "status": str,
    "stripe_payment_intent_id": str,
    "completed_at": Maybe(MOMENT),
    "created_at": MOMENT,
}
ACCOUNT = {
    "has_account": bool,
    "stripe_account_id": Maybe(str),
    "is_details_submitted": bool,
    "is_charges_enabled": bool,
    "is_payouts_enabled": bool,
    "onboarding_complete": bool,
    "onboarding_completed_at": Maybe(MOMENT),
}


def listed(shape: dict[str, Any]) -> dict[str, Any]:
    """Give the shape of a page."""
    return {"count": int, "next": Maybe(LINK), "previous": Maybe(LINK), "results": [shape]}


@dataclass
class Cast:
    """Everybody who calls: somebody without an account, the demo's people by role, and two newcomers.

    user  : what the server said of the newcomer client, and of the newcomer professional
    """

    visitor: Client
    people: dict[str, Client]
    newcomers: dict[str, Client] = field(default_factory=dict)

    def of(self, role: str) -> Client:
        return self.people[role]

    @property
    def client(self) -> Client:
        """Who has just signed up as a client."""
        return self.newcomers["client"]

    @property
    def pro(self) -> Client:
        """Who has just signed up as a contractor."""
        return self.newcomers["contractor"]


async def sign_in(checks: Checks, client: Client, email: str, password: str = PASSWORD) -> None:
    """Sign in, keep the token and what was said of the account."""
    body = {"email": email, "password": password}
    reply = await checks.expect(
        client, "POST", "/api/users/token/", 200, body, shape={**TOKENS, "user": {**USER, "email": email}}
    )
    if reply.status == 200:
        client.token, client.user = reply.json["access"], reply.json["user"]
