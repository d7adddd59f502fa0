/* kernel/file/file.h - open files, and the names they are opened by.
 *
 * An *inode* (kernel/file/inode.h) is a thing that has a name somewhere. A *file* is one
 * opening of it: a position and flags, shared by all descriptors that were copied from
 * the first. A *descriptor* is the number a process knows a file by. The room file/ has
 * all that can be opened: files and directories in memory, pipes and sockets, counters,
 * timers and sets of files, segments of shared memory; and who waits for what. */
#ifndef KERNEL_FILE_FILE_H
#define KERNEL_FILE_FILE_H

#include "arch/mmu.h"
#include "arch/user.h"
#include "kernel/file/inode.h"
#include "lib/errno.h"

struct epoll_entry;
struct file_owner;
struct process;

/* open(2)'s flags, as Linux numbers them. */
#define O_ACCMODE   00000003u
#define O_RDONLY    00000000u
#define O_WRONLY    00000001u
#define O_RDWR      00000002u
#define O_CREAT     00000100u
#define O_EXCL      00000200u
#define O_NOCTTY    00000400u
#define O_TRUNC     00001000u
#define O_APPEND    00002000u
#define O_NONBLOCK  00004000u
#define O_ASYNC     00020000u
#define O_DIRECT    00040000u
#define O_DIRECTORY 00200000u
#define O_NOFOLLOW  00400000u
#define O_CLOEXEC   02000000u
#define O_PATH      010000000u
#define O_TMPFILE   020000000u

struct file {
    struct inode *inode;
    uint32_t references;
    uint32_t flags;              /* O_… as Linux's: access mode, O_APPEND, O_NONBLOCK */
    struct epoll_entry *entries; /* of it, in epoll's sets */
    struct file_owner *owner;    /* see kernel/file/owner.h; NULL: never asked for */
    bool writes; /* it is one of its inode's writers (kernel/file/writers.h) */
    uint64_t position;
    struct mutex position_lock; /* see file_position_lock */
    void *data;                 /* the kind's own, for this opening */
};

struct files; /* a process's table of open files: struct file *, close-on-exec bit */

extern struct inode *file_root; /* the root directory */

/* --- Names ------------------------------------------------------------------------ */

/* NO_FOLLOW: a link that the path ends in is what is meant. NAME: the name itself is meant, to be
 * made, moved or removed, and what has it is not looked at, whatever slashes follow. CREATE: it is
 * a file's that may have to be made, so no slash may follow (-EISDIR). */
enum resolve_flags { RESOLVE_NO_FOLLOW = 1, RESOLVE_NAME = 2, RESOLVE_CREATE = 4 };

/* Where a path leads: the directory that holds the last name, and what has that name. */
struct place {
    struct inode *directory;        /* with a reference */
    struct inode *inode;            /* with a reference, or NULL: no such name (yet) */
    char name[NAME_LENGTH_MAX + 1]; /* "", "." or "..": how a path without a name ends */
    bool named;                     /* it has a name that could be made, moved or removed */
    bool must_be_directory;         /* a slash follows the name */
};
/* Walk `path` from `base` (NULL: the current directory). Only the last name may be missing.
 * 0, -ENOENT, -ENOTDIR, -EISDIR, -ELOOP, -ENAMETOOLONG, -ENOMEM; on errors nothing is held. */
MUST_USE int path_walk(struct inode *base, const char *path, unsigned flags,
                       struct place *place);
void path_leave(struct place *place);
/* What the path leads to, whose reference is the caller's now (NULL: nothing); the rest is left. */
struct inode *path_take(struct place *place);
/* Find `path` from `base` (NULL: current directory). With a reference. */
MUST_USE int path_find(struct inode *base, const char *path, unsigned flags,
                       struct inode **found);
/* The absolute path of a directory or, best effort, of any inode, into `buffer`. Its length
 * without the NUL, or -ERANGE. */
long path_of(struct inode *inode, char *buffer, size_t size);

/* --- Open files ------------------------------------------------------------------- */

/* Open as open(2); `mode` are the rights of a file that is made, the umask taken away
 * already. *opened gets the one reference. May sleep (a FIFO, a truncation). */
int file_open(struct inode *base, const char *path, uint32_t flags, uint32_t mode,
              struct file **opened);
/* Open an inode; the file holds it. */
int file_open_inode(struct inode *inode, uint32_t flags, struct file **opened);
void file_end(struct file *file); /* the last reference has gone */

static inline void file_hold(struct file *file)
{
    file->references++;
}

static inline void file_release(struct file *file)
{
    if (--file->references == 0)
        file_end(file);
}

#define TRANSFER_MAX 0x7ffff000ul /* most bytes one call moves, as on Linux */

/* read(2) and write(2): the range is checked here. `position`: &file->position, or a
 * position of the caller's for a seekable file. Bytes or -errno. May sleep. */
long file_read(struct file *file, void __user *buffer, size_t length, uint64_t *position);
long file_write(struct file *file, const void __user *buffer, size_t length,
                uint64_t *position);
/* The same of bytes of the kernel's; -EINVAL: such a file takes only a program's. */
long file_write_kernel(struct file *file, const void *bytes, size_t length,
                       uint64_t *position);
