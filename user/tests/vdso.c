/* vdso.c - the code that the kernel puts into every space: found as a C library finds it, called,
 * and left alone by whoever would change it. */
#define _GNU_SOURCE
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, ROUNDS = 500, BOOTTIME_ID = 7, TAI_ID = 11 };

static int (*clock_of)(int, struct timespec *);
static int (*day_of)(struct timeval *, void *);
static time_t (*time_of)(time_t *);
static int (*cpu_of)(unsigned *, unsigned *, void *);

static char *image; /* the page of code; that of data lies below */

/* --- Found by name ---------------------------------------------------------------------------- */

static struct {
    const Elf64_Sym *symbols;
    const char *names;
    const Elf64_Word *hash;
    const Elf64_Versym *versions;
    const Elf64_Verdef *defined;
} table;

static void table_read(void)
{
    const Elf64_Ehdr *elf = (const void *)image;
    const Elf64_Phdr *segment = (const void *)(image + elf->e_phoff);
    const Elf64_Dyn *entry = NULL;
    for (int i = 0; i < elf->e_phnum; i++)
        if (segment[i].p_type == PT_DYNAMIC)
            entry = (const void *)(image + segment[i].p_vaddr);
    for (; entry && entry->d_tag != DT_NULL; entry++) {
        const void *there = image + entry->d_un.d_ptr;
        switch (entry->d_tag) {
        case DT_SYMTAB:
            table.symbols = there;
            break;
        case DT_STRTAB:
            table.names = there;
            break;
        case DT_HASH:
            table.hash = there;
            break;
        case DT_VERSYM:
            table.versions = there;
            break;
        case DT_VERDEF:
            table.defined = there;
            break;
        default:
            break;
        }
    }
}

static unsigned hash_of(const char *name)
{
    unsigned value = 0;
    for (; *name; name++) {
        value = (value << 4) + (unsigned char)*name;
        value = (value ^ (value >> 24 & 0xf0)) & 0xfffffff;
    }
    return value;
}

static const char *version_of(unsigned symbol)
{
    const Elf64_Verdef *each = table.defined;
    while (each->vd_ndx != (table.versions[symbol] & 0x7fff)) {
        if (each->vd_next == 0)
            return "";
        each = (const void *)((const char *)each + each->vd_next);
    }
    const Elf64_Verdaux *word = (const void *)((const char *)each + each->vd_aux);
    const char *name = table.names + word->vda_name;
    return each->vd_hash == hash_of(name) ? name : "";
}

/* By the table of hashes, as the System V ABI has it. */
static void *find(const char *name)
{
    const Elf64_Word *bucket = table.hash + 2, *chain = bucket + table.hash[0];
    for (unsigned i = bucket[hash_of(name) % table.hash[0]]; i; i = chain[i])
        if (!strcmp(table.names + table.symbols[i].st_name, name) &&
            !strcmp(version_of(i), "LINUX_2.6"))
            return image + table.symbols[i].st_value;
    return NULL;
}

static bool test_found(void)
{
    image = (char *)getauxval(AT_SYSINFO_EHDR);
    if (!image || memcmp(image, ELFMAG, SELFMAG) != 0)
        return check(false, "AT_SYSINFO_EHDR leads to an ELF file");
    table_read();
    if (!table.hash) {
        check_skip("this kernel's has another table", "found by DT_HASH");
        return false;
    }
    clock_of = find("__vdso_clock_gettime");
    day_of = find("__vdso_gettimeofday");
    time_of = find("__vdso_time");
    cpu_of = find("__vdso_getcpu");
    check(find("clock_gettime") == (void *)clock_of && find("time") == (void *)time_of,
          "each name is there twice");
    check(!find("clock_settime"), "no others are");
    return check(clock_of && day_of && time_of && cpu_of,
                 "four functions, of version LINUX_2.6");
}

/* --- The same clock --------------------------------------------------------------------------- */

static int64_t ns_of(const struct timespec *time)
{
    return time->tv_sec * 1000000000ll + time->tv_nsec;
}

static int64_t ns_called(int clock)
{
    struct timespec time;
    if (raw3(SYS_clock_gettime, clock, (long)&time, 0) != 0)
        bail("SYS_clock_gettime");
    return ns_of(&time);
}

