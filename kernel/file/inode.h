/* kernel/file/inode.h - things that have a name somewhere: files, directories, devices.
 *
 * What is done with an inode goes through its table of operations. One that is missing
 * means the errno said beside it, so a kind of file is the list of what it can do. */
#ifndef KERNEL_FILE_INODE_H
#define KERNEL_FILE_INODE_H

#include "arch/types.h"
#include "kernel/process/mutex.h"
#include "mm/mm.h"

struct file;
struct file_lock;
struct file_system;
struct inode;
struct listener;

#define NAME_LENGTH_MAX 255
#define PATH_LENGTH_MAX 4096

/* mode: S_IFMT bits as Linux's */
#define S_IFMT      0170000u
#define S_IFIFO     0010000u
#define S_IFCHR     0020000u
#define S_IFBLK     0060000u
#define S_IFDIR     0040000u
#define S_IFREG     0100000u
#define S_IFLNK     0120000u
#define S_IFSOCK    0140000u
#define MODE_RIGHTS 0007777u

/* What poll(2) asks about. */
#define POLLIN     0x001u
#define POLLPRI    0x002u /* of /proc/mounts: they have changed */
#define POLLOUT    0x004u
#define POLLERR    0x008u
#define POLLHUP    0x010u
#define POLLNVAL   0x020u
#define POLLRDHUP  0x2000u /* of a pair: the other end writes no more */
#define POLLWRBAND 0x200u  /* a socket's room, too */

/* When something came that can be read, or room to write: first since there was none, and
 * last. In calls of poll_wake. */
struct news {
    uint64_t first, last;
};

/* An entry of a directory, as getdents64 tells it. */
struct entry_view {
    char name[NAME_LENGTH_MAX + 1];
    uint64_t number;
    uint32_t mode;
};

/* Where lseek leads. */
enum seek {
    SEEK_IN_FILE, /* from its beginning, where it is, or its end */
    SEEK_NO_END,  /* what is read is made then: nobody knows yet how long it is */
    SEEK_ADDRESS, /* any 64 bits, from 0 or where it is */
    SEEK_NOWHERE, /* 0, always */
};

/* To that size; or only if it is shorter; or not at all: may it be made as long? */
enum resize { RESIZE_ANY, RESIZE_GROW, RESIZE_KEEP };

struct inode_operations {
    enum seek seek;
    /* What a file that never had a name is told as, "pipe:[%lu]": its number. */
    const char *told_as;
    /* Look `name` up in a directory: *found gets a reference. -ENOENT. Missing: -ENOTDIR. */
    int (*lookup)(struct inode *directory, const char *name, struct inode **found);
    /* Missing, here and down to exchange: -EPERM (a directory that cannot be changed). */
    int (*create)(struct inode *directory, const char *name, uint32_t mode, uint64_t device,
                  struct inode **created);
    int (*symlink)(struct inode *directory, const char *name, const char *target);
    int (*link)(struct inode *directory, const char *name, struct inode *inode);
    int (*unlink)(struct inode *directory, const char *name, bool is_directory);
    int (*rename)(struct inode *from, const char *old, struct inode *to, const char *name);
    /* Both names are there; each means the other's file from now on. */
    int (*exchange)(struct inode *from, const char *old, struct inode *to,
                    const char *name);
    /* The next entry at or after *cookie (0: the first); *cookie becomes what comes after
     * it. 1: one given, 0: no more. "." and ".." are not among them. Missing: -ENOTDIR. */
    int (*entry)(struct inode *directory, uint64_t *cookie, struct entry_view *view);
    /* Where a symbolic link leads, into `target` (kernel memory, not ended by NUL). Length
     * or -errno. Missing: -EINVAL. */
    long (*read_link)(struct inode *inode, char *target, size_t size);
    /* A link that leads to something without a name of its own (/proc/PID/fd/3): *target
     * gets a reference. Missing: read_link says where to go on. */
    int (*follow)(struct inode *inode, struct inode **target);
    /* Opened. Missing: nothing to do. An error: close is not called. */
    int (*open)(struct file *file);
    void (*close)(struct file *file);
    /* Buffers are user memory, their range is checked; may sleep; bytes done, or -errno.
     * `position` is the file's, locked, or pread's, and is advanced. Missing: -EINVAL. */
    long (*read)(struct file *file, void __user *buffer, size_t length, uint64_t *position);
    long (*write)(struct file *file, const void __user *buffer, size_t length,
                  uint64_t *position);
    /* What is read is a number (number_read): take it; 0: there is none yet. */
    uint64_t (*take)(struct file *file);
    /* What write is given may be the kernel's own (file_write_kernel): it copies by file_fetch. */
    bool fetches;
    /* readv likewise, of `length` bytes in all, not 0: a part that ends early is the
     * last. read_begin may sleep. An error: read_end is not called. All three missing:
     * the parts are reads. */
    int (*read_begin)(struct file *file, size_t length);
    long (*read_part)(struct file *file, void __user *buffer, size_t length,
                      uint64_t *position);
    void (*read_end)(struct file *file);
    /* writev: the parts between begin and end are one write for everybody else, `length` bytes
     * in all, not 0. An error of write_begin: write_end is not called. All three missing: the
     * parts are writes. `whole`: one of up to PIPE_ATOMIC bytes has all its parts or none. */
    bool whole;
    int (*write_begin)(struct file *file, size_t length);
    long (*write_part)(struct file *file, const void __user *buffer, size_t length,
                       uint64_t *position);
    void (*write_end)(struct file *file);
    /* ioctl. Missing: -ENOTTY. */
    long (*control)(struct file *file, unsigned command, uintptr_t argument);
    /* truncate, fallocate. May sleep. Missing: -EINVAL. */
    int (*resize)(struct inode *inode, uint64_t size, enum resize how);
    /* POLL… bits now; whoever changes them calls poll_wake(). Missing: always readable
     * and writable. */
    unsigned (*ready)(struct file *file);
    /* When that came; a file need not know it from before the first call. Missing: with any
     * file's last change. */
    struct news (*news)(struct file *file, bool writing);
    /* The list of those that are to be told by a signal of bytes, or room, that come to this file
     * (kernel/file/owner.h). NULL: none such come. Missing: nobody is told. */
    struct listener **(*listeners)(struct file *file, bool room);
    /* The last reference went: free what `data` and `object` are. Missing: nothing. */
    void (*destroy)(struct inode *inode);
};

