/* odd-names.c - what each call says of names that end in a slash, in "." or "..", or that lead to
 * what is no file: the same as Linux, error by error. */
#define _GNU_SOURCE
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- A folder with one of each ---------------------------------------------------------------- */

static const char *const names[] = {
    "file",     "fifo",  "socket",  "link",     "dangling", "circle",
    "dirlink",  "moved", "missing", "full/x",   "nowhere",  "full/moved",
    "full/new", "dir/x", "dir/new", "dirlink2",
};
static const char *const folders[] = {"dir/new", "dir", "full", "missing", "moved", "."};

static void make_all(void)
{
    mkdir("odd-names", 0700);
    if (chdir("odd-names") < 0)
        bail("odd-names");
    close(open("file", O_RDWR | O_CREAT, 0600));
    mkdir("dir", 0700), mkdir("full", 0700);
    close(open("full/x", O_RDWR | O_CREAT, 0600));
    mkfifo("fifo", 0600);
    symlink("file", "link"), symlink("nowhere", "dangling"), symlink("circle", "circle");
    symlink("dir", "dirlink");
}

static void remove_all(void)
{
    for (unsigned i = 0; i < COUNT(names); i++)
        unlink(names[i]);
    for (unsigned i = 0; i + 1 < COUNT(folders); i++)
        rmdir(folders[i]);
    chdir("..");
    rmdir("odd-names");
}

/* --- Each call by a name, each name with its answer ----------------------------------- */

static long result_of(long fd)
{
    if (fd >= 0)
        close(fd);
    return fd < 0 ? fd : 0;
}

static long do_open(const char *name, int flags)
{
    return result_of(raw3(SYS_open, (long)name, flags | O_NONBLOCK, 0600));
}

static long open_create(const char *name)
{
    return do_open(name, O_RDWR | O_CREAT);
}

static long open_exclusive(const char *name)
{
    return do_open(name, O_RDWR | O_CREAT | O_EXCL);
}

static long open_folder(const char *name)
{
    return do_open(name, O_DIRECTORY);
}

static long open_folder_itself(const char *name)
{
    return do_open(name, O_DIRECTORY | O_NOFOLLOW);
}

static long open_folder_by_name(const char *name)
{
    return do_open(name, O_PATH | O_DIRECTORY);
}

static long make_folder(const char *name)
{
    return raw3(SYS_mkdir, (long)name, 0700, 0);
}

static long make_node(const char *name)
{
    return raw3(SYS_mknod, (long)name, S_IFREG | 0600, 0);
}

static long make_link(const char *name)
{
    return raw3(SYS_symlink, (long)"file", (long)name, 0);
}

static long make_name(const char *name)
{
    return raw3(SYS_link, (long)"file", (long)name, 0);
}

static long remove_file(const char *name)
{
    return raw3(SYS_unlink, (long)name, 0, 0);
}

static long remove_folder(const char *name)
{
    return raw3(SYS_rmdir, (long)name, 0, 0);
}

static long move_from(const char *name)
{
    return raw3(SYS_rename, (long)name, (long)"moved", 0);
}

static long move_to(const char *name)
{
    return raw3(SYS_rename, (long)"file", (long)name, 0);
}

static long move_folder_to(const char *name)
{
    return raw3(SYS_rename, (long)"dir", (long)name, 0);
}

static long move_to_new(const char *name)
{
    return raw6(SYS_renameat2, AT_FDCWD, (long)"file", AT_FDCWD, (long)name, 1, 0);
}

static long look(const char *name)
{
    struct stat what;
    return raw3(SYS_stat, (long)name, (long)&what, 0);
}

static long look_itself(const char *name)
{
    struct stat what;
    return raw3(SYS_lstat, (long)name, (long)&what, 0);
}

struct answer {
    const char *name;
    int error;
};

#define MOST 20

