"""Prices one by one and in arrays, both by `price_block` (`_pricing_block.h`): they agree by being the same.

A column of an array call is as long as the answer, or a block of one value that serves every block.
"""

from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int64_t

cdef extern from "_pricing_block.h" nogil:
    enum: BLOCK
    enum: LARGEST_BASE_MINOR

    ctypedef struct Curve:
        const double* x
        const double* y
        const double* slope
        ptrdiff_t pieces

    ctypedef struct Asked:
        const int64_t* base
        const int64_t* hour
        const double* booked
        const double* capacity
        const double* free
        const double* on_duty

    ctypedef struct Tables:
        const double* hour_hundredths
        Curve demand, availability
        double floor_hundredths, cap_hundredths

    bint price_block(
        const Tables* tables, Asked asked, ptrdiff_t n, double* demand, double* scarcity, double* surge,
        int64_t* final,
    ) noexcept

BLOCK_LENGTH = BLOCK


cdef class Prepared:
    """A policy's tables, held so that a call converts nothing."""

    cdef Tables tables
    cdef tuple held

    def __init__(self, const double[::1] hour_hundredths, const double[:, ::1] demand,
                 const double[:, ::1] availability, double floor_hundredths, double cap_hundredths):
        self.held = hour_hundredths, demand, availability
        self.tables = Tables(
            &hour_hundredths[0], _curve(demand), _curve(availability), floor_hundredths, cap_hundredths
        )


cdef Curve _curve(const double[:, ::1] rows) noexcept:
    """Rows are the knots' x and y and the slopes."""
    return Curve(&rows[0, 0], &rows[1, 0], &rows[2, 0], rows.shape[1] - 1)


def price(Prepared policy, int64_t base, int64_t hour, double booked, double capacity, double free,
          double on_duty):
    cdef double demand, scarcity, surge
    cdef int64_t final
    cdef Asked asked = Asked(&base, &hour, &booked, &capacity, &free, &on_duty)
    if not price_block(&policy.tables, asked, 1, &demand, &scarcity, &surge, &final):
        return None
    return policy.tables.hour_hundredths[hour], demand, scarcity, surge, final


def prices(Prepared policy, const int64_t[::1] base, const int64_t[::1] hours, const double[::1] booked,
           const double[::1] capacity, const double[::1] free, const double[::1] on_duty,
           double[::1] surge, int64_t[::1] final):
    cdef double demand[BLOCK]
    cdef double scarcity[BLOCK]
    cdef ptrdiff_t total = surge.shape[0], done = 0, n
    cdef bint in_range = True
    cdef Asked asked
    with nogil:
        while done < total and in_range:
            n = min(<ptrdiff_t>BLOCK, total - done)
            asked = Asked(
                &base[done if base.shape[0] == total else 0],
                &hours[done if hours.shape[0] == total else 0],
                &booked[done if booked.shape[0] == total else 0],
                &capacity[done if capacity.shape[0] == total else 0],
                &free[done if free.shape[0] == total else 0],
                &on_duty[done if on_duty.shape[0] == total else 0],
            )
            in_range = price_block(&policy.tables, asked, n, demand, scarcity, &surge[done], &final[done])
            done += n
    return in_range
