/* The inner loop of the bound on completions (`_routing.pyx`).
 *
 * An entry packs travel and the next stop into one integer, (travel << STOP_BITS) | stop, so that the smaller entry
 * is the one with less travel and carries its stop along. Of each minute two entries are kept, with different next
 * stops: who comes from one of the two goes on with the other, and no way leads i, j, i. */
#include <stdint.h>

#include "_every_machine.h"

#define STOP_BITS 5
#define STOP_MASK 31

typedef struct {
    int32_t *first, *second; /* by minute of the stop's window */
    int32_t width;
} Entries;

/* Offer stop j with its `onward` entries to every minute of stop i: `shift` is what lies between the minutes'
 * indices, `cost` the leg, packed. Who comes early waits; who comes late can't. */
EVERY_MACHINE
static void relax(Entries best, int32_t i, Entries onward, int32_t j, int32_t shift, int32_t cost)
{
    int32_t *restrict first = best.first, *restrict second = best.second;
    const int32_t *restrict onward_first = onward.first, *restrict onward_second = onward.second;
    const int32_t early = shift >= 0 ? 0 : -shift < best.width ? -shift : best.width;
    const int32_t end = onward.width - shift < best.width ? onward.width - shift : best.width;
    const int32_t waited = (onward_first[0] & STOP_MASK) == i ? onward_second[0] : onward_first[0];
    const int32_t waiting = ((waited + cost) & ~STOP_MASK) | j;
    for (int32_t a = 0; a < early; a++) {
        const int32_t larger = first[a] > waiting ? first[a] : waiting;
        first[a] = first[a] < waiting ? first[a] : waiting;
        second[a] = second[a] < larger ? second[a] : larger;
    }
    for (int32_t a = early; a < end; a++) {
        const int32_t one = onward_first[a + shift], other = onward_second[a + shift];
        const int32_t taken = (one & STOP_MASK) == i ? other : one;
        const int32_t found = ((taken + cost) & ~STOP_MASK) | j;
        const int32_t larger = first[a] > found ? first[a] : found;
        first[a] = first[a] < found ? first[a] : found;
        second[a] = second[a] < larger ? second[a] : larger;
    }
}
