/* kernel/vdso/vdso.h - time without a system call: code that the kernel gives to every program.
 *
 * Programs that measure ask for the time all the time, and a system call costs many times what the
 * answer does. But nothing of it is a secret: the time is the processor's counter, times a rate,
 * since a start. So the kernel writes down rate and start in a page that everybody can read, and
 * beside it puts the code that knows what to do with them (image.asm): a shared library that
 * nobody had to load (Linux's vDSO). The two are one frame each, in all spaces
 * (mm/address_spaces/shared_code.h).
 *
 * Both ways tell the same time, since both reckon alike; a call tells that of its beginning. What
 * the page says never changes: nobody sets the clock here, so readers need not look twice whether
 * they have read half of a change, as on Linux. */
#ifndef KERNEL_VDSO_H
#define KERNEL_VDSO_H

#include "arch/types.h"

/* What image.asm reads, at the same places. */
struct vdso_clock {
    uint32_t counts;      /* 0: the counter is no clock; call the kernel */
    uint32_t selector;    /* of a segment whose limit is the processor's number */
    uint64_t start;       /* the time-stamp counter at the start */
    uint64_t ns_per_tick; /* 32.32 fixed point */
    uint64_t real;        /* ns from 1970 to the start */
};

/* Before the first space, once time can be measured: from now on exec maps both pages, unless they
 * are not wanted (vdso=0). */
void vdso_start(void);

#endif
