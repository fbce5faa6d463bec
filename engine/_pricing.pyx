"""Prices one by one and in arrays. The arithmetic is the reference's, step by step, so that both agree."""

from libc.math cimport floor
from libc.stdint cimport int64_t

cdef double DUST = 1e-9


cdef class Prepared:
    """A policy's tables, held as typed views so that a call converts nothing."""

    cdef const double[::1] hours, demand_x, demand_y, free_x, free_y
    cdef int64_t floor_hundredths, cap_hundredths

    def __init__(self, const double[::1] hours, const double[::1] demand_x, const double[::1] demand_y,
                 const double[::1] free_x, const double[::1] free_y,
                 int64_t floor_hundredths, int64_t cap_hundredths):
        self.hours, self.demand_x, self.demand_y = hours, demand_x, demand_y
        self.free_x, self.free_y = free_x, free_y
        self.floor_hundredths, self.cap_hundredths = floor_hundredths, cap_hundredths


cdef struct Priced:
    int64_t hour, demand, scarcity, surge, final


cdef inline int64_t _hundredths(double value) noexcept nogil:
    return <int64_t>floor(value * 100 + 0.5 + DUST)


cdef double _on_curve(const double[::1] xs, const double[::1] ys, double x) noexcept nogil:
    cdef Py_ssize_t left, last = xs.shape[0] - 1
    if x <= xs[0]:
        return ys[0]
    for left in range(last):
        if x < xs[left + 1]:
            return ys[left] + (x - xs[left]) / (xs[left + 1] - xs[left]) * (ys[left + 1] - ys[left])
    return ys[last]


cdef Priced _price(Prepared policy, int64_t base, Py_ssize_t hour, double booked, double capacity,
                   double free, double on_duty) noexcept nogil:
    cdef Priced out
    cdef double ratio = booked / capacity if capacity > 0 else booked + 1.0
    cdef double share = free / on_duty if on_duty > 0 else 0.0
    share = 1.0 if share > 1.0 else 0.0 if share < 0.0 else share
    out.hour = _hundredths(policy.hours[hour])
    out.demand = _hundredths(_on_curve(policy.demand_x, policy.demand_y, ratio))
    out.scarcity = _hundredths(_on_curve(policy.free_x, policy.free_y, share))
    out.surge = (out.hour * out.demand * out.scarcity + 5000) // 10000
    if out.surge < policy.floor_hundredths:
        out.surge = policy.floor_hundredths
    if out.surge > policy.cap_hundredths:
        out.surge = policy.cap_hundredths
    out.final = (base * out.surge + 50) // 100
    return out


def price(Prepared policy, int64_t base, Py_ssize_t hour, double booked, double capacity, double free,
          double on_duty):
    if hour < 0 or hour >= policy.hours.shape[0]:
        raise IndexError("hour of week out of range")
    cdef Priced out = _price(policy, base, hour, booked, capacity, free, on_duty)
    return out.hour, out.demand, out.scarcity, out.surge, out.final


def prices(Prepared policy, const int64_t[::1] base, const int64_t[::1] hours, const double[::1] booked,
           const double[::1] capacity, const double[::1] free, const double[::1] on_duty,
           int64_t[::1] surge, int64_t[::1] final):
    cdef Py_ssize_t i
    cdef Priced out
    with nogil:
        for i in range(base.shape[0]):
            out = _price(policy, base[i], hours[i], booked[i], capacity[i], free[i], on_duty[i])
            surge[i] = out.surge
            final[i] = out.final
