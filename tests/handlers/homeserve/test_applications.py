"""Applications: one's own, complete before they are handed in, decided once, and what approval makes."""

import asyncio
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient

from tests.handlers.client import Account, Reply
from tests.handlers.homeserve.forms import PDF, picture, post_form
from tests.handlers.homeserve.scene import Scene

ALL = "/api/vendor-applications/"


def told(scene: Scene) -> dict[str, Any]:
    return {
        "full_name": "New Vendor",
        "phone": "+919812345678",
        "primary_service_category": "Appliance",
        "services": [scene.service.id],
        "pincode": "110001",
        "service_area_pincodes": ["110002"],
    }


async def begun(scene: Scene, account: Account | None = None, **changes: Any) -> Any:
    """Give an application with its documents."""
    who = account or scene.other
    made = await scene.api.post(ALL, json=told(scene) | changes, token=who.token)
    assert made.status == 201, made.json
    for kind, file in (("identity", ("id.pdf", PDF)), ("address", ("bill.jpg", picture()))):
        path = f"{ALL}{made.json['id']}/documents/"
        added = await post_form(scene.api, path, who, {"document_type": kind}, file=file)
        assert added.status == 201, added.json
    return made.json


async def submit(scene: Scene, application: Any, account: Account | None = None) -> Reply:
    return await scene.api.post(f"{ALL}{application['id']}/submit/", token=(account or scene.other).token)


async def review(scene: Scene, application: Any, account: Account | None = None, **body: Any) -> Reply:
    decision = {"decision": "approve", "notes": "All documents verified"} | body
    token = (account or scene.onboarder).token
    return await scene.api.post(f"{ALL}{application['id']}/review/", json=decision, token=token)


async def test_approval_makes_a_vendor_who_can_be_booked(scene: Scene) -> None:
    """The applicant becomes a vendor with skills and hours; their old token is refused; a booking fits."""
    application = await begun(scene)
    assert (await submit(scene, application)).json["status"] == "submitted"
    approved = await review(scene, application)
    assert (approved.status, approved.json["status"]) == (200, "approved")
    assert (await scene.api.get("/api/bookings/", token=scene.other.token)).status == 401
    user = await scene.api.market.stores.users.get(scene.other.id)
    assert user is not None and (user.role, user.skills) == ("vendor", (scene.service.id,))
    found = await scene.api.get("/api/vendor-search/", token=scene.customer.token, pincode="110002")
    assert scene.other.id in {vendor["id"] for vendor in found.json["vendors"]}
    assert (await scene.book(vendor=scene.other.id)).status == 201


async def test_what_is_missing_is_named(scene: Scene) -> None:
    """An incomplete application is not handed in; the answer names fields and documents."""
    made = await scene.api.post(ALL, json={}, token=scene.other.token)
    assert made.json["is_complete"] is False
    refused = await submit(scene, made.json)
    assert refused.status == 400
    assert {"services", "phone", "documents.identity"} <= set(refused.json["details"])
    changed = await scene.api.patch(f"{ALL}{made.json['id']}/", json=told(scene), token=scene.other.token)
    assert changed.json["primary_service_category"] == "Appliance"
    assert (await submit(scene, made.json)).json["details"].keys() == {
        "documents.identity",
        "documents.address",
    }


async def test_one_at_a_time(scene: Scene) -> None:
    """Ten begun at once are one; after a rejection there may be another."""
    answers = await asyncio.gather(
        *(scene.api.post(ALL, json=told(scene), token=scene.other.token) for _ in range(10))
    )
    assert sorted(answer.status for answer in answers) == [201] + [409] * 9
    (mine,) = (await scene.api.get(ALL, token=scene.other.token)).json["results"]
    for kind in ("identity", "address"):
        path = f"{ALL}{mine['id']}/documents/"
        await post_form(scene.api, path, scene.other, {"document_type": kind}, file=("a.pdf", PDF))
    await submit(scene, mine)
    assert (await review(scene, mine, decision="reject", notes="Unreadable")).json["status"] == "rejected"
    await begun(scene)


