/* held-files.c - files while somebody is in the middle of reading or writing them.
 *
 * A process is held in the middle of a copy (user/lib/held.h); another one meanwhile uses the
 * same opening, or the same file. The position moves once for each call, contents come before
 * the size that shows them, and what excludes each other waits. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/held.h"
#include "user/lib/tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE   4096l
#define SEEN   10 /* held_words: what the steps saw */
#define BESIDE 20

/* Descriptors that all steps know. */
enum { FILE_A = 800, FILE_B, FILE_B_AGAIN, ENDS, ENDS_WRITE };

static char bytes[3 * PAGE]; /* of the one beside: touched before */

/* FILE_A: an empty file, or one of `length` bytes, each a number of its own. */
static void file_make(int length)
{
    held_open(FILE_A, "held-a", O_RDWR | O_CREAT | O_TRUNC);
    for (int i = 0; i < length; i++)
        bytes[i] = i;
    if (write(FILE_A, bytes, length) != length || lseek(FILE_A, 0, SEEK_SET) != 0)
        bail("write");
}

static long size_of(int file)
{
    struct stat what;

    return fstat(file, &what) == 0 ? what.st_size : -1;
}

static long position_of(int file)
{
    return lseek(file, 0, SEEK_CUR);
}

/* --- The position of a shared opening --------------------------------------------------------- */

static int read_held(void)
{
    char *to = held_page(1);

    held_words[SEEN] = read(FILE_A, to, 1) == 1 ? to[0] : -1;
    return 0;
}

static int readv_held(void)
{
    char *to = held_page(1), first;
    struct iovec parts[2] = {{&first, 1}, {to, 1}};

    held_words[SEEN] = readv(FILE_A, parts, 2) == 2 && to[0] == first + 1 ? first : -1;
    return 0;
}

static int write_held(void)
{
    return write(FILE_A, held_page(1), 1) == 1 ? 0 : 1;
}

static int writev_held(void)
{
    struct iovec parts[2] = {{"a", 1}, {held_page(1), 1}};

    return writev(FILE_A, parts, 2) == 2 ? 0 : 1;
}

static int read_beside(void)
{
    held_words[BESIDE] = read(FILE_A, bytes, 1) == 1 ? bytes[0] : -1;
    return 0;
}

static int write_beside(void)
{
    return write(FILE_A, "b", 1) == 1 ? 0 : 1;
}

static int seek_beside(void)
{
    held_words[BESIDE] = lseek(FILE_A, 10, SEEK_CUR);
    return 0;
}

static void test_position(void)
{
    file_make(64);
    held_meet("read", read_beside);
    check(held_words[SEEN] + held_words[BESIDE] == 1 && position_of(FILE_A) == 2,
          "two reads through one opening: each byte once");
    file_make(64);
    held_meet("readv", read_beside);
    check(held_words[SEEN] == 0 && held_words[BESIDE] == 2 && position_of(FILE_A) == 3,
          "readv takes its bytes from one place");
    file_make(0);
    held_meet("write", write_beside);
    check(size_of(FILE_A) == 2, "two writes: one behind the other");
    file_make(0);
    held_meet("writev", write_beside);
    check(pread(FILE_A, bytes, 3, 0) == 3 && memcmp(bytes, "a\0b", 3) == 0,
          "writev writes to one place");
    file_make(64);
    held_meet("read", seek_beside);
    check(position_of(FILE_A) == 11 && held_words[BESIDE] == 11,
          "lseek moves on from where a read has got to");
}

static int entries_held(void)
{
    struct dirent *entry = (void *)held_page(1);

    held_words[SEEN] = getdents(FILE_A, entry, 40) > 0 ? entry->d_off : -1;
    return 0;
}

static int entries_beside(void)
{
    struct dirent *entry = (void *)bytes;

    held_words[BESIDE] = getdents(FILE_A, entry, 40) > 0 ? entry->d_off : -1;
    return 0;
}

static void test_directory(void)
{
    held_open(FILE_A, "/test", O_RDONLY | O_DIRECTORY);
    held_meet("getdents", entries_beside);
    check(held_words[SEEN] > 0 && held_words[BESIDE] > held_words[SEEN],
          "two getdents through one opening: each entry once");
}

