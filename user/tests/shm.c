/* shm.c - memory that processes share: System V segments, memfd and its seals, shm_open. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/probe.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY_REMOVED 0x5ee4

enum { READ_WRITE = PROT_READ | PROT_WRITE };

#ifndef F_ADD_SEALS
#define F_ADD_SEALS   1033
#define F_GET_SEALS   1034
#define F_SEAL_SEAL   1
#define F_SEAL_SHRINK 2
#define F_SEAL_GROW   4
#define F_SEAL_WRITE  8
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 16
#endif

static long attachments(int id)
{
    struct shmid_ds told;

    return shmctl(id, IPC_STAT, &told) == 0 ? (long)told.shm_nattch : -1;
}

static bool gone(const char *at)
{
    return probe(ACCESS_READ, (uintptr_t)at).signal == SIGSEGV;
}

static int child_adds(void *argument)
{
    int id = *(int *)argument;
    char *at = shmat(id, NULL, 0);

    if (at == (void *)-1)
        return 1;
    at[PAGE]++;
    return shmdt(at) == 0 ? 0 : 2;
}

static void test_segment(void)
{
    struct shmid_ds told;
    int id = shmget(IPC_PRIVATE, 3 * PAGE - 5, IPC_CREAT | 0640);

    check(id >= 0, "shmget(IPC_PRIVATE)");
    check(shmctl(id, IPC_STAT, &told) == 0, "IPC_STAT");
    check_equal(told.shm_segsz, 3 * PAGE - 5, "the size as asked for");
    check_equal(told.shm_perm.mode & 0777, 0640, "the rights as asked for");
    check(told.shm_cpid == getpid() && told.shm_lpid == 0, "made by us, attached by none");
    check_equal(told.shm_nattch, 0, "no attachment");
    char *at = shmat(id, NULL, 0);
    check(at != (void *)-1, "shmat");
    check(at[0] == 0 && at[3 * PAGE - 1] == 0,
          "it is zeroes, up to the end of its last page");
    char *again = shmat(id, NULL, 0);
    check(again != (void *)-1 && again != at, "shmat again");
    check_equal(attachments(id), 2, "two attachments");
    at[PAGE] = 41;
    check(again[PAGE] == 41, "both show the same page");
    int status = child_run(child_adds, &id);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a child attaches it");
    check(at[PAGE] == 42, "and writes to the same page");
    check(shmctl(id, IPC_STAT, &told) == 0 && told.shm_lpid != getpid(),
          "the child was the last");
    char *view = shmat(id, NULL, SHM_RDONLY);
    check(view[PAGE] == 42, "SHM_RDONLY: it can be read");
    check(probe(ACCESS_WRITE, (uintptr_t)view).signal == SIGSEGV, "not written");
    check(fails(mprotect(view, PAGE, READ_WRITE), EACCES), "and not be made writable");
    check(shmdt(view) == 0 && gone(view), "shmdt");
    check(fails(shmdt(view), EINVAL), "nothing to detach any more: EINVAL");
    check(fails(shmdt(at + PAGE), EINVAL), "not where it begins: EINVAL");
    check(shmdt(again) == 0, "shmdt of the second");
    check(shmctl(id, IPC_RMID, NULL) == 0, "IPC_RMID while attached");
    check(at[PAGE] == 42, "it is still there");
    check(shmctl(id, IPC_STAT, &told) == 0 && (told.shm_perm.mode & 01000),
          "marked as removed");
    check(shmdt(at) == 0, "the last shmdt");
    check(fails(shmctl(id, IPC_STAT, &told), EINVAL), "now it has gone");
}

static void test_key(void)
{
    const key_t key = 0x5eed0000 + getpid(); /* on Linux, keys are everybody's */

    shmctl(shmget(key, 0, 0), IPC_RMID, NULL); /* of a run that was killed */
    int id = shmget(key, PAGE, IPC_CREAT | IPC_EXCL | 0600);
    check(id >= 0, "shmget with a key");
    check_equal(shmget(key, PAGE, 0), id, "the same key, the same segment");
    check_equal(shmget(key, 0, 0), id, "whatever smaller size is asked for");
    check(fails(shmget(key, PAGE, IPC_CREAT | IPC_EXCL | 0600), EEXIST),
          "IPC_EXCL: EEXIST");
    check(fails(shmget(key, 2 * PAGE, 0), EINVAL), "larger than it is: EINVAL");
    check_equal(shmget(key, PAGE, SHM_HUGETLB), id,
                "one that is there is none of huge pages");
    check(shmctl(id, IPC_RMID, NULL) == 0, "IPC_RMID");
    check(fails(shmget(key, PAGE, 0), ENOENT), "no such key: ENOENT");
    check(fails(shmget(IPC_PRIVATE, 0, IPC_CREAT), EINVAL), "size 0: EINVAL");
    check(fails((long)shmat(id, NULL, 0), EINVAL), "shmat of a removed id: EINVAL");
    check(fails(shmctl(id, IPC_RMID, NULL), EINVAL), "IPC_RMID of it: EINVAL");
}

