/* kernel/file/file_table.c - a process's table of open files.
 *
 * A descriptor is an index in this table. It grows in chunks of 128 numbers as they are
 * used; the list of chunks grows too, by doubling, so that a table of three files is small
 * and one of 65,536 is possible. Bitmaps say which numbers are open and which close on exec:
 * finding the lowest free number looks at a word at a time, from below which none is free. */
#include "kernel/file/file.h"
#include "kernel/file/file_lock.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/mm.h"

#define WORD         64
#define WORDS        2
#define CHUNK        (WORDS * WORD)
#define CHUNKS_FIRST 4

struct chunk {
    struct file *file[CHUNK]; /* NULL: the number is not open */
    uint64_t open[WORDS];     /* bit n of the words: the chunk's nth number is open */
    uint64_t close_on_exec[WORDS];
};

struct files {
    uint32_t references;
    int lowest;           /* no number below is free */
    uint32_t chunks;      /* `chunk` has room for so many; some may be NULL */
    struct chunk **chunk; /* `first`, or memory of its own */
    struct chunk *first[CHUNKS_FIRST];
};

static struct slab_cache files_cache = SLAB_CACHE("files", struct files);
static struct slab_cache chunk_cache = SLAB_CACHE("files-chunk", struct chunk);

struct files *files_create(void)
{
    struct files *files = slab_take(&files_cache);

    if (files) {
        files->references = 1;
        files->chunks = CHUNKS_FIRST;
        files->chunk = files->first;
    }
    return files;
}

void files_hold(struct files *files)
{
    files->references++;
}

/* --- Chunks ------------------------------------------------------------------------- */

/* The chunk that `fd` is in, or NULL: none of its numbers was ever used. */
static struct chunk *chunk_of(const struct files *files, int fd)
{
    uint32_t at = (uint32_t)fd / CHUNK;

    return at < files->chunks ? files->chunk[at] : NULL;
}

static void chunks_give(struct files *files)
{
    if (files->chunk != files->first)
        heap_give(files->chunk, files->chunks * sizeof(void *));
}

/* Room for chunk number `at`: twice as many as before, until it is. */
static bool chunks_grow(struct files *files, uint32_t at)
{
    uint32_t chunks = files->chunks;

    while (chunks <= at)
        chunks *= 2;
    struct chunk **more = heap_take(chunks * sizeof(void *));
    if (!more)
        return false;
    memcpy(more, files->chunk, files->chunks * sizeof(void *));
    chunks_give(files);
    files->chunk = more;
    files->chunks = chunks;
    return true;
}

/* The chunk that `fd` is in, made if need be; NULL: no memory. */
static struct chunk *chunk_make(struct files *files, int fd)
{
    uint32_t at = (uint32_t)fd / CHUNK;

    if (at >= files->chunks && !chunks_grow(files, at))
        return NULL;
    if (!files->chunk[at])
        files->chunk[at] = slab_take(&chunk_cache);
    return files->chunk[at];
}

/* The file at fd, not a new reference; NULL: none. */
static struct file *file_at(const struct files *files, int fd)
{
    const struct chunk *chunk = chunk_of(files, fd);

    return chunk ? chunk->file[fd % CHUNK] : NULL;
}

static uint64_t bit_of(int fd)
{
    return 1ull << fd % WORD;
}

static unsigned word_of(int fd)
{
    return fd % CHUNK / WORD;
}

/* --- Closing ------------------------------------------------------------------------ */

/* Take the file at fd, which is open, out of the table; the reference becomes the caller's. */
static struct file *files_take(struct files *files, int fd)
{
    struct chunk *chunk = chunk_of(files, fd);
    struct file *file = chunk->file[fd % CHUNK];

    chunk->file[fd % CHUNK] = NULL;
    chunk->open[word_of(fd)] &= ~bit_of(fd);
    chunk->close_on_exec[word_of(fd)] &= ~bit_of(fd);
    if (fd < files->lowest)
        files->lowest = fd;
    return file;
}

/* A file that was in the table: with any descriptor of it, the process's record locks on it go. */
static void files_forget(const struct files *files, struct file *file)
{
    if (file->inode->locks)
        file_lock_forget(file->inode, files);
    file_release(file);
}

static void files_drop(struct files *files, int fd)
{
    files_forget(files, files_take(files, fd));
}

/* Nobody can look the numbers up any more. */
static void chunk_drop(struct files *files, struct chunk *chunk)
{
    for (unsigned word = 0; word < WORDS; word++)
        for (uint64_t left = chunk->open[word]; left; left &= left - 1)
            files_forget(files, chunk->file[word * WORD + __builtin_ctzll(left)]);
    slab_give(&chunk_cache, chunk);
}

void files_release(struct files *files)
{
    if (--files->references)
        return;
    for (uint32_t at = 0; at < files->chunks; at++)
        if (files->chunk[at])
            chunk_drop(files, files->chunk[at]);
    chunks_give(files);
    slab_give(&files_cache, files);
}

