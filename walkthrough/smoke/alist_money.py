"""Payments, and the professionals' accounts at Stripe."""

from walkthrough.smoke.alist_cast import ACCOUNT, PAYMENT, Cast, listed
from walkthrough.smoke.checking import Checks
from walkthrough.smoke.shapes import LINK

PAYMENTS = "/api/payments/"


async def play(checks: Checks, cast: Cast) -> None:
    await _onboard(checks, cast)
    await _pay(checks, cast)
    for event in ({}, {"type": "payment_intent.succeeded"}):
        # Without a secret there is no such address; with one, what is not signed is refused.
        await checks.expect(cast.visitor, "POST", f"{PAYMENTS}webhook/", (400, 404), event)


async def _onboard(checks: Checks, cast: Cast) -> None:
    pro, status, dashboard = cast.pro, f"{PAYMENTS}status/", f"{PAYMENTS}dashboard-link/"
    none = {**ACCOUNT, "has_account": False, "stripe_account_id": None, "onboarding_complete": False}
    for someone in (pro, cast.of("client")):
        await checks.expect(someone, "GET", status, shape=none)
    await checks.expect(pro, "GET", dashboard, 404)
    shape = {"account_link": LINK, "stripe_account_id": str, "onboarding_started": True}
    begun = await checks.expect(pro, "POST", f"{PAYMENTS}onboard/", shape=shape)
    again = await checks.expect(pro, "POST", f"{PAYMENTS}onboard/", shape=shape)
    ids = [reply.json["stripe_account_id"] for reply in (begun, again) if reply.status == 200]
    checks.check(pro.name, "one account a professional", len(ids) == 2 and ids[0] == ids[1])
    await checks.expect(pro, "GET", status, shape={**ACCOUNT, "has_account": True})
    done = {**ACCOUNT, "has_account": True, "onboarding_complete": True}
    await checks.expect(cast.of("contractor"), "GET", status, shape=done)
    await checks.expect(cast.of("contractor"), "GET", dashboard, shape={"url": LINK})


async def _pay(checks: Checks, cast: Cast) -> None:
    client, create = cast.client, f"{PAYMENTS}create/"
    body = {"alistpro_id": 1, "amount": "150.00", "description": "Plumbing repair service"}
    shape = {"payment_id": int, "client_secret": str}
    made = await checks.expect(client, "POST", create, 200, body, shape=shape)
    wrongs = {"amount": "0.00", "description": "", "alistpro_id": "x"}
    for name, value in wrongs.items():
        await checks.expect(client, "POST", create, 400, {**body, name: value}, field=name)
    await checks.expect(client, "POST", create, 404, {**body, "alistpro_id": 999_999_999})
    opened = {**PAYMENT, "amount": "150.00", "status": "pending", "completed_at": None}
    opened |= {"id": (made.json or {}).get("payment_id"), "description": body["description"]}
    await checks.expect(client, "GET", PAYMENTS, shape={**listed(opened), "count": 1})
    await checks.expect(client, "GET", f"{PAYMENTS}{opened['id']}/", shape=opened)
    await checks.expect(cast.pro, "GET", f"{PAYMENTS}{opened['id']}/", 404)
    for role in ("client", "contractor", "admin"):
        await checks.expect(cast.of(role), "GET", PAYMENTS, shape=listed(PAYMENT))
    await checks.expect(cast.pro, "GET", PAYMENTS, shape={**listed(PAYMENT), "count": 0})
    await checks.expect(client, "GET", f"{PAYMENTS}?status=perhaps", 400, field="status")
