"""A strict local stand-in for the part of Stripe's API that is used.

It replays answers by idempotency key, refuses a key that comes with another body, insists on the order of
states, and can be broken or lose its answers. It knows Express accounts, their links, and destination
charges.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import orjson
from stripe import WebhookSignature
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from server import clock

SECRET = "whsec_of_the_stand_in"


FLAGS = ("details_submitted", "charges_enabled", "payouts_enabled")


def signed_event(
    kind: str, thing: dict[str, Any], id: str | None = None, at: datetime | None = None
) -> tuple[bytes, str]:
    """Give a signed event about a thing: body and signature header; it happened now unless told otherwise."""
    body = {
        "id": id or f"evt_{uuid4().hex}",
        "object": "event",
        "type": kind,
        "created": int((at or clock.now()).timestamp()),
        "data": {"object": thing},
    }
    raw = orjson.dumps(body)
    return raw, WebhookSignature.generate_signature_header(raw.decode(), SECRET)


class Declined(Exception):
    """A refusal: status and Stripe's error object."""

    def __init__(self, status: int, kind: str, code: str) -> None:
        self.status, self.error = status, {"type": kind, "code": code, "message": code}


@dataclass
class Stripe:
    """The account behind the API. `broken` answers so many calls with 500 before it works again."""

    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: list[dict[str, str]] = field(default_factory=list)
    answered: dict[str, tuple[str, bytes, int, bytes]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    broken: int = 0
    loses_answers: int = 0
    url: str = ""

    def confirm(self, intent_id: str) -> None:
        """Do what the customer's app does: authorise the money."""
        intent = self.intents[intent_id]
        assert intent["status"] == "requires_payment_method"
        intent["status"] = "requires_capture"

    def onboard(self, account_id: str) -> None:
        """Do what a provider does on Stripe's pages."""
        self.accounts[account_id] |= dict.fromkeys(FLAGS, True)

    def event(
        self, kind: str, intent_id: str, id: str | None = None, at: datetime | None = None
    ) -> tuple[bytes, str]:
        """Give a signed event about an intent as Stripe would send it: body and signature header."""
        intent = {"id": intent_id, "object": "payment_intent", "latest_charge": "ch_1"}
        return signed_event(kind, intent, id, at)

    def call(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        parts = path.strip("/").split("/")[1:]
        match parts:
            case ["payment_intents"]:
                return self._create(form)
            case ["payment_intents", id, "capture"]:
                return self._capture(self._intent(id), form)
            case ["payment_intents", id, "cancel"]:
                intent = self._intent(id)
                self._require(intent, "requires_payment_method", "requires_capture")
                intent["status"] = "canceled"
                return intent
            case ["refunds"]:
                return self._refund(self._intent(form["payment_intent"]), int(form["amount"]))
            case ["accounts"]:
                return self._open_account(form)
            case ["accounts", id]:
                return self._account(id)
            case ["account_links"]:
                return self._link(form)
            case ["accounts", id, "login_links"]:
                if not self._account(id)["details_submitted"]:
                    raise Declined(400, "invalid_request_error", "account_not_onboarded")
                return {"object": "login_link", "url": f"https://connect.stripe.com/express/{uuid4().hex}"}
        raise Declined(404, "invalid_request_error", "unknown_path")

    def _create(self, form: dict[str, str]) -> dict[str, Any]:
        if form.get("capture_method") not in ("manual", "automatic") or int(form["amount"]) <= 0:
            raise Declined(400, "invalid_request_error", "parameter_invalid")
        payee, fee = form.get("transfer_data[destination]"), form.get("application_fee_amount")
        if payee and not self._account(payee)["charges_enabled"]:
            raise Declined(400, "invalid_request_error", "insufficient_capabilities_for_transfer")
        if fee and not (payee and 0 < int(fee) <= int(form["amount"])):
            raise Declined(400, "invalid_request_error", "parameter_invalid")
        id = f"pi_{uuid4().hex[:12]}"
        self.intents[id] = {
            "id": id,
            "object": "payment_intent",
            "client_secret": f"{id}_secret_x",
            "amount": int(form["amount"]),
            "currency": form["currency"],
            "status": "requires_payment_method",
            "latest_charge": None,
            "refunded": 0,
            "asked": form,
        }
        return self.intents[id]

    def _open_account(self, form: dict[str, str]) -> dict[str, Any]:
        if form.get("type") != "express" or form.get("capabilities[transfers][requested]") != "true":
            raise Declined(400, "invalid_request_error", "parameter_invalid")
        id = f"acct_{uuid4().hex[:12]}"
        self.accounts[id] = {"id": id, "object": "account", "asked": form, **dict.fromkeys(FLAGS, False)}
        return self.accounts[id]

    def _link(self, form: dict[str, str]) -> dict[str, Any]:
        self._account(form["account"])
        if form["type"] != "account_onboarding":
            raise Declined(400, "invalid_request_error", "parameter_invalid")
        self.links.append(form)
        return {"object": "account_link", "url": f"https://connect.stripe.com/setup/s/{uuid4().hex}"}

    def _account(self, id: str) -> dict[str, Any]:
        if id not in self.accounts:
            raise Declined(404, "invalid_request_error", "resource_missing")
        return self.accounts[id]

    def _capture(self, intent: dict[str, Any], form: dict[str, str]) -> dict[str, Any]:
        self._require(intent, "requires_capture")
        amount = int(form["amount_to_capture"])
        if amount > intent["amount"]:
            raise Declined(400, "invalid_request_error", "amount_too_large")
        intent |= {"status": "succeeded", "captured": amount, "latest_charge": f"ch_{intent['id'][3:]}"}
        return intent

    def _refund(self, intent: dict[str, Any], amount: int) -> dict[str, Any]:
        self._require(intent, "succeeded")
        if intent["refunded"] + amount > intent["captured"]:
            raise Declined(400, "invalid_request_error", "charge_already_refunded")
        intent["refunded"] += amount
        self.refunds.append({"id": f"re_{uuid4().hex[:8]}", "object": "refund", "amount": amount})
        return self.refunds[-1]

    def _intent(self, id: str) -> dict[str, Any]:
        if id not in self.intents:
            raise Declined(404, "invalid_request_error", "resource_missing")
        return self.intents[id]

    def _require(self, intent: dict[str, Any], *states: str) -> None:
        if intent["status"] not in states:
            raise Declined(400, "invalid_request_error", "payment_intent_unexpected_state")


class Endpoint(RequestHandler):
    """Every path of the API."""

    def initialize(self, stripe: Stripe) -> None:
        self._stripe = stripe

    def get(self) -> None:
        if not self._is_broken():
            self._reply(*self._answer())

    def post(self) -> None:
        stripe = self._stripe
        if self._is_broken():
            return
        key = self.request.headers.get("Idempotency-Key", "")
        assert key, "every call that moves money names a key"
        known = stripe.answered.get(key)
        if known is None:
            status, body = self._answer()
            stripe.answered[key] = (self.request.path, self.request.body, status, body)
        elif known[:2] != (self.request.path, self.request.body):
            status, body = 400, orjson.dumps({"error": {"type": "idempotency_error", "message": "other"}})
        else:
            status, body = known[2:]
        if stripe.loses_answers:
            stripe.loses_answers -= 1
            self.request.connection.stream.close()  # type: ignore[union-attr]
            return
        self._reply(status, body)

    def _is_broken(self) -> bool:
        stripe = self._stripe
        stripe.calls.append(self.request.path)
        if stripe.broken:
            stripe.broken -= 1
            self._reply(500, orjson.dumps({"error": {"type": "api_error", "message": "broken"}}))
            return True
        return False

    def _reply(self, status: int, body: bytes) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(body)

    def _answer(self) -> tuple[int, bytes]:
        form = {name: values[-1] for name, values in parse_qs(self.request.body.decode()).items()}
        try:
            return 200, orjson.dumps(self._stripe.call(self.request.path, form))
        except Declined as declined:
            return declined.status, orjson.dumps({"error": declined.error})


def start() -> tuple[Stripe, Callable[[], None]]:
    """Serve a fresh account; gives it, and what stops it."""
    stripe = Stripe()
    server = HTTPServer(
        Application([("/v1/.*", Endpoint, {"stripe": stripe})], log_function=lambda handler: None)
    )
    socket, port = bind_unused_port()
    server.add_sockets([socket])
    stripe.url = f"http://127.0.0.1:{port}"
    return stripe, server.stop
