/* copy.c - sendfile and copy_file_range: bytes from file to file without passing through the
 * program. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 3 * PAGE + 100 };

static char bytes[SIZE], back[SIZE];

static int file_make(const char *name)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || unlink(name) != 0)
        bail(name);
    return fd;
}

static int source_make(void)
{
    int fd = file_make("copy-from");

    for (int i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    if (write(fd, bytes, SIZE) != SIZE || lseek(fd, 0, SEEK_SET) != 0)
        bail("copy-from");
    return fd;
}

static bool holds(int fd, off_t at, const char *expected, int length)
{
    return pread(fd, back, length, at) == length && memcmp(back, expected, length) == 0;
}

static void test_sendfile(void)
{
    int from = source_make(), to = file_make("copy-to"), ends[2];
    off_t at = 50;

    check_equal(sendfile(to, from, NULL, SIZE), SIZE, "sendfile of all of it");
    check(holds(to, 0, bytes, SIZE), "it arrived");
    check_equal(lseek(from, 0, SEEK_CUR), SIZE, "the source's position has moved");
    check_equal(lseek(to, 0, SEEK_CUR), SIZE, "so has the other's");
    check_equal(sendfile(to, from, NULL, 10), 0, "at the end there is no more");
    check_equal(sendfile(to, from, &at, 200), 200, "from a position given");
    check_equal(at, 250, "which moves");
    check_equal(lseek(from, 0, SEEK_CUR), SIZE, "the file's own does not");
    check(holds(to, SIZE, bytes + 50, 200), "the right bytes came");
    if (pipe(ends) != 0)
        bail("pipe");
    at = 0;
    check_equal(sendfile(ends[1], from, &at, 1000), 1000, "into a pipe");
    check(read(ends[0], back, 1000) == 1000 && memcmp(back, bytes, 1000) == 0, "too");
    check(fails(sendfile(to, ends[0], NULL, 10), EINVAL), "not out of one: EINVAL");
    check(fails(sendfile(99, from, NULL, 10), EBADF), "no such file: EBADF");
    check(fails(sendfile(99, ends[0], &at, 10), ESPIPE), "its source is looked at first");
    check(fails(sendfile(to, from, (off_t *)8, 10), EFAULT), "a bad position: EFAULT");
    at = -1;
    check(fails(sendfile(to, from, &at, 10), EINVAL), "a negative one: EINVAL");
    close(ends[0]), close(ends[1]);
    signal(SIGPIPE, SIG_IGN);
    if (pipe2(ends, O_NONBLOCK) != 0)
        bail("pipe2");
    at = SIZE;
    check_equal(sendfile(ends[1], from, &at, 10), 0,
                "the source's end, into an empty pipe");
    while (write(ends[1], bytes, PAGE) > 0)
        ;
    check(fails(sendfile(ends[1], from, &at, 10), EAGAIN), "into a full one: EAGAIN");
    close(ends[0]);
    check(fails(sendfile(ends[1], from, &at, 10), EPIPE),
          "nobody reads the pipe: EPIPE, at the source's end too");
    close(from), close(to), close(ends[1]);
}

static void test_range(void)
{
    int from = source_make(), to = file_make("copy-to");
    off_t at = 5, place = 3;

    check_equal(copy_file_range(from, NULL, to, NULL, SIZE + 50, 0), SIZE,
                "copy_file_range of more than there is");
    check(holds(to, 0, bytes, SIZE), "all of it arrived");
    check_equal(copy_file_range(from, &at, to, &place, PAGE, 0), PAGE, "between positions");
    check(at == PAGE + 5 && place == PAGE + 3, "which move");
    check(holds(to, 3, bytes + 5, PAGE) && holds(to, 0, bytes, 3), "the right bytes came");
    at = 0, place = 10;
    check(fails(copy_file_range(from, &at, from, &place, 20, 0), EINVAL),
          "within a file, overlapping: EINVAL");
    at = 0, place = 100;
    check_equal(copy_file_range(from, &at, from, &place, 50, 0), 50, "not overlapping");
    check(holds(from, 100, bytes, 50), "it is copied");
    at = SIZE - 10, place = SIZE;
    check_equal(copy_file_range(from, &at, from, &place, PAGE, 0), 10,
                "what lies behind the end is not read, nor does it overlap");
    check(fails(copy_file_range(from, NULL, to, NULL, 1, 1), EINVAL), "flags: EINVAL");
    int other = open("/proc/self/stat", O_RDONLY);
    check(fails(copy_file_range(other, NULL, to, NULL, 1, 0), EXDEV),
          "from another file system: EXDEV");
    int left = 0;
    lseek(from, SIZE + 5, SEEK_SET);
    check(ioctl(from, FIONREAD, &left) == 0 && left == lseek(from, 0, SEEK_END) - SIZE - 5,
          "FIONREAD behind the end is below 0: %d", left);
    close(to), close(other);
    to = open(".", O_RDONLY | O_DIRECTORY);
    check(copy_file_range(from, NULL, to, NULL, 1, 0) == -1, "not into a directory");
    close(from), close(to);
}

/* --- The address space has no part in it ------------------------------------------------- */

