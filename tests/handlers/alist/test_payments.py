"""Payments from clients to professionals: as documented, and once, whatever is repeated or late."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
import pytest_asyncio
from stripe import WebhookSignature

from server import clock
from server.embedded import Endpoints
from server.settings import Settings
from tests.books import balanced
from tests.handlers.alist.documented import documented, is_refused
from tests.handlers.alist.paying import PAYMENTS, Till, open_till
from tests.handlers.client import Api, heard
from tests.handlers.homeserve.documented import fits
from tests.server.gateways.stripe_stand_in import SECRET, signed_event


@pytest_asyncio.fixture
async def till(settings: Settings, services: Endpoints) -> AsyncIterator[Till]:
    async with open_till(settings, services) as opened:
        yield opened


async def test_a_client_pays_as_documented(till: Till) -> None:
    """The documented request is answered as documented, and the list shows the documented payment."""
    made = await till.pay()
    assert made.status == 200
    fits(documented("create_payment").response, made.json)
    assert made.json["client_secret"].startswith("pi_mock_")
    pending = await till.only()
    assert (pending["status"], pending["completed_at"]) == ("pending", None)
    await till.tell_of("succeeded", pending["stripe_payment_intent_id"])
    listed = (await till.api.get(PAYMENTS, token=till.client.token)).json
    fits(documented("list_payments").response, listed)
    paid = listed["results"][0]
    assert paid["id"] == made.json["payment_id"]
    assert paid["client"] == {"id": till.client.id, "name": "Client Name"}
    assert paid["alistpro"] == {"id": till.pro.id, "business_name": "Elite Plumbing Services"}
    assert (paid["amount"], paid["status"]) == ("150.00", "completed")
    assert paid["description"] == "Plumbing repair service"
    assert paid["completed_at"] >= paid["created_at"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": amount}, "amount")
        for amount in (None, "0", "0.00", "-5.00", "0.49", "1000000.00", "10.005", "ten", "NaN", True, [], "")
    ]
    + [
        ({"description": None}, "description"),
        ({"description": "   "}, "description"),
        ({"description": "x" * 501}, "description"),
        ({"description": 5}, "description"),
        ({"alistpro_id": None}, "alistpro_id"),
        ({"alistpro_id": "x"}, "alistpro_id"),
        ({"alistpro_id": 0}, "alistpro_id"),
    ],
)
async def test_a_bad_payment_names_the_field(till: Till, changes: dict[str, Any], field: str) -> None:
    """400 naming what is wrong, and nothing is written."""
    reply = await till.pay(**changes)
    assert reply.status == reply.json["status_code"] == 400
    assert all(isinstance(reason, str) for reason in reply.json["details"][field])
    assert await till.listed(till.admin) == []


async def test_every_faulty_field_is_named_at_once(till: Till) -> None:
    """A client that gets all wrong is told all."""
    reply = await till.pay(alistpro_id=None, amount="1.234", description="")
    assert reply.json["details"].keys() == {"alistpro_id", "amount", "description"}


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("0.50", "0.50"), ("999999.99", "999999.99"), (20, "20.00"), (19.99, "19.99"), ("1e2", "100.00")],
)
async def test_amounts_within_the_gateways_bounds(till: Till, amount: Any, shown: str) -> None:
    """Text and numbers are taken, to the cent."""
    assert (await till.pay(amount=amount)).status == 200
    assert (await till.only())["amount"] == shown


async def test_unknown_professionals_cannot_be_paid(till: Till) -> None:
    """Nobody, clients, crew and closed accounts are no professionals: 404."""
    await till.api.market.stores.users.change(till.other_pro.id, {"is_active": False})
    for payee in (10**6, till.other_client.id, till.crew.id, till.admin.id, till.other_pro.id):
        assert is_refused(await till.pay(alistpro_id=payee), 404, "alistpro_id")
    assert await till.listed(till.admin) == []


async def test_who_may_do_what(till: Till) -> None:
    """Clients pay; both sides and admins see a payment; strangers see none; visitors nothing at all."""
    assert (await till.pay()).status == 200
    for account in (till.pro, till.crew, till.specialist, till.admin):
        assert (await till.pay(account)).status == 403
    for account in (till.client, till.pro, till.admin):
        assert len(await till.listed(account)) == 1
    for account in (till.other_client, till.other_pro, till.crew, till.specialist):
        assert await till.listed(account) == []
    for method, path in (("POST", "create/"), ("GET", "")):
        reply = await till.api.call(method, f"{PAYMENTS}{path}", json=None)
        assert reply.status == 401
        assert reply.json.keys() == {"error", "details", "status_code"}


async def test_the_list_pages_and_filters(till: Till) -> None:
    """Ten a page, newest first, links keep the filter; an unknown status is a 400 that names it."""
    for number in range(12):
        await till.pay(description=f"Job {number}")
    first = (await till.api.get(PAYMENTS, token=till.client.token, status="pending")).json
    assert (first["count"], len(first["results"]), first["previous"]) == (12, 10, None)
    assert first["results"][0]["description"] == "Job 11"
    assert "status=pending" in first["next"] and "page=2" in first["next"]
    assert len(await till.listed(page=2)) == 2
    await till.tell_of("succeeded", first["results"][0]["stripe_payment_intent_id"])
    await till.tell_of("canceled", first["results"][1]["stripe_payment_intent_id"])
    counts = {
        status: len(await till.listed(till.admin, status=status, page_size=50))
        for status in ("pending", "processing", "completed", "failed", "refunded")
    }
    assert counts == {"pending": 10, "processing": 0, "completed": 1, "failed": 1, "refunded": 0}
    wrong = await till.api.get(PAYMENTS, token=till.client.token, status="authorized")
    assert (wrong.status, list(wrong.json["details"])) == (400, ["status"])


async def test_a_key_pays_once(till: Till) -> None:
    """Ten equal requests at once under one key make one payment; another body under it is a 409."""
    answers = await asyncio.gather(*(till.pay(key="k") for _ in range(10)))
    assert {answer.status for answer in answers} <= {200, 409}
    made = [answer.json for answer in answers if answer.status == 200]
    assert made and all(one == made[0] for one in made)
    assert (await till.pay(key="k")).json == made[0]
    assert (await till.pay(key="k", amount="1.00")).status == 409
    assert (await till.pay(till.other_client, key="k")).status == 200
    assert len(await till.listed()) == 1
    assert len(await till.listed(till.admin)) == 2


async def test_states_follow_the_gateway(till: Till) -> None:
    """Processing, failed, tried again, completed; what was completed stays so."""
    await till.pay()
    intent = (await till.only())["stripe_payment_intent_id"]
    at = clock.now() - timedelta(minutes=1)
    for second, (kind, shown) in enumerate(
        [
            ("processing", "processing"),
            ("payment_failed", "failed"),
            ("processing", "processing"),
            ("succeeded", "completed"),
            ("payment_failed", "completed"),
            ("processing", "completed"),
            ("canceled", "completed"),
        ]
    ):
        assert (await till.tell_of(kind, intent, at=at + timedelta(seconds=second))).status == 200
        assert (await till.only())["status"] == shown


async def test_news_that_come_late_change_nothing(till: Till) -> None:
    """A payment that failed does not seem to be processing because older news were on the way longer."""
    await till.pay()
    intent, now = (await till.only())["stripe_payment_intent_id"], clock.now()
    await till.tell_of("payment_failed", intent, at=now)
    for age in (0, 5):
        await till.tell_of("processing", intent, at=now - timedelta(seconds=age))
        assert (await till.only())["status"] == "failed"
    await till.tell_of("processing", intent, at=now + timedelta(seconds=2))
    await till.tell_of("payment_failed", intent, at=now + timedelta(seconds=1))
    assert (await till.only())["status"] == "processing"
    await till.tell_of("succeeded", intent, at=now - timedelta(seconds=9))
    assert (await till.only())["status"] == "completed"


async def test_an_event_has_one_effect(till: Till) -> None:
    """Told ten times at once, and as ten more events, a success shares the money and is told once."""
    await till.pay()
    intent = (await till.only())["stripe_payment_intent_id"]
    answers = await asyncio.gather(
        *(till.tell_of("succeeded", intent, "evt_same") for _ in range(10)),
        *(till.tell_of("succeeded", intent) for _ in range(10)),
    )
    assert {answer.status for answer in answers} == {200}
    market = till.api.market
    assert await balanced(market) == {
        "gateway": 15000,
        f"provider:{till.pro.id}": -13500,
        "platform:fees": -1500,
    }
    (earning,) = await market.stores.earnings.find({})
    assert (earning.amount_minor, earning.booking_id, earning.status) == (13500, None, "pending")
    told = await market.stores.notifications.find({"kind": "payment_completed"})
    assert sorted(one.user_id for one in told) == sorted([till.client.id, till.pro.id])


async def test_both_sides_hear_of_a_completed_payment(till: Till) -> None:
    """`payment.completed` carries the payment as the list shows it, to its two sides alone."""
    sockets = [await till.api.listen("/ws/notifications/", who.token) for who in (till.client, till.pro)]
    stranger = await till.api.listen("/ws/notifications/", till.other_client.token)
    await till.pay()
    await till.pay(till.other_client, alistpro_id=till.other_pro.id, description="Another")
    own, other = await till.only(), await till.only(till.other_client)
    await till.tell_of("succeeded", own["stripe_payment_intent_id"])
    await till.tell_of("succeeded", other["stripe_payment_intent_id"])
    for socket in sockets:
        assert (await heard(socket, "payment.completed"))["data"] == await till.only()
    assert (await heard(stranger, "payment.completed"))["data"] == await till.only(till.other_client)


async def test_refunds_are_shared(till: Till) -> None:
    """Given back in two parts, nothing stays in the books; repetitions and old news add nothing."""
    await till.pay(amount="100.01")
    intent = (await till.only())["stripe_payment_intent_id"]
    await till.tell_of("succeeded", intent)
    for given, shown in ((3333, "completed"), (3333, "completed"), (10001, "refunded"), (3333, "refunded")):
        assert (await till.refund(intent, given)).status == 200
        assert (await till.only())["status"] == shown
    assert set((await balanced(till.api.market)).values()) == {0}
    assert len(await till.listed(status="refunded")) == 1
    earnings = await till.api.market.stores.earnings.find({})
    assert sum(earning.amount_minor for earning in earnings) == 0


async def test_a_refund_overtakes_its_payment(till: Till) -> None:
    """News of a refund that come before those of the payment end at refunded all the same."""
    await till.pay()
    intent = (await till.only())["stripe_payment_intent_id"]
    await till.refund(intent, 15000)
    await till.tell_of("succeeded", intent)
    assert (await till.only())["status"] == "refunded"
    assert set((await balanced(till.api.market)).values()) == {0}


@pytest.mark.parametrize("spoiled", ["signature", "body", "secret", "age", "none"])
async def test_an_unproven_event_is_refused(till: Till, spoiled: str) -> None:
    """A wrong or missing signature, a changed body, another secret, an old event: 400 without effect."""
    await till.pay()
    intent = (await till.only())["stripe_payment_intent_id"]
    raw, signature = signed_event("payment_intent.succeeded", {"id": intent})
    if spoiled == "signature":
        signature = "t=1,v1=00"
    elif spoiled == "body":
        raw = raw.replace(b"succeeded", b"canceled")
    elif spoiled == "secret":
        signature = WebhookSignature.generate_signature_header(raw.decode(), "whsec_other")
    elif spoiled == "age":
        old = int((clock.now() - timedelta(hours=1)).timestamp())
        signature = WebhookSignature.generate_signature_header(raw.decode(), SECRET, old)
    else:
        signature = ""
    reply = await till.tell((raw, signature))
    assert reply.status == reply.json["status_code"] == 400
    assert (await till.only())["status"] == "pending"


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b"\xff",
        b"not json",
        b'{"id":"evt_1","type":"account.updated","data":{"object":[]}}',
        b'{"id":"evt_1","type":"charge.refunded","data":{"object":{"id":"ch_1"}}}',
        b'{"id":"evt_1","type":"payment_intent.succeeded","created":1e30,"data":{"object":{"id":"pi"}}}',
    ],
)
async def test_a_signed_body_that_is_no_event_is_refused(till: Till, body: bytes) -> None:
    """What cannot be read is a 400, never a 500."""
    text = body.decode("utf-8", "replace")
    header = WebhookSignature.generate_signature_header(text, SECRET)
    assert (await till.tell((body, header))).status == 400


async def test_events_of_other_things_are_taken(till: Till) -> None:
    """Unknown kinds, intents and accounts get a 200, so that the gateway does not send them for days."""
    for event in (
        signed_event("customer.created", {"id": "cus_1"}),
        signed_event("payment_intent.succeeded", {"id": "pi_of_somebody_else"}),
        signed_event("charge.refunded", {"id": "ch_9", "payment_intent": None, "amount_refunded": 5}),
        signed_event("account.updated", {"id": "acct_of_somebody_else"}),
    ):
        assert (await till.tell(event)).status == 200
    assert await till.listed(till.admin) == []


async def test_without_a_secret_there_is_no_webhook(alist: Api) -> None:
    """Nobody can tell events to a server that knows no secret."""
    reply = await alist.post(f"{PAYMENTS}webhook/", json={"id": "evt_1"})
    assert (reply.status, reply.json["status_code"]) == (404, 404)


async def test_several_secrets_are_taken(settings: Settings, services: Endpoints) -> None:
    """Stripe signs what concerns accounts with a secret of its own: both may be set."""
    async with open_till(settings, services, stripe_webhook_secret=f"whsec_first,{SECRET}") as till:
        await till.pay()
        intent = (await till.only())["stripe_payment_intent_id"]
        assert (await till.tell_of("succeeded", intent)).status == 200
        assert (await till.only())["status"] == "completed"


async def test_a_secret_stays_with_its_client(till: Till) -> None:
    """The client secret is in the one answer to its client: in no list, message, audit entry or event."""
    socket = await till.api.listen("/ws/notifications/", till.pro.token)
    secret = (await till.pay()).json["client_secret"]
    await till.tell_of("succeeded", (await till.only())["stripe_payment_intent_id"])
    told = orjson.dumps(await heard(socket, "payment.completed"))
    lists = [orjson.dumps(await till.listed(who)) for who in (till.client, till.pro, till.admin)]
    stores = till.api.market.stores
    kept = [repr(await stores.changes.find({})), repr(await stores.notifications.find({}))]
    assert all(secret not in str(text) for text in (told, *lists, *kept))


async def test_one_payment_is_read_by_its_parties(till: Till) -> None:
    """As the list shows it, and by admins; anybody else finds nothing."""
    await till.pay()
    shown = await till.only()
    one = f"{PAYMENTS}{shown['id']}/"
    for who in (till.client, till.pro, till.admin):
        assert (await till.api.get(one, token=who.token)).json == shown
    for who in (till.other_client, till.other_pro, till.crew, till.specialist):
        assert is_refused(await till.api.get(one, token=who.token), 404)
    assert is_refused(await till.api.get(one), 401)
