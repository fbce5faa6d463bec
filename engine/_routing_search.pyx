"""Iterated local search over one day's order.

An order is judged by pieces that join in constant time (Vidal et al., "A unified solution framework for
multi-attribute vehicle routing problems", 2014): of every stretch of the route, in both directions, its travel,
how long it takes at least, its earliest and latest start at that length, and its `warp`: the minutes by which it
comes too late. Warp costs WARP_COST travel minutes each, so that the search may pass through orders that are late.

One descent tries to move every stretch of up to LONGEST stops elsewhere, turned or not, and to turn every stretch,
and takes the first that gains. Between descents two neighbouring stretches change places and the order is kept
when it is little worse than the best (record-to-record travel, Dueck 1993). The score is lexicographic in travel
(with warp) and finish. Random numbers are xorshift32: a seed gives the same orders on every machine.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memmove

cdef enum:
    LARGEST_WARP_COST = 256
    FINAL_WARP_COST = 10000
    LONGEST = 8
    FINISH_BITS = 14
    SLACK_BITS = 4


cdef int64_t FAR = 1 << 62


cdef struct Piece:
    int32_t travel, warp, minutes, earliest, latest


cdef struct Day:
    int32_t n, width           # stops; places in a route: the base, the stops, the base
    const int32_t* travel      # (n + 1, n + 1)
    const int32_t* spent       # from the start of a visit to the earliest start of the next
    const int32_t* opens
    const int32_t* closes
    int32_t* route             # (n + 2)
    Piece* ahead               # (n + 2, n + 2) stretches a..b in order
    Piece* back                # the same stretches turned: from b to a
    uint32_t random
    int32_t warp_cost


cdef inline int32_t larger(int32_t a, int32_t b) noexcept nogil:
    return a if a > b else b


cdef inline int32_t smaller(int32_t a, int32_t b) noexcept nogil:
    return a if a < b else b


cdef inline Piece join(const Day* day, Piece a, int32_t a_last, Piece b, int32_t b_first) noexcept nogil:
    cdef Piece both
    cdef int32_t leg = a_last * (day.n + 1) + b_first
    cdef int32_t shift = a.minutes - a.warp + day.spent[leg]
    cdef int32_t wait = larger(b.earliest - shift - a.latest, 0)
    cdef int32_t warp = larger(a.earliest + shift - b.latest, 0)
    both.travel = a.travel + b.travel + day.travel[leg]
    both.minutes = a.minutes + b.minutes + day.spent[leg] + wait
    both.warp = a.warp + b.warp + warp
    both.earliest = larger(b.earliest - shift, a.earliest) - wait
    both.latest = smaller(b.latest - shift, a.latest) + warp
    return both


cdef inline int64_t score(Piece route, int32_t warp_cost) noexcept nogil:
    cdef int64_t cost = route.travel + <int64_t>warp_cost * route.warp
    return (cost << FINISH_BITS) + route.earliest + route.minutes - route.warp


cdef inline uint32_t draw(Day* day, uint32_t below) noexcept nogil:
    day.random ^= day.random << 13
    day.random ^= day.random >> 17
    day.random ^= day.random << 5
    return day.random % below


cdef void measure(Day* day) noexcept nogil:
    """Fill both tables of stretches for the route."""
    cdef int32_t w = day.width, a, b, place
    cdef const int32_t* route = day.route
    cdef Piece one
    for a in range(w):
        place = route[a]
        one = Piece(0, 0, 0, day.opens[place], day.closes[place])
        day.ahead[a * w + a] = one
        day.back[a * w + a] = one
    for a in range(w - 2, -1, -1):
        for b in range(a + 1, w):
            one = day.ahead[a * w + a]
            day.ahead[a * w + b] = join(day, one, route[a], day.ahead[(a + 1) * w + b], route[a + 1])
            day.back[a * w + b] = join(day, day.back[(a + 1) * w + b], route[a + 1], one, route[a])


cdef bint move_stretch(Day* day, int32_t i, int32_t j) noexcept nogil:
    """Move route[i..j] to the first place, turned or not, where the score falls."""
    cdef int32_t w = day.width, legs = day.n + 1, k, first, last, turn, without
    cdef const int32_t* p = day.route
    cdef const int32_t* travel = day.travel
    cdef int64_t here = score(day.ahead[w - 1], day.warp_cost)
    cdef int32_t added
    cdef int64_t budget
    cdef Piece stretch, whole
    # What the travel is without the stretch, and so what its way in and out may cost.
    without = day.ahead[i - 1].travel + travel[p[i - 1] * legs + p[j + 1]] + day.ahead[(j + 1) * w + w - 1].travel
    for turn in range(2 if j > i else 1):
        stretch = day.back[i * w + j] if turn else day.ahead[i * w + j]
        first = p[j] if turn else p[i]
        last = p[i] if turn else p[j]
        budget = here - (<int64_t>(without + stretch.travel) << FINISH_BITS)
        if budget <= 0:
            continue
        for k in range(w - 1):
            if i - 1 <= k <= j:
                continue
            added = travel[p[k] * legs + first] + travel[last * legs + p[k + 1]] - travel[p[k] * legs + p[k + 1]]
            if <int64_t>added << FINISH_BITS >= budget:
                continue
            if k < i:
                whole = join(day, day.ahead[k], p[k], stretch, first)
                whole = join(day, whole, last, day.ahead[(k + 1) * w + i - 1], p[k + 1])
                whole = join(day, whole, p[i - 1], day.ahead[(j + 1) * w + w - 1], p[j + 1])
            else:
                whole = join(day, day.ahead[i - 1], p[i - 1], day.ahead[(j + 1) * w + k], p[j + 1])
                whole = join(day, whole, p[k], stretch, first)
                whole = join(day, whole, last, day.ahead[(k + 1) * w + w - 1], p[k + 1])
            if score(whole, day.warp_cost) < here:
                relocate(day, i, j, k, turn)
                return True
    return False


cdef void relocate(Day* day, int32_t i, int32_t j, int32_t k, bint is_turned) noexcept nogil:
    """Put route[i..j] behind what stands at k."""
    cdef int32_t stretch[LONGEST]
    cdef int32_t length = j - i + 1, at, to
    cdef int32_t* p = day.route
    for at in range(length):
        stretch[at] = p[j - at] if is_turned else p[i + at]
    if k < i:
        to = k + 1
        memmove(p + to + length, p + to, (i - to) * sizeof(int32_t))
    else:
        to = k + 1 - length
        memmove(p + i, p + j + 1, (k - j) * sizeof(int32_t))
    memcpy(p + to, stretch, length * sizeof(int32_t))
    measure(day)


cdef bint turn_stretch(Day* day, int32_t i, int32_t j) noexcept nogil:
    """Turn route[i..j] when the score falls."""
    cdef int32_t w = day.width, kept
    cdef int32_t* p = day.route
    cdef int64_t here = score(day.ahead[w - 1], day.warp_cost), travel
    cdef Piece whole, turned = day.back[i * w + j], tail = day.ahead[(j + 1) * w + w - 1]
    travel = day.ahead[i - 1].travel + turned.travel + tail.travel
    travel += day.travel[p[i - 1] * (day.n + 1) + p[j]] + day.travel[p[i] * (day.n + 1) + p[j + 1]]
    if travel << FINISH_BITS >= here:
        return False
    whole = join(day, join(day, day.ahead[i - 1], p[i - 1], turned, p[j]), p[i], tail, p[j + 1])
    if score(whole, day.warp_cost) >= here:
        return False
    while i < j:
        kept = p[i]
        p[i] = p[j]
        p[j] = kept
        i += 1
        j -= 1
    measure(day)
    return True


cdef void descend(Day* day) noexcept nogil:
    cdef int32_t i, j
    cdef bint gains = True
    while gains:
        gains = False
        for i in range(1, day.n + 1):
            for j in range(i, day.n + 1):
                if j - i < LONGEST and move_stretch(day, i, j):
                    gains = True
                if j > i and turn_stretch(day, i, j):
                    gains = True


cdef void shake(Day* day) noexcept nogil:
    """Let two neighbouring stretches change places, a few times."""
    cdef int32_t at, first, second, i, times = 1 + <int32_t>draw(day, 4)
    cdef int32_t stretch[LONGEST]
    cdef int32_t* p
    for i in range(times):
        at = 1 + <int32_t>draw(day, day.n - 1)
        first = 1 + <int32_t>draw(day, smaller(LONGEST, day.n - at))
        second = 1 + <int32_t>draw(day, smaller(LONGEST, day.n - at - first + 1))
        p = day.route + at
        memcpy(stretch, p, first * sizeof(int32_t))
        memmove(p, p + first, second * sizeof(int32_t))
        memcpy(p + second, stretch, first * sizeof(int32_t))
    measure(day)


cdef class Search:
    """A search that can be gone on with; `order` is the best so far."""

    cdef Day day
    cdef int32_t* routes        # the kept one, the best one
    cdef object held
    cdef Piece kept, best
    cdef int64_t best_score

    def __cinit__(self, const int32_t[:, ::1] travel, const int32_t[:, ::1] spent, const int32_t[::1] opens,
                  const int32_t[::1] closes, const int32_t[::1] order, uint32_t seed):
        cdef int32_t n = order.shape[0], w = order.shape[0] + 2, i
        self.held = travel, spent, opens, closes
        self.routes = <int32_t*>malloc(3 * w * sizeof(int32_t))
        self.day.ahead = <Piece*>malloc(2 * <size_t>w * w * sizeof(Piece))
        if self.routes == NULL or self.day.ahead == NULL:
            raise MemoryError
        self.day.n, self.day.width, self.day.random = n, w, seed * 2654435761u | 1
        self.day.travel, self.day.spent = &travel[0, 0], &spent[0, 0]
        self.day.opens, self.day.closes = &opens[0], &closes[0]
        self.day.back = self.day.ahead + w * w
        self.day.route = self.routes + 2 * w
        self.day.route[0] = self.day.route[w - 1] = 0
        for i in range(n):
            self.day.route[i + 1] = order[i] + 1
        self.best_score = FAR
        self.day.warp_cost = 16
        with nogil:
            measure(&self.day)
            descend(&self.day)
            self._keep()

    def __dealloc__(self):
        free(self.routes)
        free(self.day.ahead)

    cdef void _keep(self) noexcept nogil:
        memcpy(self.routes, self.day.route, self.day.width * sizeof(int32_t))
        self.kept = self.day.ahead[self.day.width - 1]
        cdef int64_t found = score(self.kept, FINAL_WARP_COST)
        if found < self.best_score:
            memcpy(self.routes + self.day.width, self.routes, self.day.width * sizeof(int32_t))
            self.best_score = found
            self.best = self.kept

    def run(self, int32_t descents):
        """Shake and descend so many times."""
        cdef int32_t i, cost
        cdef int64_t found, slack
        if self.day.n < 3:
            return
        with nogil:
            for i in range(descents):
                memcpy(self.day.route, self.routes, self.day.width * sizeof(int32_t))
                shake(&self.day)
                descend(&self.day)
                cost = self.day.warp_cost
                found = score(self.day.ahead[self.day.width - 1], cost)
                slack = score(self.best, cost)
                slack += slack >> SLACK_BITS
                if found <= score(self.kept, cost) or found < slack:
                    self._keep()
                if self.day.ahead[self.day.width - 1].warp:
                    self.day.warp_cost = smaller(LARGEST_WARP_COST, cost + 1 + (cost >> 3))
                else:
                    self.day.warp_cost = larger(1, cost - 1 - (cost >> 4))

    @property
    def order(self):
        return tuple([self.routes[self.day.width + 1 + i] - 1 for i in range(self.day.n)])
