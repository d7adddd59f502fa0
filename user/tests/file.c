/* file.c - opening, reading and writing regular files. */
#define _GNU_SOURCE
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static const char path[] = "file";

static off_t size_of(int fd)
{
    struct stat what;

    return fstat(fd, &what) == 0 ? what.st_size : -1;
}

static void test_open(void)
{
    unlink(path);
    check(fails(open(path, O_RDONLY), ENOENT), "no such file: ENOENT");
    int fd = open(path, O_RDWR | O_CREAT, 0644);
    check(fd >= 0, "O_CREAT makes one");
    check(fails(open(path, O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST),
          "O_EXCL insists on making it: EEXIST");
    check(write(fd, "0123456789", 10) == 10 && size_of(fd) == 10, "ten bytes written");
    int other = open(path, O_RDWR | O_TRUNC);
    check_equal(size_of(fd), 0, "O_TRUNC empties it");
    close(other);
    other = open(path, O_WRONLY | O_APPEND);
    pwrite(fd, "abcde", 5, 0);
    check(write(other, "fg", 2) == 2 && size_of(fd) == 7, "O_APPEND writes at the end");
    char byte;
    check(fails(read(other, &byte, 1), EBADF), "reading what is open for writing: EBADF");
    close(other);
    other = open(path, O_RDONLY);
    check(fails(write(other, "x", 1), EBADF), "writing what is open for reading: EBADF");
    close(other);
    check(fails(close(other), EBADF), "closing twice: EBADF");
    check(fails(open("no/such", O_CREAT | O_RDWR, 0600), ENOENT),
          "in a directory that is not there: ENOENT");
    check(fails(open("file/x", O_RDONLY), ENOTDIR), "in a file: ENOTDIR");
    check(fails(open(".", O_WRONLY), EISDIR), "a directory for writing: EISDIR");
    check(fails(open(path, O_RDONLY | O_DIRECTORY), ENOTDIR), "O_DIRECTORY: ENOTDIR");
    check(fails(open("", O_RDONLY), ENOENT), "an empty path: ENOENT");
    char long_name[300] = "";
    memset(long_name, 'x', 280);
    check(fails(open(long_name, O_RDONLY), ENAMETOOLONG), "a name of 280: ENAMETOOLONG");
    close(fd);
}

/* A length that no memory has is told of, and nothing is moved. */
static void test_lengths(void)
{
    volatile size_t lengths[] = {SIZE_MAX, SIZE_MAX / 2, 1ul << 62, 1ul << 47};
    char bytes[8] = "untouch";
    int fd = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600), here = open(".", O_RDONLY),
        ends[2];

    check(write(fd, "abcde", 5) == 5 && pipe(ends) == 0, "a file, and a pipe");
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        lseek(fd, 0, SEEK_SET);
        check(fails(read(fd, bytes, lengths[i]), EFAULT), "read of %#zx bytes", lengths[i]);
        check(fails(pread(fd, bytes, lengths[i], 0), EFAULT), "pread of as many");
        check(fails(write(fd, bytes, lengths[i]), EFAULT), "write of as many");
        check(fails(pwrite(fd, bytes, lengths[i], 0), EFAULT), "pwrite of as many");
        check(fails(write(ends[1], bytes, lengths[i]), EFAULT),
              "write of as many into a pipe");
    }
    check(strcmp(bytes, "untouch") == 0 && size_of(fd) == 5, "nothing has been moved");
    check(lseek(fd, 0, SEEK_CUR) == 0, "nor the position");
    check(fails(read(here, (void *)(1ul << 62), 8), EFAULT),
          "a directory, and a bad address");
    check(fails(read(here, bytes, 8), EISDIR), "a directory: EISDIR");
    close(fd), close(here), close(ends[0]), close(ends[1]);
}

static void test_lowest(void)
{
    int one = open(path, O_RDONLY), two = open(path, O_RDONLY);

    close(one);
    check_equal(open(path, O_RDONLY), one, "the lowest free descriptor is taken");
    close(one), close(two);
}

static void test_positions(void)
{
    char bytes[20];
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

    check(write(fd, "0123456789", 10) == 10 && lseek(fd, 0, SEEK_CUR) == 10,
          "writing moves the position");
    check(read(fd, bytes, 5) == 0, "at the end a read gives 0");
    check(lseek(fd, 3, SEEK_SET) == 3 && read(fd, bytes, 2) == 2 &&
              memcmp(bytes, "34", 2) == 0,
          "SEEK_SET, then a read from there");
    check(lseek(fd, -2, SEEK_CUR) == 3, "SEEK_CUR backwards");
    check(lseek(fd, -1, SEEK_END) == 9 && read(fd, bytes, 9) == 1, "SEEK_END");
    check(fails(lseek(fd, -11, SEEK_END), EINVAL), "before the start: EINVAL");
    check(fails(lseek(fd, 0, 99), EINVAL), "an unknown origin: EINVAL");
    lseek(fd, 5, SEEK_SET);
    check(pread(fd, bytes, 3, 1) == 3 && memcmp(bytes, "123", 3) == 0, "pread");
    check(pwrite(fd, "XY", 2, 8) == 2 && pread(fd, bytes, 20, 6) == 4 &&
              memcmp(bytes, "67XY", 4) == 0,
          "pwrite, and a read cut off by the end");
    check_equal(lseek(fd, 0, SEEK_CUR), 5, "neither moves the position");
    check(fails(pread(fd, bytes, 1, -1), EINVAL), "pread before the start: EINVAL");
    check(lseek(fd, 20000, SEEK_SET) == 20000 && write(fd, "z", 1) == 1 &&
              size_of(fd) == 20001,
          "writing beyond the end makes a hole");
    check(pread(fd, bytes, 20, 12000) == 20 && bytes[0] == 0 && bytes[19] == 0,
          "which reads as zeroes");
    close(fd);
}

