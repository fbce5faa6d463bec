"""Which starts of a day fit a visit, and their scores; the best of each of many days."""

from typing import Any


def find(
    window: Any,
    held: Any,
    legs: Any,
    base: int,
    direct: Any,
    facts: Any,
    parts: Any,
    starts: Any,
    out: Any,
) -> int:
    """Write a row for each start that fits, in order, and give their number.

    window : start and end of the working hours
    held   : (n, 4) start, end, before, after of the held visits, by start
    legs   : (n,) minutes between the visit and each held one; base: to and from the base
    direct : (n + 1,) minutes between neighbours as they are without the visit
    facts  : earliest, duration, before, after, preferred (-1: none), step of the grid, rounding after a visit
    parts  : weights of travel, gaps, preference, load; scales of travel, sellable, preference
    starts : (m,) room for the candidates of the kernel, m >= steps in the window + n
    out    : (m, 7) start, end, travel, score, extra travel, gap, index of the next held visit
    """
    window_start, window_end = (int(one) for one in window)
    earliest, duration, before, after, preferred = (int(fact) for fact in facts[:5])
    travel_weight, gap_weight, wish_weight, load_weight, travel_scale, sellable, wish_scale = (
        float(part) for part in parts
    )
    visits = [[int(fact) for fact in one] for one in held]
    count, index = 0, 0
    load = sum(one[1] - one[0] for one in visits) / (window_end - window_start)
    for start in _candidates(window_start, window_end, visits, legs, facts):
        while index < len(visits) and visits[index][0] <= start:
            index += 1
        leg_in = int(legs[index - 1]) if index else base
        leg_out = int(legs[index]) if index < len(visits) else base
        travel = max(leg_in, leg_out)
        end = start + duration + before + after + travel
        ready = visits[index - 1][1] + visits[index - 1][3] + leg_in + before if index else window_start
        if start < max(ready, window_start, earliest) or end > window_end:
            continue
        idle_after = window_end - end
        if index < len(visits):
            idle_after = visits[index][0] - visits[index][2] - (start + duration + after + leg_out)
            if idle_after < 0 or end > visits[index][0]:
                continue
        extra = max(0, leg_in + leg_out - int(direct[index]))
        scraps = [idle for idle in (start - max(ready, earliest), idle_after) if 0 < idle < sellable]
        wish = 1.0 if preferred < 0 else max(0.0, 1.0 - abs(start - preferred) / wish_scale)
        score = travel_weight * max(0.0, 1.0 - extra / travel_scale) + gap_weight * (1.0 - len(scraps) / 2)
        score += wish_weight * wish + load_weight * max(0.0, 1.0 - load)
        out[count] = (start, end, travel, int(score * 100 + 0.5) / 10, extra, sum(scraps), index)
        count += 1
    return count


def _candidates(
    window_start: int, window_end: int, visits: list[list[int]], legs: Any, facts: Any
) -> list[int]:
    """Give the starts to look at: the grid, and the first round moment after each held visit."""
    before, step, rounding = int(facts[2]), int(facts[5]), int(facts[6])
    starts = set(range(window_start, window_end, step))
    for (_, end, _, after), leg in zip(visits, legs, strict=True):
        starts.add(-(-(end + after + int(leg) + before) // rounding) * rounding)
    return sorted(starts)


def best(
    windows: Any,
    offsets: Any,
    held: Any,
    legs: Any,
    bases: Any,
    direct: Any,
    facts: Any,
    parts: Any,
    starts: Any,
    rows: Any,
    out: Any,
) -> None:
    """Write each day's first start, and start, travel and score of its best slot, the earliest of equals.

    windows : (v, 2); bases: (v,) minutes between the visit and each base
    offsets : (v + 1,) where each day's held visits begin in `held` and `legs`; in `direct`, one later a day
    rows    : (m, 7) room for the slots of one day
    out     : (v, 4); a day without a slot has -1, -1, -1, 0
    """
    for i, window in enumerate(windows):
        day = slice(int(offsets[i]), int(offsets[i + 1]))
        gaps = direct[day.start + i : day.stop + i + 1]
        count = find(window, held[day], legs[day], int(bases[i]), gaps, facts, parts, starts, rows)
        top = max(rows[:count], key=lambda row: float(row[3]), default=None)
        out[i] = (-1, -1, -1, 0) if top is None else (rows[0][0], top[0], top[2], top[3])
