"""The reference's loops, typed. A day is a stretch of the flat columns: one for `find`, many for `best`."""

from libc.math cimport fabs, fmax
from libc.stdint cimport int64_t


cdef struct Stretch:
    Py_ssize_t first, count, gaps
    int64_t window_start, window_end, base


cdef Py_ssize_t _candidates(
    const int64_t[:, ::1] held, const int64_t[::1] legs, Stretch day, const int64_t[::1] facts,
    int64_t[::1] starts,
) noexcept nogil:
    """Fill in the grid, insert the moment after each held visit, and give their number."""
    cdef int64_t start = day.window_start, step = facts[5], rounding = facts[6]
    cdef Py_ssize_t count = 0, i, at, other
    while start < day.window_end:
        starts[count] = start
        count += 1
        start += step
    for i in range(day.first, day.first + day.count):
        start = held[i, 1] + held[i, 3] + legs[i] + facts[2]
        start = (start + rounding - 1) // rounding * rounding
        at = count
        while at > 0 and starts[at - 1] > start:
            at -= 1
        if at > 0 and starts[at - 1] == start:
            continue
        for other in range(count, at, -1):
            starts[other] = starts[other - 1]
        starts[at] = start
        count += 1
    return count


cdef Py_ssize_t _find(
    const int64_t[:, ::1] held, const int64_t[::1] legs, const int64_t[::1] direct, Stretch day,
    const int64_t[::1] facts, const double[::1] parts, int64_t[::1] starts, double[:, ::1] out,
) noexcept nogil:
    cdef int64_t earliest = facts[0], duration = facts[1], before = facts[2], after = facts[3], preferred = facts[4]
    cdef int64_t start, end, leg_in, leg_out, travel, ready, idle_before, idle_after, extra, gap
    cdef Py_ssize_t candidates = _candidates(held, legs, day, facts, starts)
    cdef Py_ssize_t count = 0, index = day.first, last = day.first + day.count, i, scraps
    cdef double load = 0.0, wish, score
    for i in range(day.first, last):
        load += held[i, 1] - held[i, 0]
    load /= day.window_end - day.window_start
    for i in range(candidates):
        start = starts[i]
        while index < last and held[index, 0] <= start:
            index += 1
        leg_in = legs[index - 1] if index > day.first else day.base
        leg_out = legs[index] if index < last else day.base
        travel = leg_in if leg_in > leg_out else leg_out
        end = start + duration + before + after + travel
        ready = day.window_start
        if index > day.first:
            ready = held[index - 1, 1] + held[index - 1, 3] + leg_in + before
        if start < ready or start < day.window_start or start < earliest or end > day.window_end:
            continue
        idle_after = day.window_end - end
        if index < last:
            idle_after = held[index, 0] - held[index, 2] - (start + duration + after + leg_out)
            if idle_after < 0 or end > held[index, 0]:
                continue
        extra = leg_in + leg_out - direct[day.gaps + index - day.first]
        extra = extra if extra > 0 else 0
        idle_before = start - (ready if ready > earliest else earliest)
        gap = 0
        scraps = 0
        if 0 < idle_before < parts[5]:
            gap += idle_before
            scraps += 1
        if 0 < idle_after < parts[5]:
            gap += idle_after
            scraps += 1
        wish = 1.0 if preferred < 0 else fmax(0.0, 1.0 - fabs(<double>(start - preferred)) / parts[6])
        score = parts[0] * fmax(0.0, 1.0 - extra / parts[4]) + parts[1] * (1.0 - scraps / 2.0)
        score = score + (parts[2] * wish + parts[3] * fmax(0.0, 1.0 - load))
        out[count, 0] = start
        out[count, 1] = end
        out[count, 2] = travel
        out[count, 3] = (<int64_t>(score * 100 + 0.5)) / 10.0
        out[count, 4] = extra
        out[count, 5] = gap
        out[count, 6] = index - day.first
        count += 1
    return count


def find(
    const int64_t[::1] window, const int64_t[:, ::1] held, const int64_t[::1] legs, int64_t base,
    const int64_t[::1] direct, const int64_t[::1] facts, const double[::1] parts,
    int64_t[::1] starts, double[:, ::1] out,
):
    cdef Stretch day = Stretch(0, held.shape[0], 0, window[0], window[1], base)
    cdef Py_ssize_t count
    with nogil:
        count = _find(held, legs, direct, day, facts, parts, starts, out)
    return count


def best(
    const int64_t[:, ::1] windows, const int64_t[::1] offsets, const int64_t[:, ::1] held,
    const int64_t[::1] legs, const int64_t[::1] bases, const int64_t[::1] direct,
    const int64_t[::1] facts, const double[::1] parts,
    int64_t[::1] starts, double[:, ::1] rows, double[:, ::1] out,
):
    cdef Stretch day
    cdef Py_ssize_t i, row, top, count
    with nogil:
        for i in range(windows.shape[0]):
            day = Stretch(
                offsets[i], offsets[i + 1] - offsets[i], offsets[i] + i, windows[i, 0], windows[i, 1], bases[i]
            )
            count = _find(held, legs, direct, day, facts, parts, starts, rows)
            top = 0
            for row in range(1, count):
                if rows[row, 3] > rows[top, 3]:
                    top = row
            out[i, 0] = rows[0, 0] if count else -1
            out[i, 1] = rows[top, 0] if count else -1
            out[i, 2] = rows[top, 2] if count else -1
            out[i, 3] = rows[top, 3] if count else 0
