/* tests/host/hands.h - frames and kernel objects change hands.
 *
 * The linker puts the functions here between mm/ and those that give and take memory
 * (mm/frames/frame.c, mm/frames/slab.c). Whoever still uses what it has given back is told so by
 * ASan at once, and a frame that the processor can still reach may not be given at all. */
#ifndef HOST_HANDS_H
#define HOST_HANDS_H

#include "arch/types.h"

/* Not 0: the Nth object asked of a slab from now is refused. (Frames: frame_fail_after.) */
extern uint32_t machine_slab_fail_after;

/* A page has been copied to it, ahead: who takes it wants what is there. */
void hands_copied(frame_t frame);

/* The machine has begun: what is free now is hidden, too. */
void hands_start(void);

#endif
