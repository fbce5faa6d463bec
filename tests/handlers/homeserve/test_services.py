"""The catalogue over HTTP."""

from tests.handlers.homeserve.documented import documented
from tests.handlers.homeserve.scene import Scene, shape

SERVICES = "/api/services/"


async def test_the_list_is_as_documented(scene: Scene) -> None:
    """A page has the documented fields and types; prices are text with two decimals."""
    reply = await scene.api.get(SERVICES, token=scene.customer.token)
    example = documented("list_services")
    assert reply.status == example.status
    assert shape(reply.json) == example.page_shape()
    assert [one["name"] for one in reply.json["results"]] == ["AC Repair", "Tap Repair", "Painting"]
    assert reply.json["results"][0]["base_price"] == "500.00"


async def test_a_category_narrows_the_list(scene: Scene) -> None:
    """Only services of the category are listed; one that nobody offers is an empty list."""
    for category, names in (("Plumbing", ["Tap Repair"]), ("Magic", []), ("{$ne: 1}", [])):
        reply = await scene.api.get(SERVICES, token=scene.customer.token, category=category)
        assert [one["name"] for one in reply.json["results"]] == names
        assert reply.json["count"] == len(names)


async def test_details_are_as_documented(scene: Scene) -> None:
    """One service has the documented fields and types."""
    reply = await scene.api.get(f"{SERVICES}{scene.service.id}/", token=scene.customer.token)
    example = documented("get_service")
    assert (reply.status, shape(reply.json)) == (example.status, shape(example.response))
    assert (reply.json["id"], reply.json["duration_minutes"]) == (scene.service.id, 120)


async def test_every_role_reads_and_strangers_do_not(scene: Scene) -> None:
    """List and details are for everybody who is signed in."""
    for path in (SERVICES, f"{SERVICES}{scene.short.id}/"):
        for account in (scene.customer, scene.vendor, scene.ops, scene.admin, scene.onboarder):
            assert (await scene.api.get(path, token=account.token)).status == 200
        assert (await scene.api.get(path)).status == 401
    assert (await scene.api.post(SERVICES, json={}, token=scene.admin.token)).status == 405


async def test_a_retired_service_is_not_shown(scene: Scene) -> None:
    """An inactive service is neither listed nor found."""
    await scene.api.market.stores.services.change(scene.short.id, {"is_active": False})
    listed = await scene.api.get(SERVICES, token=scene.ops.token)
    assert listed.json["count"] == 2
    reply = await scene.api.get(f"{SERVICES}{scene.short.id}/", token=scene.customer.token)
    assert (reply.status, reply.json) == (404, {"error": "Service not found"})


async def test_what_is_no_service_is_not_found(scene: Scene) -> None:
    """Unknown, huge and unreadable ids are a 404, bad pages a 400 or 404."""
    for id in ("999999", "0", "-1", "abc", "9" * 40, "1%00", "%24ne"):
        assert (await scene.api.get(f"{SERVICES}{id}/", token=scene.customer.token)).status == 404
    for page, status in (("0", 400), ("x", 400), ("1e9", 400), ("99", 404)):
        reply = await scene.api.get(SERVICES, token=scene.customer.token, page=page)
        assert (reply.status, "page" in reply.json["error"]) == (status, True)
