/* mounts.c - a tree of files of one's own: mount(2) and umount2(2) of tmpfs. What lies in it, what
 * nobody may change in it, how large it is, and how it goes. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#define AT "point"

static char text[65536];

static bool make(const char *path)
{
    int fd = open(path, O_CREAT | O_WRONLY, 0600);

    return fd >= 0 && write(fd, "text", 4) == 4 && close(fd) == 0;
}

static long number_of(const char *path)
{
    struct stat status;

    return stat(path, &status) ? -1 : (long)status.st_dev;
}

/* The line of /proc/mounts, or of mountinfo, that has the word. */
static char *line_with(const char *file, const char *word)
{
    int fd = open(file, O_RDONLY);
    size_t length = 0;

    for (long got; (got = read(fd, text + length, sizeof(text) - 1 - length)) > 0;)
        length += got;
    text[length] = 0;
    close(fd);
    char *at = strstr(text, word);
    if (!at)
        return NULL;
    while (at > text && at[-1] != '\n')
        at--;
    *strchrnul(at, '\n') = 0;
    return at;
}

static void test_refused(void)
{
    check(fails(mount("none", AT, "nothing-of-that-name", 0, NULL), ENODEV), "of no kind");
    check(fails(mount("none", AT, NULL, 0, NULL), EINVAL), "of none that is named");
    check(fails(mount("none", "nowhere", "tmpfs", 0, NULL), ENOENT), "nowhere");
    check(fails(mount("none", "file", "tmpfs", 0, NULL), ENOTDIR), "on a file");
    check(fails(mount("none", AT, "tmpfs", 0, "size=much"), EINVAL), "of what size?");
    check(fails(mount("none", AT, "tmpfs", 0, "mood=good"), EINVAL), "an unknown option");
    check(fails(mount("none", AT, "tmpfs", MS_REMOUNT, NULL), EINVAL), "nothing is there");
    check(fails(umount2(AT, 0), EINVAL), "nor to be taken down");
    check(fails(umount2("nowhere", 0), ENOENT), "nor anywhere");
    check(fails(umount2(AT, 0x100), EINVAL), "an unknown flag");
    check(fails(mount("none", (char *)-1, "tmpfs", 0, NULL), EFAULT), "a path at no place");
    check(fails(mount("none", AT, (char *)-1, 0, NULL), EFAULT), "a kind at no place");
}

/* What was in the directory is covered, and what is made above it goes with the tree. */
static void test_covers(void)
{
    struct stat status;
    long outside = number_of(".");
    char here[PATH_MAX];

    check(make(AT "/below"), "a file");
    int below = open(AT "/below", O_RDONLY), folder = open(AT, O_RDONLY | O_DIRECTORY);
    check_equal(mount(NULL, AT, "tmpfs", 0, "mode=0750"), 0, "a tree, from nothing");
    check(stat(AT, &status) == 0 && (status.st_mode & 07777) == 0750,
          "with its own rights");
    check(number_of(AT) != outside && number_of(AT "/..") == outside, "and st_dev");
    check(fails(access(AT "/below", F_OK), ENOENT), "what was there is covered");
    check(faccessat(folder, "below", F_OK, 0) == 0, "but for who had it open");
    check_equal(read(below, text, 9), 4, "or the file");
    check(make(AT "/file") && mkdir(AT "/sub", 0755) == 0 && make(AT "/sub/file"),
          "others");
    check(symlink("../file", AT "/sub/link") == 0, "with a link in it");
    check(link(AT "/file", AT "/sub/second") == 0, "and a second name");
    check(chdir(AT "/sub") == 0 && getcwd(here, sizeof(here)), "it can be gone into");
    check(strlen(here) > 10 && strcmp(here + strlen(here) - 10, "/" AT "/sub") == 0,
          "and says where it is");
    check(chdir("../..") == 0 && number_of(".") == outside, "and out of");
    close(folder), close(below);
}

/* Its names and its place are not the other tree's. */
static void test_apart(void)
{
    check(fails(rename(AT "/file", "moved"), EXDEV), "rename leads out of no tree");
    check(fails(rename("file", AT "/moved"), EXDEV), "nor into one");
    check(fails(link(AT "/file", "linked"), EXDEV), "nor link");
    check(fails(rmdir(AT), EBUSY), "its place is not removed");
    check(fails(unlink(AT), EISDIR), "not even as a file");
    check(fails(rename(AT, "moved"), EBUSY), "nor renamed");
    check(mkdir("other", 0755) == 0 && fails(rename("other", AT), EBUSY), "nor replaced");
    check(rmdir("other") == 0, "by what can go");
}

