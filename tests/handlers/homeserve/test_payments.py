"""Payments: offline and with Stripe, once whatever is repeated, lost or late; and the ledger behind them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from stripe import WebhookSignature

from handlers.homeserve.face import HOMESERVE_FACE
from server import clock
from server.embedded import Endpoints
from server.settings import Settings
from tests.books import balanced
from tests.handlers.client import Account, Api, Reply
from tests.handlers.conftest import serving
from tests.handlers.homeserve.scene import Scene
from tests.server.gateways.stripe_stand_in import SECRET, Stripe, start

AUTHORIZED, SUCCEEDED = "payment_intent.amount_capturable_updated", "payment_intent.succeeded"
FAILED, CANCELLED = "payment_intent.payment_failed", "payment_intent.canceled"


@pytest.fixture
def stripe() -> Any:
    account, stop = start()
    yield account
    stop()


@pytest_asyncio.fixture
async def paid(settings: Settings, services: Endpoints, stripe: Stripe) -> AsyncIterator[Scene]:
    """HomeServe with Stripe's stand-in as its gateway."""
    keys = {"stripe_secret_key": "sk_test_x", "stripe_api_base": stripe.url, "stripe_webhook_secret": SECRET}
    async with serving(settings.model_copy(update=keys), services, [HOMESERVE_FACE]) as served:
        api = Api(served["homeserve"].port, served["homeserve"].market)
        yield await Scene.build(api)
        api.close()


async def only(scene: Scene, what: str, account: Account) -> Any:
    (one,) = (await scene.api.get(f"/api/{what}/", token=account.token)).json["results"]
    return one


async def tell(scene: Scene, event: tuple[bytes, str]) -> Reply:
    headers = {"Stripe-Signature": event[1], "Content-Type": "application/json"}
    return await scene.api.post("/api/payments/webhook/", raw=event[0], headers=headers)


async def test_offline_a_signature_pays(scene: Scene) -> None:
    """Without Stripe the signed booking is paid at once, under ids that say so, and the ledger shows it."""
    booking = await scene.signed()
    payment = await only(scene, "payments", scene.customer)
    assert payment["stripe_payment_intent_id"] == f"pi_mock_{booking['id']}"
    assert payment["stripe_charge_id"] == f"ch_mock_{booking['id']}"
    price = round(float(payment["amount"]) * 100)
    balances = await balanced(scene.api.market)
    fee = round(price * 0.1)
    assert balances == {
        "gateway": price,
        f"provider:{scene.vendor.id}": fee - price,
        "platform:fees": -fee,
    }


async def test_the_fee_is_rounded_half_up_and_nothing_is_lost(scene: Scene) -> None:
    """Fee and earning add up to the price, to the last paisa."""
    await scene.signed(service=scene.short.id)
    payment = await only(scene, "payments", scene.customer)
    earning = await only(scene, "earnings", scene.vendor)
    balances = await balanced(scene.api.market)
    total = round(float(payment["amount"]) * 100)
    assert round(float(earning["amount"]) * 100) - balances["platform:fees"] == total


async def test_stripe_captures_what_was_authorised(paid: Scene, stripe: Stripe) -> None:
    """The customer authorises, signs, and is charged exactly once; before that nothing moves."""
    booking = await paid.completed()
    payment = await only(paid, "payments", paid.customer)
    intent = payment["stripe_payment_intent_id"]
    assert stripe.intents[intent]["amount"] == round(float(payment["amount"]) * 100)
    stripe.confirm(intent)
    assert (await tell(paid, stripe.event(AUTHORIZED, intent))).status == 200
    assert (await only(paid, "payments", paid.customer))["status"] == "authorized"
    await sign(paid, booking)
    assert await paid.api.market.settlement.settle_due() == 1
    assert await paid.api.market.settlement.settle_due() == 0
    done = await only(paid, "payments", paid.customer)
    assert (done["status"], done["stripe_charge_id"]) == ("completed", f"ch_{intent[3:]}")
    assert (await only(paid, "earnings", paid.vendor))["status"] == "pending"


async def sign(scene: Scene, booking: Any) -> None:
    asked = await scene.api.post(
        f"/api/bookings/{booking['id']}/request_signature/", token=scene.vendor.token
    )
    path = f"/api/signatures/{asked.json['signature_id']}/sign/"
    signed = await scene.api.post(path, json={"satisfaction_rating": 4}, token=scene.customer.token)
    assert signed.status == 200


async def test_a_late_authorisation_is_captured_then(paid: Scene, stripe: Stripe) -> None:
    """Who signs before paying is charged when the authorisation comes, by the event alone."""
    await sign(paid, await paid.completed())
    await paid.api.market.settlement.settle_due()
    payment = await only(paid, "payments", paid.customer)
    assert payment["status"] == "pending"
    stripe.confirm(payment["stripe_payment_intent_id"])
    await tell(paid, stripe.event(AUTHORIZED, payment["stripe_payment_intent_id"]))
    await paid.api.market.settlement.settle_due()
    assert (await only(paid, "payments", paid.customer))["status"] == "completed"


