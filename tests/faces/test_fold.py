"""State before + events = state fetched afresh: from random points of random histories, for every socket."""

from random import Random

import pytest

from tests.faces.cast import Cast
from tests.faces.folding import Cut, all_there, check
from tests.handlers.homeserve.changing import Travel

STEPS, CUTS = 80, 24


@pytest.mark.parametrize("seed", range(3))
async def test_what_was_known_and_the_events_since_are_what_is_fetched(
    cast: Cast, travel: Travel, seed: int
) -> None:
    """A client that fetched at any moment and listened since knows what one that fetches now is told."""
    rng = Random(seed)
    history = await cast.history(rng, travel)
    cuts = [await Cut.make(cast.api, view) for view in history.views]
    steps = rng.choices(range(STEPS), k=CUTS)
    for step in range(STEPS):
        await history.step()
        cuts += [await Cut.make(cast.api, await history.a_view()) for _ in range(steps.count(step))]
    await all_there(cast.api, history.late)
    heard = {message["type"] for message in await check(cast.api, cuts, history.views[0])}
    assert history.types <= heard