/* Who copies from FILE_A to FILE_B waits there while the held one writes FILE_B's first byte. */
static int byte_held(void)
{
    return pwrite(FILE_B_AGAIN, held_page(1), 1, 0) == 1 ? 0 : 1;
}

static int sendfile_beside(void)
{
    return sendfile(FILE_B, FILE_A, NULL, 100) == 100 ? 0 : 1;
}

static int copy_beside(void)
{
    return copy_file_range(FILE_A, NULL, FILE_B, NULL, 100, 0) == 100 ? 0 : 1;
}

static void files_pair(void)
{
    file_make(2 * PAGE);
    held_open(FILE_B, "held-b", O_RDWR | O_CREAT | O_TRUNC);
}

/* Have both wait, then let them go on. */
static bool meet_sending(int (*first)(void), int (*second)(void))
{
    files_pair();
    held_open(FILE_B_AGAIN, "held-b", O_WRONLY);
    struct held held = held_start_at("byte", 1);
    pid_t one = beside_start(first), other = beside_start(second);
    bool waited = !beside_ended(one) && !beside_ended(other);

    int status = held_end(&held);
    return child_wait(one) == 0 && child_wait(other) == 0 && status == 0 && waited;
}

static bool copied_once(void)
{
    bool once = position_of(FILE_A) == 200 && position_of(FILE_B) == 200 &&
                pread(FILE_B, bytes, 300, 0) == 200;

    for (int i = 0; once && i < 200; i++)
        once = bytes[i] == (char)i;
    return once;
}

/* From B to A while the held one goes from A to B: whoever waits must not wait for ever. */
static int sendfile_back(void)
{
    return sendfile(FILE_A, FILE_B, NULL, 1) >= 0 ? 0 : 1;
}

/* Two who go opposite ways, and come to their first file in turn while somebody has it. */
static void test_opposite(void)
{
    files_pair();
    struct held held = held_start_at("read", 1); /* it has FILE_A's position */
    pid_t there = beside_start(sendfile_beside);
    beside_ended(there);
    pid_t back = beside_start(sendfile_back);
    beside_ended(back);
    held_end(&held);
    bool ended = beside_ended(there) && beside_ended(back);
    kill(there, SIGKILL);
    kill(back, SIGKILL);
    child_wait(there);
    child_wait(back);
    check(ended, "there and back, who waits for the other's file does not have its own");
}

static void test_sending(void)
{
    test_opposite();
    check(meet_sending(sendfile_beside, sendfile_beside) && copied_once(),
          "two sendfiles from one opening to another: each byte once");
    check(meet_sending(copy_beside, copy_beside) && copied_once(),
          "copy_file_range likewise");
    check(meet_sending(sendfile_beside, sendfile_back) && size_of(FILE_B) == 100,
          "there and back at once: both end");
}

/* --- Contents and size ---------------------------------------------------------------- */

/* Three pages from the beginning, the second of which has to be fetched. */
static int write_pages_held(void)
{
    memset(held_page(0), 'A', PAGE);
    memset(held_page(2), 'A', PAGE);
    return pwrite(FILE_A, held_page(0), 3 * PAGE, 0) == 3 * PAGE ? 0 : 1;
}

static int look_beside(void)
{
    held_words[BESIDE] = size_of(FILE_A);
    held_words[BESIDE + 1] = pread(FILE_A, bytes, 3 * PAGE, 0);
    return 0;
}

static int truncate_beside(void)
{
    return ftruncate(FILE_A, 0);
}

static int allocate_beside(void)
{
    return fallocate(FILE_A, 0, 0, PAGE);
}

static int punch_beside(void)
{
    return fallocate(FILE_A, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 3 * PAGE);
}

static int remove_beside(void)
{
    void *map = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, FILE_A, 0);

    return map != MAP_FAILED ? madvise(map, 3 * PAGE, MADV_REMOVE) : 1;
}

static long count_of_a(void)
{
    long count = 0;

    if (pread(FILE_A, bytes, 3 * PAGE, 0) != 3 * PAGE)
        return -1;
    for (long i = 0; i < 3 * PAGE; i++)
        count += bytes[i] == 'A';
    return count;
}

static int seal_beside(void)
{
    held_words[BESIDE] = fcntl(FILE_A, F_ADD_SEALS, F_SEAL_WRITE);
    held_words[BESIDE + 1] = count_of_a();
    return 0;
}

