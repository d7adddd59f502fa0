/* kernel/cgroupfs/cgroup.h - groups as directories: /sys/fs/cgroup.
 *
 * A directory there is a group (group.h), its files are what can be asked of it and told
 * to it, with the names, units and formats of Linux's cgroup v2 where that has them. The
 * root is the group of all. There is one level of groups below it: limits do not nest. */
#ifndef KERNEL_CGROUPFS_CGROUP_H
#define KERNEL_CGROUPFS_CGROUP_H

#include "kernel/procfs/proc.h"
#include "mm/mm.h"

struct victims;

/* What a group is to those who look at it through files. */
struct cgroup {
    struct inode *directory; /* NULL: not in use */
    char *name;              /* of the directory; NULL: the root */
    struct victims *victims; /* who went, in order; NULL: nobody is taking it down */
    bool fixed;          /* its limit was written by hand: it takes no part in allocation */
    bool automatic;      /* made for one process, and ends with it */
    unsigned users;      /* calls in the middle of something with it: it does not end */
    uint32_t fault_rate; /* per second of its own processor time… */
    uint64_t measured_faults, measured_time; /* …between the time before and this one */
    uint32_t window; /* of the working set, in references (exact mode); 0: the default */
};

extern struct cgroup cgroups[GROUPS_MAX]; /* each beside its groups[] */

static inline struct group *cgroup_group(const struct cgroup *cgroup)
{
    return &groups[cgroup - cgroups];
}

/* The root directory, with one reference; NULL: memory. */
struct inode *cgroup_root_create(void);
/* The name of the group with this index; NULL: the root, or none. */
const char *cgroup_name(unsigned group);

/* --- A group for each process (each.c) ---------------------------------------------------- */

extern bool cgroup_each; /* whoever is forked, or execs, gets a group of its own */
/* A space of the group has gone: a group that was made for it goes, too. Never sleeps: what
 * cannot go now goes with cgroup_sweep. */
void cgroup_left(uint16_t group);
/* Hear of each space that begins and ends (space_group.h). */
void cgroup_each_init(void);
/* End all groups whose processes have ended. Does not sleep. */
void cgroup_sweep(void);
/* Whoever sleeps over what is done to a group, or asked of it, is one of its users meanwhile. */
void cgroup_hold(struct cgroup *cgroup);
void cgroup_release(struct cgroup *cgroup);

/* A new group below the root; NULL with *error set. Takes `name`'s characters, not `name`. */
struct cgroup *cgroup_make(const char *name, int *error) EXCLUDES(mm);
/* The group that no space is in, and whose frames the root has room for, ends. */
void cgroup_end(struct cgroup *cgroup);
/* It has a space, or a user. */
bool cgroup_is_used(const struct cgroup *cgroup);

/* --- The files of a directory ------------------------------------------------------- */

struct cgroup_file {
    const char *name;
    uint32_t mode;
    /* Its text. 0, or -errno. */
    int (*show)(struct proc_text *text, struct cgroup *cgroup);
    /* Told `text`, without blanks around it. 0, or -errno. May sleep. */
    int (*told)(struct cgroup *cgroup, const char *text);
    const struct inode_operations *operations; /* NULL: made of the two above */
};

extern const struct cgroup_file cgroup_files[];      /* ended by one without a name */
extern const struct cgroup_file cgroup_root_files[]; /* the root has these as well */

int cgroup_claim_show(struct proc_text *text, struct cgroup *cgroup);

/* The group that a file is about; NULL: it has been removed. */
struct cgroup *cgroup_of(const struct inode *file);

/* A word and a number after it, or a number alone: for files that are told several things.
 * The rest of `text` after `word` and blanks, or NULL. */
const char *cgroup_word(const char *text, const char *word);

/* A file that is told something hands it here: what was written, without blanks around. */
long cgroup_file_write(struct file *file, const void __user *buffer, size_t length,
                       uint64_t *position) SLEEPS;

/* --- The victims ---------------------------------------------------------------------- */

extern const struct inode_operations victims_operations;
int victims_told(struct cgroup *cgroup, const char *text);
void victims_end(struct cgroup *cgroup);

/* --- The references, in exact mode ---------------------------------------------------- */

extern const struct inode_operations references_operations;

#endif
