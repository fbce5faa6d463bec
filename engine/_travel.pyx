"""Distances from chords.

Points become unit vectors once. Two points at an angle theta have the chord c = 2 sin(theta / 2), so
theta = 2 asin(c / 2), and asin by its series: with x = (c / 2)^2,

    theta = 2 sqrt(x) (1 + x/6 + 3x^2/40 + 15x^3/336 + 105x^4/3456 + ...)

For theta up to 60 degrees (6,671 km) the five terms are exact to 1e-5 relative; beyond that, which no city
and no country of ours needs, the library's asin is taken for the whole row. The series has no branch and no
call, so that the compiler turns a row into vector code. In single precision the difference of unit vectors
would lose near points, so the differences are taken in double and only the result is narrowed.
"""

from libc.math cimport asin, cos, fmin, sin, sqrt
from libc.stdlib cimport free, malloc

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


cdef void _row(
    double px, double py, double pz, const double* x, const double* y, const double* z,
    Py_ssize_t n, double scale, double offset, float* out,
) noexcept nogil:
    """out[j] = offset + scale * angle between p and (x, y, z)[j]."""
    cdef Py_ssize_t j
    cdef double dx, dy, dz, s, series, largest = 0.0
    for j in range(n):
        dx = x[j] - px
        dy = y[j] - py
        dz = z[j] - pz
        s = 0.25 * (dx * dx + dy * dy + dz * dz)
        largest = s if s > largest else largest
        series = 1.0 + s * (1.0 / 6 + s * (0.075 + s * (0.044642857142857144 + s * (
            0.030381944444444444 + s * (0.022372159090909092 + s * 0.017352764423076924)))))
        out[j] = <float>(offset + scale * 2.0 * sqrt(s) * series)
    if largest > SERIES_LIMIT:
        for j in range(n):
            dx = x[j] - px
            dy = y[j] - py
            dz = z[j] - pz
            s = 0.25 * (dx * dx + dy * dy + dz * dz)
            out[j] = <float>(offset + scale * 2.0 * asin(fmin(1.0, sqrt(s))))


cdef int _all_pairs(
    const double[::1] lats, const double[::1] lngs, double scale, double offset, float[:, ::1] out
) noexcept nogil:
    cdef Py_ssize_t n = lats.shape[0], i
    cdef double* memory = <double*>malloc(3 * n * sizeof(double))
    if memory == NULL:
        return -1
    cdef double* x = memory
    cdef double* y = memory + n
    cdef double* z = memory + 2 * n
    _vectors(lats, lngs, x, y, z)
    for i in range(n):
        _row(x[i], y[i], z[i], x, y, z, n, scale, offset, &out[i, 0])
        out[i, i] = 0.0
    free(memory)
    return 0


def distances_km(double lat, double lng, const double[::1] lats, const double[::1] lngs, float[::1] out):
    cdef Py_ssize_t i
    with nogil:
        for i in range(lats.shape[0]):
            out[i] = <float>_distance(lat, lng, lats[i], lngs[i])


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
