"""One day under one policy.

Time goes by in ticks. At a tick the engine prices every pincode and hour from what is booked and who is
free; whoever makes a wish in it sees that price and goes away if it is too high. Of the vendors who could
come, as the engine's slots say, the dispatch policy takes one, or the wish is lost. A booking may be called
off later, and its time is free again.
"""

from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from engine import pricing, slots, slots_many
from engine.simulate.city import SERVICES, TRAVEL, City
from engine.simulate.demand import Wishes
from engine.simulate.policies import Dispatch, Offers

TICK_MINUTES = 30
BUFFER_MINUTES = 10
MOST_ASKED = 12
"""Vendors asked for a wish, the nearest first: nobody scans a city for a tap."""

CUSTOMER_CANCELS, VENDOR_CANCELS = 0.05, 0.02
"""Shares of bookings called off; a customer's doubles with every hour that they have to wait."""


class Outcome(IntEnum):
    TOO_DEAR = 0
    NO_VENDOR = 1
    SERVED = 2
    CANCELLED_BY_CUSTOMER = 3
    CANCELLED_BY_VENDOR = 4


@dataclass(frozen=True)
class Day:
    """What came of n wishes, (n,) each.

    price    : minor units that were asked for
    surge    : multiplier that was seen
    start    : minute at which the service begins, -1 without a booking
    vendor   : who serves, -1 without a booking
    surges   : (p, 24) mean multiplier over the day's ticks and the services that somebody performs there;
               NaN where nobody works
    busy     : (v, 24) visits that a vendor has in an hour
    """

    outcome: NDArray[np.int64]
    price: NDArray[np.int64]
    surge: NDArray[np.float64]
    start: NDArray[np.int64]
    vendor: NDArray[np.int64]
    surges: NDArray[np.float64]
    busy: NDArray[np.float64]
    travel_minutes: float


