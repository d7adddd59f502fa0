/* arch/processors.h - the other processors: started, and what they do first. */
#ifndef ARCH_PROCESSORS_H
#define ARCH_PROCESSORS_H

#include "arch/processor.h"
#include "boot/boot_info.h"

/* Start those that the firmware tells of, `most` in all with the first; one that does not come
 * ends the boot. Their stacks are taken off `info`. After timer_init. */
void processors_start(struct boot_info *info, unsigned most);

/* The kernel is set up: from now on entries take the kernel's lock, which the caller has, and the
 * others run `main`, each with the lock. Nothing if there is one processor. */
void processors_run(void (*main)(void));

/* Where another processor begins (boot.asm), on a stack of its own: it takes over what the first
 * one has set up, and halts until processors_run. Never returns. */
_Noreturn void processor_begin(struct processor *self);

#endif
