/* Prices of a block, in passes that have no branch, so that each pass becomes vector code.
 *
 * All is done in doubles, which hold these integers exactly: factors and surge in hundredths up to 9,000, their
 * product up to 7.3e11, money up to 1e11 minor units x 9,000. An integer over 100 or 10,000 is never nearer to the
 * next one than that divisor's inverse, so half of it added before multiplying keeps the floor exact. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "_every_machine.h"

#define BLOCK 512
#define LARGEST_BASE_MINOR 100000000000

/* Knots (x, y), x rising, and the slope of each of the knots - 1 pieces. */
typedef struct {
    const double *x, *y, *slope;
    ptrdiff_t pieces;
} Curve;

typedef struct {
    const int64_t *base, *hour;
    const double *booked, *capacity, *free, *on_duty;
} Asked;

typedef struct {
    const double *hour_hundredths; /* 168 */
    Curve demand, availability;
    double floor_hundredths, cap_hundredths;
} Tables;

/* Fused products would round differently from machine to machine, and money must not. */
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off")

/* out = the curve there, in hundredths: first + sum of slope * (the part of each piece that lies before `at`). */
static inline __attribute__((always_inline)) void
on_curve(Curve curve, const double *restrict at, ptrdiff_t n, double *restrict out)
{
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = curve.y[0];
    for (ptrdiff_t k = 0; k < curve.pieces; k++) {
        const double from = curve.x[k], to = curve.x[k + 1], slope = curve.slope[k];
        for (ptrdiff_t i = 0; i < n; i++) {
            const double above = at[i] > from ? at[i] : from;
            out[i] += slope * ((above < to ? above : to) - from);
        }
    }
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = floor(out[i] * 100.0 + (0.5 + 1e-9));
}

/* Write n <= BLOCK prices: two factors in hundredths, the surge, the final minor units. Give 0, and write nothing,
 * when an hour or a base is out of range. */
EVERY_MACHINE
static int price_block(const Tables *tables, Asked asked, ptrdiff_t n, double *restrict demand,
                       double *restrict scarcity, double *restrict surge, int64_t *restrict final)
{
    double x[BLOCK];
    uint64_t wrong = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        wrong |= ((uint64_t)asked.hour[i] >= 168) | ((uint64_t)asked.base[i] > LARGEST_BASE_MINOR);
    if (wrong)
        return 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        const double ratio = asked.booked[i] / asked.capacity[i];
        x[i] = asked.capacity[i] > 0.0 ? ratio : asked.booked[i] + 1.0;
    }
    on_curve(tables->demand, x, n, demand);
    for (ptrdiff_t i = 0; i < n; i++) {
        const double share = asked.free[i] / asked.on_duty[i];
        x[i] = asked.on_duty[i] > 0.0 ? share : 0.0;
    }
    on_curve(tables->availability, x, n, scarcity);
    for (ptrdiff_t i = 0; i < n; i++) {
        const double product = tables->hour_hundredths[asked.hour[i]] * demand[i] * scarcity[i];
        double rounded = floor((product + 5000.5) * 1e-4);
        rounded = rounded < tables->floor_hundredths ? tables->floor_hundredths : rounded;
        rounded = rounded > tables->cap_hundredths ? tables->cap_hundredths : rounded;
        surge[i] = rounded / 100.0;
        final[i] = (int64_t)floor(((double)asked.base[i] * rounded + 50.5) * 0.01);
    }
    return 1;
}

#pragma GCC pop_options
