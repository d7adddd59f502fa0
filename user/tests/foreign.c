/* foreign.c - the memory of other processes: /proc/PID/mem, process_vm_readv, process_vm_writev;
 * what may be forced, and what may not. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/probe.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_WRITE = PROT_READ | PROT_WRITE };

static int mem;

static long forced(const void *at, const char *bytes)
{
    return pwrite(mem, bytes, strlen(bytes), (off_t)(uintptr_t)at);
}

/* --- What is forced ------------------------------------------------------------------- */

static void test_private(int read_only)
{
    char bytes[8] = "";
    char *at = mmap(0, PAGE, PROT_READ, MAP_PRIVATE, read_only, 0);

    check_equal(forced(at, "abc"), 3, "a private mapping that is read-only is written");
    check(memcmp(at, "abc", 3) == 0, "and shows it");
    pread(read_only, bytes, 4, 0);
    check(memcmp(bytes, "this", 4) == 0, "the file does not");
    check(probe(ACCESS_WRITE, (uintptr_t)at).refused, "and it is still read-only");
    madvise(at, PAGE, MADV_DONTNEED);
    check(memcmp(at, "this", 4) == 0, "forgotten, the file is seen again");
    munmap(at, PAGE);
}

static void test_shared(int read_only, int writable)
{
    char bytes[8] = "";
    char *at = mmap(0, PAGE, PROT_READ, MAP_SHARED, read_only, 0);

    check(forced(at, "abc") < 0 && errno == EIO, "a shared one is not: EIO");
    munmap(at, PAGE);
    at = mmap(0, PAGE, PROT_READ, MAP_SHARED, writable, 0);
    check(forced(at, "abc") < 0 && errno == EIO, "nor one that could be writable");
    munmap(at, PAGE);
    at = mmap(0, PAGE, READ_WRITE, MAP_SHARED, writable, 0);
    check_equal(forced(at, "THIS"), 4, "one that is writable is written");
    pread(read_only, bytes, 4, 0);
    check(memcmp(bytes, "THIS", 4) == 0, "for all");
    forced(at, "this");
    munmap(at, PAGE);
}

