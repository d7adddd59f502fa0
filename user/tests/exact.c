/* exact.c - exact mode: one instruction, one page, one reference; one system call, one page,
 * one reference. Counted on code written by hand, against what its letters say. */
#define _GNU_SOURCE
#include "user/lib/exact.h"
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGES = 8 };

static char *page;

static char *at(int number)
{
    return page + number * PAGE;
}

/* Every page is there, written or not: what follows is references, and no faults. */
static void pages_touch(void)
{
    for (int i = 0; i < PAGES; i++)
        *(volatile char *)at(i) = 1;
}

static void claim(const char *got, const char *expected, const char *what)
{
    if (!check(strcmp(got, expected) == 0, "%s: %s", what, expected))
        note("got %.150s", got);
}

/* Of a REP of two rounds and a RET. An emulator may fetch the REP once more, for its end
 * (docs/platforms.md). */
static void rounds_claim(const char *got)
{
    const char *rest = got + strlen("x6 r0 w1 x6 r0 w1 x6");

    check(strncmp(got, "x6 r0 w1 x6 r0 w1 x6", (size_t)(rest - got)) == 0 &&
              (*rest == '\0' || strcmp(rest, " x6") == 0),
          "rep movsb of 2, fetched each time: %.150s", got);
}

/* Do one thing and compare the string it makes. */
#define CLAIM(expected, what, ...)            \
    do {                                      \
        exact_begin();                        \
        __VA_ARGS__;                          \
        claim(exact_end(), (expected), what); \
    } while (0)

static void test_moves(void)
{
    long word;

    CLAIM("", "nothing");
    CLAIM("r0", "a load", __asm__ volatile("mov (%1), %0" : "=r"(word) : "r"(at(0))));
    CLAIM("w1", "a store",
          __asm__ volatile("mov %0, (%1)"
                           :
                           : "r"(7l), "r"(at(1))
                           : "memory"));
    CLAIM("r0 w1", "a load and a store",
          __asm__ volatile("mov (%1), %0; mov %0, (%2)"
                           : "=&r"(word)
                           : "r"(at(0)), "r"(at(1))
                           : "memory"));
    CLAIM("r0 r0 r1 r0", "four loads",
          __asm__ volatile("mov (%1), %0; mov 8(%1), %0; mov (%2), %0; mov 16(%1), %0"
                           : "=&r"(word)
                           : "r"(at(0)), "r"(at(1))));
    CLAIM("w2", "add to memory: one page, one reference, written",
          __asm__ volatile("addl $1, (%0)"
                           :
                           : "r"(at(2))
                           : "memory", "cc"));
    CLAIM("w2", "a locked exchange",
          __asm__ volatile("xchg %0, (%1)"
                           : "=r"(word)
                           : "r"(at(2)), "0"(word)
                           : "memory"));
    CLAIM("r0 r1", "a load across two pages",
          __asm__ volatile("mov (%1), %0"
                           : "=r"(word)
                           : "r"(at(1) - 4)));
    CLAIM("w1 w2", "a store across two pages",
          __asm__ volatile("mov %0, (%1)"
                           :
                           : "r"(7l), "r"(at(2) - 4)
                           : "memory"));
    CLAIM("r0 r1", "a load of 16 bytes across two pages",
          __asm__ volatile("movdqu (%0), %%xmm0"
                           :
                           : "r"(at(1) - 8)
                           : "xmm0"));
}

static void test_strings(void)
{
    char *from = at(0), *to = at(1);
    long count;

    CLAIM("r0 w1", "movsq", __asm__ volatile("movsq" : "+S"(from), "+D"(to) : : "memory"));
    from = at(0), to = at(0) + 64;
    CLAIM("w0", "movsq within a page",
          __asm__ volatile("movsq"
                           : "+S"(from), "+D"(to)
                           :
                           : "memory"));
    from = at(1) - 4, to = at(3) - 4;
    exact_begin();
    __asm__ volatile("movsq" : "+S"(from), "+D"(to) : : "memory");
    claim(exact_end(), "r0 r1 w2 w3", "movsq, both ends across two pages");
    from = at(0), to = at(1), count = 10;
    CLAIM("r0 w1 r0 w1 r0 w1 r0 w1 r0 w1 r0 w1 r0 w1 r0 w1 r0 w1 r0 w1",
          "rep movsb of 10 bytes: each is one of its own",
          __asm__ volatile("rep movsb"
                           : "+S"(from), "+D"(to), "+c"(count)
                           :
                           : "memory"));
    to = at(1) - 2, count = 4;
    CLAIM("w0 w0 w1 w1", "rep stosb of 4 bytes, over a page's end",
          __asm__ volatile("rep stosb"
                           : "+D"(to), "+c"(count)
                           : "a"(0)
                           : "memory"));
    to = at(1), count = 0;
    CLAIM("", "rep stosb of none",
          __asm__ volatile("rep stosb"
                           : "+D"(to), "+c"(count)
                           : "a"(0)
                           : "memory"));
}

/* With the stack in one of our pages, for two instructions. */
#define ON_STACK(code, ...)                                                        \
    __asm__ volatile("mov %%rsp, %%r12; mov %0, %%rsp; " code "; mov %%r12, %%rsp" \
                     :                                                             \
                     : "r"(at(3) - 64), ##__VA_ARGS__                              \
                     : "r12", "rax", "rcx", "memory", "cc")

