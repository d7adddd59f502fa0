/* kernel/file.h - files as the rest of the kernel sees them.
 *
 * An *inode* is a thing that has a name somewhere: a regular file, a directory, a device,
 * a file of /proc. A *file* is one opening of it: a position and flags. What is done with
 * either goes through the inode's table of operations; one that is missing means the
 * errno said beside it. */
#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

#include "arch/types.h"
#include "mm/object.h"

struct file;
struct inode;
struct process;

struct directory_entry; /* name -> inode, in a directory of the memory file system */

#define NAME_LENGTH_MAX 255
#define PATH_LENGTH_MAX 4096

/* mode: S_IFMT bits as Linux's */
#define MODE_TYPE      0170000u
#define MODE_FIFO      0010000u
#define MODE_CHARACTER 0020000u
#define MODE_DIRECTORY 0040000u
#define MODE_REGULAR   0100000u
#define MODE_SYMLINK   0120000u

struct inode_operations {
    /* Look `name` up in a directory: *found gets a reference. -ENOENT. Missing: -ENOTDIR. */
    int (*lookup)(struct inode *directory, const char *name, struct inode **found);
    /* Missing: -EPERM (a read-only kind of directory, /proc). */
    int (*create)(struct inode *directory, const char *name, uint32_t mode, uint64_t device,
                  struct inode **created);
    int (*link)(struct inode *directory, const char *name, struct inode *inode);
    int (*unlink)(struct inode *directory, const char *name, bool is_directory);
    int (*rename)(struct inode *from, const char *old, struct inode *to, const char *name);
    /* The next entry at *cookie (0: first), advancing it. 1: one given, 0: no more. */
    int (*entry)(struct inode *directory, uint64_t *cookie, char name[NAME_LENGTH_MAX + 1],
                 struct inode **inode);
    /* Where a symbolic link leads, into `target` (kernel memory). Length or -errno. */
    long (*read_link)(struct inode *inode, char *target, size_t size);
    /* Opened, e.g. a device that is not there: -ENXIO. Missing: nothing to do. */
    int (*open)(struct file *file);
    void (*close)(struct file *file);
    /* Buffers are user memory; may sleep; bytes done, or -errno. `position` is the file's
     * or pread's. Missing: -EINVAL. */
    long (*read)(struct file *file, void __user *buffer, size_t length, uint64_t *position);
    long (*write)(struct file *file, const void __user *buffer, size_t length,
                  uint64_t *position);
    /* -ENOTTY when missing. */
    long (*control)(struct file *file, unsigned command, uintptr_t argument);
    int (*resize)(struct inode *inode, uint64_t size);
    /* poll bits (POLLIN…) ready now; missing: always readable and writable. */
    unsigned (*ready)(struct file *file);
    void (*destroy)(struct inode *inode); /* the last reference went */
};

struct inode {
    const struct inode_operations *operations;
    uint64_t number;
    uint32_t mode, links, references;
    uint32_t owner, group;
    uint64_t device;          /* of a device: major << 8 | minor */
    uint64_t modified;        /* seconds since 1970, and ns */
    uint32_t modified_ns;
    struct object *object;    /* regular files: the contents; others NULL */
    bool seekable;
    void *data;               /* the kind's own: directory entries, pipe, tty, /proc process id */
    struct inode *parent;     /* directories: for ".." and getcwd (not a reference) */
    const char *name;         /* the name it was created under, for /proc/PID/maps */
    uint32_t file_system;     /* st_dev */
};

struct file {
    struct inode *inode;
    uint32_t references;
    uint32_t flags;    /* O_… as Linux's: access mode, O_APPEND, O_NONBLOCK */
    uint64_t position;
    void *data;        /* the kind's own, for this opening */
};

struct files; /* a process's table of open files: struct file *, close-on-exec bit */

/* --- Start ------------------------------------------------------------------------ */

struct block_device;
/* Build the root file system from the cpio image on `device` (its directory of names is
 * read through frame memory; contents stay on the device until touched). Mounts /proc and
 * /dev. A damaged image panics in words, naming the place. */
void files_init(struct block_device *device, const uint8_t *image, uint64_t length);

/* --- Names ------------------------------------------------------------------------ */

enum resolve_flags { RESOLVE_NO_FOLLOW = 1, RESOLVE_PARENT = 2 };
/* Find `path` from `base` (NULL: current directory). With a reference. */
int path_find(struct inode *base, const char *path, unsigned flags, struct inode **found);
/* The absolute path of a directory or, best effort, of any inode, into `buffer`; -ERANGE. */
long path_of(struct inode *inode, char *buffer, size_t size);
void inode_hold(struct inode *inode);
void inode_release(struct inode *inode);

/* --- Open files ------------------------------------------------------------------- */

/* Open as open(2); *opened gets the one reference. */
int file_open(struct inode *base, const char *path, uint32_t flags, uint32_t mode,
              struct file **opened);
void file_hold(struct file *file);
void file_release(struct file *file);
/* Read into kernel memory (exec's headers). Bytes or -errno. May sleep. */
long file_read_kernel(struct inode *inode, void *buffer, size_t length, uint64_t position);

/* --- A process's files ------------------------------------------------------------- */

struct files *files_create(void);
struct files *files_copy(struct files *files); /* fork; NULL: memory */
void files_hold(struct files *files);
void files_release(struct files *files);
void files_close_on_exec(struct files *files);
/* The open file with number fd (not a new reference: single-threaded use within a call is
 * safe because close by others needs a switch; hold it if the call may sleep). */
struct file *files_get(struct files *files, int fd);
/* Lowest free number >= `minimum`, taking over the reference to `file`. -EMFILE. */
int files_add(struct files *files, struct file *file, int minimum, bool close_on_exec);

#endif
