/* select_sets.h - select's three sets of descriptors, a bit each: to read, to write, exceptions.
 *
 * There may be as many as a table of files has room for, so the kernel's copy lies in parts of a
 * page each. */
#ifndef KERNEL_LINUX_SELECT_SETS_H
#define KERNEL_LINUX_SELECT_SETS_H

#include "kernel/file/file.h"

#define SELECT_PART_WORDS 80u
#define SELECT_PARTS      ((FILES_MAX / 64 + SELECT_PART_WORDS - 1) / SELECT_PART_WORDS)

struct select_part {
    uint64_t asked[3][SELECT_PART_WORDS], ready[3][SELECT_PART_WORDS];
};

struct select_sets {
    unsigned count; /* descriptors */
    struct select_part *part[SELECT_PARTS];
};

/* The user's sets, `count` bits of each; a set's address may be 0. 0, -ENOMEM or -EFAULT; sets_free
 * wants to be called in any case. */
long sets_fetch(struct select_sets *sets, const uint64_t user[3]) SLEEPS;

/* How many of what was asked for is ready now, or -EBADF. */
long select_look(const struct select_sets *sets);

/* What select_look has found, to the user. 0 or -EFAULT. */
long sets_give(const struct select_sets *sets, const uint64_t user[3]) SLEEPS;

void sets_free(struct select_sets *sets);

#endif
