/* One row of a matrix in single precision. */
#include <math.h>
#include <stddef.h>

#include "_every_machine.h"

/* out[j] = offset + scale * angle between p and (x, y, z)[j], for angles up to 60 degrees. */
EVERY_MACHINE
static void travel_row(float px, float py, float pz, const float *restrict x, const float *restrict y,
                       const float *restrict z, ptrdiff_t n, float scale, float offset,
                       float *restrict out)
{
    const float twice = 2.0f * scale;
    for (ptrdiff_t j = 0; j < n; j++) {
        const float dx = x[j] - px, dy = y[j] - py, dz = z[j] - pz;
        const float s = 0.25f * (dx * dx + dy * dy + dz * dz);
        const float series =
            1.0f + s * (1.0f / 6 + s * (0.075f + s * (0.044642857f + s * (0.030381944f
            + s * (0.022372159f + s * 0.017352764f)))));
        out[j] = offset + twice * sqrtf(s) * series;
    }
}
