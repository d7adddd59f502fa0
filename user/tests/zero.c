/* zero.c - new memory is zero, whatever its last owner wrote.
 *
 * A child fills as many frames as it may with a pattern, by every way a process comes to
 * memory, and ends. The next one asks for memory by each of those ways and finds nothing of
 * it. Twice, so that frames also go round through the pool of zeroed ones. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATTERN = 0x5a, HEAP_PAGES = 256, STACK_PAGES = 200 };

static char bss[64 * PAGE];
static size_t anonymous_pages;

static long dirty_bytes(const char *from, size_t length)
{
    const uint64_t *words = (const uint64_t *)from;
    long dirty = 0;

    for (size_t i = 0; i < length / 8; i++)
        dirty += words[i] != 0;
    return dirty;
}

static char *heap_take(void)
{
    long end = raw3(SYS_brk, 0, 0, 0);
    long start = (end + PAGE - 1) & -(long)PAGE;

    raw3(SYS_brk, start + HEAP_PAGES * PAGE, 0, 0);
    return (char *)start;
}

__attribute__((noinline)) static void stack_dirty(void)
{
    volatile char deep[STACK_PAGES * PAGE];

    for (size_t i = 0; i < sizeof(deep); i++)
        deep[i] = PATTERN;
}

static int fill(void *unused)
{
    (void)unused;
    memset(region_map(anonymous_pages), PATTERN, anonymous_pages * PAGE);
    memset(heap_take(), PATTERN, HEAP_PAGES * PAGE);
    memset(bss, PATTERN, sizeof(bss));
    stack_dirty();
    int fd = open("zero-pattern", O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (int i = 0; i < 64; i++)
        if (write(fd, bss, PAGE) != PAGE)
            return 1;
    close(fd);
    return unlink("zero-pattern") != 0;
}

/* Far enough below to be new: main's children have not been there. */
__attribute__((noinline)) static long stack_dirty_words(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0) & -(uintptr_t)PAGE;
    long dirty = 0;

    for (int i = 20; i < STACK_PAGES; i++)
        dirty += dirty_bytes((char *)here - (size_t)i * PAGE, PAGE);
    return dirty;
}

static long file_tail_dirty(void)
{
    int fd = open("zero-tail", O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || write(fd, "12345678", 8) != 8)
        bail("zero-tail");
    char *tail = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    long dirty = dirty_bytes(tail + 8, PAGE - 8);
    munmap(tail, PAGE);
    close(fd);
    unlink("zero-tail");
    return dirty;
}

static long file_hole_dirty(void)
{
    static char bytes[4 * PAGE];
    int fd = open("zero-hole", O_RDWR | O_CREAT | O_TRUNC, 0600);

    memset(bytes, 1, sizeof(bytes));
    if (fd < 0 || ftruncate(fd, sizeof(bytes)) != 0 ||
        read(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes))
        bail("zero-hole");
    close(fd);
    unlink("zero-hole");
    return dirty_bytes(bytes, sizeof(bytes));
}

static long populated_dirty(void)
{
    size_t length = anonymous_pages / 4 * PAGE;
    char *region = mmap(NULL, length, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    long dirty = dirty_bytes(region, length);

    munmap(region, length);
    return dirty;
}

static long written_dirty(void)
{
    char *region = region_map(anonymous_pages / 2);
    long dirty = 0;

    for (size_t i = 0; i < anonymous_pages / 2; i++) {
        region[i * PAGE] = 1; /* a frame of its own, not the page of zeroes */
        region[i * PAGE] = 0;
        dirty += dirty_bytes(region + i * PAGE, PAGE);
    }
    munmap(region, anonymous_pages / 2 * PAGE);
    return dirty;
}

static int look(void *unused)
{
    (void)unused;
    return (written_dirty() != 0) << 0 | (populated_dirty() != 0) << 1 |
           (dirty_bytes(heap_take(), HEAP_PAGES * PAGE) != 0) << 2 |
           (dirty_bytes(bss, sizeof(bss)) != 0) << 3 | (stack_dirty_words() != 0) << 4 |
           (file_tail_dirty() != 0) << 5 | (file_hole_dirty() != 0) << 6;
}

int main(void)
{
    static const char *const ways[] = {
        "anonymous memory", "populated memory", "the heap",     "bss",
        "the stack",        "a file's tail",    "a file's hole"};
    long free_pages = memory_free() / 4;

    anonymous_pages = free_pages / 2 < 4096 ? free_pages / 2 : 4096;
    for (int round = 1; round <= 2; round++) {
        check_equal(child_run(fill, NULL), 0, "round %d: a child fills %zu pages", round,
                    anonymous_pages);
        int dirty = WEXITSTATUS(child_run(look, NULL));
        for (int way = 0; way < 7; way++)
            check(!(dirty >> way & 1), "round %d: %s is zero", round, ways[way]);
    }
    return tap_end();
}