#define MUCH (1l << 20)

/* Pages of the process's address space. */
static long space_pages(void)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    long pages;

    if (!statm || fscanf(statm, "%ld", &pages) != 1)
        bail("/proc/self/statm");
    fclose(statm);
    return pages;
}

/* A thread that sends, and then waits to be let go. */
struct sending {
    int from, to;
    volatile long sent;
    volatile int go;
};

static void *send_much(void *argument)
{
    struct sending *sending = argument;
    off_t at = 0;

    while (at < MUCH && sendfile(sending->to, sending->from, &at, MUCH - at) > 0)
        ; /* a pipe may take less than all of it in one call */
    sending->sent = at;
    while (!sending->go)
        usleep(1000);
    return NULL;
}

static void read_much(int end)
{
    ssize_t part;

    for (long got = 0; got < MUCH; got += part)
        if ((part = read(end, back, sizeof(back))) <= 0)
            bail("read");
}

static void test_traces(void)
{
    int ends[2], left = 0;
    struct sending sending = {file_make("copy-from"), -1, 0, 0};
    pthread_t thread;

    space_pages(); /* what the library takes for it, it keeps */
    if (ftruncate(sending.from, MUCH) != 0 || pipe(ends) != 0)
        bail("pipe");
    sending.to = ends[1];
    pthread_create(&thread, NULL, send_much, &sending);
    while (ioctl(ends[0], FIONREAD, &left) == 0 && left < 65536)
        usleep(1000);
    long waiting = space_pages();
    read_much(ends[0]);
    while (!sending.sent)
        usleep(1000);
    check_equal(sending.sent, MUCH, "sendfile into a pipe that is full at first");
    check_equal(waiting, space_pages(), "while it waits, no memory is mapped for it");
    sending.go = 1;
    pthread_join(thread, NULL);
    close(sending.from), close(ends[0]), close(ends[1]);
}

static int send_without_room(void *argument)
{
    int from = file_make("copy-from"), to = file_make("copy-to");
    rlim_t most = space_pages() * PAGE;
    struct rlimit limit = {most, most};
    off_t at = 0, zero = 0;

    (void)argument;
    if (ftruncate(from, MUCH) != 0 || setrlimit(RLIMIT_AS, &limit) != 0)
        return 1;
    if (sendfile(to, from, &at, MUCH) != MUCH)
        return 2;
    return copy_file_range(from, &zero, to, NULL, MUCH, 0) == MUCH ? 0 : 3;
}

static void test_without_room(void)
{
    check_equal(WEXITSTATUS(child_run(send_without_room, NULL)), 0,
                "where no more can be mapped (RLIMIT_AS), both copy all the same");
}

static void test_too_long(void)
{
    int from = file_make("copy-from"), to = file_make("copy-to");
    off_t at = 1, zero = 0;

    check(copy_file_range(from, &at, to, &zero, ULONG_MAX, 0) == -1 && errno == EOVERFLOW,
          "a range that ends before it begins: EOVERFLOW");
    at = 0, zero = 1;
    check(copy_file_range(from, &at, to, &zero, ULONG_MAX, 0) == -1 && errno == EOVERFLOW,
          "on the other side too");
    close(from), close(to);
}

static void test_onto_itself(void)
{
    int fd = source_make();
    char *view = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    check_equal(pwrite(fd, view, 2 * PAGE, SIZE), 2 * PAGE,
                "a file written from its mapping");
    check(memcmp(view, bytes, SIZE) == 0 && holds(fd, SIZE, bytes, 2 * PAGE), "is doubled");
    munmap(view, SIZE);
    close(fd);
}

int main(void)
{
    test_sendfile();
    test_range();
    test_traces();
    test_without_room();
    test_too_long();
    test_onto_itself();
    return tap_end();
}
