/* load.h - a load whose degree of multiprogramming can be chosen, and what the kernel says of
 * it while it lasts.
 *
 * Each process goes through its working set again and again: reads and writes a little of
 * each page, computes, and after each round waits as if for a terminal or a disk. One alone
 * leaves the processor idle most of the time; several fill each other's pauses. */
#ifndef USER_LIB_LOAD_H
#define USER_LIB_LOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { LOAD_MOST = 64, LOAD_WINDOWS = 64 }; /* processes; windows of two seconds */

struct load {
    int degree;  /* processes */
    int pages;   /* of each */
    int rounds;  /* through all pages, by all of them together; 0: no end but `seconds` */
    int compute; /* us a page */
    int wait;    /* us after each round */
    int seconds; /* after which all end; 0: when the rounds are done */
    int frames;  /* that are to be left for them; the rest is wired meanwhile. 0: all */
};

/* The load of the chapter's figure: the same for every degree. */
extern const struct load load_standard;

/* What the kernel counts (/proc/load_control). */
struct load_counts {
    long time, busy, device; /* ns */
    long service;            /* ns a request takes; 0: there is no paging device, or it
                                takes no time */
    long faults, suspensions, rotations, prepaged;
    long working_sets, frames, active, suspended, episodes; /* as they are now */
};
bool load_counts_read(struct load_counts *counts);
/* 0…100: of the time between two readings. */
double load_busy(const struct load_counts *from, const struct load_counts *to);
double load_device(const struct load_counts *from, const struct load_counts *to);
double load_faults(const struct load_counts *from, const struct load_counts *to);

struct load_result {
    struct load_counts begin,
        end; /* when all had touched their pages, and when all had ended */
    double seconds;
    long rounds[LOAD_MOST]; /* that each made */
    long least[LOAD_MOST];  /* pages that each went through in the worst two seconds
                                        before the first ended; -1: there were none so long */
    int ended_well;         /* processes */
};

/* Run it. `look` (or NULL) is called once a second with the counts of its beginning and end.
 * False: it could not be begun. */
bool load_run(const struct load *load, struct load_result *result,
              void (*look)(const struct load_counts *from, const struct load_counts *to));

/* A process that wires all frames but `left` for pages of users, until ballast_end. -1: it
 * could not. */
pid_t ballast_start(int left);
void ballast_end(pid_t ballast);

/* Write a word into a file of /proc/sys/vm. */
bool setting_write(const char *name, const char *word);

#endif
