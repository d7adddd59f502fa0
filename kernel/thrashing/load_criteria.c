/* kernel/thrashing/load_criteria.c - how many processes is too many? Three answers from
 * the literature.
 *
 * working-set: their working sets do not fit (P. J. Denning, 1968). It needs to see what each
 * process uses, but then it knows beforehand what one process more or less will do.
 *
 * fault-frequency: the whole system faults more often than an upper bound, or less often
 * than a lower one (after W. W. Chu and H. Opderbeck, 1972, who gave frames to processes
 * that way). The bounds are parts of the most that the device can serve.
 *
 * fault-interval: the mean running time between two faults, L, is less than what it takes
 * to serve one, S: the L = S criterion (Denning, Kahn, Leroudier, Potier and Suri, 1976).
 *
 * The last two see only symptoms: they have to try, and wait for what comes of it. */
#include "kernel/thrashing/thrashing.h"

#include "kernel/process/process.h"
#include "kernel/thrashing/frame_shares.h"

/* --- Working sets ------------------------------------------------------------------------ */

/* Too much is wanted, and faults show it: else there is nothing to cure. Few faults are enough,
 * those that take more than 2 % of the time to serve:
 * when the processor is busy, one process whose pages go again and again starves quietly, as
 * each of its faults then waits for its turn. With local allocation it is not enough that the
 * sum fits: each set has to fit into its share. */
static bool sets_overloaded(const struct load_sample *sample)
{
    return sample->faults * sample->service * 50 > sample->elapsed &&
           (sample->working_sets > sample->frames || !allocation_fits(NULL));
}

/* It fits with the rest, and with local allocation each set would fit into its share. */
static bool sets_admit(const struct load_sample *sample, struct process *waiting)
{
    return sample->working_sets + waiting->load_set <= sample->frames &&
           allocation_fits(waiting);
}

/* --- Fault frequency --------------------------------------------------------------------- */

/* Faults that the device could have served in the period. */
static uint64_t faults_possible(const struct load_sample *sample)
{
    return sample->elapsed / sample->service;
}

static bool frequency_overloaded(const struct load_sample *sample)
{
    return sample->faults * 2 > faults_possible(sample);
}

static bool frequency_admits(const struct load_sample *sample,
                             struct process *waiting __attribute__((unused)))
{
    return sample->faults * 20 < faults_possible(sample);
}

/* --- Mean time between faults ------------------------------------------------------------- */

static bool interval_overloaded(const struct load_sample *sample)
{
    return sample->busy < sample->faults * sample->service;
}

/* Well above, or it would swing to and fro. */
static bool interval_admits(const struct load_sample *sample,
                            struct process *waiting __attribute__((unused)))
{
    return sample->busy > 10 * sample->faults * sample->service;
}

const struct load_criterion load_criteria[] = {
    {"working-set", true, sets_overloaded, sets_admit},
    {"fault-frequency", false, frequency_overloaded, frequency_admits},
    {"fault-interval", false, interval_overloaded, interval_admits},
    {0},
};
