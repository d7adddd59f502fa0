/* efault.c - bad pointers in every system call: -EFAULT, or the right partial count, and
 * nothing else ever. The calls stand in efault_table.h; here is what is done with them.
 *
 * For each pointer of each call, all ways of being bad: null, unmapped, in the kernel,
 * non-canonical, at the very end of addresses, without rights, read-only where the kernel
 * writes, and good at first but running out into nothing. */
#define _GNU_SOURCE
#include "user/tests/efault_table.h"

#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char *name;
    long address;
} bad_pointers[] = {
    {"unmapped", NOTHING},
    {"no rights", NO_ACCESS},
    {"the last page below the hole", 0x7ffffffff000},
    {"non-canonical", 0x1234567812345678},
    {"the first kernel address", (long)0xffff800000000000},
    {"the kernel's memory", (long)0xffff800000100000},
    {"the kernel's image", (long)0xffffffff80100000},
    {"the end of addresses", -8},
};

enum { LAST_BYTES = 12 };
static const long USER_END = 0x7ffffffff000;

static void page_at(long address, int pages, int rights)
{
    if (mmap((void *)address, pages * PAGE, rights, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
             -1, 0) == MAP_FAILED)
        bail("mmap of the arena");
}

static void open_at(int fd, const char *path, int flags)
{
    int got = open(path, flags, 0600);

    if (got < 0 || dup2(got, fd) != fd)
        bail(path);
    close(got);
}

static void arena_make(void)
{
    page_at(GOOD, 3, PROT_READ | PROT_WRITE);
    page_at(READ_ONLY, 1, PROT_READ);
    page_at(NO_ACCESS, 1, PROT_NONE);
    page_at(EDGE - PAGE, 1, PROT_READ | PROT_WRITE);
    unsigned char there;
    if (mincore((void *)(USER_END - PAGE), PAGE, &there) != 0) /* else it is the stack's */
        page_at(USER_END - PAGE, 1, PROT_READ | PROT_WRITE);
}

static void files_make(void)
{
    static char bytes[8192];
    int ends[2];

    open_at(FILE_FD, "efault", O_RDWR | O_CREAT | O_TRUNC);
    open_at(DIRECTORY, ".", O_RDONLY);
    open_at(ZERO_FD, "/dev/zero", O_RDONLY);
    open_at(RANDOM_FD, "/dev/urandom", O_RDONLY);
    open_at(PROC_FD, "/proc/self/stat", O_RDONLY);
    int program = open("efault-program", O_WRONLY | O_CREAT | O_TRUNC, 0700);
    unlink("efault-link");
    if (write(FILE_FD, bytes, sizeof(bytes)) != sizeof(bytes) ||
        write(program, "nonsense", 8) != 8 || symlink("target", "efault-link") != 0 ||
        pipe(ends) != 0 || dup2(ends[0], PIPE_IN) < 0 || dup2(ends[1], PIPE_OUT) < 0)
        bail("files");
    close(program), close(ends[0]), close(ends[1]);
}

/* Everything as it should be, but for the pointer under test. */
static void arena_refresh(void)
{
    static const char bytes[2048];

    memset((void *)GOOD, 0, 3 * PAGE);
    strcpy((char *)PATH, "efault");
    strcpy((char *)PROGRAM, "efault-program");
    strcpy((char *)LINK, "efault-link");
    strcpy((char *)NEW, "efault-new");
    lseek(FILE_FD, 0, SEEK_SET);
    lseek(DIRECTORY, 0, SEEK_SET);
    lseek(PROC_FD, 0, SEEK_SET);
    int waiting = 0;
    char drain[4096];
    if (ioctl(PIPE_IN, 0x541b, &waiting) == 0 && waiting > 16384)
        waiting -= read(PIPE_IN, drain, sizeof(drain));
    if (waiting < 4096 && write(PIPE_OUT, bytes, sizeof(bytes)) < 0)
        bail("pipe");
}

static void child_make(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
}

