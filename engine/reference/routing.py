"""The exact day by dynamic programming over (visited stops, last stop) with fronts of (travel, ready)."""

from typing import Any

Label = tuple[int, int, tuple[int, ...]]
"""Travel so far, minute of departure, order so far."""


def solve(travel: Any, stops: Any, day_start: int, day_end: int, bound: int) -> tuple[int, ...] | None:
    """Give the order with the least travel, then the earliest finish; None when no order is feasible.

    travel : (n + 1, n + 1); stops : (n, 5) duration, open, close, before, after
    bound  : travel of a known feasible order, -1 without one; orders beyond it are not followed
    """
    n = len(stops)
    if n == 0:
        return ()
    fronts: dict[tuple[int, int], list[Label]] = {}
    for first in range(n):
        duration, opens, closes, _, after = (int(one) for one in stops[first])
        start = max(opens, day_start)
        if start <= closes:
            label: Label = (int(travel[0, first + 1]), start + duration + after, (first,))
            fronts[1 << first, first] = [label]
    for visited in range(1, 1 << n):
        for last in range(n):
            for label in fronts.get((visited, last), ()):
                _extend(travel, stops, fronts, visited, last, label, bound)
    ends = [
        (cost + int(travel[last + 1, 0]), ready + int(travel[last + 1, 0]), order)
        for last in range(n)
        for cost, ready, order in fronts.get(((1 << n) - 1, last), ())
    ]
    ends = [end for end in ends if end[1] <= day_end]
    return min(ends)[2] if ends else None


def _extend(
    travel: Any, stops: Any, fronts: dict[Any, list[Label]], visited: int, last: int, label: Label, bound: int
) -> None:
    cost, ready, order = label
    for onward in range(len(stops)):
        if visited >> onward & 1:
            continue
        duration, opens, closes, before, after = (int(one) for one in stops[onward])
        leg = int(travel[last + 1, onward + 1])
        start = max(opens, ready + leg + before)
        if start > closes or (0 <= bound < cost + leg):
            continue
        candidate = (cost + leg, start + duration + after, (*order, onward))
        front = fronts.setdefault((visited | 1 << onward, onward), [])
        if not any(other[0] <= candidate[0] and other[1] <= candidate[1] for other in front):
            front[:] = [other for other in front if other[0] < candidate[0] or other[1] < candidate[1]] + [
                candidate
            ]
