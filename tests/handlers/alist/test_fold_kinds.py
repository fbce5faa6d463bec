"""State before + events = state fetched afresh, for every kind of thing that A-List's sockets show."""

import asyncio
from dataclasses import replace

from handlers.alist.updates import ROWS
from server.domain.payments import PaymentState
from tests.faces.folding import Cut, check
from tests.handlers.alist.histories import ADDRESSES, ME, NOTIFICATIONS, SLOTS, AListView
from tests.handlers.alist.paying import PAYMENTS
from tests.handlers.alist.people import People
from tests.handlers.alist.shops import PORTFOLIO, SERVICES, open_shop, reviews_of, send_form
from tests.handlers.alist.test_messaging import CONVERSATIONS
from tests.handlers.homeserve.forms import picture


async def settings(people: People) -> None:
    """Two addresses, of which the second becomes the primary one and the first goes; hours as well."""
    api = people.api
    body = {"street_address": "1 Main St", "city": "Springfield", "zip_code": "62701"}
    first = await api.post(ADDRESSES, json=body, token=people.client.token)
    second = await api.post(ADDRESSES, json={**body, "is_primary": True}, token=people.client.token)
    removed = await api.delete(f"{ADDRESSES}{first.json['id']}/", token=people.client.token)
    assert (second.status, removed.status) == (201, 204)
    hours = {"day_of_week": 1, "start_time": "09:00:00", "end_time": "17:00:00"}
    slot = await api.post(SLOTS, json=hours, token=people.pro.token)
    removed = await api.delete(f"{SLOTS}{slot.json['id']}/", token=people.pro.token)
    assert (slot.status, removed.status) == (201, 204)


async def shop(people: People) -> None:
    """A business shows work, is reviewed before a job is finished and can be paid then; some goes again."""
    api, pro = people.api, people.pro
    asked = (await people.ask()).json
    review = {"rating": 4, "comment": "Fine"}
    assert (await api.post(reviews_of(pro), json=review, token=people.client.token)).status == 201
    taken_back = await api.post(reviews_of(pro), json=review, token=people.other_client.token)
    one = f"{reviews_of(pro)}{taken_back.json['id']}/"
    assert (await api.patch(one, json={"rating": 1}, token=people.other_client.token)).status == 200
    assert (await api.delete(one, token=people.other_client.token)).status == 204
    category = f"{SERVICES}{people.category_id}/"
    assert (await api.patch(category, json={"name": "Pipes"}, token=people.admin.token)).status == 200
    image = ("kitchen.jpg", picture(8, 8))
    items = [await send_form(api, "POST", PORTFOLIO, pro, {"title": "One"}, image=image) for _ in range(2)]
    removed = await api.delete(f"{PORTFOLIO}{items[0].json['id']}/", token=people.admin.token)
    assert removed.status == 204
    renamed = await api.patch(f"{PORTFOLIO}{items[1].json['id']}/", json={"title": "Two"}, token=pro.token)
    assert renamed.status == 200
    for status in ("CONFIRMED", "COMPLETED"):
        assert (await people.change(pro, asked["id"], status=status)).status == 200
    await api.post(f"{PAYMENTS}onboard/", token=pro.token)
    assert (await api.get(f"{PAYMENTS}status/", token=pro.token)).json["onboarding_complete"]


async def till(people: People) -> None:
    """A payment that fails, and one that is made and given back."""
    market = people.api.market
    wish = {"alistpro_id": people.pro.id, "amount": "150.00", "description": "A tap"}
    for _ in range(2):
        paid = await people.api.post(f"{PAYMENTS}create/", json=wish, token=people.client.token)
        assert paid.status == 200, paid.json
    first, second = await market.stores.payments.find({"status": "pending"})
    failed = replace(first, status=PaymentState.FAILED)
    await market.database.together(lambda: market.hearing._fail(first, failed))
    done = await market.database.together(lambda: market.payments.complete(None, second, second.kind, "ch_1"))
    await market.database.together(
        lambda: market.payments.give_back(done, done.amount_minor, "all", promised_minor=0)
    )


async def talk(people: People) -> None:
    """A conversation of three, of whom one reads a part, one all, and one is called otherwise then."""
    api = people.api
    body = {"participants": [people.pro.id, people.crew.id], "title": "The kitchen"}
    room = (await api.post(CONVERSATIONS, json=body, token=people.client.token)).json
    path = f"{CONVERSATIONS}{room['id']}/messages/"
    for who in (people.client, people.pro, people.client):
        assert (await api.post(path, json={"content": "Hello"}, token=who.token)).status == 201
    await api.get(path, token=people.crew.token, page_size=2)
    await api.get(path, token=people.pro.token)
    assert (await api.patch(ME, json={"name": "Pia Jr."}, token=people.pro.token)).status == 200
    assert (await api.post(path, json={"content": "Bye"}, token=people.pro.token)).status == 201


async def test_what_happens_at_once_is_told_as_it_is_in_the_end(people: People) -> None:
    """Writing, reading, another name, work that is shown and removed, a review: the last tells of all."""
    api, pro = people.api, people.pro
    await open_shop(people)
    body = {"participants": [pro.id], "title": "The kitchen"}
    room = (await api.post(CONVERSATIONS, json=body, token=people.client.token)).json
    path = f"{CONVERSATIONS}{room['id']}/messages/"
    items = [await api.post(PORTFOLIO, json={"title": "Work"}, token=pro.token) for _ in range(3)]
    views = [AListView(people.client), AListView(people.crew), AListView(pro, is_pro=True)]
    cuts = [await Cut.make(api, view) for view in views]
    for number, item in enumerate(items):
        who = (people.client, people.other_client, people.crew)[number]
        name, hello = {"name": f"Pia {number}"}, {"content": "Hello"}
        at_once = [
            api.post(path, json=hello, token=people.client.token),
            api.post(path, json=hello, token=pro.token),
            api.get(path, token=pro.token),
            api.get(path, token=people.client.token),
            api.patch(ME, json=name, token=pro.token),
            api.post(CONVERSATIONS, json={"participants": [pro.id]}, token=people.crew.token),
            api.post(PORTFOLIO, json={"title": "More"}, token=pro.token),
            api.delete(f"{PORTFOLIO}{item.json['id']}/", token=pro.token),
            api.post(reviews_of(pro), json={"rating": 5}, token=who.token),
        ]
        replies = await asyncio.gather(*at_once)
        assert [reply.status for reply in replies[:-1]] == [201, 201, 200, 200, 200, 201, 201, 204]
    await check(api, cuts, views[0])


async def test_every_kind_brings_a_client_up_to_date(people: People) -> None:
    """Who fetched before it all and listened since knows what is fetched then; no kind is left out."""
    views = [AListView(one) for one in (people.client, people.other_client, people.crew)]
    views += [AListView(one, is_pro=True) for one in (people.pro, people.other_pro)]
    await open_shop(people)
    cuts = [await Cut.make(people.api, view) for view in views]
    for story in (shop, till, talk, settings):
        await story(people)
        cuts += [await Cut.make(people.api, view) for view in views]
    told = (await people.api.get(NOTIFICATIONS, token=people.pro.token)).json["results"]
    await people.api.post(f"{NOTIFICATIONS}{told[0]['id']}/read/", token=people.pro.token)
    heard = await check(people.api, cuts, views[0])
    shown = {name for message in heard for name in message.get("state", {})}
    gone = {"gone_portfolio_items", "gone_reviews", "gone_addresses", "gone_availability_slots"}
    assert shown == ROWS.names | gone
