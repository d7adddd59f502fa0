/* counters.h - the numbers a process can read about its own memory.
 *
 * What is faulted in is counted by the kernel (getrusage); what is promised and what is
 * resident stands in /proc; and which frame holds which page, who else maps it and with what
 * rights stands in /proc/PID/pages, Faultline's own file. On Linux the same is pieced
 * together from pagemap and kpagecount (root only), without page ids or rights. */
#ifndef USER_LIB_COUNTERS_H
#define USER_LIB_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PAGE = 4096 };

/* Touch all of the program's own code and data, so that from now on only what is measured
 * faults. */
void program_touch(void);

/* Only what of it cannot be written: its code and constants. */
void code_touch(void);

/* The stack's next pages too: where it begins depends on the environment, and deeper calls must
 * not make it grow while something is measured. */
void stack_touch(void);

/* Faults of this process so far, minor and major together; and the major ones alone. */
long faults_now(void);
long faults_major_now(void);

/* The number after "NAME:" in a file of such lines, in the file's own unit; -1: not there. */
long field_read(const char *path, const char *name);

/* The number in the first line "NAME N" of a file such as /proc/vmstat, or "  NAME   N" as in
 * /proc/zoneinfo; -1: not there. */
long value_read(const char *path, const char *name);

/* The number that a file begins with; -1: it cannot be read. */
long number_read(const char *path);

/* Free memory in KiB, zeroed frames counted. */
long memory_free(void);

/* Pages promised to this process (all its regions), and pages of it that have a frame. */
long pages_promised(void);
long pages_resident(void);

/* What /proc/PID/pages says of one address. */
struct page_look {
    bool present;   /* it has a frame */
    long page;      /* page id, -1: none or not told */
    long frame;     /* -1: none */
    long holders;   /* who names this page: ptes, and an object if it has one */
    char rights[4]; /* as the pte has them now, "???" where not told */
};

/* Look at one address of process `pid` (0: this one). False: the kernel does not tell. */
bool page_look(pid_t pid, const void *address, struct page_look *look);

/* How many page table entries, in all spaces, map the frame that holds the address here
 * (kpagecount); -1: there is none, or the kernel does not tell. */
long page_users(const volatile void *address);

/* Frames of `count` pages from `address` on, -1 where there is none. False: not told. */
bool frames_look(const void *address, size_t count, long *frames);

/* A private anonymous region of so many pages, small pages only. Ends the program when
 * refused. */
char *region_map(size_t pages);

#endif
