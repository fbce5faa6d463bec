"""The exact day: labels over (visited set, last stop), held down by a bound on what is still to come.

Labels go forward, one visit a layer. A label is the travel so far and the minute its last visit starts. Of two
labels of one state the one that is no better in either is dropped: whatever follows, it can only end later or
farther. What remains of a state is a front, a linked list in order of travel (and so of falling start).

The bound is the t-path relaxation with penalties (Christofides, Mingozzi, Toth 1981; Baldacci, Mingozzi, Roberti
2012): completions[k][i][t] is the least travel of any way that starts at stop i in minute t, makes k more visits
within their windows and goes home, where a stop may be visited again. Each visit to j earns prize[j], and all
prizes are paid back once, so that the least way of n visits is a lower bound of the day, whatever the prizes. They
are moved towards stops that the relaxed way leaves out (subgradient, Polyak's step) until the bound is near the
known order's travel.

A label is followed only when its travel and the bound from its state do not exceed the best known travel, and when
every stop that is left can still be reached in its window.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memset

cdef extern from "_routing_relax.h" nogil:
    enum: STOP_BITS
    enum: STOP_MASK

    ctypedef struct Entries:
        int32_t* first
        int32_t* second
        int32_t width

    void relax(Entries best, int32_t i, Entries onward, int32_t j, int32_t shift, int32_t cost) noexcept

cdef enum:
    MOST_STOPS = 24
    SCALE = 32                  # of travel in the bound: prizes are fractions
    NEVER = 1 << 24             # scaled
    PATIENCE = 2
    FEW_LABELS = 40000
    NONE = -1


cdef struct Day:
    int32_t n, longest          # stops; minutes of the longest window
    const int32_t* travel       # (n + 1, n + 1)
    const int32_t* spent        # from the start of a visit to the earliest start of the next
    int32_t opens[MOST_STOPS + 1]
    int32_t closes[MOST_STOPS + 1]
    # When a stop can start with k visits after it: from `soon` on, `widths` minutes, none at 0 or below.
    int32_t soon[MOST_STOPS][MOST_STOPS + 1]
    int32_t widths[MOST_STOPS][MOST_STOPS + 1]
    int32_t prizes[MOST_STOPS + 1]
    int32_t soonest[MOST_STOPS + 1][MOST_STOPS + 1]     # spent at least, by way of any stops
    int32_t* completions        # (n, n + 1, 2, longest), packed


cdef struct Label:
    int32_t travel, start, prizes   # prizes of the stops that are left
    uint32_t visited
    int32_t last, parent, following


cdef struct Layer:
    int32_t* heads              # open addressing over states; NONE is empty
    uint32_t slots, used


cdef struct Labels:
    Label* items
    int32_t count, room, most


cdef inline Entries completions(const Day* day, int32_t visits, int32_t stop) noexcept nogil:
    cdef int32_t* first = day.completions + (<int64_t>visits * (day.n + 1) + stop) * 2 * day.longest
    return Entries(first, first + day.longest, day.widths[visits][stop])


cdef inline int32_t completion(Entries at, int32_t minute, uint32_t visited) noexcept nogil:
    """Give the least travel of a completion that does not go on to one of two stops if it is visited."""
    cdef int32_t first = at.first[minute]
    if (first & STOP_MASK) and visited >> ((first & STOP_MASK) - 1) & 1:
        return at.second[minute] >> STOP_BITS
    return first >> STOP_BITS


cdef inline int32_t larger(int32_t a, int32_t b) noexcept nogil:
    return a if a > b else b


cdef void hurry(Day* day) noexcept nogil:
    """Fill `soonest` (Floyd and Warshall)."""
    cdef int32_t i, j, k, by_way
    for i in range(1, day.n + 1):
        for j in range(1, day.n + 1):
            day.soonest[i][j] = day.spent[i * (day.n + 1) + j]
    for k in range(1, day.n + 1):
        for i in range(1, day.n + 1):
            for j in range(1, day.n + 1):
                by_way = day.soonest[i][k] + day.soonest[k][j]
                if by_way < day.soonest[i][j]:
                    day.soonest[i][j] = by_way


cdef void narrow(Day* day) noexcept nogil:
    """Fill `soon` and `widths`: as many visits as come before take their time, and so do those after."""
    cdef int32_t k, i, j, found, legs = day.n + 1
    cdef int32_t late[MOST_STOPS][MOST_STOPS + 1]
    for j in range(1, legs):
        day.soon[day.n - 1][j] = day.opens[j]
        late[0][j] = day.closes[j]
    for k in range(day.n - 2, -1, -1):
        for j in range(1, legs):
            found = NEVER
            for i in range(1, legs):
                if i != j and day.soon[k + 1][i] <= day.closes[i]:
                    found = min(found, day.soon[k + 1][i] + day.spent[i * legs + j])
            day.soon[k][j] = larger(day.opens[j], found)
    for k in range(1, day.n):
        for j in range(1, legs):
            found = -NEVER
            for i in range(1, legs):
                if i != j and late[k - 1][i] >= day.opens[i]:
                    found = larger(found, late[k - 1][i] - day.spent[j * legs + i])
            late[k][j] = min(day.closes[j], found)
    for k in range(day.n):
        for j in range(1, legs):
            day.widths[k][j] = late[k][j] - day.soon[k][j] + 1


cdef void complete(Day* day) noexcept nogil:
    """Fill the table of completions for the prizes."""
    cdef int32_t k, i, j, t, legs = day.n + 1, shift
    cdef Entries best
    for k in range(day.n):
        for i in range(1, legs):
            best = completions(day, k, i)
            for t in range(best.width):
                best.first[t] = (NEVER if k else SCALE * day.travel[i * legs]) << STOP_BITS
                best.second[t] = best.first[t]
            if k == 0:
                continue
            for j in range(1, legs):
                shift = day.soon[k][i] + day.spent[i * legs + j] - day.soon[k - 1][j]
                if j != i and best.width > 0 and larger(shift, 0) < day.widths[k - 1][j]:
                    relax(best, i, completions(day, k - 1, j), j, shift,
                          (SCALE * day.travel[i * legs + j] - day.prizes[j]) * (1 << STOP_BITS))


cdef int32_t relaxed(const Day* day, int32_t* visits) noexcept nogil:
    """Give the least way of n visits without the prizes paid back, and count its visits of each stop."""
    cdef int32_t k, j, before = 0, at = 0, total = NEVER, found, legs = day.n + 1, minute = 0, packed
    memset(visits, 0, legs * sizeof(int32_t))
    for j in range(1, legs):
        if day.widths[day.n - 1][j] <= 0:
            continue
        found = SCALE * day.travel[j] - day.prizes[j] + (completions(day, day.n - 1, j).first[0] >> STOP_BITS)
        if found < total:
            total, at = found, j
    if at == 0:
        return NEVER
    for k in range(day.n - 1, 0, -1):
        visits[at] += 1
        packed = completions(day, k, at).first[minute]
        if (packed & STOP_MASK) == before:
            packed = completions(day, k, at).second[minute]
        j = packed & STOP_MASK
        if packed >> STOP_BITS >= NEVER // 2 or j == 0:
            return NEVER
        minute = larger(0, day.soon[k][at] + minute + day.spent[at * legs + j] - day.soon[k - 1][j])
        before, at = at, j
    visits[at] += 1
    return total


cdef struct Prices:             # where the search for prizes stands
    double prize[MOST_STOPS + 1]
    int32_t best_prizes[MOST_STOPS + 1]
    int32_t best                # bound, scaled
    double pace
    int32_t since               # rounds without a better bound


cdef bint penalise(Day* day, Prices* prices, int32_t known, int32_t rounds) noexcept nogil:
    """Move prizes so that the bound grows, leave the best and its table; False when no day is feasible.

    known : travel of an order that is known
    """
    cdef int32_t visits[MOST_STOPS + 1]
    cdef int32_t turn, j, norm, bound = -NEVER
    cdef double step
    for turn in range(rounds):
        for j in range(1, day.n + 1):
            day.prizes[j] = <int32_t>prices.prize[j]
        complete(day)
        bound = relaxed(day, visits)
        if bound >= NEVER // 2:
            return False
        norm = 0
        for j in range(1, day.n + 1):
            bound += day.prizes[j]
            norm += (1 - visits[j]) * (1 - visits[j])
        prices.since += 1
        if bound > prices.best:
            prices.best, prices.since = bound, 0
            prices.best_prizes = day.prizes
        if norm == 0 or bound > SCALE * (known - 1):
            break
        if prices.since >= PATIENCE:
            prices.pace *= 0.6
            prices.since = 0
        step = prices.pace * larger(SCALE * known - bound, SCALE) / norm
        for j in range(1, day.n + 1):
            prices.prize[j] += step * (1 - visits[j])
    if prices.best > bound:
        day.prizes = prices.best_prizes
        complete(day)
    return True


cdef inline uint32_t slot_of(const Layer* layer, const Label* items, uint32_t visited, int32_t last) noexcept nogil:
    """Give the state's slot, or the empty one where it belongs."""
    cdef uint64_t key = (<uint64_t>visited << 5 | <uint64_t>last) * 0x9E3779B97F4A7C15u
    cdef uint32_t at = <uint32_t>(key >> 32) & (layer.slots - 1)
    while layer.heads[at] != NONE and (
        items[layer.heads[at]].visited != visited or items[layer.heads[at]].last != last
    ):
        at = (at + 1) & (layer.slots - 1)
    return at