static int64_t ns_read(int clock)
{
    struct timespec time = {-1, -1};
    if (clock_of(clock, &time) != 0 || time.tv_nsec < 0 || time.tv_nsec >= 1000000000)
        return -1;
    return ns_of(&time);
}

static void test_clock(int clock)
{
    int64_t last = ns_called(clock);
    int wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t now = i % 2 ? ns_called(clock) : ns_read(clock);
        wrong += now < last;
        last = now;
    }
    check_equal(wrong, 0, "clock %d: read and called by turns, it never goes back", clock);
}

static void test_clocks(void)
{
    static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
                                 BOOTTIME_ID,    TAI_ID,          CLOCK_PROCESS_CPUTIME_ID};
    struct timespec time;
    struct timeval day;
    time_t told = 0;
    for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
        test_clock(clocks[i]);
    check_equal(clock_of(99, &time), -EINVAL, "an unknown clock: EINVAL");
    check_equal(clock_of(-1000000, &time), -EINVAL, "a negative one, too");

    int64_t before = ns_called(CLOCK_REALTIME);
    check_equal(day_of(&day, NULL), 0, "gettimeofday");
    int64_t after = ns_called(CLOCK_REALTIME);
    int64_t us = day.tv_sec * 1000000ll + day.tv_usec;
    check(us >= before / 1000 && us <= after / 1000, "lies between two calls");
    long zone[1] = {-1};
    check(day_of(NULL, zone) == 0 && zone[0] == 0, "only the time zone, which is none");
    check(day_of(NULL, NULL) == 0, "neither");

    time_t now = time_of(&told);
    check(now == told && now >= (time_t)(before / 1000000000) &&
              now <= ns_called(CLOCK_REALTIME) / 1000000000,
          "time, told twice");
    check(time_of(NULL) - now <= 1, "and once");

    struct timespec through_libc;
    check(clock_gettime(CLOCK_MONOTONIC, &through_libc) == 0 &&
              ns_of(&through_libc) <= ns_called(CLOCK_MONOTONIC),
          "the C library's clock is the same");
}

static void test_processor(void)
{
    unsigned read = 99, called = 98, node = 97;
    one_processor();
    check(cpu_of(&read, &node, NULL) == 0 && raw3(SYS_getcpu, (long)&called, 0, 0) == 0 &&
              read == called,
          "getcpu: the processor that the call tells");
    check_equal(node, 0, "and its node");
    check(cpu_of(NULL, NULL, NULL) == 0, "neither is wanted");
}

/* --- Nobody changes it ------------------------------------------------------------------------ */

static sigjmp_buf back;
static volatile int code;

static void caught(int signal, siginfo_t *info, void *context)
{
    (void)context;
    code = info->si_code;
    siglongjmp(back, signal);
}

static void catch_faults(void)
{
    struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
}

/* 0, or the signal that it gets; then `code` says why. */
static int written(char *at)
{
    int signal = sigsetjmp(back, 1);
    if (signal == 0)
        *(volatile char *)at = 1;
    return signal;
}

static int called(void)
{
    struct timespec time;
    int signal = sigsetjmp(back, 1);
    if (signal == 0)
        clock_of(CLOCK_MONOTONIC, &time);
    return signal;
}

static bool line_has(const char *path, const char *name, const char *rights)
{
    char line[512];
    bool found = false;
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file))
        found |= strstr(line, name) && strstr(line, rights);
    if (file)
        fclose(file);
    return found;
}

static long faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt + usage.ru_majflt;
}

static void test_there(void)
{
    check(line_has("/proc/self/maps", "[vdso]", "r-xp"), "maps: [vdso] r-xp");
    check(line_has("/proc/self/maps", "[vvar]", "r--p"), "maps: [vvar] r--p");
    check(line_has("/proc/self/smaps", "[vdso]", "r-xp"), "smaps has it, too");

    char first[4] = "";
    int memory = open("/proc/self/mem", O_RDONLY);
    check(pread(memory, first, 4, (off_t)(uintptr_t)image) == 4 &&
              memcmp(first, ELFMAG, SELFMAG) == 0,
          "/proc/self/mem reads it");
    close(memory);
    int pipes[2];
    check(pipe(pipes) == 0 && write(pipes[1], image, 4) == 4, "write takes it");
    close(pipes[0]);
    close(pipes[1]);
}

