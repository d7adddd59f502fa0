/* tests/host/mover.h - whatever may change while somebody sleeps, does.
 *
 * Who sleeps in mm/ lets go of the lock, and must look everything up again afterwards: where a
 * page is, which region and which table there are, are other threads' affair meanwhile. They
 * seldom change it, so a value kept across a sleep is seldom wrong. The mover makes it wrong
 * at every sleep: pages lose their frames and get others, ids are given up, regions are split,
 * joined and replaced by copies elsewhere (what they were is poisoned), tables are taken down
 * and built again. Nothing of it may show to user code. */
#ifndef HOST_MOVER_H
#define HOST_MOVER_H

#include <stdint.h>

/* For host_sleep_hook. */
void mover_run(void);
/* What it has done. */
extern uint64_t mover_regions, mover_tables, mover_frames;

#endif