cdef bint widen(Layer* layer, const Label* items) noexcept nogil:
    """Double the slots; False: no memory."""
    cdef Layer wider = Layer(NULL, 2 * layer.slots, layer.used)
    cdef uint32_t at
    cdef const Label* head
    wider.heads = <int32_t*>malloc(wider.slots * sizeof(int32_t))
    if wider.heads == NULL:
        return False
    memset(wider.heads, 0xFF, wider.slots * sizeof(int32_t))
    for at in range(layer.slots):
        if layer.heads[at] != NONE:
            head = &items[layer.heads[at]]
            wider.heads[slot_of(&wider, items, head.visited, head.last)] = layer.heads[at]
    free(layer.heads)
    layer[0] = wider
    return True


cdef bint offer(Layer* layer, Labels* labels, Label label) noexcept nogil:
    """Put a label into its state's front unless it is dominated, and unlink what it dominates; False: no room."""
    cdef uint32_t slot = slot_of(layer, labels.items, label.visited, label.last)
    cdef int32_t at = layer.heads[slot], before = NONE
    cdef Label* grown
    if at == NONE:
        layer.used += 1
    while at != NONE and labels.items[at].travel < label.travel:
        if labels.items[at].start <= label.start:
            return True
        before = at
        at = labels.items[at].following
    if at != NONE and labels.items[at].travel == label.travel and labels.items[at].start <= label.start:
        return True
    while at != NONE and labels.items[at].start >= label.start:
        at = labels.items[at].following
    if labels.count == labels.room:
        if labels.room >= labels.most:
            return False
        grown = <Label*>realloc(labels.items, 2 * <size_t>labels.room * sizeof(Label))
        if grown == NULL:
            return False
        labels.items = grown
        labels.room *= 2
    label.following = at
    labels.items[labels.count] = label
    if before == NONE:
        layer.heads[slot] = labels.count
    else:
        labels.items[before].following = labels.count
    labels.count += 1
    return 2 * layer.used < layer.slots or widen(layer, labels.items)


