"""The local search over a day's order, each order judged by walking it."""

from typing import Any

LARGEST_WARP_COST = 256
FINAL_WARP_COST = 10_000
LONGEST = 8
FINISH_BITS = 14
SLACK_BITS = 4


class Search:
    """A search that can be gone on with; `order` is the best so far.

    travel, spent, opens, closes : see `routing._network`; order : stops from 0
    """

    def __init__(self, travel: Any, spent: Any, opens: Any, closes: Any, order: Any, seed: int) -> None:
        self._travel, self._spent = travel.tolist(), spent.tolist()
        self._opens, self._closes = opens.tolist(), closes.tolist()
        self._random = (seed * 2654435761 | 1) % 2**32
        self._warp_cost = 16
        self._kept = self._best = self._descend([stop + 1 for stop in order.tolist()])

    @property
    def order(self) -> tuple[int, ...]:
        return tuple(stop - 1 for stop in self._best)

    def run(self, descents: int) -> None:
        """Shake and descend so many times."""
        for _ in range(descents if len(self._best) >= 3 else 0):
            found = self._descend(self._shaken(self._kept))
            slack = self._score(self._best)
            slack += slack >> SLACK_BITS
            if self._score(found) <= self._score(self._kept) or self._score(found) < slack:
                self._kept = found
                if self._score(found, FINAL_WARP_COST) < self._score(self._best, FINAL_WARP_COST):
                    self._best = found
            cost = self._warp_cost
            is_late = self._walk(found)[1] > 0
            self._warp_cost = (
                min(LARGEST_WARP_COST, cost + 1 + (cost >> 3)) if is_late else max(1, cost - 1 - (cost >> 4))
            )

    def _walk(self, route: list[int]) -> tuple[int, int, int]:
        """Give travel, minutes too late (whoever is late goes on as if in time), finish."""
        travel = warp = place = 0
        now = self._opens[0]
        for onward in (*route, 0):
            travel += self._travel[place][onward]
            now = max(self._opens[onward], now + self._spent[place][onward])
            late = max(0, now - self._closes[onward])
            warp, now, place = warp + late, now - late, onward
        return travel, warp, now

    def _score(self, route: list[int], warp_cost: int | None = None) -> int:
        travel, warp, finish = self._walk(route)
        return (travel + (self._warp_cost if warp_cost is None else warp_cost) * warp << FINISH_BITS) + finish

    def _descend(self, route: list[int]) -> list[int]:
        gains = True
        while gains:
            gains = False
            for i in range(len(route)):
                for j in range(i, len(route)):
                    for neighbours in (self._moved, self._turned):
                        here = self._score(route)
                        better = next(
                            (one for one in neighbours(route, i, j) if self._score(one) < here), None
                        )
                        if better is not None:
                            route, gains = better, True
        return route

    @staticmethod
    def _moved(route: list[int], i: int, j: int) -> Any:
        """Every route with route[i..j] elsewhere, straight before turned."""
        if j - i >= LONGEST:
            return
        stretch, rest = route[i : j + 1], route[:i] + route[j + 1 :]
        for one in (stretch, stretch[::-1]) if j > i else (stretch,):
            yield from (rest[:k] + one + rest[k:] for k in range(len(rest) + 1) if k != i)

    @staticmethod
    def _turned(route: list[int], i: int, j: int) -> Any:
        if j > i:
            yield route[:i] + route[i : j + 1][::-1] + route[j + 1 :]

    def _draw(self, below: int) -> int:
        self._random ^= self._random << 13 & 0xFFFFFFFF
        self._random ^= self._random >> 17
        self._random ^= self._random << 5 & 0xFFFFFFFF
        return self._random % below

    def _shaken(self, kept: list[int]) -> list[int]:
        """Let two neighbouring stretches change places, a few times."""
        route, n = list(kept), len(kept)
        for _ in range(1 + self._draw(4)):
            at = 1 + self._draw(n - 1)
            first = 1 + self._draw(min(LONGEST, n - at))
            second = 1 + self._draw(min(LONGEST, n - at - first + 1))
            at -= 1
            middle, end = at + first, at + first + second
            route[at:end] = route[middle:end] + route[at:middle]
        return route