/* For a file's `write`: fetch what is to be written. How much is missing, as copy_from_user. The
 * kernel's addresses lie above all of the user's, and file_write lets none of them through: so the
 * place says whose bytes they are. */
static inline MUST_USE size_t file_fetch(void *to, const void __user *from,
                                         size_t length) SLEEPS
{
    if ((uintptr_t)from <= USER_END)
        return copy_from_user(to, from, length);
    memory_copy(to, (const void *)(uintptr_t)from, length);
    return 0;
}

/* readv(2), likewise, of a file that may be: one read of `length` bytes in all, not 0. */
int file_read_begin(struct file *file, size_t length);
long file_read_part(struct file *file, void __user *buffer, size_t length,
                    uint64_t *position);
void file_read_end(struct file *file);
/* writev(2): the parts between begin (`length` bytes in all, not 0) and end are one write. If
 * begin fails, end is not called. */
int file_write_begin(struct file *file, size_t length);
/* The operation `write` of those whose three parts of writev are all there is to it. */
long file_write_whole(struct file *file, const void __user *buffer, size_t length,
                      uint64_t *position);
long file_write_part(struct file *file, const void __user *buffer, size_t length,
                     uint64_t *position);
void file_write_end(struct file *file);
unsigned file_ready(struct file *file);
struct news file_news(struct file *file, bool writing);
/* Read into kernel memory (exec's headers). Bytes or -errno. May sleep. */
long file_read_kernel(struct inode *inode, void *buffer, size_t length,
                      uint64_t position) SLEEPS;

/* O_RDONLY, O_WRONLY, O_RDWR are 0, 1, 2: one more is a bit for each right; and 3 is neither. */
static inline bool flags_may_write(uint32_t flags)
{
    return (flags + 1) & 2;
}

static inline bool file_may_read(const struct file *file)
{
    return (file->flags + 1) & 1;
}

static inline bool file_may_write(const struct file *file)
{
    return flags_may_write(file->flags);
}

/* May it be read, or written? 0, -EBADF; -EINVAL: nothing of its kind can be. */
static inline int file_check(const struct file *file, bool write)
{
    const struct inode_operations *operations = file->inode->operations;
    if (!(write ? file_may_write(file) : file_may_read(file)))
        return -EBADF;
    if (write ? !operations->write : !operations->read && !inode_is_directory(file->inode))
        return -EINVAL;
    return 0;
}

/* A call that uses the position of a file that has one has it to itself: an opening may be
 * shared, and each byte is read, and each place written, by one call only. Sleeps; -EINTR as
 * mutex_lock. Never with a mutex held. */
static inline int file_position_lock(struct file *file) SLEEPS
{
    return file->inode->seekable ? mutex_take(&file->position_lock) : 0;
}

static inline void file_position_unlock(struct file *file)
{
    if (file->inode->seekable)
        mutex_leave(&file->position_lock);
}

/* --- Waiting until a file is ready -------------------------------------------------- */

/* What poll and select sleep on: one channel for all, since they look again anyway. */
extern const char poll_channel;
extern uint32_t poll_sleepers; /* and files that listen (kernel/file/owner.h) */
extern uint64_t poll_changes;  /* calls of poll_wake */
void poll_wake_sleepers(void);

static inline void poll_wake(void)
{
    poll_changes++;
    if (poll_sleepers)
        poll_wake_sleepers();
}

/* To be told by the next poll_wake; `more`: there was something before. */
static inline void news_note(struct news *news, bool more)
{
    news->last = poll_changes + 1;
    if (!more)
        news->first = news->last;
}

/* --- A process's files ------------------------------------------------------------- */

#define FILES_MAX 65536 /* of a table; /proc/sys/fs/nr_open */

struct files *files_create(void);                       /* NULL: memory */
MUST_USE struct files *files_copy(struct files *files); /* fork; NULL: memory */
void files_hold(struct files *files);
void files_release(struct files *files);
void files_close_on_exec(struct files *files);
/* The open file with number fd, with a reference, or NULL: another thread may close the number as
 * soon as this one sleeps. */
struct file *files_get(struct files *files, int fd);
/* The same; NULL for what O_PATH has but named, too. */
struct file *files_get_open(struct files *files, int fd);
/* Is that one open as fd? Is any? */
bool files_has(const struct files *files, int fd, const struct file *file);
bool files_is_open(const struct files *files, int fd);
/* Numbers from `first` up to, but not with, `end`, which is at most FILES_MAX. */
struct files_range {
    int first, end;
};
/* Is every number below `limit` taken? */
bool files_full(const struct files *files, int limit);
/* The lowest free number of `range`, taking over the reference to `file`. -EMFILE, -ENOMEM:
 * the reference stays the caller's. */
int files_add(struct files *files, struct file *file, struct files_range range,
              bool close_on_exec);
/* Put `file` at fd, closing what is there; takes over the reference. fd, -EBADF, -ENOMEM. */
int files_replace(struct files *files, struct file *file, int fd, bool close_on_exec);
int files_close(struct files *files, int fd); /* -EBADF */
bool files_closes_on_exec(struct files *files, int fd);
void files_set_close_on_exec(struct files *files, int fd, bool close);
/* The first open number >= fd, or -1. */
int files_next(struct files *files, int fd);
/* How many numbers the table has room for now; it grows. */
int files_room(const struct files *files);

#endif
