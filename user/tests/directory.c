/* directory.c - names: directories, renaming, links, and where a process stands. */
#define _GNU_SOURCE
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void file_make(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        bail(path);
    close(fd);
}

/* What the file holds; "" when it is not there. */
static const char *contents(const char *path)
{
    static char text[100];
    int fd = open(path, O_RDONLY);
    ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

    text[length > 0 ? length : 0] = '\0';
    close(fd);
    return text;
}

/* The directory that the process stands in. */
static const char *standing(void)
{
    static char path[PATH_MAX];

    return getcwd(path, sizeof(path)) ? path : "";
}

static bool exists(const char *path)
{
    struct stat what;

    return lstat(path, &what) == 0;
}

static void test_directories(void)
{
    char long_way[PATH_MAX + 8];
    struct stat what;

    check_equal(mkdir("d", 0755), 0, "mkdir");
    check(stat("d", &what) == 0 && S_ISDIR(what.st_mode), "stat says directory");
    check(fails(mkdir("d", 0755), EEXIST), "again: EEXIST");
    check(fails(mkdir("no/d", 0755), ENOENT), "in none: ENOENT");
    check_equal(mkdir("d/e", 0755), 0, "one in another");
    check(fails(rmdir("d"), ENOTEMPTY), "rmdir of one that is not empty: ENOTEMPTY");
    check(fails(unlink("d/e"), EISDIR), "unlink of a directory: EISDIR");
    file_make("d/f", "f");
    check(fails(rmdir("d/f"), ENOTDIR), "rmdir of a file: ENOTDIR");
    check(fails(rmdir("none"), ENOENT), "rmdir of nothing: ENOENT");
    check(stat("d/./e/../f", &what) == 0 && what.st_size == 1, ". and .. in a path");
    snprintf(long_way, sizeof(long_way), "//%s///d//f", standing());
    check(stat(long_way, &what) == 0, "slashes in a row are one");
    check(fails(stat("d/f/", &what), ENOTDIR), "a file with a slash behind: ENOTDIR");
    check(rmdir("d/e") == 0 && unlink("d/f") == 0, "emptied");
}

static void test_listing(void)
{
    enum { FILES = 100 };
    char path[40];
    int seen = 0, dots = 0, others = 0;
    struct dirent *entry;

    for (int i = 0; i < FILES; i++) {
        snprintf(path, sizeof(path), "d/file-%d", i);
        file_make(path, "");
    }
    DIR *directory = opendir("d");
    if (!directory)
        bail("opendir");
    while ((entry = readdir(directory))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            dots++;
        else if (strncmp(entry->d_name, "file-", 5) == 0 &&
                 (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN))
            seen++;
        else
            others++;
    }
    check(seen == FILES && others == 0, "a directory of 100 files is listed whole");
    check_equal(dots, 2, "with . and ..");
    rewinddir(directory);
    check(readdir(directory) != NULL, "and again from the start");
    char bytes[8];
    check_equal(raw3(SYS_getdents64, dirfd(directory), (long)bytes, sizeof(bytes)), -EINVAL,
                "getdents64 without room for one: EINVAL");
    closedir(directory);
    for (int i = 0; i < FILES; i++) {
        snprintf(path, sizeof(path), "d/file-%d", i);
        unlink(path);
    }
    check_equal(rmdir("d"), 0, "rmdir when it is empty");
    int fd = open("/dev/null", O_RDONLY);
    check_equal(raw3(SYS_getdents64, fd, (long)path, sizeof(path)), -ENOTDIR,
                "getdents64 of no directory: ENOTDIR");
    close(fd);
}

