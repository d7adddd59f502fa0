/* kernel/file/shared_memory.h - System V shared memory: objects with a number instead of a name. */
#ifndef KERNEL_FILE_SHARED_MEMORY_H
#define KERNEL_FILE_SHARED_MEMORY_H

#include "kernel/file/inode.h"

#define SEGMENTS_MAX 4096

/* shmget's flags */
#define IPC_CREAT   01000u
#define IPC_EXCL    02000u
#define SHM_HUGETLB 04000u

struct segment {
    int key, id;
    uint64_t size; /* bytes, as asked for */
    uint32_t mode; /* rights */
    uint32_t owner, group;
    bool removed;      /* by IPC_RMID; it ends when nobody has it attached any more */
    int creator, last; /* process ids: who made it, who attached or detached it last */
    uint64_t attached, detached, changed; /* s since 1970; 0: never */
    const struct account *account;        /* of the program that made it (account.h) */
    struct inode *inode;                  /* its contents are a file without a name */
    struct segment *next;                 /* by place: id modulo 32768 */
    char name[24];                        /* as /proc/PID/maps shows it */
};

extern struct segment *segment_first;

/* shmget: an id, or -ENOENT, -EEXIST, -EINVAL (size), -ENOSPC, -ENOMEM. */
int segment_get(int key, uint64_t size, uint32_t flags) SLEEPS;
struct segment *segment_find(int id); /* NULL: none */
/* The segment whose contents the object is, or NULL. */
struct segment *segment_of(const struct object *object);
/* Until it is released it stays, removed or not, and counts as attached once more. */
void segment_hold(struct segment *segment);
void segment_release(struct segment *segment) SLEEPS;
/* Regions that show it. */
uint64_t segment_attachments(const struct segment *segment);
/* Pages of it that have a frame, and that have but a slot. */
void segment_pages(const struct segment *segment, uint64_t *resident, uint64_t *swapped);
/* SHM_LOCK, SHM_UNLOCK: its pages stay in memory once they are there. */
void segment_lock(struct segment *segment, bool locked) EXCLUDES(mm);
/* IPC_RMID: it has no key any more, and ends with its last attachment. */
void segment_remove(struct segment *segment);
/* Those that the account's program made are removed, as by IPC_RMID: it is being ended for
 * want of memory. They end when something calls segments_end next. */
struct account;
void segments_disown(const struct account *account);
/* End removed segments that nobody has attached, and inodes likewise; to be called where regions
 * have gone. Sleeps. */
void segments_end(void);

static inline void segments_collect(void)
{
    if (mapped_only)
        segments_end();
}

#endif
