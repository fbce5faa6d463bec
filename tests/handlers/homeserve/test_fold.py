"""State before + events = state fetched afresh: from random points of random histories, for every socket."""

from random import Random

import pytest

from tests.handlers.homeserve.changing import Travel
from tests.handlers.homeserve.fold import booking_of
from tests.handlers.homeserve.histories import History, near, signed_in
from tests.handlers.homeserve.scene import Scene
from tests.handlers.homeserve.watching import Cut, View, all_there, check, settled, views_of

STEPS, CUTS = 80, 24


async def a_view(scene: Scene, history: History, views: list[View], rng: Random) -> View:
    """Give one of the sockets, or one of a booking for somebody who may watch it."""
    if not history.bookings or rng.random() < 0.6:
        return rng.choice(views)
    booking = await booking_of(scene, scene.ops, rng.choice(history.bookings))
    watching = [view for view in views if view.account.id in (booking["customer"], booking["vendor"])]
    chosen = rng.choice([view for view in watching if view.name == "notifications"])
    return View("bookings", chosen.account, chosen.role, booking["id"])


@pytest.mark.parametrize("seed", range(3))
async def test_what_was_known_and_the_events_since_are_what_is_fetched(
    scene: Scene, travel: Travel, seed: int
) -> None:
    """A client that fetched at any moment and listened since knows what one that fetches now is told.

    The third vendor comes and goes as the test listens in their name; the others are there all the time.
    """
    rng = Random(seed)
    others = [await scene.make_vendor(f"vendor{number}", base="110003") for number in (2, 3)]
    scene = await near(scene, travel)
    vendors = [scene.vendor, *[await signed_in(scene, one) for one in others]]
    history, views = History(scene, vendors, rng), views_of(scene, vendors)
    await all_there(scene, [*vendors[:2], scene.customer, scene.other, scene.ops, scene.admin])
    cuts = [await Cut.make(scene, view) for view in views]
    steps = rng.choices(range(STEPS), k=CUTS)
    for step in range(STEPS):
        await history.step()
        chosen = [await a_view(scene, history, views, rng) for _ in range(steps.count(step))]
        cuts += [await Cut.make(scene, view) for view in chosen]
    await all_there(scene, vendors[2:])
    await settled(scene)
    types = {message["type"] for cut in cuts for message in await check(scene, cut)}
    assert {"booking_request", "booking_status_change", "update", "status_update"} <= types