class _World:
    """The state of a day."""

    def __init__(self, city: City, weekday: int, wishes: Wishes, policy: pricing.SurgePolicy) -> None:
        self.city, self.weekday, self.wishes, self.policy = city, weekday, wishes, policy
        self.held: list[list[slots.Held]] = [[] for _ in city.homes]
        self.works, self.near = city.works(), city.near()
        self.duty = city.supply(self.works)
        self.booked = np.zeros((len(city.lats), 24))
        self.taken = np.zeros((len(city.homes), 24))
        self.cancels: defaultdict[int, list[tuple[int, int, slots.Held]]] = defaultdict(list)

    def surges(self) -> NDArray[np.float64]:
        """Give (services, p, 24): the multipliers as the marketplace would quote them now.

        It counts every booking that begins near, and the providers of the service who are on duty.
        """
        free = self.city.supply(self.works * (self.taken == 0))
        booked = np.broadcast_to(self.near @ self.booked, self.duty.shape)
        hours = self.weekday * 24 + np.arange(24)
        return pricing.grid(self.policy, hours, booked, self.duty, free, self.duty)

    def shown(self, surges: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give (p, 24): the mean over the services that somebody performs, NaN where there is none."""
        offered = self.duty > 0
        count = offered.sum(axis=0)
        return np.where(count > 0, (surges * offered).sum(axis=0) / np.maximum(count, 1), np.nan)

    def offers(self, wish: int) -> tuple[NDArray[np.int64], Offers] | None:
        """Ask the nearest able vendors for a wish."""
        wishes, city = self.wishes, self.city
        pincode, service = int(wishes.pincode[wish]), int(wishes.service[wish])
        able = city.candidates(pincode, service)
        if not len(able):
            return None
        away = np.hypot(
            city.lats[city.homes[able]] - city.lats[pincode], city.lngs[city.homes[able]] - city.lngs[pincode]
        )
        able = able[np.argsort(away, kind="stable")[:MOST_ASKED]]
        days = [self._day(int(vendor)) for vendor in able]
        request = slots.Request(
            city.lats[pincode],
            city.lngs[pincode],
            SERVICES[service][2],
            BUFFER_MINUTES,
            BUFFER_MINUTES,
            earliest=int(wishes.wanted[wish]),
            preferred=int(wishes.wanted[wish]),
        )
        best = slots_many.find_many(slots_many.gather(days, TRAVEL, self.weekday), request)
        load = np.array([len(day.held) for day in days])
        return able, Offers(best.first, best.start, best.score, np.sort(away)[: len(able)], load)

    def _day(self, vendor: int) -> slots.Day:
        home, (start, end) = self.city.homes[vendor], self.city.shifts[vendor]
        held = tuple(self.held[vendor])
        return slots.Day(int(start), int(end), float(self.city.lats[home]), float(self.city.lngs[home]), held)

    def book(self, wish: int, vendor: int, start: int) -> slots.Held:
        pincode, minutes = int(self.wishes.pincode[wish]), SERVICES[int(self.wishes.service[wish])][2]
        held = slots.Held(
            start,
            start + minutes,
            BUFFER_MINUTES,
            BUFFER_MINUTES,
            float(self.city.lats[pincode]),
            float(self.city.lngs[pincode]),
        )
        self.held[vendor] = sorted([*self.held[vendor], held], key=lambda one: one.start)
        self._count(wish, vendor, held, 1.0)
        return held

    def free(self, wish: int, vendor: int, held: slots.Held) -> None:
        self.held[vendor].remove(held)
        self._count(wish, vendor, held, -1.0)

    def _count(self, wish: int, vendor: int, held: slots.Held, sign: float) -> None:
        hours = slice(held.start // 60, min(23, (held.end - 1) // 60) + 1)
        self.booked[int(self.wishes.pincode[wish]), min(23, held.start // 60)] += sign
        self.taken[vendor, hours] += sign

    def travelled(self) -> float:
        """Give everybody's minutes of travel, home to home."""
        out = [vendor for vendor, held in enumerate(self.held) if held]
        return float(sum(sum(self._day(vendor).direct_legs(TRAVEL, self.weekday)) for vendor in out))


def run(city: City, day: int, wishes: Wishes, policy: pricing.SurgePolicy, dispatch: Dispatch) -> Day:
    """Give a day; `day` 0 is a Monday."""
    world, count = _World(city, day % 7, wishes, policy), len(wishes.made)
    outcome = np.full(count, Outcome.NO_VENDOR, np.int64)
    start, vendor = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    price, surge = np.zeros(count, np.int64), np.ones(count)
    bases = np.array([base for _, base, _ in SERVICES], np.int64)
    ticks = np.floor_divide(wishes.made, TICK_MINUTES)
    seen: list[NDArray[np.float64]] = []
    first = int(ticks.min(initial=0))
    for tick in range(first, 24 * 60 // TICK_MINUTES):
        for wish, who, held in world.cancels.pop(tick, ()):
            world.free(wish, who, held)
        surges = world.surges()
        if tick >= 0:
            seen.append(world.shown(surges))
        made = np.flatnonzero(ticks == tick)
        surge[made] = surges[wishes.service[made], wishes.pincode[made], wishes.wanted[made] // 60]
        price[made] = (bases[wishes.service[made]] * np.round(surge[made] * 100).astype(np.int64) + 50) // 100
        outcome[made[surge[made] > wishes.willing[made]]] = Outcome.TOO_DEAR
        for wish in made[surge[made] <= wishes.willing[made]].tolist():
            asked = world.offers(wish)
            if asked is None:
                continue
            able, offers = asked
            chosen = dispatch(offers, int(wishes.wanted[wish]), float(wishes.patience[wish]))
            if chosen is None:
                continue
            who, start[wish] = int(able[chosen[0]]), chosen[1]
            vendor[wish] = who
            held = world.book(wish, who, chosen[1])
            outcome[wish] = _fate(wishes, wish, chosen[1])
            if outcome[wish] != Outcome.SERVED:
                at = wishes.made[wish] + wishes.when[wish] * (chosen[1] - wishes.made[wish])
                world.cancels[max(tick + 1, int(at // TICK_MINUTES))].append((wish, who, held))
    for left in world.cancels.values():
        for wish, who, held in left:
            world.free(wish, who, held)
    return Day(outcome, price, surge, start, vendor, np.mean(seen, axis=0), world.taken, world.travelled())


def _fate(wishes: Wishes, wish: int, start: int) -> Outcome:
    """Whether a booking is kept; drawn with the wish, so that policies differ by their waits alone."""
    waits = 2.0 ** ((start - int(wishes.wanted[wish])) / 60)
    by_customer = min(0.5, CUSTOMER_CANCELS * waits)
    if wishes.fate[wish] < by_customer:
        return Outcome.CANCELLED_BY_CUSTOMER
    if wishes.fate[wish] > 1 - VENDOR_CANCELS:
        return Outcome.CANCELLED_BY_VENDOR
    return Outcome.SERVED