static void test_told(void)
{
    struct statvfs status;
    char *line = line_with("/proc/self/mounts", "/" AT " ");

    check(line && strncmp(line, "none ", 5) == 0 && strstr(line, "/" AT " tmpfs rw"),
          "/proc/mounts tells it");
    line = line_with("/proc/self/mountinfo", "/" AT " ");
    char device[20];
    snprintf(device, sizeof(device), " %u:%u / /", major(number_of(AT)),
             minor(number_of(AT)));
    check(line && strstr(line, device) && strstr(line, " - tmpfs none rw"),
          "and mountinfo, with its st_dev");
    check(statvfs(AT, &status) == 0 && !(status.f_flag & ST_RDONLY), "statvfs: writable");
    uint64_t wide[32];
    check(raw6(SYS_statx, AT_FDCWD, (long)AT, 0, 0, (long)wide, 0) == 0 &&
              (wide[0] & 0x1000),
          "statx tells a mount's id");
    check((wide[1] & wide[7] & 0x2000) != 0, "and that this is its root");
    check(line && strtoul(line, NULL, 10) == wide[18], "the one of mountinfo");
    int fd = open(AT "/file", O_RDWR | O_CLOEXEC | O_APPEND);
    char path[40];
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    check(lseek(fd, 3, SEEK_SET) == 3 && (line = line_with(path, "pos:")) &&
              strcmp(line, "pos:\t3") == 0,
          "fdinfo tells where a file is");
    check((line = line_with(path, "flags:")) &&
              (strtoul(line + 7, NULL, 8) & ~(unsigned long)O_LARGEFILE) ==
                  (O_RDWR | O_CLOEXEC | O_APPEND),
          "how it was opened");
    check((line = line_with(path, "mnt_id:")) && strtoul(line + 8, NULL, 10) == wide[18],
          "and in which tree");
    close(fd);
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    check(fails(open(path, O_RDONLY), ENOENT), "as long as it is open");
}

static void test_read_only(void)
{
    struct statvfs status;
    int fd = open(AT "/file", O_WRONLY), got;

    check(fails(mount(NULL, AT, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), EBUSY),
          "not to be changed, while somebody may write");
    char *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, open(AT "/file", O_RDWR), 0);
    close(fd), close(fd + 1);
    check(fails(mount(NULL, AT, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), EBUSY),
          "by a mapping");
    munmap(page, PAGE);
    check_equal(mount(NULL, AT, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0, "then it is");
    check(statvfs(AT, &status) == 0 && (status.f_flag & ST_RDONLY), "statvfs says so");
    check(line_with("/proc/mounts", "/" AT " tmpfs ro"), "and /proc/mounts");
    check(fails(open(AT "/file", O_WRONLY), EROFS), "open to write");
    check(fails(open(AT "/file", O_RDWR), EROFS), "or to do both");
    check(fails(open(AT "/file", O_RDONLY | O_TRUNC), EROFS), "or to cut it");
    check(fails(open(AT "/new", O_CREAT | O_RDONLY, 0600), EROFS), "or to make one");
    check(fails(open(AT "/file", O_CREAT | O_EXCL, 0600), EEXIST), "that is there");
    check(fails(open(AT "/sub", O_WRONLY), EISDIR), "or a directory");
    check((got = open(AT "/file", O_RDONLY | O_CREAT, 0600)) >= 0 &&
              read(got, text, 9) == 4,
          "to read it");
    check(fails(fchmod(got, 0600), EROFS), "fchmod");
    check(fails(fchown(got, 1, 1), EROFS), "fchown");
    check(fails(futimens(got, NULL), EROFS), "futimens");
    close(got);
    check(fails(creat(AT "/new", 0600), EROFS), "creat");
    check(fails(mkdir(AT "/new", 0700), EROFS), "mkdir");
    check(fails(mkdir(AT "/sub", 0700), EEXIST), "of what is there");
    check(fails(mknod(AT "/new", S_IFIFO | 0600, 0), EROFS), "mknod");
    check(fails(symlink("x", AT "/new"), EROFS), "symlink");
    check(fails(link(AT "/file", AT "/new"), EROFS), "link");
    check(fails(link("file", AT "/new"), EROFS), "into it");
    check(fails(unlink(AT "/file"), EROFS), "unlink");
    check(fails(unlink(AT "/nothing"), EROFS), "of what is not there");
    check(fails(rmdir(AT "/sub"), EROFS), "rmdir");
    check(fails(rename(AT "/file", AT "/new"), EROFS), "rename");
    check(fails(rename(AT "/file", "new"), EXDEV), "out of it");
    check(fails(truncate(AT "/file", 0), EROFS), "truncate");
    check(fails(truncate(AT "/sub", 0), EISDIR), "a directory");
    check(fails(chmod(AT "/file", 0600), EROFS), "chmod");
    check(fails(chown(AT "/file", 1, 1), EROFS), "chown");
    check(fails(lchown(AT "/sub/link", 1, 1), EROFS), "lchown");
    check(fails(utime(AT "/file", NULL), EROFS), "utime");
    check(fails(utimes(AT "/file", NULL), EROFS), "utimes");
    check(fails(access(AT "/file", W_OK), EROFS), "access");
    check(access(AT "/file", R_OK) == 0, "to read");
    check_equal(mount(NULL, AT, "tmpfs", MS_REMOUNT, NULL), 0, "and can be changed again");
    check(access(AT "/file", W_OK) == 0 && make(AT "/file"), "as before");
}

