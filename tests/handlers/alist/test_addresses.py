"""A-List's addresses over HTTP."""

from tests.handlers.alist.documented import is_refused
from tests.handlers.alist.people import People

PATH = "/api/users/addresses/"
HOME = {
    "street_address": "123 Main St",
    "city": "Springfield",
    "state": "IL",
    "zip_code": "62701",
    "country": "USA",
}


async def test_everybody_keeps_addresses_one_of_them_primary(people: People) -> None:
    """The first is the primary one until another becomes it; changes keep what was not sent."""
    first = await people.api.post(PATH, json=HOME, token=people.client.token)
    assert first.status == 201
    assert {name: first.json[name] for name in HOME} == HOME
    assert first.json["is_primary"] is True
    other = {**HOME, "street_address": "9 Elm St", "is_primary": True}
    second = (await people.api.post(PATH, json=other, token=people.client.token)).json
    found = await people.api.get(PATH, token=people.client.token, is_primary="true")
    assert found.json["results"] == [second]
    changed = await people.api.patch(
        f"{PATH}{first.json['id']}/", json={"city": "X"}, token=people.client.token
    )
    assert {**changed.json, "updated_at": ""} == {
        **first.json,
        "city": "X",
        "is_primary": False,
        "updated_at": "",
    }
    assert (await people.api.delete(f"{PATH}{second['id']}/", token=people.client.token)).status == 204
    assert (await people.api.get(PATH, token=people.client.token)).json["count"] == 1


async def test_addresses_are_their_owner_s_alone(people: People) -> None:
    """Admins see none either, and another's is a 404."""
    made = (await people.api.post(PATH, json=HOME, token=people.crew.token)).json
    for other in (people.client, people.pro, people.admin):
        assert (await people.api.get(PATH, token=other.token)).json["count"] == 0
        for reply in (
            await people.api.patch(f"{PATH}{made['id']}/", json={"city": "X"}, token=other.token),
            await people.api.delete(f"{PATH}{made['id']}/", token=other.token),
        ):
            assert is_refused(reply, 404)
    assert is_refused(await people.api.get(PATH), 401)
    for field in ("street_address", "city", "zip_code"):
        assert is_refused(
            await people.api.post(PATH, json={**HOME, field: " "}, token=people.crew.token), 400, field
        )


async def test_one_address_is_read_by_its_owner(people: People) -> None:
    """As the list shows it; anybody else finds nothing."""
    made = (await people.api.post(PATH, json=HOME, token=people.client.token)).json
    one = f"{PATH}{made['id']}/"
    assert (await people.api.get(one, token=people.client.token)).json == made
    for who in (people.other_client, people.admin):
        assert is_refused(await people.api.get(one, token=who.token), 404)
    assert is_refused(await people.api.get(one), 401)