static int append_beside(void)
{
    return write(FILE_B, "\n", 1) == 1 ? 0 : 1;
}

/* To a place of its own: O_APPEND means the end all the same. */
static int append_held(void)
{
    struct iovec parts[3] = {{"[", 1}, {held_page(1), 1}, {"]", 1}};

    return writev(FILE_A, parts, 3) == 3 ? 0 : 1;
}

static void test_append(void)
{
    file_make(0);
    held_open(FILE_A, "held-a", O_WRONLY | O_APPEND);
    held_open(FILE_B, "held-a", O_RDWR | O_APPEND);
    check(held_meet("append", append_beside), "an append waits for another opening's");
    check(pread(FILE_B, bytes, 9, 0) == 4 && memcmp(bytes, "[\0]\n", 4) == 0,
          "and what one call appended is in one piece");
}

static bool hole(long length)
{
    long got = pread(FILE_A, bytes, 3 * PAGE, 0);

    for (long i = 0; i < got; i++)
        if (bytes[i] != 0)
            return false;
    return got == length;
}

static void test_size(void)
{
    file_make(0);
    check(!held_meet("extend", look_beside), "who reads does not wait for who writes");
    check(held_words[BESIDE] == 0 && held_words[BESIDE + 1] == 0,
          "a file has its new size when it has its new bytes");
    check_equal(size_of(FILE_A), 3 * PAGE, "and then it has");
    file_make(0);
    check(held_meet("extend", truncate_beside), "truncation waits for a write");
    check_equal(size_of(FILE_A), 0, "and then cuts it");
    file_make(0);
    held_meet("extend", allocate_beside);
    check_equal(size_of(FILE_A), 3 * PAGE, "fallocate never makes a file shorter");
    file_make(3 * PAGE);
    held_meet("overwrite", punch_beside);
    check(hole(3 * PAGE), "a hole is whole: a write in progress comes before");
    file_make(3 * PAGE);
    held_meet("overwrite", remove_beside);
    check(hole(3 * PAGE), "also MADV_REMOVE's");
}

static void test_seal(void)
{
    int file = memfd_create("sealed", MFD_ALLOW_SEALING);

    if (file < 0 || ftruncate(file, 3 * PAGE) != 0 || dup2(file, FILE_A) != FILE_A)
        bail("memfd_create");
    close(file);
    held_meet("overwrite", seal_beside);
    check(held_words[BESIDE] == 0 && count_of_a() == held_words[BESIDE + 1],
          "once there is a seal, not even a write in progress changes the file");
    check(pwrite(FILE_A, "x", 1, 0) == -1 && errno == EPERM, "nor does a new one");
}

/* What does not come to be: the write's last page is not there. */
static int short_held(void)
{
    memset(held_page(0), 'A', PAGE);
    munmap(held_page(2), PAGE);
    held_words[SEEN] = write(FILE_A, held_page(0), 3 * PAGE);
    return 0;
}

static void test_short(void)
{
    file_make(0);
    held_meet("short", look_beside);
    check(held_words[SEEN] == 2 * PAGE && size_of(FILE_A) == 2 * PAGE,
          "a write that ends early ends the file there");
    check(ftruncate(FILE_A, 3 * PAGE) == 0 &&
              pread(FILE_A, bytes, PAGE, 2 * PAGE) == PAGE && bytes[0] == 0 &&
              bytes[PAGE - 1] == 0,
          "and behind that are zeroes");
}

static const struct held_step steps[] = {
    {"read", read_held},
    {"readv", readv_held},
    {"write", write_held},
    {"writev", writev_held},
    {"getdents", entries_held},
    {"byte", byte_held},
    {"append", append_held},
    {"extend", write_pages_held},
    {"overwrite", write_pages_held},
    {"short", short_held},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    held_main(argc, argv, steps);
    if (!on_faultline()) {
        check_skip("needs /proc/PID/faults", "files in the middle of a copy");
        return tap_end();
    }
    held_begin();
    memset(bytes, 0, sizeof(bytes));
    test_position();
    test_directory();
    test_sending();
    test_append();
    test_size();
    test_seal();
    test_short();
    return tap_end();
}
