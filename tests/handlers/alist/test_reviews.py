"""A-List's reviews over HTTP and socket: clients alone, once, verified with a finished appointment."""

import asyncio
from typing import Any

import pytest

from tests.handlers.alist.documented import documented, is_refused
from tests.handlers.alist.people import People
from tests.handlers.alist.shops import PROFILES, open_shop, reviews_of
from tests.handlers.alist.test_profiles import SHOWN
from tests.handlers.client import heard
from tests.handlers.homeserve.documented import fits

TOLD = documented("create_review").request


async def test_a_review_is_made_and_shown_as_documented(people: People) -> None:
    """The document's body is enough; list and profile show what the answer showed, and the mean."""
    await open_shop(people)
    made = await people.api.post(reviews_of(people.pro), json=TOLD, token=people.client.token)
    assert made.status == 201, made.json
    fits(SHOWN["reviews"][0], made.json)
    assert made.json["client"] == {"id": people.client.id, "name": "John Client"}
    assert (made.json["is_verified"], made.json["comment"]) == (False, TOLD["comment"])
    listed = await people.api.get(reviews_of(people.pro))
    assert listed.json == {"count": 1, "next": None, "previous": None, "results": [made.json]}
    other = {"rating": 2}
    await people.api.post(reviews_of(people.pro), json=other, token=people.other_client.token)
    profile = (await people.api.get(f"{PROFILES}{people.pro.id}/")).json
    assert (profile["average_rating"], profile["total_reviews"]) == (3.5, 2)
    assert [one["rating"] for one in profile["reviews"]] == [2, 5]


async def test_only_clients_review(people: People) -> None:
    """Everybody else is a 403, a stranger a 401."""
    await open_shop(people)
    for who in (people.pro, people.other_pro, people.crew, people.admin):
        assert is_refused(await people.api.post(reviews_of(people.pro), json=TOLD, token=who.token), 403)
    assert is_refused(await people.api.post(reviews_of(people.pro), json=TOLD), 401)
    assert (await people.api.get(reviews_of(people.pro))).json["count"] == 0


async def test_once_is_enough(people: People) -> None:
    """Of several at once one is a 201, the others a 409, which change no rating."""
    await open_shop(people)
    sent = await asyncio.gather(
        *(people.api.post(reviews_of(people.pro), json=TOLD, token=people.client.token) for _ in range(4))
    )
    assert sorted(one.status for one in sent) == [201, 409, 409, 409]
    assert all(is_refused(one, 409) for one in sent if one.status == 409)
    profile = (await people.api.get(f"{PROFILES}{people.pro.id}/")).json
    assert (profile["average_rating"], profile["total_reviews"]) == (5, 1)


async def test_who_has_no_profile_is_not_reviewed(people: People) -> None:
    """A professional without a profile, a client and nobody at all are a 404."""
    for id in (people.pro.id, people.client.id, 999_999):
        path = f"{PROFILES}{id}/reviews/"
        assert is_refused(await people.api.post(path, json=TOLD, token=people.client.token), 404)
        assert is_refused(await people.api.get(path), 404)


async def test_a_finished_appointment_verifies(people: People) -> None:
    """Who had an appointment that was completed reviews as a verified client; who asked for one does not."""
    await open_shop(people)
    for who, states in ((people.client, ("CONFIRMED", "COMPLETED")), (people.other_client, ())):
        made = (await people.ask(who, start_time=f"{10 + len(states)}:00:00", end_time="13:00:00")).json
        for state in states:
            assert (await people.change(people.pro, made["id"], status=state)).status == 200
    for who, is_verified in ((people.client, True), (people.other_client, False)):
        review = await people.api.post(reviews_of(people.pro), json=TOLD, token=who.token)
        assert review.json["is_verified"] is is_verified


async def test_an_appointment_that_is_finished_later_verifies_too(people: People) -> None:
    """Who says it before the contractor has closed the appointment is verified once that is done."""
    await open_shop(people)
    asked = (await people.ask()).json
    await people.change(people.pro, asked["id"], status="CONFIRMED")
    for who in (people.client, people.other_client):
        sent = await people.api.post(reviews_of(people.pro), json=TOLD, token=who.token)
        assert sent.json["is_verified"] is False
    await people.change(people.pro, asked["id"], status="COMPLETED")
    shown = (await people.api.get(reviews_of(people.pro))).json["results"]
    assert [(one["client"]["id"], one["is_verified"]) for one in shown] == [
        (people.other_client.id, False),
        (people.client.id, True),
    ]
    profile = (await people.api.get(f"{PROFILES}{people.pro.id}/")).json
    assert profile["reviews"] == shown