cdef bint extend(const Day* day, int32_t at, int32_t visits, int32_t bound, Layer* layer, Labels* labels) noexcept nogil:
    """Offer every next visit of a label that may still lead to a day within the bound; False: no room."""
    cdef Label here, onward
    cdef int32_t j, k, legs = day.n + 1, still = 0, minute, at_most, after = day.n - visits - 1
    cdef int32_t left[MOST_STOPS]
    here = labels.items[at] if at != NONE else Label(0, 0, 0, 0, 0, NONE, NONE)
    if at == NONE:
        for j in range(1, legs):
            here.prizes += day.prizes[j]
    for j in range(1, legs):
        if not here.visited >> (j - 1) & 1:
            # Whoever can't be reached in time from here, by whatever way, is missed.
            if here.last and here.start + day.soonest[here.last][j] > day.closes[j]:
                return True
            left[still] = j
            still += 1
    for k in range(still):
        j = left[k]
        minute = larger(day.opens[j], here.start + day.spent[here.last * legs + j]) if here.last else day.opens[j]
        if minute - day.soon[after][j] >= day.widths[after][j]:
            continue
        onward.travel = here.travel + day.travel[here.last * legs + j]
        onward.prizes = here.prizes - day.prizes[j]
        onward.start, onward.visited = minute, here.visited | <uint32_t>1 << (j - 1)
        at_most = SCALE * bound - SCALE * onward.travel - onward.prizes
        if completion(completions(day, after, j), minute - day.soon[after][j], onward.visited) > at_most:
            continue
        onward.last, onward.parent, onward.following = j, at, NONE
        if not offer(layer, labels, onward):
            return False
    return True


