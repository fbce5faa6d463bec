"""Distances from chords.

Points become unit vectors once. Two points at an angle theta have the chord c = 2 sin(theta / 2), so
theta = 2 asin(c / 2), and asin by its series: with x = (c / 2)^2,

    theta = 2 sqrt(x) (1 + x/6 + 3x^2/40 + 15x^3/336 + 105x^4/3456 + ...)

For theta up to 60 degrees (6,671 km) seven terms are exact to 1e-5 relative; beyond that, which no city and no
country of ours needs, the library's asin is taken. The series has no branch and no call, so
that the compiler turns a row into vector code (`_travel_row.h`).

A matrix is taken in single precision, which twice as many lanes share. Unit vectors would lose near points in
it, so their middle is taken off in double first: what is left is as small as the points are near each other,
and a difference of two is exact to a few millimetres in a city, to decimetres in a country.
"""

from libc.math cimport asin, cos, fabs, fmax, fmin, sin, sqrt
from libc.stddef cimport ptrdiff_t
from libc.stdlib cimport free, malloc

cdef extern from "_travel_row.h" nogil:
    void travel_row(
        float px, float py, float pz, const float* x, const float* y, const float* z,
        ptrdiff_t n, float scale, float offset, float* out,
    ) noexcept

cdef double EARTH_RADIUS_KM = 6371.0088
cdef double DEGREE = 0.017453292519943295
cdef double SERIES_LIMIT = 0.25  # x = sin(theta / 2)^2 at theta = 60 degrees


cdef double _distance(double lat1, double lng1, double lat2, double lng2) noexcept nogil:
    cdef double phi1 = lat1 * DEGREE, phi2 = lat2 * DEGREE
    cdef double a = sin((phi2 - phi1) * 0.5), b = sin((lng2 - lng1) * DEGREE * 0.5)
    return 2.0 * EARTH_RADIUS_KM * asin(fmin(1.0, sqrt(a * a + cos(phi1) * cos(phi2) * b * b)))


def distance_km(double lat1, double lng1, double lat2, double lng2):
    return _distance(lat1, lng1, lat2, lng2)


cdef void _vectors(const double[::1] lats, const double[::1] lngs, double* x, double* y, double* z) noexcept nogil:
    cdef Py_ssize_t i
    cdef double phi, lam
    for i in range(lats.shape[0]):
        phi = lats[i] * DEGREE
        lam = lngs[i] * DEGREE
        x[i] = cos(phi) * cos(lam)
        y[i] = cos(phi) * sin(lam)
        z[i] = sin(phi)


cdef void _far_row(
    double px, double py, double pz, const double* x, const double* y, const double* z,
    Py_ssize_t n, double scale, double offset, float* out,
) noexcept nogil:
    """A row of a matrix with points beyond the series."""
    cdef Py_ssize_t j
    cdef double dx, dy, dz, s
    for j in range(n):
        dx = x[j] - px
        dy = y[j] - py
        dz = z[j] - pz
        s = 0.25 * (dx * dx + dy * dy + dz * dz)
        out[j] = <float>(offset + scale * 2.0 * asin(fmin(1.0, sqrt(s))))


cdef double _centred(const double* values, Py_ssize_t n, float* out) noexcept nogil:
    """Write values without their mean, and give the square of the one farthest from it."""
    cdef Py_ssize_t i
    cdef double mean = 0.0, farthest = 0.0
    for i in range(n):
        mean += values[i]
    mean /= n
    for i in range(n):
        out[i] = <float>(values[i] - mean)
        farthest = fmax(farthest, (values[i] - mean) * (values[i] - mean))
    return farthest


cdef int _all_pairs(
    const double[::1] lats, const double[::1] lngs, double scale, double offset, float[:, ::1] out
) noexcept nogil:
    cdef Py_ssize_t n = lats.shape[0], i
    cdef double* memory = <double*>malloc(3 * n * (sizeof(double) + sizeof(float)))
    if memory == NULL:
        return -1
    cdef double* x = memory
    cdef double* y = memory + n
    cdef double* z = memory + 2 * n
    cdef float* a = <float*>(memory + 3 * n)
    cdef float* b = a + n
    cdef float* c = a + 2 * n
    cdef bint is_near
    _vectors(lats, lngs, x, y, z)
    # No chord is longer than twice the way from the middle to the farthest point.
    is_near = _centred(x, n, a) + _centred(y, n, b) + _centred(z, n, c) <= SERIES_LIMIT
    for i in range(n):
        if is_near:
            travel_row(a[i], b[i], c[i], a, b, c, n, <float>scale, <float>offset, &out[i, 0])
        else:
            _far_row(x[i], y[i], z[i], x, y, z, n, scale, offset, &out[i, 0])
        out[i, i] = 0.0
    free(memory)
    return 0


def distances_km(double lat, double lng, const double[::1] lats, const double[::1] lngs, float[::1] out):
    cdef Py_ssize_t i
    with nogil:
        for i in range(lats.shape[0]):
            out[i] = <float>_distance(lat, lng, lats[i], lngs[i])


cdef bint _are_points(const double[::1] lats, const double[::1] lngs) noexcept nogil:
    """Whether all are degrees; what is no number is none."""
    cdef Py_ssize_t i
    for i in range(lats.shape[0]):
        if not (fabs(lats[i]) <= 90.0 and fabs(lngs[i]) <= 360.0):
            return False
    return True


def are_points(const double[::1] lats, const double[::1] lngs):
    return _are_points(lats, lngs)


def matrix(
    const double[::1] lats, const double[::1] lngs, double minutes_per_km, double access_minutes,
    float[:, ::1] out,
):
    if lats.shape[0] == 0:
        return
    cdef int failed
    with nogil:
        failed = _all_pairs(lats, lngs, minutes_per_km * EARTH_RADIUS_KM, access_minutes, out)
    if failed:
        raise MemoryError
