/* kernel/procfs/system.c - /proc's files about the system as a whole. */
#include "arch/cpu.h"
#include "arch/processors.h"
#include "kernel/device/block.h"
#include "kernel/procfs/proc.h"
#include "kernel/report/trace.h"
#include "lib/errno.h"

#define NS_PER_SECOND 1000000000ul
#define NS_PER_TICK   10000000ul /* USER_HZ is 100 */
#define NS_PER_MS     1000000ul
#define SECTOR        512u

static void print_ticks(struct proc_text *text, const char *of, struct cpu_ticks ticks)
{
    proc_print(text, "cpu%s %lu 0 %lu %lu 0 0 0 0 0 0\n", of,
               timer_ns(ticks.user) / NS_PER_TICK, timer_ns(ticks.kernel) / NS_PER_TICK,
               timer_ns(ticks.idle) / NS_PER_TICK);
}

static int proc_stat(struct proc_text *text,
                     struct process *process __attribute__((unused)))
{
    unsigned running = 0, blocked = 0;

    for (const struct process *p = process_first; p; p = p->next) {
        char state = process_state_letter(p);
        running += state == 'R';
        blocked += state == 'D';
    }
    print_ticks(text, " ", thread_cpu_ticks());
    for (unsigned i = 0; i < processor_count; i++) {
        char number[2] = {(char)('0' + i), '\0'};
        print_ticks(text, number, processors[i].ticks);
    }
    proc_print(text, "ctxt %lu\n", switch_count);
    proc_print(text, "btime %lu\n", rtc_boot_seconds());
    proc_print(text, "processes %u\n", process_forks);
    proc_print(text, "procs_running %u\n", running);
    proc_print(text, "procs_blocked %u\n", blocked);
    return 0;
}

static void print_hundredths(struct proc_text *text, uint64_t ns)
{
    proc_print(text, "%lu.%02lu", ns / NS_PER_SECOND, ns % NS_PER_SECOND / NS_PER_TICK);
}

static int proc_uptime(struct proc_text *text,
                       struct process *process __attribute__((unused)))
{
    print_hundredths(text, time_now());
    proc_print(text, " ");
    print_hundredths(text, timer_ns(thread_cpu_ticks().idle));
    proc_print(text, "\n");
    return 0;
}

/* There is no tick that could take averages: all three are the load of this moment. */
static int proc_loadavg(struct proc_text *text,
                        struct process *process __attribute__((unused)))
{
    unsigned running = 0, all = 0;

    for (const struct process *p = process_first; p; p = p->next) {
        running += process_state_letter(p) == 'R';
        all++;
    }
    proc_print(text, "%u.00 %u.00 %u.00 %u/%u %u\n", running, running, running, running,
               all, process_last_id);
    return 0;
}

static int proc_version(struct proc_text *text,
                        struct process *process __attribute__((unused)))
{
    proc_print(text,
               "Linux version 6.1.0-faultline (Faultline, system calls as Linux 6.1)\n");
    return 0;
}

static int proc_cpuinfo(struct proc_text *text,
                        struct process *process __attribute__((unused)))
{
    for (unsigned i = 0; i < processor_count; i++)
        proc_print(text,
                   "processor\t: %u\nmodel name\t: x86-64\nphysical id\t: 0\n"
                   "siblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\napicid\t\t: %u\n"
                   "flags\t\t: %s\nbogomips\t: 0.00\n\n",
                   i, processor_count, i, processor_count, processors[i].apic_id,
                   cpu_features());
    return 0;
}

/* As Linux's iostats.rst: per direction requests, merged, sectors, ms; then requests now,
 * ms in service, and ms over all requests. */
static int proc_diskstats(struct proc_text *text,
                          struct process *process __attribute__((unused)))
{
    unsigned minor = 0;

    for (const struct block_device *device = block_devices; device; device = device->next)
        proc_print(text, "%4u %7u %s %lu 0 %lu %lu %lu 0 %lu %lu %u %lu %lu\n", 1u, minor++,
                   device->name, device->read.requests, device->read.bytes / SECTOR,
                   device->read.time / NS_PER_MS, device->written.requests,
                   device->written.bytes / SECTOR, device->written.time / NS_PER_MS,
                   device->queue_length, device->busy_time / NS_PER_MS,
                   (device->read.time + device->written.time) / NS_PER_MS);
    return 0;
}

const struct inode_operations proc_trace_operations = {
    .read = trace_read,
    .write = trace_write,
    .destroy = proc_inode_destroy,
};

#define TEXT (S_IFREG | 0444)

const struct proc_file proc_root_files[] = {
    {"audit", TEXT, proc_audit, NULL},
    {"cpuinfo", TEXT, proc_cpuinfo, NULL},
    {"diskstats", TEXT, proc_diskstats, NULL},
    {"frames", TEXT, proc_frames, NULL},
    {"filesystems", TEXT, proc_filesystems, NULL},
    {"kpagecount", S_IFREG | 0400, NULL, &proc_kpagecount_operations},
    {"kpageflags", S_IFREG | 0400, NULL, &proc_kpageflags_operations},
    {"load_control", TEXT, proc_load_control, NULL},
    {"loadavg", TEXT, proc_loadavg, NULL},
    {"meminfo", TEXT, proc_meminfo, NULL},
    {"mounts", TEXT, proc_mounts, &proc_mounts_operations},
    {"self", S_IFLNK | 0777, NULL, &proc_self_operations},
    {"slabinfo", TEXT, proc_slabinfo, NULL},
    {"stat", TEXT, proc_stat, NULL},
    {"swaps", TEXT, proc_swaps, NULL},
    {"sys", S_IFDIR | 0555, NULL, &proc_sys_operations},
    {"sysvipc", S_IFDIR | 0555, NULL, &proc_sysvipc_operations},
    {"trace", S_IFREG | 0644, NULL, &proc_trace_operations},
    {"uptime", TEXT, proc_uptime, NULL},
    {"version", TEXT, proc_version, NULL},
    {"vmstat", TEXT, proc_vmstat, NULL},
    {"zoneinfo", TEXT, proc_zoneinfo, NULL},
    {NULL, 0, NULL, NULL},
};