static void test_written(void)
{
    check_equal(written(image), SIGSEGV, "code is not written");
    check_equal(code, SEGV_ACCERR, "it is there, but may not be");
    if (!on_faultline())
        return;
    check_equal(written(image - PAGE), SIGSEGV, "nor is what it reads");
    check_equal(code, SEGV_ACCERR, "and is there, too");
    int zero = open("/dev/zero", O_RDONLY);
    check(fails(read(zero, image, 16), EFAULT), "nor by the kernel, for a program: EFAULT");
    close(zero);
}

static void *map(char *at, int flags)
{
    return mmap(at, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

/* Linux lets a program move its own; here it stays, and its rights do. */
static void test_kept(void)
{
    char *data = image - PAGE;
    unsigned char resident = 0;
    check(fails(mprotect(image, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC), EACCES),
          "mprotect: EACCES for more");
    check(fails(mprotect(data, 2 * PAGE, PROT_NONE), EACCES), "and for less");
    check(mremap(image, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 0x10000000) ==
                  MAP_FAILED &&
              errno == EINVAL,
          "mremap: EINVAL");
    check(mincore(image, PAGE, &resident) == 0 && resident == 1, "mincore: it is there");
    check(map(data - PAGE, MAP_FIXED) == MAP_FAILED && errno == ENOMEM,
          "nothing comes beside it: ENOMEM");
    check(map(image, MAP_FIXED_NOREPLACE) == MAP_FAILED && errno == EEXIST,
          "nor in its place, if that must be free: EEXIST");
    char *room = map(NULL, 0);
    check(mremap(room, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, data - PAGE) ==
                  MAP_FAILED &&
              errno == ENOMEM,
          "nor is anything moved there: ENOMEM");
    munmap(room, PAGE);
    check_equal(called(), 0, "it works as before");
}

/* --- Given up, inherited ---------------------------------------------------------------------- */

/* What the child's function returns. */
static int in_child(int (*what)(void))
{
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(what());
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status)
                                                                    : -1;
}

static int signal_of_call(void)
{
    return called() == SIGSEGV ? code : 0;
}

static int given_up(void)
{
    if (munmap(image, PAGE) != 0)
        return 100;
    if (line_has("/proc/self/maps", "[vdso]", ""))
        return 101;
    if (signal_of_call() != SEGV_MAPERR)
        return 102;
    if (in_child(signal_of_call) != SEGV_MAPERR) /* a child has what its parent has */
        return 103;
    if (munmap(image - PAGE, 2 * PAGE) != 0)
        return 104;
    return 0;
}

static int replaced(void)
{
    if (map(image, MAP_FIXED) != image || *image != 0)
        return 100;
    return munmap(image, PAGE);
}

static int still_there(void)
{
    return image == (char *)getauxval(AT_SYSINFO_EHDR) && called() == 0;
}

static void test_inherited(const char *self)
{
    int status = -1;
    check_equal(in_child(still_there), 1, "a child has it");
    check_equal(in_child(given_up), 0, "given up, it is gone: for children, too");
    check_equal(in_child(replaced), 0, "what MAP_FIXED puts in its place is there");
    check_equal(called(), 0, "who did not give it up has it");
    pid_t child = fork();
    if (child == 0) {
        munmap(image - PAGE, 2 * PAGE);
        close(STDOUT_FILENO); /* its claims are not ours */
        execl(self, self, "again", NULL);
        _exit(99);
    }
    check(waitpid(child, &status, 0) == child && status == 0, "a new program has it again");
}

int main(int argc, char **argv)
{
    catch_faults();
    image = (char *)getauxval(AT_SYSINFO_EHDR);
    bool ours = on_faultline();
    long before = faults();
    if (image && ours)
        before += *(volatile char *)image - 0x7f + *(volatile char *)(image - PAGE) - 1;
    long after = faults();
    if (!test_found())
        return tap_end();
    if (argc > 1)
        return called();
    if (on_faultline())
        check_equal(after, before, "both pages are touched, and nothing faults");
    test_clocks();
    test_processor();
    test_there();
    test_written();
    if (on_faultline()) {
        test_kept();
        test_inherited(argv[0]);
    }
    return tap_end();
}