/* The lowest number >= fd that is open (closing: and closes on exec), or -1. */
static int next_in(const struct files *files, int fd, bool closing)
{
    for (; (uint32_t)fd / CHUNK < files->chunks; fd = fd / WORD * WORD + WORD) {
        const struct chunk *chunk = chunk_of(files, fd);
        if (!chunk)
            continue;
        uint64_t set = (closing ? chunk->close_on_exec : chunk->open)[word_of(fd)];
        set &= ~(bit_of(fd) - 1);
        if (set)
            return fd / WORD * WORD + __builtin_ctzll(set);
    }
    return -1;
}

int files_next(struct files *files, int fd)
{
    return next_in(files, fd, false);
}

void files_close_on_exec(struct files *files)
{
    for (int fd = next_in(files, 0, true); fd >= 0; fd = next_in(files, fd + 1, true))
        files_drop(files, fd);
}

int files_close(struct files *files, int fd)
{
    if (!file_at(files, fd))
        return -EBADF;
    files_drop(files, fd);
    return 0;
}

/* --- Opening ------------------------------------------------------------------------ */

/* The same files open in another table, at the same numbers. */
static void chunk_copy(struct chunk *copy, const struct chunk *chunk)
{
    for (unsigned word = 0; word < WORDS; word++) {
        for (uint64_t left = chunk->open[word]; left; left &= left - 1) {
            int at = word * WORD + __builtin_ctzll(left);
            copy->file[at] = chunk->file[at];
            file_hold(copy->file[at]);
        }
        copy->open[word] = chunk->open[word];
        copy->close_on_exec[word] = chunk->close_on_exec[word];
    }
}

struct files *files_copy(struct files *files)
{
    struct files *copy = files_create();

    if (!copy)
        return NULL;
    copy->lowest = files->lowest;
    for (uint32_t at = 0; at < files->chunks; at++) {
        if (!files->chunk[at])
            continue;
        struct chunk *chunk = chunk_make(copy, at * CHUNK);
        if (!chunk) {
            files_release(copy);
            return NULL;
        }
        chunk_copy(chunk, files->chunk[at]);
    }
    return copy;
}

struct file *files_get(struct files *files, int fd)
{
    struct file *file = file_at(files, fd);

    if (file)
        file_hold(file);
    return file;
}

struct file *files_get_open(struct files *files, int fd)
{
    struct file *file = file_at(files, fd);

    if (!file || (file->flags & O_PATH))
        return NULL;
    file_hold(file);
    return file;
}

bool files_has(const struct files *files, int fd, const struct file *file)
{
    return file_at(files, fd) == file;
}

bool files_is_open(const struct files *files, int fd)
{
    return file_at(files, fd);
}

/* The lowest number >= `minimum` that is not open. */
static int lowest_free(const struct files *files, int minimum)
{
    int fd = minimum > files->lowest ? minimum : files->lowest;

    for (const struct chunk *chunk; (chunk = chunk_of(files, fd));
         fd = fd / WORD * WORD + WORD) {
        uint64_t taken = chunk->open[word_of(fd)] | (bit_of(fd) - 1);
        if (~taken)
            return fd / WORD * WORD + __builtin_ctzll(~taken);
    }
    return fd;
}

bool files_full(const struct files *files, int limit)
{
    return lowest_free(files, 0) >= limit;
}

static int files_put(struct files *files, struct file *file, int fd, bool close_on_exec)
{
    struct chunk *chunk = chunk_make(files, fd);

    if (!chunk)
        return -ENOMEM;
    chunk->file[fd % CHUNK] = file;
    chunk->open[word_of(fd)] |= bit_of(fd);
    if (close_on_exec)
        chunk->close_on_exec[word_of(fd)] |= bit_of(fd);
    return fd;
}

int files_add(struct files *files, struct file *file, struct files_range range,
              bool close_on_exec)
{
    int fd = lowest_free(files, range.first);

    if (fd >= range.end)
        return -EMFILE;
    int result = files_put(files, file, fd, close_on_exec);
    if (result >= 0 && range.first <= files->lowest)
        files->lowest = fd + 1;
    return result;
}

int files_replace(struct files *files, struct file *file, int fd, bool close_on_exec)
{
    if ((unsigned)fd >= FILES_MAX)
        return -EBADF;
    if (!chunk_make(files, fd))
        return -ENOMEM;
    struct file *before = file_at(files, fd) ? files_take(files, fd) : NULL;
    files_put(files, file, fd, close_on_exec);
    if (before) /* only now: its end may sleep, and the number be somebody else's */
        files_forget(files, before);
    return fd;
}

bool files_closes_on_exec(struct files *files, int fd)
{
    return chunk_of(files, fd)->close_on_exec[word_of(fd)] & bit_of(fd);
}

void files_set_close_on_exec(struct files *files, int fd, bool close)
{
    ASSERT(file_at(files, fd));
    uint64_t *word = &chunk_of(files, fd)->close_on_exec[word_of(fd)];

    *word = close ? *word | bit_of(fd) : *word & ~bit_of(fd);
}

int files_room(const struct files *files)
{
    return files->chunks * CHUNK;
}