/* What is kept out of it, not what is in it. */
static void test_other_flags(void)
{
    unsigned long flags = MS_NOEXEC | MS_NODEV | MS_NOSUID;
    pid_t child;

    check(mknod(AT "/null", S_IFCHR | 0600, makedev(1, 3)) == 0, "a device");
    check(open(AT "/null", O_RDONLY) >= 0, "it can be opened");
    close(3);
    check_equal(mount(NULL, AT, "tmpfs", MS_REMOUNT | flags, NULL), 0, "nothing to be run");
    check(line_with("/proc/mounts", "/" AT " tmpfs rw,nosuid,nodev,noexec"),
          "that is told");
    check(fails(open(AT "/null", O_RDONLY), EACCES), "no device");
    int fd = open(AT "/file", O_RDWR);
    check(fchmod(fd, 0700) == 0, "a program");
    check(mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED &&
              errno == EPERM,
          "is not mapped as one");
    char *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    check(fails(mprotect(page, PAGE, PROT_READ | PROT_EXEC), EACCES), "nor later");
    munmap(page, PAGE), close(fd);
    if ((child = fork()) == 0)
        _exit(execl(AT "/file", "file", NULL) && errno == EACCES ? 0 : 1);
    check_equal(child_wait(child), 0, "and not run");
    check_equal(mount(NULL, AT, "tmpfs", MS_REMOUNT, NULL), 0, "as before");
}

static void test_in_use(void)
{
    int fd = open(AT "/file", O_RDONLY);

    check(fails(umount2(AT, 0), EBUSY), "not while a file is open");
    char *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    check(fails(umount2(AT, 0), EBUSY), "or mapped");
    check(unlink(AT "/sub/second") == 0 && unlink(AT "/file") == 0, "its names go");
    check(fails(umount2(AT, 0), EBUSY), "though it has no name any more");
    check(memcmp(page, "text", 4) == 0, "and is there");
    munmap(page, PAGE);
    check(chdir(AT "/sub") == 0 && fails(umount2("..", 0), EBUSY), "or where somebody is");
    check(chdir("../..") == 0, "who goes");
    check(mount("inner", AT "/sub", "tmpfs", 0, NULL) == 0, "or another tree hangs in it");
    check(make(AT "/sub/inner") && fails(umount2(AT, 0), EBUSY), "which");
    check(umount2(AT "/sub", 0) == 0 && access(AT "/sub/link", F_OK) != 0, "goes first");
    check(mount("second", AT, "tmpfs", 0, NULL) == 0, "one over the other");
    check(fails(access(AT "/sub", F_OK), ENOENT), "covers it");
    check(symlink(AT, "way") == 0 && fails(umount2("way", UMOUNT_NOFOLLOW), EINVAL),
          "a link leads there");
    check(umount2("way", 0) == 0 && unlink("way") == 0, "for who follows");
    check(access(AT "/sub", F_OK) == 0, "and the first is there again");
    check_equal(umount2(AT, 0), 0, "it goes with all that is in it");
    check(access(AT "/below", F_OK) == 0, "what it covered is there again");
    check(fails(umount2(AT, 0), EINVAL), "and no tree");
    check(!line_with("/proc/mounts", "/" AT " "), "nor told");
}

