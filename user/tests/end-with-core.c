/* end-with-core.c - an end that leaves a core: what a parent is told (the bit in the status
 * and CLD_DUMPED, for the signals that do, where RLIMIT_CORE lets them and the process wants
 * it), and what is in the file. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int end_by(void *argument)
{
    const int *signal_number = argument;
    signal(*signal_number, SIG_DFL);
    raise(*signal_number);
    return 0;
}

static int fail(void *unused)
{
    (void)unused;
    volatile char *nowhere = (char *)sysconf(_SC_PAGESIZE);
    return *nowhere;
}

static int end_undumpable(void *argument)
{
    prctl(PR_SET_DUMPABLE, 0);
    return end_by(argument);
}

static int end_after_exec(void *argument)
{
    (void)argument;
    prctl(PR_SET_DUMPABLE, 0);
    execl("/proc/self/exe", "end-with-core", "abort", (char *)NULL);
    return 0;
}

static void limit(rlim_t most)
{
    struct rlimit cores = {most, RLIM_INFINITY};
    if (setrlimit(RLIMIT_CORE, &cores) != 0)
        bail("setrlimit");
}

/* Whether a core is written on Linux is a matter of its core_pattern. */
static void test_end(int (*step)(void *), int signal_number, bool dumps, const char *claim)
{
    siginfo_t info;
    pid_t child = child_start(step, &signal_number);

    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
    int status = child_wait(child);
    check(WIFSIGNALED(status) && WTERMSIG(status) == signal_number,
          "signal %d, %s: it ends", signal_number, claim);
    if (dumps && !on_faultline() && !WCOREDUMP(status))
        return check_skip("no core is written here", "signal %d, %s: told", signal_number,
                          claim);
    check(!WCOREDUMP(status) == !dumps, "signal %d, %s: told", signal_number, claim);
    check(info.si_code == (dumps ? CLD_DUMPED : CLD_KILLED) &&
              info.si_status == signal_number,
          "signal %d, %s: by waitid, too", signal_number, claim);
}

/* --- The file ----------------------------------------------------------------------------- */

enum { PAGE = 4096, ROOM = 1 << 21 };

static char *kept, *left_out, *shared;
static char *core; /* what was in the file */

static char *pages(int flags)
{
    return mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);
}

static void memory_make(void)
{
    core = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(core, ROOM, MADV_DONTDUMP); /* no core has another in it */
    kept = pages(MAP_PRIVATE), left_out = pages(MAP_PRIVATE), shared = pages(MAP_SHARED);
    strcpy(kept + PAGE, "it is kept"), strcpy(left_out, "it is left out");
    strcpy(shared + 2 * PAGE, "it is shared");
    mprotect(kept, 4 * PAGE, PROT_NONE);
    madvise(left_out, 4 * PAGE, MADV_DONTDUMP);
}

/* What the core has at an address of the program's, or NULL. */
static const char *core_at(const char *address)
{
    const Elf64_Ehdr *head = (const void *)core;
    const Elf64_Phdr *part = (const void *)(core + head->e_phoff);

    for (int i = 0; i < head->e_phnum; i++, part++)
        if (part->p_type == PT_LOAD && (uintptr_t)address - part->p_vaddr < part->p_filesz)
            return core + part->p_offset + ((uintptr_t)address - part->p_vaddr);
    return NULL;
}

static bool core_has(const char *address, const char *text)
{
    const char *found = core_at(address);

    return found && strcmp(found, text) == 0;
}

/* Read the file; its length. */
static long core_read(void)
{
    int fd = open("core", O_RDONLY);
    long length = fd < 0 ? -1 : read(fd, core, ROOM);

    close(fd);
    return length;
}

