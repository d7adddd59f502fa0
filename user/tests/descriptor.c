/* descriptor.c - descriptors and what is told of files: dup, fcntl, stat, access, umask. */
#define _GNU_SOURCE
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

static const char path[] = "descriptor";

static void test_dup(void)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    int copy = dup(fd);

    check(copy > fd, "dup gives another number");
    check(write(fd, "abc", 3) == 3 && lseek(copy, 0, SEEK_CUR) == 3,
          "for the same open file: one position");
    check(close(fd) == 0 && write(copy, "d", 1) == 1, "each is closed by itself");
    check(dup2(copy, 50) == 50 && write(50, "e", 1) == 1, "dup2 to a number");
    int other = open("/dev/null", O_RDONLY);
    check(dup2(copy, other) == other && lseek(other, 0, SEEK_CUR) == 5,
          "dup2 closes what was there");
    check_equal(dup2(copy, copy), copy, "dup2 to itself does nothing");
    check(fails(dup2(77, 78), EBADF), "dup2 of none: EBADF");
    check(fails(dup2(copy, -1), EBADF), "to a negative number: EBADF");
    check(fails(dup2(copy, 1 << 30), EBADF), "to too large a number: EBADF");
    check(dup3(copy, 51, O_CLOEXEC) == 51 && fcntl(51, F_GETFD) == FD_CLOEXEC, "dup3");
    check(fails(dup3(copy, copy, 0), EINVAL), "dup3 to itself: EINVAL");
    close(50), close(51), close(other), close(copy);
}

static void test_fcntl(void)
{
    int fd = open(path, O_RDWR | O_APPEND);

    check_equal(fcntl(fd, F_GETFD), 0, "F_GETFD");
    check(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC,
          "F_SETFD");
    int flags = fcntl(fd, F_GETFL);
    check((flags & O_ACCMODE) == O_RDWR && (flags & O_APPEND), "F_GETFL");
    check(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "F_SETFL");
    flags = fcntl(fd, F_GETFL);
    check((flags & O_NONBLOCK) && !(flags & O_APPEND) && (flags & O_ACCMODE) == O_RDWR,
          "changes the flags, not the access");
    int copy = fcntl(fd, F_DUPFD, 30);
    check(copy == 30 && fcntl(copy, F_GETFD) == 0, "F_DUPFD from a number on");
    int closing = fcntl(fd, F_DUPFD_CLOEXEC, 30);
    check(closing == 31 && fcntl(closing, F_GETFD) == FD_CLOEXEC, "F_DUPFD_CLOEXEC");
    check(fails(fcntl(fd, 9999), EINVAL), "an unknown command: EINVAL");
    check(fails(fcntl(99, F_GETFD), EBADF), "no descriptor: EBADF");
    close(copy), close(closing), close(fd);
}

static void test_many(void)
{
    struct rlimit limit, low;
    int fds[64], opened = 0;

    getrlimit(RLIMIT_NOFILE, &limit);
    check(limit.rlim_cur >= 64, "at least 64 descriptors");
    low = limit;
    low.rlim_cur = 32;
    if (setrlimit(RLIMIT_NOFILE, &low) != 0) {
        check_skip("RLIMIT_NOFILE cannot be set", "the limit on descriptors");
        return;
    }
    int kept = open("kept", O_CREAT | O_RDWR | O_TRUNC, 0600);
    check(write(kept, "words", 5) == 5, "a file of five bytes");
    close(kept);
    while (opened < 64 && (fds[opened] = open("/dev/null", O_RDONLY)) >= 0)
        opened++;
    check(errno == EMFILE && opened < 32, "beyond the limit: EMFILE");
    check(fails(open("kept", O_RDWR | O_TRUNC), EMFILE),
          "to cut a file beyond the limit: EMFILE");
    check(fails(open("made", O_RDWR | O_CREAT, 0600), EMFILE), "to make one: EMFILE");
    check(fails(open("", O_RDONLY), ENOENT), "an empty path is told of first");
    while (opened > 0)
        close(fds[--opened]);
    struct stat status;
    check(stat("kept", &status) == 0 && status.st_size == 5, "the file has not been cut");
    check(fails(stat("made", &status), ENOENT), "and none has been made");
    unlink("kept");
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void test_stat(void)
{
    struct stat by_path, by_fd;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

    if (write(fd, "12345", 5) != 5)
        bail(path);
    check(stat(path, &by_path) == 0 && fstat(fd, &by_fd) == 0, "stat and fstat");
    check(by_path.st_ino == by_fd.st_ino && by_path.st_dev == by_fd.st_dev &&
              by_path.st_ino != 0,
          "tell of the same file");
    check(S_ISREG(by_fd.st_mode) && by_fd.st_size == 5 && by_fd.st_nlink == 1,
          "type, size and names");
    check(by_fd.st_uid == getuid() && by_fd.st_blksize > 0, "owner and block size");
    check(fstatat(AT_FDCWD, path, &by_path, AT_SYMLINK_NOFOLLOW) == 0, "fstatat");
    check(fstatat(fd, "", &by_path, AT_EMPTY_PATH) == 0 && by_path.st_size == 5,
          "fstatat of a descriptor (AT_EMPTY_PATH)");
    check(stat("/dev/null", &by_path) == 0 && S_ISCHR(by_path.st_mode) &&
              by_path.st_rdev == 0x103,
          "/dev/null is character device 1,3");
    check(fails(fstat(99, &by_fd), EBADF), "fstat of none: EBADF");
    close(fd);
}

static void test_modes(void)
{
    struct stat what;

    unlink(path);
    mode_t before = umask(027);
    check_equal(umask(027), 027, "umask tells what it was");
    int fd = open(path, O_WRONLY | O_CREAT, 0666);
    check(fstat(fd, &what) == 0 && (what.st_mode & 0777) == 0640,
          "a new file loses its bits");
    mkdir("descriptor-d", 0777);
    check(stat("descriptor-d", &what) == 0 && (what.st_mode & 0777) == 0750,
          "a new directory too");
    rmdir("descriptor-d");
    umask(before);
    check(fchmod(fd, 0751) == 0 && stat(path, &what) == 0 && (what.st_mode & 0777) == 0751,
          "fchmod");
    check(chmod(path, 0644) == 0 && stat(path, &what) == 0 && (what.st_mode & 0777) == 0644,
          "chmod");
    close(fd);
    check_equal(access(path, R_OK | W_OK), 0, "access");
    check(fails(access(path, X_OK), EACCES), "what has no x cannot be executed: EACCES");
    check(fails(access("none", F_OK), ENOENT), "access to nothing: ENOENT");
}

static void test_statfs(void)
{
    struct statfs what;

    check(statfs("/", &what) == 0 && what.f_bsize > 0 && what.f_namelen >= 14, "statfs");
    int fd = open("/", O_RDONLY);
    check(fstatfs(fd, &what) == 0 && what.f_bsize > 0, "fstatfs");
    close(fd);
}

int main(void)
{
    test_dup();
    test_fcntl();
    test_many();
    test_stat();
    test_modes();
    test_statfs();
    unlink(path);
    return tap_end();
}
