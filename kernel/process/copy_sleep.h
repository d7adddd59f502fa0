/* kernel/process/copy_sleep.h - see copy_sleep.c. */
#ifndef KERNEL_PROCESS_COPY_SLEEP_H
#define KERNEL_PROCESS_COPY_SLEEP_H

/* Have copies sleep from now on, if the command line says so. */
void copy_sleep_start(void);

#endif
