"""The exact day by dynamic programming over (visited stops, last stop) with fronts of (travel, start)."""

from typing import Any

Label = tuple[int, int, tuple[int, ...]]
"""Travel so far, start of the last visit, order so far."""


def solve(
    travel: Any, spent: Any, opens: Any, closes: Any, known: int, most_labels: int
) -> tuple[tuple[int, ...] | None, bool]:
    """Give the order with the least travel, then the earliest finish, and whether that is proven.

    travel, spent, opens, closes : see `routing._network`
    known : travel of a known order; orders beyond it are not followed
    """
    n = len(travel) - 1
    if n == 0:
        return (), True
    fronts: dict[tuple[int, int], list[Label]] = {}
    for first in range(n):
        if opens[first + 1] <= closes[first + 1]:
            fronts[1 << first, first] = [(int(travel[0, first + 1]), int(opens[first + 1]), (first,))]
    for visited in range(1, 1 << n):
        for last in range(n):
            for label in fronts.get((visited, last), ()):
                _extend(travel, spent, opens, closes, fronts, visited, last, label, known)
    ends = [
        (cost + int(travel[last + 1, 0]), start + int(spent[last + 1, 0]), order)
        for last in range(n)
        for cost, start, order in fronts.get(((1 << n) - 1, last), ())
    ]
    ends = [end for end in ends if end[0] <= known and end[1] <= closes[0]]
    return (min(ends)[2] if ends else None), True


def _extend(
    travel: Any,
    spent: Any,
    opens: Any,
    closes: Any,
    fronts: dict[Any, list[Label]],
    visited: int,
    last: int,
    label: Label,
    known: int,
) -> None:
    cost, started, order = label
    for onward in range(len(travel) - 1):
        if visited >> onward & 1:
            continue
        leg = int(travel[last + 1, onward + 1])
        start = max(int(opens[onward + 1]), started + int(spent[last + 1, onward + 1]))
        if start > closes[onward + 1] or cost + leg > known:
            continue
        candidate = (cost + leg, start, (*order, onward))
        front = fronts.setdefault((visited | 1 << onward, onward), [])
        if not any(other[0] <= candidate[0] and other[1] <= candidate[1] for other in front):
            front[:] = [one for one in front if one[0] < candidate[0] or one[1] < candidate[1]] + [candidate]