cdef bint run(const Day* day, int32_t bound, Layer* layer, Labels* labels, int32_t* best) noexcept nogil:
    """Grow the layers and give the best last label in `best`, NONE without a feasible order; False: no room."""
    cdef Layer done
    cdef int32_t visits, at, travel, finish, best_travel = bound, best_finish = NEVER
    cdef uint32_t slot
    best[0] = NONE
    labels.count = layer.used = 0
    memset(layer.heads, 0xFF, layer.slots * sizeof(int32_t))
    if not extend(day, NONE, 0, bound, layer, labels):
        return False
    for visits in range(1, day.n):
        done = layer[0]
        layer[0] = Layer(<int32_t*>malloc(done.slots * sizeof(int32_t)), done.slots, 0)
        if layer.heads == NULL:
            free(done.heads)
            return False
        memset(layer.heads, 0xFF, layer.slots * sizeof(int32_t))
        for slot in range(done.slots):
            at = done.heads[slot]
            while at != NONE:
                if not extend(day, at, visits, bound, layer, labels):
                    free(done.heads)
                    return False
                at = labels.items[at].following
        free(done.heads)
    for slot in range(layer.slots):
        at = layer.heads[slot]
        while at != NONE:
            travel = labels.items[at].travel + day.travel[labels.items[at].last * (day.n + 1)]
            finish = labels.items[at].start + day.spent[labels.items[at].last * (day.n + 1)]
            if travel < best_travel or (travel == best_travel and finish < best_finish):
                best_travel, best_finish, best[0] = travel, finish, at
            at = labels.items[at].following
    return True


cdef bint prove(
    Day* day, int32_t known, Layer* layer, Labels* labels, int32_t most_labels, int32_t* best
) noexcept nogil:
    """Few rounds and few labels first: most days need no more. False: not within the labels."""
    cdef Prices prices
    memset(&prices, 0, sizeof(Prices))
    prices.best, prices.pace = -NEVER, 1.5
    best[0] = NONE
    if not penalise(day, &prices, known, 3 * day.n // 4 + 1):
        return True
    labels.most = FEW_LABELS
    if run(day, known, layer, labels, best):
        return True
    if not penalise(day, &prices, known, day.n):
        return True
    labels.most = most_labels
    return run(day, known, layer, labels, best)


def solve(const int32_t[:, ::1] travel, const int32_t[:, ::1] spent, const int32_t[::1] opens,
          const int32_t[::1] closes, int32_t known, int32_t most_labels):
    cdef Day day
    cdef Labels labels = Labels(NULL, 0, 1024, 0)
    cdef Layer layer = Layer(NULL, 1024, 0)
    cdef int32_t j, best = NONE, n = travel.shape[0] - 1
    cdef bint is_proven = False
    cdef list order = []
    if n > MOST_STOPS:
        raise ValueError(f"at most {MOST_STOPS} stops")
    if n == 0:
        return (), True
    day.n, day.longest = n, 1
    day.travel, day.spent = &travel[0, 0], &spent[0, 0]
    for j in range(1, n + 1):
        day.opens[j] = opens[j]
        # Who starts later than this is not home in time.
        day.closes[j] = min(closes[j], closes[0] - spent[j, 0])
        if day.closes[j] < day.opens[j]:
            return None, True
        day.longest = larger(day.longest, day.closes[j] - day.opens[j] + 1)
    day.completions = <int32_t*>malloc(2 * <size_t>n * (n + 1) * day.longest * sizeof(int32_t))
    labels.items = <Label*>malloc(labels.room * sizeof(Label))
    layer.heads = <int32_t*>malloc(layer.slots * sizeof(int32_t))
    try:
        if day.completions == NULL or labels.items == NULL or layer.heads == NULL:
            raise MemoryError
        with nogil:
            hurry(&day)
            narrow(&day)
            is_proven = prove(&day, known, &layer, &labels, most_labels, &best)
        while best != NONE:
            order.append(labels.items[best].last - 1)
            best = labels.items[best].parent
        return tuple(reversed(order)) if order else None, is_proven
    finally:
        free(labels.items)
        free(layer.heads)
        free(day.completions)