static unsigned mode(int id)
{
    struct shmid_ds told;

    return shmctl(id, IPC_STAT, &told) == 0 ? told.shm_perm.mode : 0;
}

static void test_locked(void)
{
    int id = shmget(IPC_PRIVATE, 2 * PAGE, IPC_CREAT | 0600);

    check(shmctl(id, SHM_LOCK, NULL) == 0 && mode(id) == 02600, "SHM_LOCK, and it shows");
    check(shmctl(id, SHM_LOCK, NULL) == 0, "twice is once");
    check(shmctl(id, SHM_UNLOCK, NULL) == 0 && mode(id) == 0600, "SHM_UNLOCK");
    check(shmctl(id, SHM_UNLOCK, NULL) == 0, "of what is not locked");
    shmctl(id, IPC_RMID, NULL);
    check(fails(shmctl(id, SHM_LOCK, NULL), EINVAL), "of what is gone: EINVAL");
}

static void test_too_large(void)
{
    check(fails(shmget(IPC_PRIVATE, -1ul, IPC_CREAT | 0600), EINVAL),
          "more than SHMMAX: EINVAL");
    check(fails(shmget(IPC_PRIVATE, 1ul << 63, IPC_CREAT | 0600), EINVAL),
          "more than a file can have: EINVAL");
    check(fails(shmget(IPC_PRIVATE, (1ul << 63) - PAGE, IPC_CREAT | 0600), ENOMEM),
          "more than there is: ENOMEM");
    check(fails(shmget(IPC_PRIVATE, 1ul << 46, IPC_CREAT | 0600), ENOMEM), "far less, too");
}

static int child_exits(void *argument)
{
    return shmat(*(int *)argument, NULL, 0) == (void *)-1;
}

static void test_places(void)
{
    int id = shmget(IPC_PRIVATE, 2 * PAGE, IPC_CREAT | 0600);
    char *room = region_map(4);

    memset(room, '#', 4 * PAGE);
    check(fails((long)shmat(id, room + PAGE, 0), EINVAL), "where something is: EINVAL");
    check(fails((long)shmat(id, room + 1, SHM_REMAP), EINVAL), "within a page: EINVAL");
    check(fails((long)shmat(id, NULL, SHM_REMAP), EINVAL),
          "SHM_REMAP without address: EINVAL");
    check(shmat(id, room + PAGE + 7, SHM_RND | SHM_REMAP) == room + PAGE,
          "SHM_RND rounds down, SHM_REMAP replaces");
    check(room[PAGE] == 0 && room[0] == '#' && room[3 * PAGE] == '#', "exactly its length");
    munmap(room + PAGE, PAGE);
    check_equal(attachments(id), 1, "half of it unmapped: it is attached still");
    check(gone(room + PAGE) && room[2 * PAGE] == 0, "the other half is there");
    check(shmdt(room + PAGE) == 0, "shmdt of where it began");
    check(gone(room + 2 * PAGE), "detaches the rest");
    check(shmat(id, room + PAGE, 0) == room + PAGE, "attached there again");
    munmap(room + PAGE, 2 * PAGE);
    check_equal(attachments(id), 0, "munmap of all of it detaches too");
    int status = child_run(child_exits, &id);
    check(status == 0 && attachments(id) == 0, "so does the end of a process");
    int other = shmget(IPC_PRIVATE, 2 * PAGE, IPC_CREAT | 0600);
    struct shmid_ds told;
    shmat(id, room + PAGE, 0), shmctl(id, IPC_RMID, NULL);
    check(shmat(other, room + PAGE, SHM_REMAP) == room + PAGE &&
              fails(shmctl(id, IPC_STAT, &told), EINVAL),
          "a removed one ends when another comes in its place");
    shmctl(other, IPC_RMID, NULL);
    munmap(room, 4 * PAGE);
}