static void test_vectors(void)
{
    char one[4] = "", two[4] = "";
    struct iovec out[3] = {{"ab", 2}, {NULL, 0}, {"cdef", 4}};
    struct iovec in[2] = {{one, 3}, {two, 4}};
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

    check_equal(writev(fd, out, 3), 6, "writev of three parts, one empty");
    lseek(fd, 0, SEEK_SET);
    check(readv(fd, in, 2) == 6 && memcmp(one, "abc", 3) == 0 && memcmp(two, "def", 3) == 0,
          "readv into two");
    check_equal(raw3(SYS_writev, fd, (long)out, -1), -EINVAL, "a negative count: EINVAL");
    check_equal(raw3(SYS_writev, fd, (long)out, 2000), -EINVAL, "too many parts: EINVAL");
    check_equal(raw3(SYS_writev, fd, (long)out, 0), 0, "no parts at all");
    close(fd);
}

enum { AT_END = 16 }; /* RWF_APPEND */

static void test_at_end(void)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    struct iovec two[] = {{"ab", 2}, {"cd", 2}};
    char bytes[8];

    check(write(fd, "0123", 4) == 4 && lseek(fd, 1, SEEK_SET) == 1, "a file");
    check_equal(raw6(SYS_pwritev2, fd, (long)two, 2, 0, 0, AT_END), 4,
                "pwritev2 writes at its end");
    check_equal(lseek(fd, 0, SEEK_CUR), 1, "not where the file is");
    check(pread(fd, bytes, 8, 0) == 8 && memcmp(bytes, "0123abcd", 8) == 0,
          "and there alone");
    check_equal(raw6(SYS_pwritev2, fd, (long)two, 1, -1, 0, AT_END), 2,
                "or with its position");
    check_equal(lseek(fd, 0, SEEK_CUR), 10, "which is the end then");
    check_equal(raw6(SYS_preadv2, fd, (long)&(struct iovec){bytes, 2}, 1, 0, 0, AT_END), 2,
                "preadv2 reads where it is told");
    check(memcmp(bytes, "01", 2) == 0, "as without the flag");
    close(fd);
}

static void test_sizes(void)
{
    char bytes[8] = "";
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

    if (write(fd, "12345678", 8) != 8)
        bail(path);
    check(ftruncate(fd, 4) == 0 && size_of(fd) == 4, "ftruncate shortens");
    check(ftruncate(fd, 8) == 0 && size_of(fd) == 8, "and lengthens");
    check(pread(fd, bytes, 8, 0) == 8 && memcmp(bytes, "1234\0\0\0\0", 8) == 0,
          "what was cut off is zero");
    check(fails(ftruncate(fd, -1), EINVAL), "a negative length: EINVAL");
    check(truncate(path, 2) == 0 && size_of(fd) == 2, "truncate by path");
    int reader = open(path, O_RDONLY);
    check(fails(ftruncate(reader, 1), EINVAL), "a file open for reading: EINVAL");
    close(reader), close(fd);
}

static void test_large(void)
{
    enum { LENGTH = 300000 };
    static unsigned char out[LENGTH], in[LENGTH];
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

    for (int i = 0; i < LENGTH; i++)
        out[i] = i * 13 + i / 4096;
    check_equal(write(fd, out, LENGTH), LENGTH, "300,000 bytes in one write");
    lseek(fd, 0, SEEK_SET);
    long total = 0;
    for (ssize_t got; (got = read(fd, in + total, 7777)) > 0;)
        total += got;
    check(total == LENGTH && memcmp(in, out, LENGTH) == 0, "come back by many reads");
    check(pwrite(fd, out, 5000, 4000) == 5000 && pread(fd, in, 5000, 4000) == 5000 &&
              memcmp(in, out, 5000) == 0,
          "a write across pages, in the middle");
    close(fd);
}

static void test_unlinked(void)
{
    char byte;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    struct stat what;

    check(write(fd, "u", 1) == 1 && unlink(path) == 0, "unlink of an open file");
    check(fails(open(path, O_RDONLY), ENOENT), "its name is gone");
    check(pread(fd, &byte, 1, 0) == 1 && byte == 'u', "its contents are there while open");
    check(fstat(fd, &what) == 0 && what.st_nlink == 0, "with no name left");
    int other = open(path, O_RDWR | O_CREAT | O_EXCL, 0644);
    check(other >= 0 && size_of(other) == 0, "a new file of that name is another file");
    close(fd), close(other);
    unlink(path);
}

int main(void)
{
    test_open();
    test_lengths();
    test_lowest();
    test_positions();
    test_vectors();
    test_at_end();
    test_sizes();
    test_large();
    test_unlinked();
    return tap_end();
}