static const struct {
    const char *what;
    long (*call)(const char *name);
    struct answer answers[MOST]; /* up to a name of NULL */
} calls[] = {
    {"open to create",
     open_create,
     {{"file/", EISDIR},
      {"link/", EISDIR},
      {"fifo/", EISDIR},
      {"circle/", EISDIR},
      {"dir/", EISDIR},
      {"missing/", EISDIR},
      {"dangling/", EISDIR},
      {"dir", EISDIR},
      {".", EISDIR},
      {"dir/..", EISDIR},
      {"file/.", ENOTDIR},
      {"missing/.", ENOENT},
      {"/proc/none", ENOENT},
      {"/proc/self/none", ENOENT},
      {"dangling", 0}}},
    {"open to create something new",
     open_exclusive,
     {{"file/", EISDIR},
      {"dir/", EISDIR},
      {"dirlink/", EISDIR},
      {"missing/", EISDIR},
      {"dir", EEXIST},
      {".", EEXIST},
      {"dir/..", EEXIST},
      {"dangling", EEXIST},
      {"circle", EEXIST},
      {"/proc/none", ENOENT}}},
    {"open a directory",
     open_folder,
     {{"file", ENOTDIR},
      {"file/", ENOTDIR},
      {"fifo", ENOTDIR},
      {"link", ENOTDIR},
      {"dirlink", 0},
      {"dirlink/", 0},
      {"dir/.", 0}}},
    {"open a directory, no link",
     open_folder_itself,
     {{"link", ENOTDIR},
      {"dirlink", ENOTDIR},
      {"dangling", ENOTDIR},
      {"circle", ENOTDIR},
      {"dirlink/", 0}}},
    {"open a directory's name",
     open_folder_by_name,
     {{"file", ENOTDIR}, {"fifo", ENOTDIR}, {"link", ENOTDIR}, {"dirlink", 0}, {"dir", 0}}},
    {"mkdir",
     make_folder,
     {{"file/", EEXIST},
      {"link/", EEXIST},
      {"dangling/", EEXIST},
      {"circle/", EEXIST},
      {"fifo/", EEXIST},
      {"dir/", EEXIST},
      {".", EEXIST},
      {"file/.", ENOTDIR},
      {"/", EEXIST},
      {"/proc/none", ENOENT},
      {"missing/", 0},
      {"dir/new/", 0}}},
    {"mknod",
     make_node,
     {{"file/", EEXIST},
      {"link/", EEXIST},
      {"dangling/", EEXIST},
      {"circle/", EEXIST},
      {"dir/.", EEXIST},
      {"missing/", ENOENT},
      {"/proc/none", ENOENT}}},
    {"symlink",
     make_link,
     {{"file/", EEXIST},
      {"dangling/", EEXIST},
      {"circle/", EEXIST},
      {"missing/", ENOENT},
      {"..", EEXIST},
      {"/proc/none", ENOENT}}},
    {"link",
     make_name,
     {{"file/", EEXIST},
      {"dangling/", EEXIST},
      {"circle/", EEXIST},
      {"missing/", ENOENT},
      {"dir/", EEXIST}}},
    {"unlink",
     remove_file,
     {{"file/", ENOTDIR},
      {"link/", ENOTDIR},
      {"dirlink/", ENOTDIR},
      {"dangling/", ENOTDIR},
      {"circle/", ENOTDIR},
      {"dir/", EISDIR},
      {".", EISDIR},
      {"dir/..", EISDIR},
      {"missing/", ENOENT}}},
    {"rmdir",
     remove_folder,
     {{"file/", ENOTDIR},
      {"dirlink/", ENOTDIR},
      {"dangling/", ENOTDIR},
      {"circle/", ENOTDIR},
      {".", EINVAL},
      {"dir/.", EINVAL},
      {"dir/..", ENOTEMPTY},
      {"/", EBUSY},
      {"full/", ENOTEMPTY},
      {"missing/", ENOENT},
      {"dir/", 0}}},
    {"rename from",
     move_from,
     {{"file/", ENOTDIR},
      {"link/", ENOTDIR},
      {"dirlink/", ENOTDIR},
      {"dangling/", ENOTDIR},
      {"circle/", ENOTDIR},
      {".", EBUSY},
      {"..", EBUSY},
      {"dir/.", EBUSY},
      {"dir/..", EBUSY},
      {"missing/", ENOENT},
      {"dir/", 0},
      {"dangling", 0}}},
    {"rename a file to",
     move_to,
     {{"link/", ENOTDIR},
      {"dirlink/", ENOTDIR},
      {"dangling/", ENOTDIR},
      {"circle/", ENOTDIR},
      {"dir/", ENOTDIR},
      {"missing/", ENOTDIR},
      {"fifo/", ENOTDIR},
      {".", EBUSY},
      {"..", EBUSY},
      {"dir/.", EBUSY},
      {"dir", EISDIR}}},
    {"rename a directory to",
     move_folder_to,
     {{"dirlink/", ENOTDIR},
      {"dangling/", ENOTDIR},
      {"circle/", ENOTDIR},
      {"file/", ENOTDIR},
      {".", EBUSY},
      {"dir/x", EINVAL},
      {"full", ENOTEMPTY},
      {"missing/", 0}}},
    {"rename, replacing nothing, to",
     move_to_new,
     {{"file/", EEXIST},
      {"dangling/", EEXIST},
      {"circle/", EEXIST},
      {".", EEXIST},
      {"dir/..", EEXIST},
      {"missing/", ENOTDIR},
      {"dir", EEXIST}}},
    {"stat",
     look,
     {{"file/", ENOTDIR},
      {"file/.", ENOTDIR},
      {"link/", ENOTDIR},
      {"dangling/", ENOENT},
      {"circle/", ELOOP},
      {"missing/", ENOENT},
      {"dirlink/", 0},
      {"dir/.", 0}}},
    {"lstat",
     look_itself,
     {{"file/", ENOTDIR},
      {"link/", ENOTDIR},
      {"dangling/", ENOENT},
      {"circle", 0},
      {"circle/", ELOOP}}},
};