static void test_seals(void)
{
    int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    char byte = 'x';

    check(fd >= 0 && ftruncate(fd, 2 * PAGE) == 0, "memfd_create");
    check_equal(fcntl(fd, F_GET_SEALS), 0, "no seals");
    check(fails(fcntl(open("/dev/null", O_RDONLY), F_ADD_SEALS, 0), EPERM),
          "nothing that is not writable is sealed, whatever it is");
    char *at = mmap(NULL, 2 * PAGE, READ_WRITE, MAP_SHARED, fd, 0);
    at[0] = 'm';
    check(pread(fd, &byte, 1, 0) == 1 && byte == 'm', "file and mapping are one");
    check(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0, "F_SEAL_SHRINK");
    check(fails(ftruncate(fd, PAGE), EPERM), "it cannot be shortened");
    check(ftruncate(fd, 3 * PAGE) == 0, "but grow");
    check(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) == 0, "F_SEAL_GROW");
    check(fails(ftruncate(fd, 4 * PAGE), EPERM), "now it cannot");
    check(fails(pwrite(fd, &byte, 1, 3 * PAGE), EPERM), "nor by writing behind its end");
    static char pages[2 * PAGE];
    check_equal(pwrite(fd, pages, 2 * PAGE, 2 * PAGE), PAGE, "across it, whole pages are");
    check(fails(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4 * PAGE), EPERM) &&
              fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 3 * PAGE) == 0,
          "nor is there room to be set aside behind it");
    check(fails(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY), "mapped writable: EBUSY");
    munmap(at, 2 * PAGE);
    check(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0, "F_SEAL_WRITE when it is not");
    check(fails(pwrite(fd, &byte, 1, 0), EPERM), "it cannot be written");
    check(mmap(NULL, PAGE, READ_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EPERM,
          "nor mapped writable");
    at = mmap(NULL, PAGE, READ_WRITE, MAP_PRIVATE, fd, 0);
    at[0] = 'p';
    check(pread(fd, &byte, 1, 0) == 1 && byte == 'm', "a private copy may be written");
    munmap(at, PAGE);
    check(fails(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE), EPERM),
          "no holes either");
    check(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) == 0, "F_SEAL_SEAL");
    check(fails(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), EPERM), "no more seals");
    check_equal(fcntl(fd, F_GET_SEALS), 15, "the seals it has");
    close(fd);
    fd = memfd_create("plain", 0);
    check_equal(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL, "without MFD_ALLOW_SEALING: sealed");
    check(fails(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), EPERM), "against seals");
    close(fd);
    check(fails(memfd_create("flags", 0x8000), EINVAL), "flags that are none: EINVAL");
}

