/* operation - one thing that memory management does, for so many pages; for whoever counts from
 * outside (tests/test_locks.py).
 *
 *     operation KIND PAGES
 *
 * Each begins by touching all pages, of anonymous memory; those of a file, by writing to it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define NAME "/tmp/operation"

static unsigned long pages;
static char *area;
static int file = -1;

static void touch(volatile char *from)
{
    for (unsigned long i = 0; i < pages; i++)
        from[i * PAGE] = (char)i;
}

static char *map(int flags)
{
    char *from = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, file, 0);
    if (from == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return from;
}

static void fork_child(char *touched)
{
    if (fork() == 0) {
        if (touched != NULL)
            touch(touched);
        _exit(0);
    }
    wait(NULL);
}

static void op_touch(void)
{
}

static void op_again(void)
{
    touch(area);
}

static void op_unmap(void)
{
    munmap(area, pages * PAGE);
}

static void op_fork(void)
{
    fork_child(NULL);
}

static void op_copy(void)
{
    fork_child(area);
}

static void op_protect(void)
{
    mprotect(area, pages * PAGE, PROT_READ);
    mprotect(area, pages * PAGE, PROT_READ | PROT_WRITE);
}

static void op_move(void)
{
    void *room = mmap(NULL, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mremap(area, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
}

static void op_discard(void)
{
    madvise(area, pages * PAGE, MADV_DONTNEED);
}

static void op_free(void)
{
    madvise(area, pages * PAGE, MADV_FREE);
}

static void op_wire(void)
{
    mlock(area, pages * PAGE);
    munlock(area, pages * PAGE);
}

static void op_pageout(void)
{
    madvise(area, pages * PAGE, MADV_PAGEOUT);
}

static void op_exec(void)
{
    execl("/bin/true", "true", NULL);
}

static void file_begin(void)
{
    file = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || ftruncate(file, (off_t)(pages * PAGE)) != 0)
        exit(1);
}

static void op_shared(void)
{
    munmap(area, pages * PAGE);
    file_begin();
    touch(map(MAP_SHARED));
}

static void op_truncate(void)
{
    op_shared();
    ftruncate(file, 0);
}

static void op_remove(void)
{
    op_shared();
    unlink(NAME);
    close(file);
}

static const struct kind {
    const char *name;
    void (*does)(void);
} kinds[] = {
    {"touch", op_touch},   {"again", op_again},       {"unmap", op_unmap},
    {"fork", op_fork},     {"copy", op_copy},         {"protect", op_protect},
    {"move", op_move},     {"discard", op_discard},   {"free", op_free},
    {"wire", op_wire},     {"pageout", op_pageout},   {"exec", op_exec},
    {"shared", op_shared}, {"truncate", op_truncate}, {"remove", op_remove},
};

int main(int count, char **words)
{
    if (count != 3)
        return 2;
    pages = strtoul(words[2], NULL, 10);
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, words[1]) != 0)
            continue;
        area = map(MAP_PRIVATE | MAP_ANONYMOUS);
        touch(area);
        kinds[i].does();
        return 0;
    }
    fprintf(stderr, "operation: %s is none\n", words[1]);
    return 2;
}