/* A tree is as large as it was told. */
static void test_size(void)
{
    enum { PAGES = 16 };
    struct statvfs status;
    static char page[PAGE];
    int written = 0;

    check_equal(mount("sized", AT, "tmpfs", 0, "size=64k"), 0, "of 16 pages");
    check(statvfs(AT, &status) == 0 && status.f_blocks == PAGES && status.f_bfree == PAGES,
          "statvfs tells them");
    int fd = open(AT "/large", O_CREAT | O_RDWR, 0600);
    while (written <= PAGES && write(fd, page, PAGE) == PAGE)
        written++;
    check(written == PAGES && errno == ENOSPC, "and so many are written");
    check(statvfs(AT, &status) == 0 && status.f_bfree == 0, "no more");
    check(fails(mount("sized", AT, "tmpfs", MS_REMOUNT, "size=32k"), EINVAL), "nor less");
    check_equal(mount("sized", AT, "tmpfs", MS_REMOUNT, "size=68k"), 0, "but one more");
    check_equal(write(fd, page, PAGE), PAGE, "is written, too");
    check_equal(ftruncate(fd, PAGE), 0, "the file is cut");
    check(statvfs(AT, &status) == 0 && status.f_bfree == PAGES, "and there is room");
    close(fd);
    check_equal(umount2(AT, 0), 0, "it goes");
    check_equal(mount("shared", AT, "tmpfs", 0, "mode=700,size=16m"), 0, "of 16 MiB");
    check(statvfs(AT, &status) == 0 && status.f_blocks == 4096, "as they are told");
    struct stat root;
    check(stat(AT, &root) == 0 && root.st_mode == (S_IFDIR | 0700), "and its rights");
    check_equal(umount2(AT, MNT_DETACH), 0, "it goes by the other way");
}

/* Who looks at /proc/mounts is told that it has changed. */
static void test_changes(void)
{
    int fd = open("/proc/self/mounts", O_RDONLY), set = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLPRI};
    struct pollfd look = {.fd = fd, .events = POLLPRI};

    check(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0, "a set of what tells of mounts");
    check(poll(&look, 1, 0) == 0 && epoll_wait(set, &event, 1, 0) == 0, "nothing is new");
    check(mount("new", AT, "tmpfs", 0, NULL) == 0, "but then");
    check(epoll_wait(set, &event, 1, 1000) == 1 && (event.events & EPOLLPRI),
          "epoll tells");
    while (read(fd, text, sizeof(text)) > 0)
        continue;
    lseek(fd, 0, SEEK_SET);
    while (read(fd, text, sizeof(text)) > 0)
        continue;
    check(poll(&look, 1, 0) == 0, "who has read it knows");
    check(umount2(AT, 0) == 0, "until it goes");
    check(poll(&look, 1, 1000) == 1 && look.revents == (POLLPRI | POLLERR), "poll tells");
    close(fd), close(set);
}

/* The same place, often: nothing is left behind. */
static void test_often(void)
{
    bool good = true;
    long first = -1;

    for (int i = 0; i < 200 && good; i++) {
        good = mount("often", AT, "tmpfs", 0, NULL) == 0 && make(AT "/file");
        good =
            good && mkdir(AT "/folder", 0700) == 0 && symlink("a", AT "/folder/link") == 0;
        good = good && umount2(AT, 0) == 0;
        if (i == 10)
            first = memory_free();
    }
    check(good, "200 times");
    if (on_faultline())
        counted_near(memory_free(), first, 16 * PAGE / 1024, "and no frame is lost");
}

int main(void)
{
    mkdir(AT, 0755);
    close(creat("file", 0600));
    unshare(CLONE_NEWNS);
    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    if (mount("none", AT, "tmpfs", 0, NULL) != 0) {
        check_skip("nobody lets us", "trees of one's own");
        return tap_end();
    }
    umount2(AT, 0);
    test_refused();
    test_covers();
    test_apart();
    test_told();
    test_read_only();
    test_other_flags();
    test_in_use();
    test_size();
    test_changes();
    test_often();
    unlink(AT "/below"), rmdir(AT), unlink("file");
    return tap_end();
}