static void test_each(void)
{
    for (unsigned i = 0; i < COUNT(calls); i++)
        for (const struct answer *answer = calls[i].answers; answer->name; answer++) {
            make_all();
            long result = calls[i].call(answer->name);
            check_equal(result, -answer->error, "%s '%s'", calls[i].what, answer->name);
            remove_all();
        }
}

/* --- What is looked at before the name ------------------------------------------------ */

static void test_open_flags(void)
{
    const char *const any[] = {"file", "dir", "missing", "", "file/x"};
    for (unsigned i = 0; i < COUNT(any); i++)
        check_equal(do_open(any[i], O_RDWR | O_CREAT | O_DIRECTORY), -EINVAL,
                    "open '%s' creates no directory", any[i]);
    check_equal(do_open("missing", O_PATH | O_CREAT | O_DIRECTORY), -ENOENT,
                "but what O_PATH has no use for does not matter");
    check_equal(do_open(".", O_TMPFILE | O_RDONLY), -EINVAL,
                "a file without a name that nobody writes");
    check_equal(do_open("none", O_TMPFILE & ~O_DIRECTORY), -EINVAL, "half of O_TMPFILE");
}

/* Neither read nor written: for ioctl alone. */
static void test_no_access(void)
{
    char byte;
    long fd = raw3(SYS_open, (long)"file", O_WRONLY | O_RDWR, 0);
    check(fd >= 0, "open for no access");
    check_equal(raw3(SYS_read, fd, (long)&byte, 1), -EBADF, "it cannot be read");
    check_equal(raw3(SYS_write, fd, (long)"x", 1), -EBADF, "or written");
    check_equal(raw6(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE, fd, 0), -EACCES,
                "or mapped");
    close((int)fd);
}

static void test_nodes(void)
{
    struct stat what;
    check_equal(raw3(SYS_mknod, (long)"socket", S_IFSOCK | 0600, 0x103), 0,
                "a socket's name can be made");
    stat("socket", &what);
    check(S_ISSOCK(what.st_mode) && what.st_rdev == 0, "and is one, of no device");
    check_equal(do_open("socket", O_RDWR), -ENXIO, "but not opened: ENXIO");
    check_equal(do_open("socket", O_PATH), 0, "its name can");
    check_equal(raw3(SYS_mknod, (long)"dir2", S_IFDIR | 0600, 0), -EPERM,
                "mknod of a directory: EPERM");
    check_equal(raw3(SYS_mknod, (long)"link2", S_IFLNK | 0600, 0), -EINVAL,
                "of a link: EINVAL");
    check_equal(raw3(SYS_mknod, (long)"odd", S_IFMT | 0600, 0), -EINVAL,
                "of nothing: EINVAL");
    check_equal(raw3(SYS_link, (long)"/proc", (long)"new", 0), -EXDEV,
                "a name for what is elsewhere: EXDEV, a directory or not");
}

int main(void)
{
    test_each();
    make_all();
    test_open_flags();
    test_no_access();
    test_nodes();
    remove_all();
    return tap_end();
}
