/* arch/processors.h - the other processors: started, and what they do first. */
#ifndef ARCH_PROCESSORS_H
#define ARCH_PROCESSORS_H

#include "boot/boot_info.h"

/* How many run, the first among them. */
extern unsigned processor_count;

/* Start those that the firmware tells of, `most` in all with the first; one that does not come
 * ends the boot. Their stacks are taken off `info`. After timer_init. */
void processors_start(struct boot_info *info, unsigned most);

/* Where another processor begins (boot.asm), on a stack of its own: it takes over what the first
 * one has set up, and halts. Never returns. */
_Noreturn void processor_begin(struct processor *self);

#endif
