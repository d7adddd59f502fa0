/* lock-ranges.c - record locks: which bytes one means, and what the file must be open for. */
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define FAR (1l << 40)

static int file;
static volatile struct flock *seen;

static int lock(int fd, short type, off_t start, off_t length)
{
    struct flock wanted = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};

    return fcntl(fd, F_SETLK, &wanted);
}

/* What is in the way of a lock from *from on. */
static int looks(void *from)
{
    struct flock wanted = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = *(off_t *)from, .l_len = 0};
    int error = fcntl(file, F_GETLK, &wanted);

    *seen = wanted;
    return error;
}

static bool is_seen(off_t from, off_t start, off_t length)
{
    return child_run(looks, &from) == 0 && seen->l_type == F_WRLCK &&
           seen->l_start == start && seen->l_len == length;
}

int main(void)
{
    char name[] = "lock-ranges-XXXXXX";

    seen = shared_page();
    file = mkstemp(name);
    int reads = open(name, O_RDONLY), writes = open(name, O_WRONLY);
    if (file < 0 || reads < 0 || writes < 0)
        bail(name);
    unlink(name);
    check_equal(lock(file, F_WRLCK, 100, -10), 0, "a length below 0");
    check(is_seen(0, 90, 10), "means the bytes before");
    lock(file, F_UNLCK, 0, 0);
    check_equal(lock(file, F_WRLCK, 100, 0), 0, "no length");
    check(is_seen(FAR, 100, 0), "means all from there on");
    lock(file, F_UNLCK, 0, 0);
    lock(file, F_WRLCK, 0, 10), lock(file, F_WRLCK, 20, 10), lock(file, F_RDLCK, 30, 5);
    check_equal(lock(file, F_WRLCK, 10, 10), 0, "between two");
    check(is_seen(0, 0, 30), "makes one of them");
    lock(file, F_UNLCK, 0, 0);
    flock(reads, LOCK_SH), flock(writes, LOCK_SH);
    check(fails(flock(reads, LOCK_EX | LOCK_NB), EWOULDBLOCK),
          "flock: not while others read");
    check_equal(flock(writes, LOCK_EX | LOCK_NB), 0, "and what it was before is gone");
    check(fails(lock(reads, F_WRLCK, 0, 1), EBADF), "to write, of a file open for reading");
    check(fails(lock(writes, F_RDLCK, 0, 1), EBADF), "to read, of one open for writing");
    check(fails(lock(file, F_WRLCK, 5, -10), EINVAL), "bytes before the first");
    return tap_end();
}
