/* files.c - a process's table of open files.
 *
 * A descriptor is an index in this table. It grows in chunks of 64 as numbers are used, up
 * to 1,024; two bitmaps say which numbers are open and which close on exec, so finding the
 * lowest free number looks at a word at a time. */
#include "kernel/file.h"
#include "kernel/file_lock.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "mm/slab.h"

#define CHUNK       64
#define CHUNKS      (FILES_MAX / CHUNK)
#define CHUNK_BYTES (CHUNK * sizeof(struct file *))

struct files {
    uint32_t references;
    struct file **chunk[CHUNKS];
    uint64_t open[CHUNKS]; /* bit n: the chunk's nth number is in use */
    uint64_t close_on_exec[CHUNKS];
};

static struct slab_cache files_cache = SLAB_CACHE("files", struct files);

struct files *files_create(void)
{
    struct files *files = slab_take(&files_cache);

    if (files)
        files->references = 1;
    return files;
}

void files_hold(struct files *files)
{
    files->references++;
}

/* Take the file at fd out of the table; the reference becomes the caller's. */
static struct file *files_take(struct files *files, int fd)
{
    struct file *file = files->chunk[fd / CHUNK][fd % CHUNK];

    files->chunk[fd / CHUNK][fd % CHUNK] = NULL;
    files->open[fd / CHUNK] &= ~(1ull << fd % CHUNK);
    files->close_on_exec[fd / CHUNK] &= ~(1ull << fd % CHUNK);
    return file;
}

/* Close it: with any descriptor of a file, the process's record locks on it go. */
static void files_drop(struct files *files, int fd)
{
    struct file *file = files_take(files, fd);

    if (file->inode->locks)
        file_lock_forget(file->inode, files);
    file_release(file);
}

void files_release(struct files *files)
{
    if (--files->references)
        return;
    for (int fd = files_next(files, 0); fd >= 0; fd = files_next(files, fd + 1))
        files_drop(files, fd);
    for (int i = 0; i < CHUNKS; i++)
        if (files->chunk[i])
            memory_give(files->chunk[i], CHUNK_BYTES);
    slab_give(&files_cache, files);
}

struct files *files_copy(struct files *files)
{
    struct files *copy = files_create();

    if (!copy)
        return NULL;
    for (int i = 0; i < CHUNKS; i++) {
        if (!files->open[i])
            continue;
        copy->chunk[i] = memory_take(CHUNK_BYTES);
        if (!copy->chunk[i]) {
            files_release(copy);
            return NULL;
        }
        for (uint64_t left = files->open[i]; left; left &= left - 1) {
            int n = __builtin_ctzll(left);
            copy->chunk[i][n] = files->chunk[i][n];
            file_hold(copy->chunk[i][n]);
        }
        copy->open[i] = files->open[i];
        copy->close_on_exec[i] = files->close_on_exec[i];
    }
    return copy;
}

void files_close_on_exec(struct files *files)
{
    for (int i = 0; i < CHUNKS; i++)
        while (files->close_on_exec[i]) {
            int n = __builtin_ctzll(files->close_on_exec[i]);
            files_drop(files, i * CHUNK + n);
        }
}

static bool files_is_open(const struct files *files, int fd)
{
    return (unsigned)fd < FILES_MAX && (files->open[fd / CHUNK] >> fd % CHUNK & 1);
}

struct file *files_get(struct files *files, int fd)
{
    return files_is_open(files, fd) ? files->chunk[fd / CHUNK][fd % CHUNK] : NULL;
}

/* The lowest number >= `minimum` that is not open, or -1. */
static int files_lowest_free(const struct files *files, int minimum)
{
    for (int i = minimum / CHUNK; i < CHUNKS; i++) {
        uint64_t taken = files->open[i];
        if (i == minimum / CHUNK)
            taken |= (1ull << minimum % CHUNK) - 1;
        if (~taken)
            return i * CHUNK + __builtin_ctzll(~taken);
    }
    return -1;
}

static int files_put(struct files *files, struct file *file, int fd, bool close_on_exec)
{
    struct file ***chunk = &files->chunk[fd / CHUNK];

    if (!*chunk)
        *chunk = memory_take(CHUNK_BYTES);
    if (!*chunk)
        return -ENOMEM;
    (*chunk)[fd % CHUNK] = file;
    files->open[fd / CHUNK] |= 1ull << fd % CHUNK;
    files_set_close_on_exec(files, fd, close_on_exec);
    return fd;
}

int files_add(struct files *files, struct file *file, int minimum, bool close_on_exec)
{
    int fd = minimum < FILES_MAX ? files_lowest_free(files, minimum) : -1;

    return fd < 0 ? -EMFILE : files_put(files, file, fd, close_on_exec);
}

int files_replace(struct files *files, struct file *file, int fd, bool close_on_exec)
{
    if ((unsigned)fd >= FILES_MAX)
        return -EBADF;
    if (files_is_open(files, fd))
        files_drop(files, fd);
    return files_put(files, file, fd, close_on_exec);
}

int files_close(struct files *files, int fd)
{
    if (!files_is_open(files, fd))
        return -EBADF;
    files_drop(files, fd);
    return 0;
}

bool files_closes_on_exec(struct files *files, int fd)
{
    return files->close_on_exec[fd / CHUNK] >> fd % CHUNK & 1;
}

void files_set_close_on_exec(struct files *files, int fd, bool close)
{
    ASSERT(files_is_open(files, fd));
    if (close)
        files->close_on_exec[fd / CHUNK] |= 1ull << fd % CHUNK;
    else
        files->close_on_exec[fd / CHUNK] &= ~(1ull << fd % CHUNK);
}

int files_next(struct files *files, int fd)
{
    for (int i = fd / CHUNK; i < CHUNKS; i++) {
        uint64_t taken = files->open[i];
        if (i == fd / CHUNK)
            taken &= ~((1ull << fd % CHUNK) - 1);
        if (taken)
            return i * CHUNK + __builtin_ctzll(taken);
    }
    return -1;
}