static void test_rename(void)
{
    file_make("one", "one");
    file_make("two", "two");
    check(rename("one", "three") == 0 && !exists("one") &&
              strcmp(contents("three"), "one") == 0,
          "rename");
    int fd = open("two", O_RDONLY);
    char text[4] = "";
    check(rename("three", "two") == 0 && strcmp(contents("two"), "one") == 0,
          "over another file");
    check(read(fd, text, 3) == 3 && strcmp(text, "two") == 0,
          "which lives on where it is open");
    close(fd);
    check(fails(rename("none", "x"), ENOENT), "of nothing: ENOENT");
    mkdir("d1", 0755), mkdir("d1/d2", 0755);
    check(rename("two", "d1/d2/moved") == 0 && exists("d1/d2/moved"),
          "into another directory");
    check(fails(rename("d1", "d1/d2/inside"), EINVAL),
          "of a directory into itself: EINVAL");
    check(fails(rename("d1/d2/moved", "d1"), ENOTEMPTY), "over what it lies in: ENOTEMPTY");
    check(rename("d1/d2", "d3") == 0 && exists("d3/moved"), "of a directory");
    check(fails(rename("d1", "d3"), ENOTEMPTY) || errno == EEXIST,
          "over one that is not empty: ENOTEMPTY");
    check(fails(rename("d3/moved", "d1"), EISDIR), "file over directory: EISDIR");
    check(fails(rename("d1", "d3/moved"), ENOTDIR), "directory over file: ENOTDIR");
    unlink("d3/moved"), rmdir("d3"), rmdir("d1");
}

static void test_exchange(void)
{
    struct stat what, top;
    const int here = AT_FDCWD;

    stat(".", &top);
    nlink_t links = top.st_nlink;
    file_make("one", "1");
    mkdir("dir", 0755), mkdir("dir/below", 0755);
    check_equal(raw6(SYS_renameat2, here, (long)"one", here, (long)"dir/two", 2, 0),
                -ENOENT, "RENAME_EXCHANGE with nothing: ENOENT");
    check_equal(raw6(SYS_renameat2, here, (long)"one", here, (long)"dir", 3, 0), -EINVAL,
                "and RENAME_NOREPLACE: EINVAL");
    check_equal(raw6(SYS_renameat2, here, (long)"dir/below", here, (long)"dir", 2, 0),
                -EINVAL, "a directory with what is below it: EINVAL");
    check_equal(raw6(SYS_renameat2, here, (long)"dir", here, (long)"dir/below", 2, 0),
                -EINVAL, "either way");
    check_equal(raw6(SYS_renameat2, here, (long)"dir/below", here, (long)"one/", 2, 0),
                -ENOTDIR, "a file with a slash: ENOTDIR");
    check_equal(raw6(SYS_renameat2, here, (long)"one/", here, (long)"dir/below", 2, 0),
                -ENOTDIR, "either way");
    check_equal(raw6(SYS_renameat2, here, (long)"one", here, (long)"dir/below/", 2, 0), 0,
                "a file and a directory, with its slash, change places");
    check(strcmp(contents("dir/below"), "1") == 0, "the file is where the directory was");
    check(stat("one", &what) == 0 && S_ISDIR(what.st_mode), "and the other way round");
    stat("dir", &what), stat(".", &top);
    check(what.st_nlink == 2 && top.st_nlink == links + 2, "each is counted where it is");
    chdir("one");
    check(chdir("..") == 0 && exists("dir/below"), "its .. leads to where it is now");
    rmdir("one"), unlink("dir/below"), rmdir("dir");
}