static void test_punch(void)
{
    int fd = memfd_create("holes", 0);
    char bytes[3 * PAGE];

    memset(bytes, 'h', sizeof(bytes));
    if (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes))
        bail("memfd");
    char *at = mmap(NULL, 3 * PAGE, READ_WRITE, MAP_SHARED, fd, 0);
    check(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 2 * PAGE) == 0,
          "a hole across pages");
    check(at[99] == 'h' && at[100] == 0 && at[PAGE] == 0 && at[2 * PAGE + 99] == 0 &&
              at[2 * PAGE + 100] == 'h',
          "zeroes exactly there");
    munmap(at, 3 * PAGE);
    close(fd);
}

static int child_writes(void *argument)
{
    char *at = argument;

    strcpy(at + PAGE, "from the child");
    return 0;
}

static void test_names(void)
{
    char name[32];
    struct stat status;

    snprintf(name, sizeof(name), "/test-shm-%d", getpid());
    shm_unlink(name); /* of a run that was killed */
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600), other;
    check(fd >= 0, "shm_open");
    check(ftruncate(fd, 2 * PAGE) == 0, "ftruncate");
    char *at = mmap(NULL, 2 * PAGE, READ_WRITE, MAP_SHARED, fd, 0);
    child_run(child_writes, at);
    check(strcmp(at + PAGE, "from the child") == 0, "what a child writes is seen");
    other = shm_open(name, O_RDONLY, 0);
    check(other >= 0 && fstat(other, &status) == 0 && status.st_size == 2 * PAGE,
          "the name leads to it");
    char *view = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, other, 0);
    check(strcmp(view + PAGE, "from the child") == 0, "with the same contents");
    check(mmap(NULL, PAGE, READ_WRITE, MAP_SHARED, other, 0) == MAP_FAILED &&
              errno == EACCES,
          "opened for reading, it cannot be mapped for writing: EACCES");
    check(shm_unlink(name) == 0, "shm_unlink");
    check(fails(shm_open(name, O_RDWR, 0), ENOENT), "the name has gone");
    at[0] = 'y';
    check(view[0] == 'y', "the memory has not");
    close(fd), close(other);
    munmap(at, 2 * PAGE);
    munmap(view, 2 * PAGE);
}

/* What an id meant is not what the next one means, and who is removed has no key. */
static void test_removed(void)
{
    struct shmid_ds told = {.shm_segsz = 0};
    int first = shmget(KEY_REMOVED, PAGE, IPC_CREAT | 0600);
    void *at = shmat(first, NULL, 0);

    shmctl(first, IPC_RMID, NULL);
    check(shmctl(first, IPC_STAT, &told) == 0 && told.shm_perm.__key == IPC_PRIVATE,
          "a segment that is removed, and attached, has no key");
    int second = shmget(KEY_REMOVED, PAGE, IPC_CREAT | IPC_EXCL | 0600);
    check(second >= 0 && second != first, "its key is free");
    shmdt(at);
    shmctl(second, IPC_RMID, NULL);
    int third = shmget(IPC_PRIVATE, PAGE, 0600);
    check(third != first && third != second, "an id is not used again at once");
    shmctl(third, IPC_RMID, NULL);
}

static void set_all(const char *pages)
{
    int file = open("/proc/sys/kernel/shmall", O_WRONLY);

    if (file < 0 || write(file, pages, strlen(pages)) < 0)
        bail("shmall");
    close(file);
}

static void test_all(void)
{
    char before[32] = "";
    int file = open("/proc/sys/kernel/shmall", O_RDONLY);

    if (!on_faultline()) {
        check_skip("it is everybody's", "all segments together have a bound");
        return;
    }
    if (read(file, before, sizeof(before) - 1) <= 0)
        bail("shmall");
    close(file);
    set_all("10");
    check(fails(shmget(IPC_PRIVATE, 11 * PAGE, 0600), ENOSPC),
          "all segments together have a bound");
    set_all(before);
}

int main(void)
{
    test_segment();
    test_key();
    test_locked();
    test_too_large();
    test_places();
    test_seals();
    test_punch();
    test_names();
    test_removed();
    test_all();
    return tap_end();
}
