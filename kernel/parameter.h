/* kernel/parameter.h - what the command line may say. */
#ifndef KERNEL_PARAMETER_H
#define KERNEL_PARAMETER_H

#include "arch/types.h"

/* Each is a line of the table in parameter.c, which says what it means. */
struct parameters {
    uint64_t job;                             /* 0, 1 */
    uint64_t cpus;                            /* at most */
    uint64_t turn;                            /* microseconds: kernel/process/placement.c */
    uint64_t interleave;                      /* a seed: arch/shootdown.c */
    uint64_t shootdown;                       /* 0, 1: arch/shootdown.c */
    uint64_t vdso;                            /* 0, 1: kernel/vdso/vdso.h */
    uint64_t image_latency;                   /* us */
    uint64_t image_fail_read;                 /* the Nth read of the image fails; 0: none */
    uint64_t frames;                          /* 0: all there are */
    char policy[24];                          /* of the group of all; "": the default */
    char alloc[24];                           /* scheme; "": global */
    uint64_t swap;                            /* bytes */
    uint64_t swap_latency;                    /* us */
    uint64_t swap_fail_read, swap_fail_write; /* the Nth; 0: none */
    uint64_t swap_fail_percent;
    uint64_t working_set_window; /* ms of a process's own running; 0: no sampling */
    char load_control[24];       /* a criterion, or "off"; "": working-set */
    uint64_t prepaging;          /* 0, 1 */
    uint64_t audit;              /* faults; 0: never */
    uint64_t copy_sleep;         /* seed; 0: copies sleep only where they fault */
    uint64_t junk;               /* 0, 1 */
    uint64_t stack_junk;         /* 0, 1 */
    uint64_t trace;              /* 0, 1 */
    uint64_t trace_area;         /* physical address; 0: none */
    uint64_t trace_size;         /* bytes */
};

extern struct parameters parameters;

/* Set `parameters` from the words of a command line, each key=value, separated by blanks;
 * what is not mentioned has its default. A word that is not known or makes no sense is
 * named, with what would have been right, and the machine stops. */
void parameter_read(const char *command_line);

#endif