static void test_links(void)
{
    char text[20];
    struct stat what;

    file_make("one", "one");
    check(link("one", "two") == 0 && stat("two", &what) == 0 && what.st_nlink == 2,
          "link gives a file a second name");
    file_make("one", "changed");
    check(strcmp(contents("two"), "changed") == 0, "of the same file");
    check(fails(link("one", "two"), EEXIST), "over a file: EEXIST");
    unlink("one");
    check(strcmp(contents("two"), "changed") == 0, "which lives until its last name goes");
    check_equal(symlink("two", "link"), 0, "symlink");
    check(readlink("link", text, sizeof(text)) == 3 && memcmp(text, "two", 3) == 0,
          "readlink tells where to");
    check(readlink("link", text, 2) == 2, "as far as there is room");
    check(fails(readlink("two", text, sizeof(text)), EINVAL), "of a file: EINVAL");
    check(strcmp(contents("link"), "changed") == 0, "open follows it");
    check(lstat("link", &what) == 0 && S_ISLNK(what.st_mode), "lstat does not");
    check(stat("link", &what) == 0 && S_ISREG(what.st_mode), "stat does");
    check(fails(open("link", O_RDONLY | O_NOFOLLOW), ELOOP), "O_NOFOLLOW: ELOOP");
    unlink("two");
    check(fails(stat("link", &what), ENOENT), "one that leads nowhere: ENOENT");
    unlink("link");
    symlink("loop", "loop");
    check(fails(stat("loop", &what), ELOOP), "one that leads to itself: ELOOP");
    unlink("loop");
    symlink(standing(), "up");
    check(stat("up/up/up", &what) == 0, "links on the way are followed");
    unlink("up");
}

static void test_standing(void)
{
    char where[PATH_MAX], top[PATH_MAX], here[PATH_MAX + 5], file[PATH_MAX + 14];

    strcpy(top, standing());
    snprintf(here, sizeof(here), "%s/here", top);
    snprintf(file, sizeof(file), "%s/relative", here);
    mkdir("here", 0755);
    check(chdir("here") == 0 && strcmp(standing(), here) == 0, "chdir and getcwd");
    file_make("relative", "r");
    check(strcmp(contents(file), "r") == 0, "a relative path starts here");
    check(chdir("..") == 0 && strcmp(standing(), top) == 0, "upwards");
    check(fails(chdir("here/relative"), ENOTDIR), "chdir to a file: ENOTDIR");
    check(fails(chdir("none"), ENOENT), "to nothing: ENOENT");
    check_equal(raw3(SYS_getcwd, (long)where, 3, 0), -ERANGE,
                "getcwd without room: ERANGE");
    int directory = open("here", O_RDONLY | O_DIRECTORY);
    int fd = openat(directory, "relative", O_RDONLY);
    check(fd >= 0, "openat starts at a directory");
    check(fails(openat(fd, "x", O_RDONLY), ENOTDIR), "not at a file: ENOTDIR");
    check(fchdir(directory) == 0 && strcmp(standing(), here) == 0, "fchdir");
    check(chdir("/../..") == 0 && strcmp(standing(), "/") == 0,
          "above the root there is the root");
    close(fd), close(directory);
    unlink(file), rmdir(here);
}

/* What is made in a directory with S_ISGID has the directory's group. */
static void test_group(void)
{
    enum { GROUP = 55 };
    struct stat what;

    mkdir("set", 0777);
    if (chown("set", (uid_t)-1, GROUP) != 0)
        check_skip("only root can give a group away", "S_ISGID of a directory");
    chmod("set", 02777);
    stat("set", &what);
    gid_t group = what.st_gid;
    file_make("set/file", "");
    mkdir("set/below", 0755);
    symlink("file", "set/link");
    check(stat("set/file", &what) == 0 && what.st_gid == group && !(what.st_mode & S_ISGID),
          "a file made in a directory with S_ISGID has its group");
    check(lstat("set/link", &what) == 0 && what.st_gid == group, "a link too");
    check(stat("set/below", &what) == 0 && what.st_gid == group && (what.st_mode & S_ISGID),
          "a directory also passes it on");
    rename("set/file", "moved");
    mkdir("beside", 0755);
    check(stat("moved", &what) == 0 && what.st_gid == group, "what leaves it keeps it");
    check(stat("beside", &what) == 0 && what.st_gid == getegid(),
          "beside it all is as usual");
    unlink("moved"), unlink("set/link"), rmdir("set/below"), rmdir("set"), rmdir("beside");
}

int main(void)
{
    test_directories();
    test_group();
    test_listing();
    test_rename();
    test_exchange();
    test_links();
    test_standing();
    return tap_end();
}