async def test_decided_once(scene: Scene) -> None:
    """Of ten reviews at once one counts; an approved one cannot be rejected."""
    application = await begun(scene)
    await submit(scene, application)
    answers = await asyncio.gather(*(review(scene, application) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 9
    assert (await review(scene, application, decision="reject")).status == 409


async def test_who_may(scene: Scene) -> None:
    """Others neither see nor change it; only onboard managers and super admins decide."""
    application = await begun(scene)
    one = f"{ALL}{application['id']}/"
    for account, status in ((scene.customer, 404), (scene.vendor, 404), (scene.ops, 403)):
        assert (await scene.api.get(one, token=account.token)).status == status
    assert (await scene.api.get(one, token=scene.onboarder.token)).status == 200
    assert (await scene.api.patch(one, json={"bio": "x"}, token=scene.customer.token)).status == 404
    await submit(scene, application)
    for account, status in ((scene.other, 403), (scene.ops, 403), (scene.vendor, 403)):
        assert (await review(scene, application, account)).status == status
    assert (await scene.api.get(ALL, token=scene.customer.token)).json["count"] == 0
    listed = await scene.api.get(ALL, token=scene.admin.token, status="submitted")
    assert listed.json["count"] == 1


async def test_a_phone_of_another_account(scene: Scene) -> None:
    """Two applicants with one phone: the second approval is a conflict that says so, and nothing changes."""
    for account, status in ((scene.other, 200), (scene.customer, 409)):
        application = await begun(scene, account)
        await submit(scene, application, account)
        assert (await review(scene, application)).status == status
    user = await scene.api.market.stores.users.get(scene.customer.id)
    assert user is not None and user.role == "customer"


async def test_documents_are_private(scene: Scene) -> None:
    """A document is read by its applicant and reviewers alone, and goes when it is removed."""
    application = await begun(scene)
    shown = (await scene.api.get(f"{ALL}{application['id']}/", token=scene.other.token)).json
    document = shown["documents"][0]

    async def fetch(account: Account) -> int:
        headers = {"Authorization": f"Bearer {account.token}"}
        answer = await AsyncHTTPClient().fetch(document["file"], headers=headers, raise_error=False)
        return answer.code

    assert [await fetch(one) for one in (scene.other, scene.onboarder)] == [200, 200]
    assert [await fetch(one) for one in (scene.customer, scene.vendor, scene.ops)] == [404] * 3
    path = f"{ALL}{application['id']}/documents/{document['id']}/"
    assert (await scene.api.delete(path, token=scene.customer.token)).status == 404
    assert (await scene.api.delete(path, token=scene.other.token)).status == 204
    assert await fetch(scene.other) == 404


async def test_a_vendor_applies_for_more(scene: Scene) -> None:
    """A vendor's application adds services, and keeps them signed in."""
    application = await begun(scene, scene.vendor, services=[scene.foreign.id])
    assert application["application_type"] == "new_service"
    await submit(scene, application, scene.vendor)
    await review(scene, application)
    user = await scene.api.market.stores.users.get(scene.vendor.id)
    assert user is not None and set(user.skills) == {scene.service.id, scene.short.id, scene.foreign.id}
    assert (await scene.api.get("/api/bookings/", token=scene.vendor.token)).status == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"services": [999]},
        {"pincode": "999999"},
        {"status": "approved"},
        {"role": "super_admin"},
        {"services": {"$in": [1]}},
        {"phone": "call me"},
        {"experience_years": 500},
    ],
)
async def test_nobody_gives_themselves_power(scene: Scene, changes: dict[str, Any]) -> None:
    """Unknown services and places, and fields that are not the applicant's, are refused."""
    answer = await scene.api.post(ALL, json=told(scene) | changes, token=scene.other.token)
    assert answer.status in (400, 404)
    assert (await scene.api.get(ALL, token=scene.other.token)).json["count"] == 0