static void test_none(void)
{
    char bytes[8] = "";
    char *at = mmap(0, 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    check_equal(pread(mem, bytes, 3, (off_t)(uintptr_t)at), 3,
                "memory without rights is read");
    check_equal(forced(at, "abc"), 3, "and written");
    check(pread(mem, bytes, 3, (off_t)(uintptr_t)at) == 3 && memcmp(bytes, "abc", 3) == 0,
          "and remembers");
    check(probe(ACCESS_READ, (uintptr_t)at).refused, "but not for the program");
    mprotect(at, PAGE, PROT_READ);
    check(memcmp(at, "abc", 3) == 0, "until it gets a right");
    munmap(at, 2 * PAGE);
}

static void test_edges(void)
{
    char bytes[16];
    char *at = mmap(0, 2 * PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    munmap(at + PAGE, PAGE);
    check_equal(pread(mem, bytes, 16, (off_t)(uintptr_t)(at + PAGE - 8)), 8,
                "reading stops where memory ends");
    check_equal(pwrite(mem, bytes, 16, (off_t)(uintptr_t)(at + PAGE - 8)), 8,
                "as writing does");
    check(pread(mem, bytes, 4, 4096) < 0 && errno == EIO, "nothing there: EIO");
    check_equal(lseek(mem, (off_t)(uintptr_t)at, SEEK_SET), (long)at,
                "an address is a position");
    at[1] = 'x';
    check(read(mem, bytes, 2) == 2 && bytes[1] == 'x', "to go on from");
    munmap(at, PAGE);
}

/* A forced write that races with its page being forgotten never reaches the file. */
static void test_race(int read_only)
{
    char bytes[8] = "";
    char *at = mmap(0, PAGE, PROT_READ, MAP_PRIVATE, read_only, 0);
    pid_t child = fork();

    if (child == 0)
        for (;;)
            madvise(at, PAGE, MADV_DONTNEED);
    for (int i = 0; i < 500; i++) {
        forced(at, "CHANGED");
        madvise(at, PAGE, MADV_DONTNEED);
    }
    kill(child, SIGKILL);
    waitpid(child, 0, 0);
    pread(read_only, bytes, 4, 0);
    check(memcmp(bytes, "this", 4) == 0,
          "forced and forgotten at the same time: not in the file");
    munmap(at, PAGE);
}

/* --- Another process ------------------------------------------------------------------ */

static void test_other(void)
{
    char path[32], byte = 0, *at = region_map(1);
    int ready[2];

    if (pipe(ready) != 0)
        bail("pipe");
    at[0] = 'p';
    pid_t child = fork();
    if (child == 0) {
        at[0] = 'c';
        write(ready[1], "", 1);
        for (;;)
            pause();
    }
    read(ready[0], &byte, 1);
    snprintf(path, sizeof(path), "/proc/%d/mem", child);
    int other = open(path, O_RDWR);
    struct iovec here = {&byte, 1}, there = {at, 1};
    check(pread(other, &byte, 1, (off_t)(uintptr_t)at) == 1 && byte == 'c',
          "the child's memory");
    pwrite(other, "w", 1, (off_t)(uintptr_t)at);
    check(process_vm_readv(child, &here, 1, &there, 1, 0) == 1 && byte == 'w',
          "what is written there is read there");
    byte = 'v';
    check_equal(process_vm_writev(child, &here, 1, &there, 1, 0), 1, "process_vm_writev");
    check(pread(other, &byte, 1, (off_t)(uintptr_t)at) == 1 && byte == 'v', "arrives");
    check_equal(at[0], 'p', "none of it here");
    kill(child, SIGKILL);
    waitpid(child, 0, 0);
    check_equal(pread(other, &byte, 1, (off_t)(uintptr_t)at), 0,
                "after its end there is nothing");
    check(process_vm_readv(child, &here, 1, &there, 1, 0) < 0 && errno == ESRCH, "ESRCH");
    close(other), close(ready[0]), close(ready[1]);
    munmap(at, PAGE);
}

static int child_returns(void *unused)
{
    (void)unused;
    return 0;
}

/* --- Pieces --------------------------------------------------------------------------- */

static void test_pieces(void)
{
    char *at = region_map(3), bytes[64];
    const char *read_only = "constant";
    struct iovec here[2] = {{bytes, 3}, {bytes + 10, 50}};
    struct iovec there[4] = {{at, 2}, {at + 5, 0}, {at + PAGE, 4}, {at + 2 * PAGE - 2, 4}};

    memcpy(at, "ab", 2);
    memcpy(at + PAGE, "cdef", 4);
    munmap(at + 2 * PAGE, PAGE);
    check_equal(process_vm_readv(getpid(), here, 2, there, 3, 0), 6,
                "pieces to other pieces");
    check(memcmp(bytes, "abc", 3) == 0 && memcmp(bytes + 10, "def", 3) == 0, "in order");
    check_equal(process_vm_readv(getpid(), here, 2, there, 4, 0), 8,
                "as far as memory is there");
    check(process_vm_readv(getpid(), here, 2, there + 3, 1, 0) == 2, "of one piece, too");
    there[0].iov_base = at + 2 * PAGE;
    check(process_vm_readv(getpid(), here, 2, there, 1, 0) < 0 && errno == EFAULT,
          "EFAULT");
    check(process_vm_readv(getpid(), here, 2, there, 1, 1) < 0 && errno == EINVAL,
          "a flag: EINVAL");
    check(process_vm_readv(getpid(), here, 1025, there, 1, 0) < 0 && errno == EINVAL,
          "too many pieces: EINVAL");
    check_equal(process_vm_readv(getpid(), here, 0, there, 1, 0), 0, "no pieces: nothing");
    there[0] = (struct iovec){(void *)read_only, 4};
    check(process_vm_writev(getpid(), here, 1, there, 1, 0) < 0 && errno == EFAULT,
          "process_vm_writev forces nothing");
    there[0] = (struct iovec){at, 4};
    mprotect(at, PAGE, PROT_WRITE);
    check(process_vm_readv(getpid(), here, 1, there, 1, 0) < 0 && errno == EFAULT,
          "what is only to be written is not read");
    mmap(at + PAGE, PAGE, READ_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
    munmap(at, PAGE);
    check(process_vm_writev(getpid(), here, 1, there, 1, 0) < 0 && errno == EFAULT,
          "and no stack grows for them");
    check_equal(forced(at, "abc"), 3, "for /proc/PID/mem it does");
    munmap(at, 2 * PAGE);
}

/* --- Nobody, nothing, half ------------------------------------------------------------ */

#define NOBODY 99999999

static bool refuses(long result, int error)
{
    return result == -1 && errno == error;
}

static void test_nothing_asked(void)
{
    char *at = region_map(1), *nowhere = (char *)8;
    struct iovec piece = {at, 8}, empty = {at, 0}, endless = {at, -1ul},
                 kernel = {(void *)(1ul << 63), 8};

    check_equal(process_vm_readv(NOBODY, &piece, 0, &piece, 1, 0), 0,
                "no piece here: nothing, whoever it is");
    check_equal(process_vm_readv(NOBODY, &piece, 1, &piece, 0, 0), 0, "none there");
    check_equal(process_vm_writev(NOBODY, &empty, 1, &piece, 1, 0), 0, "an empty one here");
    check_equal(process_vm_writev(NOBODY, &piece, 1, &empty, 1, 0), 0,
                "an empty one there");
    check(refuses(process_vm_readv(NOBODY, &piece, 1, &piece, 1, 0), ESRCH),
          "something, of nobody: ESRCH");
    check_equal(process_vm_readv(getpid(), &piece, 0, (void *)nowhere, 1, 0), 0,
                "a vector that is not needed is not looked at");
    check_equal(process_vm_readv(getpid(), &piece, 0, &piece, 1025, 0), 0,
                "nor how long it is");
    check(refuses(process_vm_readv(NOBODY, &piece, 1, (void *)nowhere, 1, 0), EFAULT),
          "one that is: EFAULT, before ESRCH");
    check(refuses(process_vm_readv(NOBODY, &piece, 1, &endless, 1, 0), EINVAL),
          "a length below 0: EINVAL");
    check(refuses(process_vm_readv(NOBODY, &kernel, 1, &piece, 1, 0), EFAULT),
          "a kernel address here: EFAULT at once");
    check(refuses(process_vm_readv(getpid(), &piece, 1, &kernel, 1, 0), EFAULT),
          "there: EFAULT");
    munmap(at, PAGE);
}

/* Here, memory ends in the middle. */
static void test_half(void)
{
    char *at = region_map(3), *other = region_map(2), path[32];
    struct iovec here = {at + PAGE / 2, 2 * PAGE}, there = {other, 2 * PAGE};

    munmap(at + 2 * PAGE, PAGE);
    check_equal(process_vm_readv(getpid(), &here, 1, &there, 1, 0), 3 * PAGE / 2,
                "reading goes as far as memory here");
    check_equal(process_vm_writev(getpid(), &here, 1, &there, 1, 0), 3 * PAGE / 2,
                "as does writing");
    off_t place = (off_t)(uintptr_t)other;
    check(refuses(pread(mem, at + PAGE, 2 * PAGE, place), EFAULT),
          "/proc/PID/mem: a buffer that ends is an error");
    check(refuses(pwrite(mem, at + PAGE, 2 * PAGE, place), EFAULT), "either way");
    check(refuses(pread(mem, (void *)8, 8, 8), EIO), "nothing there, read: EIO");
    check(refuses(pwrite(mem, (void *)8, 8, 8), EFAULT), "nothing here, written: EFAULT");
    munmap(at, 2 * PAGE), munmap(other, 2 * PAGE);
    pid_t child = child_start(child_returns, NULL);
    siginfo_t info;
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    snprintf(path, sizeof(path), "/proc/%d/mem", child);
    check(refuses(open(path, O_RDONLY), ESRCH), "of a process that has ended: ESRCH");
    snprintf(path, sizeof(path), "/proc/%d/environ", child);
    check(refuses(open(path, O_RDONLY), ESRCH), "so is its environ");
    child_wait(child);
}

static int becomes_another(void *go)
{
    char byte;

    if (read(*(int *)go, &byte, 1) == 1)
        execl("/bin/sleep", "sleep", "100", (char *)NULL);
    return 1;
}

static bool is_called(pid_t process, const char *name)
{
    char path[64], text[32] = "";

    snprintf(path, sizeof(path), "/proc/%d/comm", process);
    int file = open(path, O_RDONLY);
    read(file, text, sizeof(text) - 1);
    close(file);
    return strcmp(text, name) == 0;
}

/* An open file belongs to the memory that it was opened on. */
static void test_next_program(void)
{
    static char here[1];
    char path[64], byte;
    int go[2];

    if (pipe(go) != 0)
        bail("pipe");
    pid_t child = child_start(becomes_another, go);
    snprintf(path, sizeof(path), "/proc/%d/mem", child);
    int file = open(path, O_RDONLY);
    check_equal(pread(file, &byte, 1, (off_t)(uintptr_t)here), 1,
                "a child's memory is read");
    write(go[1], "g", 1);
    while (!is_called(child, "sleep\n"))
        usleep(1000);
    check_equal(pread(file, &byte, 1, (off_t)(uintptr_t)here), 0,
                "its next program's is not");
    close(file);
    kill(child, SIGKILL);
    child_wait(child);
}

int main(void)
{
    int writable = open("foreign", O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (write(writable, "this must stay", 14) != 14 || ftruncate(writable, PAGE) != 0)
        bail("foreign");
    int read_only = open("foreign", O_RDONLY);
    mem = open("/proc/self/mem", O_RDWR);
    test_private(read_only);
    test_shared(read_only, writable);
    test_none();
    test_edges();
    test_race(read_only);
    test_other();
    test_pieces();
    test_nothing_asked();
    test_half();
    test_next_program();
    unlink("foreign");
    return tap_end();
}
