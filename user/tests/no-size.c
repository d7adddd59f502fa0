/* no-size.c - files without a size, of /proc and /dev: where lseek leads, and what truncation,
 * fsync and fallocate do. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define KERNEL 0xffff800000000000ul

static int error_of(long result)
{
    return result == -1 ? errno : 0;
}

static void test_text(const char *path)
{
    int file = open(path, O_RDONLY);

    check_equal(lseek(file, 5, SEEK_SET), 5, "%s: SEEK_SET", path);
    check_equal(lseek(file, 5, SEEK_CUR), 10, "SEEK_CUR");
    check_equal(error_of(lseek(file, 0, SEEK_END)), EINVAL, "SEEK_END: nobody knows it");
    check_equal(error_of(lseek(file, 0, SEEK_DATA)), EINVAL, "nor where data is");
    check_equal(error_of(lseek(file, -1, SEEK_SET)), EINVAL,
                "before the beginning: EINVAL");
    check_equal(error_of(fsync(file)), EINVAL, "fsync: EINVAL");
    close(file);
}

static void test_addresses(void)
{
    int file = open("/proc/self/mem", O_RDWR);
    char byte;

    check_equal(lseek(file, (off_t)KERNEL, SEEK_SET), (long)KERNEL, "mem: any address");
    check_equal(error_of(read(file, &byte, 1)), EIO, "there is nothing at the kernel's");
    check_equal(lseek(file, 100, SEEK_SET), 100, "a low one");
    check_equal(lseek(file, -(1l << 20), SEEK_CUR), 100 - (1l << 20),
                "and round the bottom");
    check_equal(error_of(lseek(file, 0, SEEK_END)), EINVAL, "but no end");
    check_equal(error_of(ftruncate(file, 5)), 0, "truncation is in vain");
    check_equal(error_of(ftruncate(file, -1)), EINVAL, "below 0: EINVAL");
    check_equal(error_of(fallocate(file, 0, 0, 1)), EOPNOTSUPP, "fallocate: EOPNOTSUPP");
    close(file);
}

static void test_others(void)
{
    int refs = open("/proc/self/clear_refs", O_WRONLY), zero = open("/dev/zero", O_RDWR);

    check_equal(lseek(refs, 7, SEEK_SET), 0, "clear_refs has no positions");
    check_equal(lseek(zero, 7, SEEK_END), 0, "nor has /dev/zero");
    check_equal(error_of(fsync(zero)), EINVAL, "fsync of it: EINVAL");
    check_equal(error_of(ftruncate(zero, 0)), EINVAL, "ftruncate: EINVAL");
    check_equal(error_of(fallocate(zero, 0, 0, 1)), ENODEV, "fallocate: ENODEV");
    check_equal(error_of(fallocate(zero, 8, 0, 1)), ENODEV, "of any kind,");
    check_equal(error_of(fallocate(zero, 4, 0, 1)), EOPNOTSUPP, "that there is");
    check_equal(error_of(fallocate(zero, 24, 0, 1)), EOPNOTSUPP, "but not of two");
    int counter = eventfd(0, EFD_NONBLOCK), left = 5;
    check_equal(posix_fadvise(counter, 0, 0, 0), 0, "advice about a counter");
    check_equal(posix_fadvise(counter, 0, 0, 9), EINVAL, "but not of any kind");
    check(fails(write(counter, &(long[2]){1, 1}, 16), EINVAL), "which is told one number");
    int text = open("/proc/self/stat", O_RDONLY);
    check(ioctl(text, FIONREAD, &left) == 0 && left == 0, "nothing is known to be left");
    close(counter), close(text);
    check_equal(error_of(truncate("/proc/self/comm", 0)), 0, "truncate of a text: in vain");
    close(refs), close(zero);
}

/* A vector is looked at whole before anything is moved. */
static void test_vectors(void)
{
    int file = memfd_create("vector", 0);
    char bytes[8];
    struct iovec kernel[] = {{bytes, 4}, {(void *)KERNEL, 4}},
                 empty[] = {{bytes, 4}, {(void *)KERNEL, 0}},
                 nowhere[] = {{bytes, 4}, {(void *)8, 4}},
                 long_[] = {{bytes, INT64_MAX}, {bytes, INT64_MAX}},
                 below[] = {{(void *)KERNEL, 4}, {bytes, -1ul}};

    check(write(file, "abcdefgh", 8) == 8 && lseek(file, 0, SEEK_SET) == 0, "a file");
    check_equal(error_of(readv(file, kernel, 2)), EFAULT,
                "a part at a kernel address: EFAULT");
    check_equal(error_of(readv(file, empty, 2)), EFAULT, "even if it is empty");
    check_equal(error_of(readv(file, long_, 2)), EFAULT, "one that reaches it: EFAULT");
    check_equal(error_of(readv(file, below, 2)), EINVAL, "a length below 0 is told first");
    check_equal(lseek(file, 0, SEEK_CUR), 0, "nothing was read");
    check_equal(readv(file, nowhere, 2), 4, "memory that is not there: as far as it goes");
    check_equal(error_of(writev(file, kernel, 2)), EFAULT, "writev likewise");
    check_equal(lseek(file, 0, SEEK_CUR), 4, "nothing was written");
    close(file);
}

int main(void)
{
    test_text("/proc/self/maps");
    test_text("/proc/self/stat");
    test_text("/proc/self/comm");
    test_text("/proc/meminfo");
    test_text("/proc/vmstat");
    test_addresses();
    test_others();
    test_vectors();
    return tap_end();
}