@pytest.mark.parametrize("trouble", ["broken", "loses_answers"])
async def test_a_gateway_in_trouble_charges_once(paid: Scene, stripe: Stripe, trouble: str) -> None:
    """Errors of the gateway, and answers that are lost after the money moved, cost repetitions only."""
    booking = await paid.completed()
    intent = (await only(paid, "payments", paid.customer))["stripe_payment_intent_id"]
    stripe.confirm(intent)
    await sign(paid, booking)
    setattr(stripe, trouble, 4)
    settlement, orders = paid.api.market.settlement, paid.api.market.stores.orders
    for _ in range(6):
        await settlement.settle_due()
        for order in await orders.find({}):
            if order.done_at is None:
                await orders.change(order.id, {"due_at": clock.now()})
    assert (await only(paid, "payments", paid.customer))["status"] == "completed"
    assert stripe.intents[intent]["captured"] == stripe.intents[intent]["amount"]
    assert (await paid.api.get("/api/earnings/", token=paid.vendor.token)).json["count"] == 1
    await balanced(paid.api.market)


async def test_repeated_and_reordered_events(paid: Scene, stripe: Stripe) -> None:
    """An event has one effect however often it comes; a late failure undoes nothing."""
    await paid.completed()
    intent = (await only(paid, "payments", paid.customer))["stripe_payment_intent_id"]
    success = stripe.event(SUCCEEDED, intent, "evt_same")
    answers = await asyncio.gather(*(tell(paid, success) for _ in range(10)))
    assert {answer.status for answer in answers} == {200}
    for kind in (FAILED, CANCELLED, AUTHORIZED, SUCCEEDED, "customer.created"):
        assert (await tell(paid, stripe.event(kind, intent))).status == 200
    assert (await only(paid, "payments", paid.customer))["status"] == "completed"
    assert (await paid.api.get("/api/earnings/", token=paid.vendor.token)).json["count"] == 1
    told = await paid.api.get("/api/notifications/", token=paid.customer.token, kind="payment_completed")
    assert told.json["count"] == 1


async def test_a_failed_payment_can_still_succeed(paid: Scene, stripe: Stripe) -> None:
    """A decline is told to the customer, who may try another card."""
    await paid.completed()
    intent = (await only(paid, "payments", paid.customer))["stripe_payment_intent_id"]
    await tell(paid, stripe.event(FAILED, intent))
    assert (await only(paid, "payments", paid.customer))["status"] == "failed"
    await tell(paid, stripe.event(SUCCEEDED, intent))
    assert (await only(paid, "payments", paid.customer))["status"] == "completed"


@pytest.mark.parametrize("spoiled", ["signature", "body", "secret", "age"])
async def test_forged_events_are_refused(paid: Scene, stripe: Stripe, spoiled: str) -> None:
    """A wrong signature, a changed body, another secret and an old event are a 400 without effect."""
    await paid.completed()
    intent = (await only(paid, "payments", paid.customer))["stripe_payment_intent_id"]
    raw, signature = stripe.event(SUCCEEDED, intent)
    if spoiled == "signature":
        signature = ""
    elif spoiled == "body":
        raw = raw.replace(b"succeeded", b"canceled")
    elif spoiled == "secret":
        signature = WebhookSignature.generate_signature_header(raw.decode(), "whsec_other")
    else:
        old = int((clock.now() - timedelta(hours=1)).timestamp())
        signature = WebhookSignature.generate_signature_header(raw.decode(), SECRET, old)
    assert (await tell(paid, (raw, signature))).status == 400
    assert (await only(paid, "payments", paid.customer))["status"] == "pending"


async def test_without_a_secret_there_is_no_webhook(scene: Scene) -> None:
    """Nobody can tell events to a server that knows no secret."""
    answer = await scene.api.post("/api/payments/webhook/", json={"id": "evt_1"})
    assert answer.status == 404


