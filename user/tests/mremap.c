/* mremap.c - memory that grows, shrinks and moves: contents, what else moves along, and what
 * is refused. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/probe.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_WRITE = PROT_READ | PROT_WRITE };

#define REFUSED(call, error, ...)                                 \
    do {                                                          \
        errno = 0;                                                \
        bool refused_ = (call) == MAP_FAILED && errno == (error); \
        check(refused_, __VA_ARGS__);                             \
        if (!refused_)                                            \
            note("errno %d", errno);                              \
    } while (0)

static void fill(char *at, int pages)
{
    for (int i = 0; i < pages; i++)
        memset(at + i * PAGE, 'a' + i % 26, PAGE);
}

static bool filled(const char *at, int pages)
{
    for (int i = 0; i < pages; i++) {
        if (at[i * PAGE] != 'a' + i % 26 || at[i * PAGE + PAGE - 1] != 'a' + i % 26)
            return false;
    }
    return true;
}

static bool gone(const char *at)
{
    return probe(ACCESS_READ, (uintptr_t)at).signal == SIGSEGV;
}

/* `pages` pages with nothing mapped for as many again on either side. */
static char *alone(int pages)
{
    char *at = mmap(NULL, 3 * pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    munmap(at, 3 * pages * PAGE);
    return mmap(at + pages * PAGE, pages * PAGE, READ_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void test_in_place(void)
{
    char *at = alone(8);

    fill(at, 8);
    check(mremap(at, 8 * PAGE, 5 * PAGE, 0) == at, "shrinking stays where it is");
    check(filled(at, 5), "what is left is as it was");
    check(gone(at + 5 * PAGE), "what was cut off is gone");
    check(mremap(at, 5 * PAGE, 8 * PAGE, 0) == at, "growing into free room stays");
    check(filled(at, 5) && at[5 * PAGE] == 0 && at[8 * PAGE - 1] == 0,
          "the old part as it was, the new part zeroes");
    check(mremap(at, 8 * PAGE, 8 * PAGE, 0) == at, "the same length: nothing happens");
    check(mremap(at, 100, 200, 0) == at, "lengths are rounded up to pages");
    char *after = mmap(at + 8 * PAGE, PAGE, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    REFUSED(mremap(at, 8 * PAGE, 9 * PAGE, 0), ENOMEM,
            "no room behind, and it may not move");
    munmap(after, PAGE);
    munmap(at, 8 * PAGE);
}

static void test_move(void)
{
    char *at = alone(8);
    char *wall = mmap(at + 8 * PAGE, PAGE, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    fill(at, 6);
    char *there = mremap(at, 8 * PAGE, 16 * PAGE, MREMAP_MAYMOVE);
    check(there != MAP_FAILED && there != at, "it moves where there is no room behind");
    check(filled(there, 6), "its contents come along");
    check(there[6 * PAGE] == 0 && there[15 * PAGE] == 0, "what was never written is zero");
    check(gone(at) && gone(at + 7 * PAGE), "nothing is at the old addresses");
    there[0] = 'z';
    check(there[0] == 'z', "it can be written");
    char *back = mremap(there + 2 * PAGE, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                        at + PAGE);
    check(back == at + PAGE, "MREMAP_FIXED: a part of it, to a place of our choice");
    check(back[0] == 'c' && back[2 * PAGE] == 'e', "with what was there");
    check(gone(there + 2 * PAGE) && there[PAGE] == 'b' && there[5 * PAGE] == 'f',
          "the rest stays where it is");
    munmap(there, 16 * PAGE);
    munmap(back, 3 * PAGE);
    munmap(wall, PAGE);
}

static void test_fixed(void)
{
    char *from = alone(4), *to = alone(4);

    fill(from, 4);
    memset(to, '#', 4 * PAGE);
    check(mremap(from, 4 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to,
          "MREMAP_FIXED over something, and shorter");
    check(filled(to, 2), "what was there is replaced");
    check(to[2 * PAGE] == '#', "as far as the new length reaches");
    check(gone(from) && gone(from + 3 * PAGE), "all of the old is gone");
    munmap(to, 4 * PAGE);
}

static void test_dont_unmap(void)
{
    char *from = alone(4);

    fill(from, 4);
    char *to = mremap(from, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    check(to != MAP_FAILED && to != from, "MREMAP_DONTUNMAP moves");
    check(filled(to, 4), "the contents are at the new place");
    check(from[0] == 0 && from[3 * PAGE] == 0, "the old addresses read as zeroes");
    from[0] = 'x';
    check(from[0] == 'x' && to[0] == 'a', "and are memory of their own");
    REFUSED(mremap(from, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL),
            EINVAL, "MREMAP_DONTUNMAP with another length");
    munmap(from, 4 * PAGE);
    munmap(to, 4 * PAGE);
}

static void test_shared(void)
{
    char *one = mmap(NULL, 4 * PAGE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    fill(one, 4);
    char *two = mremap(one, 0, 4 * PAGE, MREMAP_MAYMOVE);
    check(two != MAP_FAILED && two != one, "old length 0 of shared memory: a second view");
    two[0] = 'Z';
    check(one[0] == 'Z' && two[PAGE] == 'b', "of the same pages");
    char *three = mremap(two, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, alone(4));
    check(three[0] == 'Z' && three[3 * PAGE] == 'd', "a moved view shows the same");
    one[PAGE] = 'Y';
    check(three[PAGE] == 'Y', "and goes on to");
    munmap(one, 4 * PAGE);
    munmap(three, 4 * PAGE);
}

static void test_file(void)
{
    int fd = open("mremap", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char bytes[PAGE];

    for (int i = 0; i < 6; i++) {
        memset(bytes, 'a' + i, PAGE);
        if (write(fd, bytes, PAGE) != PAGE)
            bail("mremap");
    }
    char *at = mmap(NULL, 2 * PAGE, READ_WRITE, MAP_PRIVATE, fd, 2 * PAGE);
    at[0] = 'X';
    at = mremap(at, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
    check(at[0] == 'X' && at[1] == 'c' && at[PAGE] == 'd', "a file's private view moves");
    check(at[2 * PAGE] == 'e' && at[3 * PAGE] == 'f', "and shows more of the file");
    close(fd);
    unlink("mremap");
    munmap(at, 4 * PAGE);
}

static int child_moves(void *argument)
{
    char *at = argument,
         *to = mremap(at, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, alone(4));

    if (!filled(to, 4))
        return 1;
    memset(to, '!', 4 * PAGE);
    return to[0] != '!';
}

static void test_fork(void)
{
    char *at = alone(4);

    fill(at, 4);
    int status = child_run(child_moves, at);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a child moves what it inherited");
    check(filled(at, 4), "its parent does not notice");
    munmap(at, 4 * PAGE);
}

static void test_many(void)
{
    enum { PAGES = 1500 };
    char *at = mmap(NULL, PAGES * PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *room =
        mmap(NULL, (PAGES + 700) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool same = true;

    for (int i = 0; i < PAGES; i++)
        *(int *)(at + i * PAGE) = i;
    for (int shift = 1; shift < 700; shift += 97) {
        at = mremap(at, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                    room + shift * PAGE);
        if (at == MAP_FAILED)
            break;
        for (int i = 0; i < PAGES; i++)
            same &= *(int *)(at + i * PAGE) == i;
        char *away =
            mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        at = mremap(at, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, away);
    }
    check(same, "six megabytes, moved across the borders of tables, arrive");
    munmap(at, PAGES * PAGE);
    munmap(room, (PAGES + 700) * PAGE);
}

static void test_refusals(void)
{
    char *at = alone(4), *to = alone(4);

    REFUSED(mremap(at + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EINVAL,
            "an address within a page");
    REFUSED(mremap(at, PAGE, 0, MREMAP_MAYMOVE), EINVAL, "a new length of 0");
    REFUSED(mremap(at, PAGE, PAGE, 8), EINVAL, "a flag that is not one");
    REFUSED(mremap(at, PAGE, PAGE, MREMAP_FIXED, to), EINVAL, "FIXED without MAYMOVE");
    REFUSED(mremap(at, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at + PAGE),
            EINVAL, "new and old overlap");
    REFUSED(mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 1), EINVAL,
            "a new address within a page");
    REFUSED(mremap(at, 0, PAGE, MREMAP_MAYMOVE), EINVAL, "old length 0 of private memory");
    REFUSED(mremap(at, 5 * PAGE, 6 * PAGE, MREMAP_MAYMOVE), EFAULT, "more than there is");
    munmap(at, 4 * PAGE);
    REFUSED(mremap(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT, "nothing is there");
    munmap(to, 4 * PAGE);
}

static void test_rights(void)
{
    char *at = alone(4);

    fill(at, 4);
    mprotect(at, 4 * PAGE, PROT_READ);
    at = mremap(at, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, alone(4));
    check(probe(ACCESS_WRITE, (uintptr_t)at).signal == SIGSEGV,
          "read-only moves read-only");
    mprotect(at, 4 * PAGE, PROT_NONE);
    char *to = mremap(at, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, alone(4));
    check(gone(to), "PROT_NONE moves as it is");
    mprotect(to, 4 * PAGE, READ_WRITE);
    check(filled(to, 4), "and its contents with it");
    munmap(to, 4 * PAGE);
}

int main(void)
{
    test_in_place();
    test_move();
    test_fixed();
    test_dont_unmap();
    test_shared();
    test_file();
    test_fork();
    test_many();
    test_refusals();
    test_rights();
    return tap_end();
}
