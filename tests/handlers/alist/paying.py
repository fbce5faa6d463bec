"""Clients and professionals around a till: payments, accounts and the gateway's events."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.alist.face import ALIST_FACE
from server.embedded import Endpoints
from server.settings import Settings
from tests.handlers.alist.documented import documented
from tests.handlers.client import Account, Api, Reply
from tests.handlers.conftest import serving
from tests.server.gateways.stripe_stand_in import FLAGS, SECRET, signed_event

PAYMENTS = "/api/payments/"


@dataclass(frozen=True)
class Till:
    """Who pays whom, over the API."""

    api: Api
    client: Account
    other_client: Account
    pro: Account
    other_pro: Account
    crew: Account
    specialist: Account
    admin: Account

    @classmethod
    async def build(cls, api: Api) -> "Till":
        """Make everybody's account."""
        return cls(
            api,
            client=await api.account("carla", "client", first_name="Client Name"),
            other_client=await api.account("cleo", "client"),
            pro=await api.account("pia", "contractor", trade_name="Elite Plumbing Services"),
            other_pro=await api.account("paul", "contractor"),
            crew=await api.account("carl", "crew"),
            specialist=await api.account("sam", "specialist"),
            admin=await api.account("ada", "admin"),
        )

    async def pay(self, who: Account | None = None, key: str | None = None, **changes: Any) -> Reply:
        """Send the documented request for a payment to `pro`, with changes; None leaves a field out."""
        wish = {**documented("create_payment").request, "alistpro_id": self.pro.id, **changes}
        body = {name: value for name, value in wish.items() if value is not None}
        headers = {"Idempotency-Key": key} if key else None
        token = (who or self.client).token
        return await self.api.post(f"{PAYMENTS}create/", json=body, token=token, headers=headers)

    async def listed(self, who: Account | None = None, **query: Any) -> Any:
        """Give the payments somebody sees; the client unless told otherwise."""
        reply = await self.api.get(PAYMENTS, token=(who or self.client).token, **query)
        assert reply.status == 200, reply.json
        return reply.json["results"]

    async def only(self, who: Account | None = None) -> Any:
        """Give the one payment somebody sees."""
        (one,) = await self.listed(who)
        return one

    async def onboard(self, who: Account | None = None) -> Reply:
        return await self.api.post(f"{PAYMENTS}onboard/", token=(who or self.pro).token)

    async def status(self, who: Account | None = None) -> Any:
        return (await self.api.get(f"{PAYMENTS}status/", token=(who or self.pro).token)).json

    async def tell(self, event: tuple[bytes, str]) -> Reply:
        """Bring an event of the gateway."""
        headers = {"Stripe-Signature": event[1], "Content-Type": "application/json"}
        return await self.api.post(f"{PAYMENTS}webhook/", raw=event[0], headers=headers)

    async def tell_of(
        self, kind: str, intent_id: str, id: str | None = None, at: datetime | None = None
    ) -> Reply:
        """Bring an event about an intent."""
        intent = {"id": intent_id, "object": "payment_intent", "latest_charge": "ch_1"}
        return await self.tell(signed_event(f"payment_intent.{kind}", intent, id, at))

    async def refund(self, intent_id: str, minor: int) -> Reply:
        """Bring the news that so much of a payment has been given back in all."""
        charge = {"id": "ch_1", "object": "charge", "payment_intent": intent_id, "amount_refunded": minor}
        return await self.tell(signed_event("charge.refunded", charge))

    async def account_is(self, account_id: str, *, at: datetime | None = None, is_good: bool = True) -> Reply:
        """Bring the news of how an account stands."""
        account = {"id": account_id, "object": "account", **dict.fromkeys(FLAGS, is_good)}
        return await self.tell(signed_event("account.updated", account, at=at))


@asynccontextmanager
async def open_till(settings: Settings, services: Endpoints, **keys: Any) -> AsyncIterator[Till]:
    """Serve A-List with a webhook secret; further settings by name."""
    keyed = settings.model_copy(update={"stripe_webhook_secret": SECRET, **keys})
    async with serving(keyed, services, [ALIST_FACE]) as served:
        yield await Till.build(served["alist"])