async def test_reviewed_in_the_moment_of_completion_is_verified(people: People) -> None:
    """Whichever of the two is first, the review ends up verified and both are counted."""
    await open_shop(people)
    asked = (await people.ask()).json
    await people.change(people.pro, asked["id"], status="CONFIRMED")
    await asyncio.gather(
        people.api.post(reviews_of(people.pro), json=TOLD, token=people.client.token),
        people.change(people.pro, asked["id"], status="COMPLETED"),
    )
    (shown,) = (await people.api.get(reviews_of(people.pro))).json["results"]
    assert shown["is_verified"] is True
    owner = await people.api.market.stores.users.get(people.pro.id)
    assert owner is not None
    assert (owner.completed_jobs, owner.rating_count) == (1, 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "rating"),
        ({"rating": 0}, "rating"),
        ({"rating": 6}, "rating"),
        ({"rating": 4.5}, "rating"),
        ({"rating": "five"}, "rating"),
        ({"rating": 5, "comment": "x" * 2001}, "comment"),
        ({"rating": 5, "comment": None}, "comment"),
    ],
)
async def test_bad_fields_are_named(people: People, body: dict[str, Any], field: str) -> None:
    """A value that cannot be is a 400 that names its field, and nothing counts."""
    await open_shop(people)
    refused = await people.api.post(reviews_of(people.pro), json=body, token=people.client.token)
    assert is_refused(refused, 400, field)
    assert (await people.api.get(reviews_of(people.pro))).json["count"] == 0


async def test_verification_is_not_theirs_to_say(people: People) -> None:
    """Other people's ids, verification and dates in a body have no effect."""
    await open_shop(people)
    tricks = {"id": 999, "is_verified": True, "client": people.other_client.id, "created_at": "2001-01-01"}
    made = await people.api.post(reviews_of(people.pro), json={**TOLD, **tricks}, token=people.client.token)
    assert (made.status, made.json["is_verified"], made.json["client"]["id"]) == (
        201,
        False,
        people.client.id,
    )


async def test_the_contractor_hears_of_it(people: People) -> None:
    """`notification.new` comes at once, with the review as its list shows it."""
    await open_shop(people)
    socket = await people.api.listen("/ws/notifications/", people.pro.token)
    made = await people.api.post(reviews_of(people.pro), json=TOLD, token=people.client.token)
    told = (await heard(socket, "notification.new"))["data"]
    assert told["type"] == "review_received"
    assert told["review"].keys() == made.json.keys()
    assert {**told["review"], "created_at": ""} == {**made.json, "created_at": ""}


async def test_pages(people: People) -> None:
    """Ten a page, newest first, as everybody may read them; the profile shows the first page's."""
    await open_shop(people)
    for number in range(11):
        author = await people.api.account(f"author{number}", "client")
        body = {"rating": 4, "comment": str(number)}
        await people.api.post(reviews_of(people.pro), json=body, token=author.token)
    first = (await people.api.get(reviews_of(people.pro))).json
    assert [one["comment"] for one in first["results"]] == [str(number) for number in range(10, 0, -1)]
    assert first["next"].endswith("page=2")
    second = (await people.api.get(reviews_of(people.pro), page=2)).json
    assert [one["comment"] for one in second["results"]] == ["0"]
    assert is_refused(await people.api.get(reviews_of(people.pro), page=3), 404)
    profile = (await people.api.get(f"{PROFILES}{people.pro.id}/")).json
    assert (profile["reviews"], profile["total_reviews"]) == (first["results"], 11)


async def test_authors_change_and_take_back_their_own(people: People) -> None:
    """The mean follows; taken back, it may be said anew. To other clients it is a 404, to others a 403."""
    await open_shop(people)
    made = (await people.api.post(reviews_of(people.pro), json=TOLD, token=people.client.token)).json
    one = f"{reviews_of(people.pro)}{made['id']}/"
    assert (await people.api.get(one)).json == made
    for who, status in ((people.other_client, 404), (people.pro, 403), (people.admin, 403)):
        assert is_refused(await people.api.patch(one, json={"rating": 1}, token=who.token), status)
    for who, status in ((people.other_client, 404), (people.pro, 403), (people.crew, 403)):
        assert is_refused(await people.api.delete(one, token=who.token), status)
    assert is_refused(
        await people.api.patch(one, json={"rating": 6}, token=people.client.token), 400, "rating"
    )
    assert is_refused(await people.api.patch(one, json={"rating": 1}), 401)
    changed = await people.api.patch(one, json={"rating": 2, "is_verified": True}, token=people.client.token)
    assert (changed.status, changed.json) == (200, {**made, "rating": 2})
    profile = f"{PROFILES}{people.pro.id}/"
    shown = (await people.api.get(profile)).json
    assert (shown["average_rating"], shown["total_reviews"], shown["reviews"]) == (2, 1, [changed.json])
    assert is_refused(await people.api.get(f"{reviews_of(people.other_pro)}{made['id']}/"), 404)
    assert (await people.api.delete(one, token=people.client.token)).status == 204
    assert is_refused(await people.api.delete(one, token=people.client.token), 404)
    shown = (await people.api.get(profile)).json
    assert (shown["average_rating"], shown["total_reviews"], shown["reviews"]) == (0, 0, [])
    again = await people.api.post(reviews_of(people.pro), json=TOLD, token=people.client.token)
    assert again.status == 201
    one = f"{reviews_of(people.pro)}{again.json['id']}/"
    assert (await people.api.delete(one, token=people.admin.token)).status == 204