struct inode {
    const struct inode_operations *operations;
    uint64_t number;
    uint32_t mode, links, references;
    uint32_t owner, group;
    struct file_system *file_system;      /* kernel/file/file_system.h */
    uint64_t device;                      /* of a device: major << 8 | minor */
    uint64_t accessed, modified, changed; /* ns since 1970 */
    struct object *object;                /* regular files: the contents; others NULL */
    void *data;              /* the kind's own: directory entries, pipe, process id */
    struct inode *parent;    /* the directory it has its name in; a reference */
    const char *name;        /* the name there; NULL: none (the root, a pipe) */
    bool name_lost;          /* that it had there: `name` is the inode's own memory */
    struct mutex contents;   /* see inode_lock */
    bool seekable;           /* opened, it has a position */
    bool mapped_by_writer;   /* perhaps: kernel/file/writers.c */
    int32_t writers;         /* or, below 0, processes that run it: kernel/file/writers.c */
    uint8_t seals;           /* F_SEAL_…: what may be done to it no more */
    struct file_lock *locks; /* advisory: kernel/file/file_lock.h */
};

/* fcntl(F_ADD_SEALS), as Linux numbers them. */
#define F_SEAL_SEAL         1u  /* no more seals */
#define F_SEAL_SHRINK       2u  /* not shorter */
#define F_SEAL_GROW         4u  /* not longer */
#define F_SEAL_WRITE        8u  /* not written, nor mapped so that it could be */
#define F_SEAL_FUTURE_WRITE 16u /* the same, but mappings that are there may go on */
#define SEALS               31u

/* A new inode with one reference and no name; NULL: out of memory. Its times are now. */
MUST_USE struct inode *inode_create(const struct inode_operations *operations,
                                    uint32_t mode, struct file_system *file_system);
void inode_hold(struct inode *inode);
void inode_release(struct inode *inode);

/* A regular file that is not open and has no name stays as long as a region shows it, for /proc
 * tells its name. End those that none shows any more. Sleeps. */
void inodes_end(void);
/* How many of them there are, and of removed segments (shared_memory.h). */
extern unsigned mapped_only;

/* Give it its place: `directory` gets a reference from it, `name` must stay. */
void inode_place(struct inode *inode, struct inode *directory, const char *name);
/* Its name is taken away: from now on it is told as "NAME (deleted)". */
void inode_lose_name(struct inode *inode);
/* Contents (and with them modification time) have changed. */
void inode_modified(struct inode *inode);

/* One at a time changes contents and size: writes, truncations, holes and seals of one file do
 * not mix. Sleeps; -EINTR as mutex_lock. */
static inline MUST_USE int inode_lock(struct inode *inode) SLEEPS
    TRY_ACQUIRES(0, inode->contents)
{
    return mutex_lock(&inode->contents);
}

static inline void inode_unlock(struct inode *inode) RELEASES(inode->contents)
{
    mutex_unlock(&inode->contents);
}

/* ns since 1970, from the CMOS clock at boot: now, and at the start (time_now 0). */
uint64_t clock_real(void);
uint64_t clock_start(void);

static inline uint32_t inode_type(const struct inode *inode)
{
    return inode->mode & S_IFMT;
}

static inline bool inode_is_device(const struct inode *inode)
{
    return inode_type(inode) == S_IFCHR || inode_type(inode) == S_IFBLK;
}

static inline bool inode_is_directory(const struct inode *inode)
{
    return inode_type(inode) == S_IFDIR;
}

#endif
