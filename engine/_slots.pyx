"""The reference's loop, typed: one pass over the candidates, one pointer into the held visits."""

from libc.math cimport fabs, fmax
from libc.stdint cimport int64_t


def find(
    const int64_t[::1] starts, const int64_t[:, ::1] held, const int64_t[::1] legs, int64_t base,
    const int64_t[::1] direct, const int64_t[::1] facts, const double[::1] parts, double[:, ::1] out,
):
    cdef Py_ssize_t count
    with nogil:
        count = _find(starts, held, legs, base, direct, facts, parts, out)
    return count


cdef Py_ssize_t _find(
    const int64_t[::1] starts, const int64_t[:, ::1] held, const int64_t[::1] legs, int64_t base,
    const int64_t[::1] direct, const int64_t[::1] facts, const double[::1] parts, double[:, ::1] out,
) noexcept nogil:
    cdef int64_t window_start = facts[0], window_end = facts[1], earliest = facts[2]
    cdef int64_t duration = facts[3], before = facts[4], after = facts[5], preferred = facts[6]
    cdef int64_t start, end, leg_in, leg_out, travel, ready, idle_before, idle_after, extra, gap
    cdef Py_ssize_t count = 0, index = 0, n = held.shape[0], i, short
    cdef double load = 0.0, wish, score
    for i in range(n):
        load += held[i, 1] - held[i, 0]
    load /= window_end - window_start
    for i in range(starts.shape[0]):
        start = starts[i]
        while index < n and held[index, 0] <= start:
            index += 1
        leg_in = legs[index - 1] if index else base
        leg_out = legs[index] if index < n else base
        travel = leg_in if leg_in > leg_out else leg_out
        end = start + duration + before + after + travel
        ready = held[index - 1, 1] + held[index - 1, 3] + leg_in + before if index else window_start
        if start < ready or start < window_start or start < earliest or end > window_end:
            continue
        idle_after = window_end - end
        if index < n:
            idle_after = held[index, 0] - held[index, 2] - (start + duration + after + leg_out)
            if idle_after < 0 or end > held[index, 0]:
                continue
        extra = leg_in + leg_out - direct[index]
        extra = extra if extra > 0 else 0
        idle_before = start - (ready if ready > earliest else earliest)
        gap = 0
        short = 0
        if 0 < idle_before < parts[5]:
            gap += idle_before
            short += 1
        if 0 < idle_after < parts[5]:
            gap += idle_after
            short += 1
        wish = 1.0 if preferred < 0 else fmax(0.0, 1.0 - fabs(<double>(start - preferred)) / parts[6])
        score = parts[0] * fmax(0.0, 1.0 - extra / parts[4]) + parts[1] * (1.0 - short / 2.0)
        score = score + (parts[2] * wish + parts[3] * fmax(0.0, 1.0 - load))
        out[count, 0] = start
        out[count, 1] = end
        out[count, 2] = travel
        out[count, 3] = (<int64_t>(score * 100 + 0.5)) / 10.0
        out[count, 4] = extra
        out[count, 5] = gap
        out[count, 6] = index
        count += 1
    return count