static void test_stack(void)
{
    CLAIM("w2 r2", "push and pop", ON_STACK("push %%rax; pop %%rax"));
    CLAIM("r0 w2", "push of memory", ON_STACK("push (%1)", "r"(at(0))));
    CLAIM("r2 w0", "pop to memory", ON_STACK("pop (%1)", "r"(at(0))));
    CLAIM("w2 r2", "call and ret", ON_STACK("call 1f; jmp 2f; 1: ret; 2:"));
    CLAIM("w2 r2", "pushf and popf", ON_STACK("pushfq; popfq"));
}

static void test_fetches(void)
{
    static const unsigned char code[] = {0x48, 0x8b, 0x07, 0xc3}; /* mov (%rdi),%rax; ret */
    static const unsigned char move[] = {0xf3, 0xa4, 0xc3};       /* rep movsb; ret */

    memcpy(at(5), code, sizeof(code));
    memcpy(at(6) - 2, code, sizeof(code));
    memcpy(at(6) + 16, move, sizeof(move));
    if (mprotect(at(5), 2 * PAGE, PROT_READ | PROT_EXEC) < 0)
        bail("mprotect");
    long (*read_word)(void *) = (long (*)(void *))at(5);
    CLAIM("x5 r0 x5", "a load and a ret, fetched too", read_word(at(0)));
    CLAIM("x5 x5", "a load from the page it is in", read_word(at(5)));
    read_word = (long (*)(void *))(at(6) - 2);
    CLAIM("x5 x6 r0 x6", "an instruction across two pages", read_word(at(0)));
    void (*copy)(void *, void *, long, long) =
        (void (*)(void *, void *, long, long))(at(6) + 16);
    exact_begin();
    copy(at(1), at(0), 0, 2);
    rounds_claim(exact_end());
    if (mprotect(at(5), 2 * PAGE, PROT_READ | PROT_WRITE) < 0)
        bail("mprotect");
}

static void test_calls(void)
{
    int ends[2];
    struct iovec both[2] = {{at(0), 8}, {at(0) + 100, 8}};

    if (pipe(ends) < 0)
        bail("pipe");
    CLAIM("r0 r1 r2", "write of 3 pages", raw3(SYS_write, ends[1], (long)at(0), 3 * PAGE));
    CLAIM("w3 w4 w5", "read of 3 pages", raw3(SYS_read, ends[0], (long)at(3), 3 * PAGE));
    CLAIM("r0", "writev of one page twice: one call",
          raw3(SYS_writev, ends[1], (long)both, 2));
    CLAIM(
        "w0 w0", "two reads of it",
        (raw3(SYS_read, ends[0], (long)at(0), 8), raw3(SYS_read, ends[0], (long)at(0), 8)));
    CLAIM("w7", "a call that tells something", raw3(SYS_uname, (long)at(7), 0, 0));
    memcpy(at(2) - 4, "/dev/null", 10);
    CLAIM("r1 r2", "a path across two pages", raw3(SYS_access, (long)at(2) - 4, 0, 0));
    close(ends[0]);
    close(ends[1]);
}

static void test_regions(void)
{
    char *file =
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    long far = (file - page) / PAGE;
    char expected[64];

    *(volatile char *)file = 1;
    snprintf(expected, sizeof(expected), "r%ld w%ld", far, far);
    CLAIM(expected, "shared memory",
          ((void)*(volatile char *)file, *(volatile char *)file = 2));
    munlock(page, PAGE);
    mlock(at(1), PAGE);
    CLAIM("w0 w2", "a page locked meanwhile is not seen",
          (*(volatile char *)at(0) = 1, *(volatile char *)at(1) = 1,
           *(volatile char *)at(2) = 1));
    exact_begin();
    munlock(at(1), PAGE);
    *(volatile char *)at(1) = 1;
    claim(exact_end(), "w1", "unlocked, it is");
    exact_begin();
    char *more =
        mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    (void)*(volatile char *)more;
    snprintf(expected, sizeof(expected), "r%ld", (long)(more - page) / PAGE);
    claim(exact_end(), expected, "populating is no reference, reading is");
    munmap(more, PAGE);
    munmap(file, PAGE);
}

static void test_counts(void)
{
    long before = faults_now();

    exact_begin();
    for (int i = 0; i < 100; i++)
        *(volatile char *)at(i % PAGES) = 1;
    long after = faults_now();
    claim(exact_end() + 99 * 3, "w3", "the last of a hundred stores");
    counted_equal(after - before, 0, "a hundred references are no page fault");
    madvise(page, PAGES * PAGE, MADV_DONTNEED);
    before = faults_now();
    exact_begin();
    for (int i = 0; i < 2 * PAGES; i++)
        (void)*(volatile char *)at(i % PAGES);
    after = faults_now();
    claim(exact_end(), "r0 r1 r2 r3 r4 r5 r6 r7 r0 r1 r2 r3 r4 r5 r6 r7",
          "untouched memory");
    check_equal(after - before, PAGES, "is faulted in once a page");
    before = faults_now();
    for (int i = 0; i < PAGES; i++)
        *(volatile char *)at(i) = 1;
    counted_equal(faults_now() - before, 0, "without exact mode: all is there again");
}

int main(void)
{
    if (!on_faultline()) {
        check_skip("Faultline's own", "exact mode");
        return tap_end();
    }
    page = exact_open(PAGES);
    pages_touch();
    test_moves();
    test_strings();
    test_stack();
    test_fetches();
    test_calls();
    test_regions();
    test_counts();
    exact_close();
    return tap_end();
}