static void test_contents(void)
{
    const Elf64_Ehdr *head = (const void *)core;
    struct stat stat;

    unlink("core");
    child_run(fail, NULL);
    if (core_read() < 0 && !on_faultline())
        return check_skip("no core is written here", "what is in a core");
    check(memcmp(core, ELFMAG, SELFMAG) == 0 && head->e_type == ET_CORE,
          "it is an ELF file");
    check(lstat("core", &stat) == 0 && (stat.st_mode & 0777) == 0600,
          "for its owner alone");
    const Elf64_Phdr *notes = (const void *)(core + head->e_phoff);
    const Elf64_Nhdr *note = (const void *)(core + notes->p_offset);
    check(notes->p_type == PT_NOTE && note->n_type == NT_PRSTATUS && note->n_descsz == 336,
          "first in it are the registers of who failed");
    check(core_has(kept + PAGE, "it is kept"), "memory, even without rights");
    check(core_has(shared + 2 * PAGE, "it is shared"), "shared memory");
    check(!core_at(left_out), "but not with MADV_DONTDUMP");
    check(stat.st_blocks * 512 < ROOM, "holes where nothing was written");
}

static void test_places(void)
{
    struct stat stat = {0};
    char byte;

    limit(3 * PAGE);
    child_run(fail, NULL);
    if (lstat("core", &stat) != 0 && !on_faultline())
        return check_skip("no core is written here", "places of a core");
    check(stat.st_size > 0 && stat.st_blocks * 512 <= 3 * PAGE, "it is cut at the limit");
    limit(RLIM_INFINITY);
    unlink("core");
    close(open("end-with-core-other", O_RDWR | O_CREAT | O_TRUNC, 0600));
    link("end-with-core-other", "core");
    test_end(fail, SIGSEGV, true, "the file has another name");
    unlink("core"), symlink("end-with-core-other", "core");
    test_end(fail, SIGSEGV, true, "it is a link");
    check(read(open("end-with-core-other", O_RDONLY), &byte, 1) == 0,
          "it is a new file in the place of either");
    unlink("core"), mkdir("core", 0700);
    test_end(fail, SIGSEGV, false, "it is a directory");
    rmdir("core"), unlink("end-with-core-other");
}

static void *turn_for_ever(void *unused)
{
    for (;;)
        sched_yield();
    return unused;
}

static int fail_beside_others(void *unused)
{
    pthread_t thread;

    for (int i = 0; i < 3; i++)
        pthread_create(&thread, NULL, turn_for_ever, NULL);
    sched_yield();
    return fail(unused);
}

static void test_threads(void)
{
    int threads = 0;

    child_run(fail_beside_others, NULL);
    if (core_read() < 0 && !on_faultline())
        return check_skip("no core is written here", "a core of threads");
    const Elf64_Ehdr *head = (const void *)core;
    const Elf64_Phdr *notes = (const void *)(core + head->e_phoff);
    for (uint64_t at = 0; at < notes->p_filesz;) {
        const Elf64_Nhdr *note = (const void *)(core + notes->p_offset + at);
        threads += note->n_type == NT_PRSTATUS;
        at += sizeof(*note) + 8 + (note->n_descsz + 3) / 4 * 4;
    }
    check_equal(threads, 4, "all its threads are in it");
}

int main(int count, char **arguments __attribute__((unused)))
{
    static const int dumping[] = {SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,
                                  SIGFPE,  SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS};
    const int others[] = {SIGHUP,  SIGINT,    SIGKILL, SIGUSR1,   SIGPIPE, SIGALRM,
                          SIGTERM, SIGSTKFLT, SIGPROF, SIGVTALRM, SIGIO,   SIGRTMIN};

    if (count > 1)
        abort();
    limit(0);
    test_end(end_by, SIGABRT, false, "no core may be");
    limit(4095);
    test_end(end_by, SIGSEGV, false, "less than a page may be");
    limit(RLIM_INFINITY);
    for (unsigned i = 0; i < sizeof(dumping) / sizeof(*dumping); i++)
        test_end(end_by, dumping[i], true, "a core may be");
    for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++)
        test_end(end_by, others[i], false, "which leaves none");
    check(prctl(PR_GET_DUMPABLE) == 1 && prctl(PR_SET_DUMPABLE, 2) < 0, "a core is wanted");
    test_end(end_undumpable, SIGABRT, false, "it is not wanted");
    test_end(end_after_exec, SIGABRT, true, "until exec");
    memory_make();
    test_contents();
    test_places();
    test_threads();
    unlink("core");
    return tap_end();
}
