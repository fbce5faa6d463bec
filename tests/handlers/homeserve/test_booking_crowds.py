"""Many who write one booking at the same moment, over real connections: nobody is turned away as overload."""

import asyncio
from collections import Counter

import pytest

from tests.handlers.homeserve.scene import Scene

CROWD = 50


@pytest.mark.parametrize("is_keyed", [False, True])
async def test_of_fifty_who_make_one_move_one_makes_it(scene: Scene, is_keyed: bool) -> None:
    """The others are told that it has been made, whether or not each call has an Idempotency-Key."""
    booking = (await scene.book(vendor=scene.vendor.id)).json
    path = f"/api/bookings/{booking['id']}/accept_booking/"
    keys = [{"Idempotency-Key": f"tap {number}"} if is_keyed else {} for number in range(CROWD)]
    replies = await asyncio.gather(
        *(scene.api.post(path, token=scene.vendor.token, headers=key) for key in keys)
    )
    assert Counter(reply.status for reply in replies) == {200: 1, 409: CROWD - 1}
    kept = await scene.api.market.stores.bookings.get(booking["id"])
    assert kept is not None and (kept.state, kept.revision) == ("confirmed", 1)


async def test_of_fifty_vendors_one_takes_an_open_booking(scene: Scene) -> None:
    """Whoever still saw it open is told that it is taken; to whoever came later it does not exist."""
    vendors = [await scene.make_vendor(f"rival{number}") for number in range(CROWD)]
    booking = (await scene.book()).json
    path = f"/api/bookings/{booking['id']}/accept_booking/"
    replies = await asyncio.gather(*(scene.api.post(path, token=vendor.token) for vendor in vendors))
    counted = Counter(reply.status for reply in replies)
    assert counted[200] == 1 and counted.keys() <= {200, 404, 409}


async def test_of_fifty_changes_of_one_booking_none_is_lost(scene: Scene) -> None:
    """Both sides write their notes over and over; each is kept, one after the other."""
    booking = await scene.confirmed()
    before = await scene.api.market.stores.bookings.get(booking["id"])
    sides = [(scene.customer, "customer_notes"), (scene.vendor, "vendor_notes")]
    replies = await asyncio.gather(
        *(
            scene.api.patch(f"/api/bookings/{booking['id']}/", json={field: f"{n}"}, token=side.token)
            for n in range(CROWD // 2)
            for side, field in sides
        )
    )
    assert Counter(reply.status for reply in replies) == {200: CROWD}
    after = await scene.api.market.stores.bookings.get(booking["id"])
    assert before is not None and after is not None
    assert after.revision == before.revision + CROWD
    assert after.customer_notes and after.provider_notes
