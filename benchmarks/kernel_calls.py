"""Every kernel once, on fixed inputs, for whoever counts its instructions (`instructions.py`)."""

import numpy as np

from engine import pricing, routing, slots, slots_many, travel
from engine.routing import Problem, Stop

MODEL = travel.TravelModel(1.35, (24.0,) * 168, 32.0, 6.0)
SURGE = pricing.SurgePolicy(
    (1.0, 1.1) * 84,
    ((0.2, 0.9), (0.6, 1.0), (1.0, 1.3), (2.0, 1.6)),
    ((0.0, 1.3), (0.3, 1.1), (0.6, 1.0)),
    0.9,
    2.0,
    ((0.0, "normal"),),
)


def day(stops: int) -> Problem:
    rng = np.random.default_rng(stops)
    points = rng.integers(0, 40, (stops + 1, 2))
    legs = np.ceil(np.hypot(*(points[:, None, axis] - points[:, axis] for axis in (0, 1)))).astype(int)
    opens = rng.integers(480, 840, stops).tolist()
    return Problem(legs, tuple(Stop(360 // stops, one, one + 360) for one in opens), 480, 1260)


def main() -> None:
    rng = np.random.default_rng(1)
    lats, lngs = 28.4 + rng.random(300) * 0.4, 77.0 + rng.random(300) * 0.4
    travel.matrix(lats, lngs, MODEL, 34)
    travel.one_to_many((28.6, 77.2), lats, lngs, MODEL, 34)
    hours, booked = rng.integers(0, 168, 20_000), rng.integers(0, 30, 20_000)
    pricing.quotes(SURGE, 50_000, hours, booked, 12, rng.integers(0, 12, 20_000), 12)
    held = (slots.Held(600, 660, 15, 15, 28.62, 77.22), slots.Held(840, 930, 15, 15, 28.6, 77.2))
    request = slots.Request(28.63, 77.2, 60, 15, 15)
    slots.find(slots.Day(540, 1080, 28.61, 77.21, held), request, MODEL, 2)
    days = [
        slots.Day(540, 1080, lat, lng, held[: index % 3])
        for index, (lat, lng) in enumerate(zip(lats, lngs, strict=True))
    ]
    slots_many.find_many(slots_many.gather(days, MODEL, 2), request)
    network = routing._network(day(12))
    search = routing._search_kernel.Search(*network, np.arange(12, dtype=np.int32), 1)
    search.run(60)
    known = routing.evaluate(day(12), search.order)
    assert known.feasible
    routing._kernel.solve(*network, known.travel_minutes, routing.MOST_LABELS)


if __name__ == "__main__":
    main()
