"""Signing in and up over HTTP, as documented and under attack."""

import asyncio
import re
from collections import Counter
from pathlib import Path

import orjson
import pytest

from server.settings import Settings
from tests.handlers.client import Api
from tests.handlers.homeserve.scene import Scene, shape

PASSWORD = "correct horse"
USER = {"id": 1, "username": "", "email": "", "role": "", "is_verified": True}


def newest(settings: Settings, pattern: str, to: str) -> str:
    """Give the code of the newest message to somebody."""
    for path in sorted(Path(settings.data_dir, "outbox").glob(pattern), reverse=True):
        text = path.read_text()
        if to in text:
            found = re.search(r"\b\d{6}\b", text)
            assert found is not None
            return found[0]
    raise AssertionError(f"no message to {to}")


async def join(api: Api, username: str) -> dict[str, str]:
    """Register and give the answer's body."""
    body = {"username": username, "email": f"{username}@example.com", "password": PASSWORD}
    reply = await api.post("/auth/register/", json=body)
    assert reply.status == 201
    return dict(reply.json)


async def test_login_answers_as_documented(homeserve: Api) -> None:
    """A registered customer signs in and gets tokens and their account."""
    await join(homeserve, "Carla")
    reply = await homeserve.post("/auth/login/", json={"username": "carla", "password": PASSWORD})
    assert reply.status == 200
    assert shape(reply.json) == shape({"access": "", "refresh": "", "user": USER})
    assert reply.json["user"]["role"] == "customer"


async def test_spaces_belong_to_a_password(homeserve: Api) -> None:
    """A password is taken to the letter at registration and at login alike."""
    padded = "  my passphrase "
    body = {"username": "carla", "email": "carla@example.com", "password": padded}
    assert (await homeserve.post("/auth/register/", json=body)).status == 201
    for password, status in ((padded, 200), (padded.strip(), 401)):
        reply = await homeserve.post("/auth/login/", json={"username": "carla", "password": password})
        assert reply.status == status


@pytest.mark.parametrize(
    ("method", "to", "pattern"),
    [("email", "new.person@example.com", "mail-*.eml"), ("sms", "+919876500001", "sms-*.json")],
)
async def test_a_code_signs_a_newcomer_up(
    homeserve: Api, settings: Settings, method: str, to: str, pattern: str
) -> None:
    """A code to a new address makes a verified customer, once; the second use is refused."""
    named = {"email" if method == "email" else "phone": to}
    sent = await homeserve.post("/auth/send-otp/", json={**named, "method": method})
    assert sent.json == {"message": f"OTP sent successfully via {method}", "method": method, "otp_sent": True}
    code = newest(settings, pattern, to)
    verified = await homeserve.post("/auth/verify-otp/", json={**named, "otp": code})
    assert verified.status == 200
    assert shape(verified.json) == shape({"access": "", "refresh": "", "user": USER, "message": ""})
    assert (verified.json["user"]["role"], verified.json["user"]["is_verified"]) == ("customer", True)
    again = await homeserve.post("/auth/verify-otp/", json={**named, "otp": code})
    assert again.status == 400
    assert "otp" in again.json["details"]


async def test_vendor_codes_open_vendors_only_and_never_tell(scene: Scene, settings: Settings) -> None:
    """The answer is the same for every phone; only a vendor's gets a code that works."""
    vendor = await scene.make_vendor("phoned", phone="+919876500002")
    await scene.api.account("shopper", "customer", phone="+919876500003")
    answers = []
    for phone in ("+919876500002", "+919876500003", "+919876500004"):
        reply = await scene.api.post("/auth/vendor/send-otp/", json={"phone": phone, "method": "sms"})
        answers.append((reply.status, orjson.dumps(reply.json)))
    assert len(set(answers)) == 1
    code = newest(settings, "sms-*.json", "+919876500002")
    for phone in ("+919876500003", "+919876500004"):
        wrong = await scene.api.post("/auth/vendor/verify-otp/", json={"phone": phone, "otp": code})
        assert wrong.status == 400
    opened = await scene.api.post("/auth/vendor/verify-otp/", json={"phone": "+919876500002", "otp": code})
    assert (opened.status, opened.json["user"]["id"]) == (200, vendor.id)


async def test_registration_names_everything_that_is_taken(homeserve: Api) -> None:
    """A taken name and a taken address are both said; roles cannot be chosen."""
    await join(homeserve, "carla")
    body = {"username": "CARLA", "email": "Carla@Example.com", "password": PASSWORD}
    taken = await homeserve.post("/auth/register/", json=body)
    assert (taken.status, set(taken.json["details"])) == (400, {"username", "email"})
    sneaky = {**body, "username": "eve", "email": "eve@example.com", "role": "super_admin"}
    refused = await homeserve.post("/auth/register/", json=sneaky)
    assert (refused.status, set(refused.json["details"])) == (400, {"role"})


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/auth/login/", {}, "username and password are required"),
        ("/auth/login/", {"username": {"$gt": ""}, "password": {"$gt": ""}}, "username"),
        ("/auth/login/", {"username": "a", "password": 5}, "password"),
        ("/auth/refresh/", {"refresh": None}, "refresh"),
        ("/auth/send-otp/", {"method": "email"}, "email is required"),
        ("/auth/send-otp/", {"method": "sms", "email": "a@b.co"}, "phone is required"),
        ("/auth/send-otp/", {"method": "pigeon", "email": "a@b.co"}, "method"),
        ("/auth/send-otp/", {"method": "email", "email": "a@b.co\r\nBcc: x@y.co"}, "email"),
        ("/auth/verify-otp/", {"email": "a@b.co", "otp": "12345"}, "otp"),
        ("/auth/register/", {"username": "x", "email": "a@b.co", "password": "short"}, "password"),
    ],
)
async def test_bad_input_names_the_field(
    homeserve: Api, path: str, body: dict[str, object], named: str
) -> None:
    """Missing, wrong-typed and malicious input is a 400 that says where."""
    reply = await homeserve.post(path, json=body)
    assert reply.status == 400
    assert named in reply.json["error"]


async def test_guesses_sent_at_once_are_counted_too(homeserve: Api) -> None:
    """Of many concurrent wrong passwords for one account at most ten are looked at."""
    await join(homeserve, "carla")
    guesses = ({"username": "carla", "password": f"guess number {n}"} for n in range(18))
    replies = await asyncio.gather(*(homeserve.post("/auth/login/", json=guess) for guess in guesses))
    assert Counter(reply.status for reply in replies) == {401: 10, 429: 8}