static long call(const struct row *row, long pointer)
{
    long arguments[6];

    arena_refresh();
    if (row->flags & CHILD)
        child_make();
    memcpy(arguments, row->arguments, sizeof(arguments));
    if (row->flags & INSIDE) {
        long words[2] = {pointer, row->use == STRING ? 0 : row->size};
        memcpy((void *)POINTERS, words, sizeof(words));
    } else {
        arguments[row->argument] = pointer;
    }
    long result = raw6(row->number, arguments[0], arguments[1], arguments[2], arguments[3],
                       arguments[4], arguments[5]);
    while (row->flags & CHILD && waitpid(-1, NULL, 0) > 0)
        ;
    return result;
}

/* One pointer tried: 0 as it should be, 1 not. `there` bytes of it can be reached. */
static int try_pointer(const struct row *row, const char *name, long pointer, int there)
{
    long result = call(row, pointer);

    if (result == -EFAULT)
        return 0;
    if (row->flags & PARTIAL && result > 0 && result <= there)
        return 0;
    note("%s, %s: %ld", row->name, name, result);
    return 1;
}

/* Pointers that are good for some bytes and lead into nothing, or come out of it. */
static int try_edges(const struct row *row)
{
    int half = row->size / 2, wrong = 0;

    if (row->flags & ALIGNED)
        return 0;
    memset((void *)(EDGE - PAGE), row->use == STRING ? 'x' : 0, PAGE);
    wrong += try_pointer(row, "running into nothing", EDGE - half, half);
    memset((void *)(EDGE - PAGE), row->use == STRING ? 'x' : 0, PAGE);
    wrong += try_pointer(row, "one byte and nothing", EDGE - 1, 1);
    if (row->use != STRING)
        wrong += try_pointer(row, "out of nothing", EDGE - PAGE - half, 0);
    return wrong;
}

/* A string that has no end before user memory has one. */
static int try_last(const struct row *row)
{
    char *last = (char *)(USER_END - LAST_BYTES), kept[LAST_BYTES];

    memcpy(kept, last, LAST_BYTES);
    memset(last, 'x', LAST_BYTES);
    int wrong = try_pointer(row, "running into the end of user memory", (long)last, 0);
    wrong += try_pointer(row, "the last byte of user memory", USER_END - 1, 0);
    memcpy(last, kept, LAST_BYTES);
    return wrong;
}

static void test_row(const struct row *row)
{
    int wrong = 0;

    long result = call(row, NOTHING);
    if (result == -ENOSYS || result == -EAFNOSUPPORT || result == -EPERM) {
        check_skip("refused here whatever the pointer", "%s", row->name);
        return;
    }
    for (unsigned i = 0; i < sizeof(bad_pointers) / sizeof(bad_pointers[0]); i++)
        wrong += try_pointer(row, bad_pointers[i].name, bad_pointers[i].address, 0);
    if (!(row->flags & NULL_FINE))
        wrong += try_pointer(row, "null", 0, 0);
    if (row->use == OUT)
        wrong += try_pointer(row, "read-only", READ_ONLY, 0);
    wrong += try_edges(row);
    if (row->use == STRING)
        wrong += try_last(row);
    check_equal(wrong, 0, "%s: every bad pointer is told from a good one", row->name);
}

/* A transfer that runs out half way: what was transferred is there, and was right. */
static void test_partial(void)
{
    char *page = (char *)(EDGE - PAGE);
    char text[100];

    arena_refresh();
    memset(page, 'q', PAGE);
    if (pwrite(FILE_FD, "0123456789", 10, 0) != 10)
        bail("pwrite");
    long got = raw6(SYS_pread64, FILE_FD, EDGE - 4, 10, 0, 0, 0);
    check(got == -EFAULT || (got <= 4 && memcmp(page + PAGE - 4, "0123", got) == 0),
          "a read that runs into nothing gives what it counts");
    check_equal(page[PAGE - 5], 'q', "and nothing in front of it");
    memcpy(page + PAGE - 4, "abcd", 4);
    got = raw6(SYS_pwrite64, FILE_FD, EDGE - 4, 10, 20, 0, 0);
    long read_back = pread(FILE_FD, text, 10, 20);
    check(read_back == 10 && (got == -EFAULT || memcmp(text, "abcd", got) == 0),
          "a write that runs into nothing writes what it counts");
    check_equal(text[4], 0, "and nothing behind it");
}

int main(void)
{
    arena_make();
    files_make();
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        test_row(&rows[i]);
    test_partial();
    unlink("efault"), unlink("efault-program"), unlink("efault-link");
    return tap_end();
}