async def test_settling_by_hand_once(scene: Scene) -> None:
    """Of ten admins who settle a payment at once one does; it is manual, and booked as cash."""
    await scene.completed()
    payment = await only(scene, "payments", scene.ops)
    path = f"/api/payments/{payment['id']}/process_manual_payment/"
    answers = await asyncio.gather(*(scene.api.post(path, token=scene.ops.token) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 9
    done = await only(scene, "payments", scene.customer)
    assert (done["payment_type"], done["processed_by"]) == ("manual", scene.ops.id)
    assert "cash" in await balanced(scene.api.market)


async def test_a_card_charged_while_it_was_settled_by_hand(paid: Scene, stripe: Stripe) -> None:
    """When the gateway took the money in the moment an admin noted cash, the card gets it back."""
    await paid.completed()
    payment = await only(paid, "payments", paid.ops)
    intent = stripe.intents[payment["stripe_payment_intent_id"]]
    stripe.confirm(intent["id"])
    intent |= {"status": "succeeded", "captured": intent["amount"]}
    path = f"/api/payments/{payment['id']}/process_manual_payment/"
    assert (await paid.api.post(path, token=paid.ops.token)).status == 200
    await paid.api.market.settlement.settle_due()
    assert intent["refunded"] == intent["amount"]
    assert (await only(paid, "payments", paid.customer))["payment_type"] == "manual"
    await balanced(paid.api.market)


async def test_earnings_are_released_by_job_or_by_hand(scene: Scene) -> None:
    """An earning is paid out when its day has come, or before by an admin, never twice."""
    await scene.signed()
    earning = await only(scene, "earnings", scene.vendor)
    market = scene.api.market
    assert await market.earnings.release_due() == 0
    await market.stores.earnings.change(earning["id"], {"release_at": clock.now()})
    assert await market.earnings.release_due() == 1
    path = f"/api/earnings/{earning['id']}/release_payment/"
    assert (await scene.api.post(path, token=scene.ops.token)).status == 409
    assert (await balanced(market))[f"provider:{scene.vendor.id}"] == 0
    summary = await scene.api.get("/api/earnings/summary/", token=scene.vendor.token)
    assert summary.json["total_earnings"] == float(earning["amount"])
    assert summary.json["pending_earnings"] == 0.0


async def test_a_refund_is_shared(scene: Scene) -> None:
    """A resolved dispute gives part of the price back; vendor and platform bear it in proportion."""
    booking = await scene.signed()
    dispute = await complain(scene, booking)
    held = await only(scene, "earnings", scene.vendor)
    assert held["status"] == "on_hold"
    release = f"/api/earnings/{held['id']}/release_payment/"
    assert (await scene.api.post(release, token=scene.ops.token)).status == 409
    body = {"resolution_notes": "Half is fair", "resolution_amount": 100.00}
    path = f"/api/disputes/{dispute['id']}/resolve/"
    assert (await scene.api.post(path, json=body, token=scene.ops.token)).status == 200
    payment = await only(scene, "payments", scene.customer)
    assert (payment["status"], payment["refunded_amount"]) == ("partially_refunded", "100.00")
    earning = await only(scene, "earnings", scene.vendor)
    assert float(held["amount"]) - float(earning["amount"]) == pytest.approx(90.0)
    assert earning["status"] == "pending"
    await balanced(scene.api.market)


async def complain(scene: Scene, booking: Any) -> Any:
    body = {
        "booking_id": booking["id"],
        "dispute_type": "quality_issue",
        "title": "Not cool",
        "description": "It is still warm",
    }
    made = await scene.api.post("/api/disputes/create_dispute/", json=body, token=scene.customer.token)
    assert made.status == 201, made.json
    return made.json


async def test_what_was_not_paid_yet_is_not_taken(scene: Scene) -> None:
    """A dispute resolved before the signature lowers what will be captured."""
    booking = await scene.completed()
    dispute = await complain(scene, booking)
    before = float((await only(scene, "payments", scene.customer))["amount"])
    body = {"resolution_notes": "A discount", "resolution_amount": "50.00"}
    path = f"/api/disputes/{dispute['id']}/resolve/"
    assert (await scene.api.post(path, json=body, token=scene.ops.token)).status == 200
    payment = await only(scene, "payments", scene.customer)
    assert float(payment["amount"]) == pytest.approx(before - 50)


async def test_who_sees_what(scene: Scene) -> None:
    """Parties see their own payments and earnings, admins all; strangers and onboarders none."""
    await scene.signed()
    payment = await only(scene, "payments", scene.customer)
    rival = await scene.make_vendor("vendor2")
    one = f"/api/payments/{payment['id']}/"
    for account, status in ((scene.vendor, 200), (scene.ops, 200), (scene.other, 404), (rival, 404)):
        assert (await scene.api.get(one, token=account.token)).status == status
    assert (await scene.api.get(one, token=scene.onboarder.token)).status == 403
    assert (await scene.api.get("/api/earnings/", token=rival.token)).json["count"] == 0
    assert (await scene.api.get("/api/earnings/", token=scene.customer.token)).status == 403
    for account in (scene.customer, scene.vendor, scene.onboarder):
        assert (await scene.api.post(f"{one}process_manual_payment/", token=account.token)).status == 403
        assert (await scene.api.get("/api/ledger/", token=account.token)).status == 403
    ledger = await scene.api.get("/api/ledger/", token=scene.ops.token, account="platform:fees")
    assert ledger.json["count"] == 1
    narrowed = await scene.api.get("/api/payments/", token=scene.ops.token, status="completed")
    assert narrowed.json["count"] == 1
    assert (await scene.api.get("/api/payments/", token=scene.ops.token, status="gone")).status == 400
