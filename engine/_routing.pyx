"""The exact day, forward over (visited set, last stop).

A label is (travel so far, minute of departure). Of two labels of one state the one that is no better in
either is dropped: whatever follows, it can only end later or farther. What remains is a front, short in
practice, kept as a linked list in order of travel (and so of falling departure).

Bounding: from a label, travel can only grow by at least the cheapest way into every stop that is left and
the cheapest way home. `rest[visited]` holds that sum. A label is not followed when it cannot beat the best
complete day known: the booked order at first. Sets are taken in order of number; every superset comes later.
"""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc, realloc

cdef int32_t NONE = -1
cdef int64_t FAR = 1 << 40


cdef struct Label:
    int64_t travel, ready
    int32_t parent, following, stop


cdef struct Labels:
    Label* items
    int32_t count, room


cdef int32_t _add(Labels* labels, Label label) noexcept nogil:
    cdef Label* grown
    if labels.count == labels.room:
        grown = <Label*>realloc(labels.items, 2 * <size_t>labels.room * sizeof(Label))
        if grown == NULL:
            return NONE
        labels.items = grown
        labels.room *= 2
    labels.items[labels.count] = label
    labels.count += 1
    return labels.count - 1


cdef bint _offer(Labels* labels, int32_t* head, Label label) noexcept nogil:
    """Put a label into a front unless it is dominated, and unlink what it dominates; False: no memory."""
    cdef int32_t at = head[0], before = NONE, added
    while at != NONE and labels.items[at].travel < label.travel:
        if labels.items[at].ready <= label.ready:
            return True
        before = at
        at = labels.items[at].following
    if at != NONE and labels.items[at].travel == label.travel and labels.items[at].ready <= label.ready:
        return True
    while at != NONE and labels.items[at].ready >= label.ready:
        at = labels.items[at].following
    label.following = at
    added = _add(labels, label)
    if added == NONE:
        return False
    if before == NONE:
        head[0] = added
    else:
        labels.items[before].following = added
    return True


cdef void _rests(const int64_t[:, ::1] travel, int n, int64_t* rest) noexcept nogil:
    """rest[visited] = cheapest ways into every stop that is left, and the cheapest way home."""
    cdef int64_t into[32]
    cdef int64_t home = FAR
    cdef int i, j, left
    cdef int32_t visited
    for j in range(n):
        into[j] = FAR
        home = travel[j + 1, 0] if travel[j + 1, 0] < home else home
        for i in range(n):
            if i != j and travel[i + 1, j + 1] < into[j]:
                into[j] = travel[i + 1, j + 1]
    rest[(1 << n) - 1] = home
    for visited in range((1 << n) - 2, -1, -1):
        left = 0
        while visited >> left & 1:
            left += 1
        rest[visited] = rest[visited | 1 << left] + into[left]


cdef int32_t _run(
    const int64_t[:, ::1] travel, const int64_t[:, ::1] stops, int64_t day_start, int64_t day_end,
    int64_t bound, int32_t* heads, int64_t* rest, Labels* labels,
) noexcept nogil:
    """Give the best last label, NONE when no order is feasible, -2 without memory."""
    cdef int n = stops.shape[0], last, onward
    cdef int32_t visited, full = (1 << n) - 1, at, best = NONE
    cdef int64_t start, total, finish, best_finish = FAR
    cdef Label label
    _rests(travel, n, rest)
    for onward in range(n):
        start = stops[onward, 1] if stops[onward, 1] > day_start else day_start
        if start <= stops[onward, 2]:
            label = Label(travel[0, onward + 1], start + stops[onward, 0] + stops[onward, 4], NONE, NONE, onward)
            if not _offer(labels, &heads[(1 << onward) * n + onward], label):
                return -2
    for visited in range(1, full + 1):
        for last in range(n):
            at = heads[visited * n + last]
            while at != NONE:
                label = labels.items[at]
                if visited == full:
                    total = label.travel + travel[last + 1, 0]
                    finish = label.ready + travel[last + 1, 0]
                    if finish <= day_end and (total < bound or (total == bound and finish < best_finish)):
                        bound, best_finish, best = total, finish, at
                elif label.travel + rest[visited] <= bound:
                    if not _extend(travel, stops, visited, last, at, bound, heads, rest, labels):
                        return -2
                at = label.following
    return best


cdef bint _extend(
    const int64_t[:, ::1] travel, const int64_t[:, ::1] stops, int32_t visited, int last, int32_t at,
    int64_t bound, int32_t* heads, const int64_t* rest, Labels* labels,
) noexcept nogil:
    cdef int n = stops.shape[0], onward
    cdef int64_t leg, start, cost = labels.items[at].travel, ready = labels.items[at].ready
    for onward in range(n):
        if visited >> onward & 1:
            continue
        leg = travel[last + 1, onward + 1]
        start = ready + leg + stops[onward, 3]
        start = stops[onward, 1] if stops[onward, 1] > start else start
        if start > stops[onward, 2] or cost + leg + rest[visited | 1 << onward] > bound:
            continue
        if not _offer(
            labels, &heads[(visited | 1 << onward) * n + onward],
            Label(cost + leg, start + stops[onward, 0] + stops[onward, 4], at, NONE, onward),
        ):
            return False
    return True


def solve(
    const int64_t[:, ::1] travel, const int64_t[:, ::1] stops, int64_t day_start, int64_t day_end,
    int64_t bound,
):
    cdef int n = stops.shape[0]
    if n == 0:
        return ()
    if n > 20:
        raise ValueError("at most 20 stops")
    cdef size_t states = (<size_t>1 << n) * n
    cdef Labels labels = Labels(<Label*>malloc(1024 * sizeof(Label)), 0, 1024)
    cdef int32_t* heads = <int32_t*>malloc(states * sizeof(int32_t))
    cdef int64_t* rest = <int64_t*>malloc((<size_t>1 << n) * sizeof(int64_t))
    cdef int32_t best = -2
    cdef size_t i
    cdef list order = []
    try:
        if labels.items != NULL and heads != NULL and rest != NULL:
            with nogil:
                for i in range(states):
                    heads[i] = NONE
                best = _run(travel, stops, day_start, day_end, FAR if bound < 0 else bound, heads, rest, &labels)
        if best == -2:
            raise MemoryError
        while best != NONE:
            order.append(labels.items[best].stop)
            best = labels.items[best].parent
        return tuple(reversed(order)) if order else None
    finally:
        free(labels.items)
        free(heads)
        free(rest)
