/* proc.c - /proc in Linux's formats, as free, ps, top and vmstat read it; and Faultline's own
 * files beside them. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/tap.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char text[65536];

/* The whole file; its length, -1 when it cannot be read. */
static ssize_t file_read(const char *path)
{
    int fd = open(path, O_RDONLY);
    ssize_t length = 0, got;

    if (fd < 0)
        return -1;
    while ((got = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
        length += got;
    close(fd);
    text[length] = '\0';
    return got < 0 ? -1 : length;
}

static void test_meminfo(void)
{
    static const char *const fields[] = {"MemTotal", "MemFree",   "MemAvailable", "Buffers",
                                         "Cached",   "SwapTotal", "SwapFree"};

    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        check(field_read("/proc/meminfo", fields[i]) >= 0, "meminfo: %s", fields[i]);
    long total = field_read("/proc/meminfo", "MemTotal"), free_now = memory_free();
    check(total > free_now && free_now > 0, "MemFree is less than MemTotal");
    enum { PAGES = 512 };
    char *region = region_map(PAGES);
    long before = memory_free();
    memset(region, 1, PAGES * PAGE);
    counted_near(before - memory_free(), PAGES * 4, on_faultline() ? 64 : 100000,
                 "touching 512 pages takes 2 MiB of MemFree");
    munmap(region, PAGES * PAGE);
    counted_near(memory_free(), before, on_faultline() ? 64 : 100000, "and gives it back");
}

static void test_stat(void)
{
    unsigned long user, nice, system, idle;

    check(file_read("/proc/stat") > 0, "/proc/stat");
    check(sscanf(text, "cpu %lu %lu %lu %lu", &user, &nice, &system, &idle) == 4,
          "first the processor's times");
    check(strstr(text, "\ncpu0 ") && strstr(text, "\nctxt ") && strstr(text, "\nbtime ") &&
              strstr(text, "\nprocesses "),
          "cpu0, ctxt, btime, processes");
    double up, idle_seconds, one, five, fifteen;
    int running, all, last;
    check(file_read("/proc/uptime") > 0 &&
              sscanf(text, "%lf %lf", &up, &idle_seconds) == 2 && up > 0,
          "/proc/uptime");
    check(file_read("/proc/loadavg") > 0 &&
              sscanf(text, "%lf %lf %lf %d/%d %d", &one, &five, &fifteen, &running, &all,
                     &last) == 6 &&
              running >= 1 && all >= running && last >= getpid(),
          "/proc/loadavg");
    check(file_read("/proc/vmstat") > 0 && strstr(text, "pgfault ") &&
              strstr(text, "pgmajfault "),
          "/proc/vmstat: pgfault, pgmajfault");
    check(file_read("/proc/mounts") > 0 && strstr(text, " / ") && strstr(text, " /proc "),
          "/proc/mounts: / and /proc");
}

static void test_process_stat(void)
{
    int pid, parent, group;
    char state, *rest;
    unsigned long minor, major, size;
    long resident;

    check(file_read("/proc/self/stat") > 0 && sscanf(text, "%d (proc) ", &pid) == 1 &&
              pid == getpid(),
          "/proc/self/stat: pid and name");
    rest = strrchr(text, ')') + 1;
    check(sscanf(rest, " %c %d %d %*d %*d %*d %*u %lu %*u %lu", &state, &parent, &group,
                 &minor, &major) == 5 &&
              state == 'R' && parent == getppid() && group == getpgrp(),
          "state, parent, group");
    check_near(minor + major, faults_now(), 8, "faults as getrusage tells them");
    int fields = 2;
    for (char *c = rest; *c; c++)
        fields += *c == ' ' && isgraph(c[1]);
    check_equal(fields, 52, "52 fields");
    char *word = rest;
    for (int i = 3; i < 23; i++)
        word = strchr(word + 1, ' ');
    check(sscanf(word, "%lu %ld", &size, &resident) == 2 && size / PAGE >= 10 &&
              resident > 0,
          "size and resident pages");
    long pages, in_memory, shared, code, data;
    check(file_read("/proc/self/statm") > 0 &&
              sscanf(text, "%ld %ld %ld %ld %*d %ld %*d", &pages, &in_memory, &shared,
                     &code, &data) == 5 &&
              pages * PAGE == (long)size && in_memory > 0 && shared <= in_memory,
          "/proc/self/statm agrees");
}

static void test_status(void)
{
    static const char *const own[] = {"FaultsZeroFill", "FaultsZeroPage", "FaultsFile",
                                      "FaultsCopy",     "FaultsReuse",    "FaultsSpurious",
                                      "FaultsMajor"};

    check(file_read("/proc/self/status") > 0 && strncmp(text, "Name:\tproc\n", 11) == 0,
          "/proc/self/status: Name");
    check(strstr(text, "\nState:\tR (running)\n") != NULL, "State");
    check_equal(field_read("/proc/self/status", "Pid"), getpid(), "Pid");
    check_equal(field_read("/proc/self/status", "PPid"), getppid(), "PPid");
    check(field_read("/proc/self/status", "VmSize") > 0 &&
              field_read("/proc/self/status", "VmRSS") > 0,
          "VmSize, VmRSS");
    for (unsigned i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (on_faultline())
            check(field_read("/proc/self/status", own[i]) >= 0, "%s", own[i]);
        else
            check_skip("Faultline only", "%s", own[i]);
}

static void test_cmdline(char *argv[])
{
    check(file_read("/proc/self/cmdline") >= (ssize_t)strlen(argv[0]) + 1 &&
              strcmp(text, argv[0]) == 0,
          "/proc/self/cmdline: words with a NUL after each");
    ssize_t length = readlink("/proc/self/exe", text, sizeof(text) - 1);
    text[length > 0 ? length : 0] = '\0';
    check(length > 5 && strcmp(text + length - 5, "/proc") == 0, "/proc/self/exe");
}

static void test_maps(void)
{
    uintptr_t start, end, last = 0, here = (uintptr_t)&test_maps;
    char rights[5], *line = text;
    bool ordered = true, code = false, stack = false, heap_of_ours = false;
    char *region = mmap(NULL, 3 * PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    check(file_read("/proc/self/maps") > 0, "/proc/self/maps");
    for (; *line; line = strchr(line, '\n') + 1) {
        if (sscanf(line, "%lx-%lx %4s %*x %*x:%*x %*d", &start, &end, rights) != 3)
            break;
        ordered &= start >= last && end > start;
        last = end;
        code |= start <= here && here < end && strcmp(rights, "r-xp") == 0;
        stack |= start <= (uintptr_t)&last && (uintptr_t)&last < end;
        heap_of_ours |= start == (uintptr_t)region && end == start + 3 * PAGE &&
                        strcmp(rights, "r--s") == 0;
    }
    check(*line == '\0', "every line is as Linux writes it");
    check(ordered, "in order, without overlap");
    check(code && stack && heap_of_ours, "code r-xp, the stack, and what was just mapped");
    check(strstr(text, "[stack]\n") && strstr(text, "/proc\n"), "named");
    munmap(region, 3 * PAGE);
}

static void test_pages(void)
{
    struct page_look look;
    char *region = region_map(2);

    if (!on_faultline()) {
        check_skip("Faultline only", "/proc/self/pages");
        return;
    }
    region[0] = 1;
    check(page_look(0, region, &look) && look.present && look.page >= 0 &&
              look.frame >= 0 && look.holders == 1 && strcmp(look.rights, "rw-") == 0,
          "/proc/self/pages: page, frame, holders and rights of a page");
    check(page_look(0, region + PAGE, &look) && !look.present,
          "nothing of an untouched one");
    munmap(region, 2 * PAGE);
}

static int stay(void *unused)
{
    (void)unused;
    return pause();
}

static void test_others(void)
{
    char path[40];
    pid_t child = child_start(stay, NULL);

    snprintf(path, sizeof(path), "/proc/%d/stat", child);
    check(file_read(path) > 0 && atoi(text) == child, "another process's stat");
    kill(child, SIGKILL);
    waitid(P_PID, child, NULL, WEXITED | WNOWAIT);
    check(file_read(path) > 0 && strstr(text, ") Z ") != NULL,
          "dead and not waited for: Z");
    child_wait(child);
    check(file_read(path) < 0, "then it is gone");
    check(file_read("/proc/999999/stat") < 0, "nobody has no directory");
}

/* From the beginning, the same open file tells what is so then. */
static void test_again(void)
{
    char first[32] = "", second[32] = "";
    int file = open("/proc/self/comm", O_RDONLY);

    read(file, first, sizeof(first) - 1);
    prctl(PR_SET_NAME, "another");
    lseek(file, 0, SEEK_SET);
    read(file, second, sizeof(second) - 1);
    close(file);
    check(strcmp(first, "another\n") != 0 && strcmp(second, "another\n") == 0,
          "read again from its beginning, a file tells what is so then");
}

static bool holds(const char *path, const char *words)
{
    return file_read(path) > 0 && strcmp(text, words) == 0;
}

/* What test suites look up before they begin. */
static void test_settings(void)
{
    bool ours = on_faultline();

    check(open("/proc/sys/vm/drop_caches", O_RDONLY) < 0 && errno == EACCES,
          "what is only told cannot be read");
    check(file_read("/proc/sys/kernel/core_pattern") > 0 &&
              (!ours || strcmp(text, "core\n") == 0),
          "core_pattern: where a core is written");
    check(file_read("/proc/sys/fs/pipe-user-pages-soft") > 0 && atoi(text) >= 0,
          "pipe-user-pages-soft");
    check(file_read("/proc/sys/kernel/sched_rr_timeslice_ms") > 0 && atoi(text) > 0,
          "sched_rr_timeslice_ms");
    check(file_read("/proc/self/status") > 0 && strstr(text, "\nNoNewPrivs:\t0\n"),
          "status: NoNewPrivs");
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    check(file_read("/proc/self/status") > 0 && strstr(text, "\nNoNewPrivs:\t1\n"),
          "which are given up");
    if (ours)
        check(holds("/proc/sys/kernel/sched_rr_timeslice_ms", "10\n"), "a slice is 10 ms");
}

int main(int argc, char *argv[])
{
    (void)argc;
    test_meminfo();
    test_stat();
    test_process_stat();
    test_status();
    test_cmdline(argv);
    test_maps();
    test_pages();
    test_others();
    test_again();
    test_settings();
    return tap_end();
}
