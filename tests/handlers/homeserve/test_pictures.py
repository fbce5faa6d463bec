"""Maps of days and prices: SVG that says what the JSON says, to those who may see that."""

import xml.etree.ElementTree as ElementTree
from typing import Any
from urllib.parse import urlencode

import pytest
from tornado.httpclient import AsyncHTTPClient

from tests.handlers.client import Account
from tests.handlers.homeserve.scene import Scene
from tests.handlers.homeserve.test_day_routes import fill, plan

DAY = "/api/vendor-optimization/map.svg"
PRICES = "/api/dynamic-pricing/map.svg"


async def draw(scene: Scene, path: str, account: Account, **query: object) -> Any:
    """Give the answer with its bytes."""
    headers = {"Authorization": f"Bearer {account.token}"}
    return await AsyncHTTPClient().fetch(f"{scene.api.base_url}{path}?{urlencode(query)}", headers=headers)


def texts(reply: Any) -> list[str]:
    """Give what an SVG says, after checking that it is one and refers to nothing outside."""
    assert reply.headers["Content-Type"] == "image/svg+xml"
    root = ElementTree.fromstring(reply.body)  # noqa: S314 - our own picture
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    links = [value for one in root.iter() for name, value in one.attrib.items() if name.endswith("href")]
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)
    assert not [one for one in root.iter() if one.tag.endswith(("script", "foreignObject"))]
    return ["".join(one.itertext()).strip() for one in root.iter() if one.tag.endswith("text")]


async def test_a_day_is_drawn_with_its_visits(scene: Scene) -> None:
    """Every visit of the JSON is named, in its order; vendor and staff see the same picture."""
    query = {"date": scene.day.isoformat()}
    assert "no visits" in texts(await draw(scene, DAY, scene.vendor, **query))
    await fill(scene)
    own = await draw(scene, DAY, scene.vendor, **query)
    said = texts(own)
    for number, stop in enumerate((await plan(scene))["route"], 1):
        (line,) = [one for one in said if one.startswith(f"{number}. ")]
        assert scene.short.name in line
        assert any(f"{stop['travel_minutes']} min away" in one for one in said)
    theirs = await draw(scene, DAY, scene.ops, vendor_id=scene.vendor.id, **query)
    assert theirs.body == own.body


async def test_prices_are_drawn_by_pincode_and_hour(scene: Scene) -> None:
    """Rows are pincodes, and the multiplier that a quote has in that hour is in the map."""
    query = {"service_id": scene.service.id, "pincode": "110001", "date": scene.day.isoformat()}
    said = texts(await draw(scene, PRICES, scene.ops, **query))
    assert any(one.startswith("110001 ") for one in said)
    quoted = await scene.api.get(
        "/api/dynamic-pricing/",
        token=scene.customer.token,
        service_id=scene.service.id,
        pincode="110001",
        scheduled_datetime=scene.at(10),
    )
    assert f"{quoted.json['pricing']['surge_multiplier']:.2f}" in said


@pytest.mark.parametrize("who", ["customer", "onboarder"])
async def test_pictures_are_for_those_who_see_the_figures(scene: Scene, who: str) -> None:
    """Customers see neither; a vendor not another's day, nor the prices of a neighbourhood."""
    token = getattr(scene, who).token
    query = {"service_id": scene.service.id, "pincode": "110001", "date": scene.day.isoformat()}
    assert (await scene.api.get(DAY, token=token, date=scene.day.isoformat())).status == 403
    assert (await scene.api.get(PRICES, token=token, **query)).status == 403
    other = await scene.make_vendor("vendor2")
    refused = await scene.api.get(
        DAY, token=other.token, date=scene.day.isoformat(), vendor_id=scene.vendor.id
    )
    assert refused.status == 400
    assert (await scene.api.get(PRICES, token=scene.vendor.token, **query)).status == 403
    assert (await scene.api.get(DAY, date=scene.day.isoformat())).status == 401
    past = await scene.api.get(PRICES, token=scene.ops.token, **{**query, "date": "2020-01-01"})
    assert past.status == 400
