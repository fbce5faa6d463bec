"""Which of the candidate starts fit, and their scores."""

from typing import Any


def find(starts: Any, held: Any, legs: Any, base: int, direct: Any, facts: Any, parts: Any, out: Any) -> int:
    """Write a row for each start that fits, in order, and give their number.

    starts : (m,) candidate starts, ascending
    held   : (n, 4) start, end, before, after of the held visits, by start
    legs   : (n,) minutes between the visit and each held one; base: to and from the base
    direct : (n + 1,) minutes between neighbours as they are without the visit
    facts  : window start, window end, earliest, duration, before, after, preferred (-1: none)
    parts  : weights of travel, gaps, preference, load; scales of travel, sellable, preference
    out    : (m, 7) start, end, travel, score, extra travel, gap, index of the next held visit
    """
    window_start, window_end, earliest, duration, before, after, preferred = (int(fact) for fact in facts)
    count, index, n = 0, 0, len(held)
    load = sum(int(one[1] - one[0]) for one in held) / (window_end - window_start)
    for start in (int(one) for one in starts):
        while index < n and held[index][0] <= start:
            index += 1
        leg_in = int(legs[index - 1]) if index else base
        leg_out = int(legs[index]) if index < n else base
        travel = max(leg_in, leg_out)
        end = start + duration + before + after + travel
        ready = int(held[index - 1][1] + held[index - 1][3]) + leg_in + before if index else window_start
        if start < max(ready, window_start, earliest) or end > window_end:
            continue
        idle_after = window_end - end
        if index < n:
            idle_after = int(held[index][0] - held[index][2]) - (start + duration + after + leg_out)
            if idle_after < 0 or end > held[index][0]:
                continue
        extra = max(0, leg_in + leg_out - int(direct[index]))
        idle_before = start - max(ready, earliest)
        gap = sum(idle for idle in (idle_before, idle_after) if 0 < idle < parts[5])
        short = (0 < idle_before < parts[5]) + (0 < idle_after < parts[5])
        wish = 1.0 if preferred < 0 else max(0.0, 1.0 - abs(start - preferred) / parts[6])
        score = parts[0] * max(0.0, 1.0 - extra / parts[4]) + parts[1] * (1.0 - short / 2)
        score += parts[2] * wish + parts[3] * max(0.0, 1.0 - load)
        rounded = int(score * 100 + 0.5) / 10
        out[count] = (start, end, travel, rounded, extra, gap, index)
        count += 1
    return count
