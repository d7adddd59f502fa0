/* kernel/procfs/memory.c - /proc's figures about physical memory, all counted from frames[]. */
#include "arch/shootdown.h"
#include "kernel/procfs/proc.h"
#include "mm/mm.h"

#define FRAMES_AT_ONCE 1024u /* between two looks at the clock */

#define KIB(frames_) ((uint64_t)(frames_) * (PAGE_SIZE / 1024))

/* Frames by use. */
struct usage {
    uint64_t anonymous; /* private pages, those shared since a fork among them */
    uint64_t file;      /* pages of files: Linux's page cache */
    uint64_t shared;    /* of those, without a device behind: memory files, shared memory */
    uint64_t mapped;    /* of `file`, those in some page table */
    uint64_t dirty;     /* of `file`, those that were written */
    uint64_t clean;     /* of `file`, those that a device has too: they can go at once */
    uint64_t cached; /* of `anonymous` and `shared`, those with a slot beside their frame */
    uint64_t wired;
    uint64_t tables;
};

static void usage_count_page(struct usage *usage, const struct frame_view *view)
{
    usage->wired += view->wired;
    usage->cached += view->has_slot;
    if (!view->of_object) {
        usage->anonymous++;
        return;
    }
    usage->file++;
    usage->shared += !view->of_device;
    usage->mapped += view->mapped;
    usage->dirty += view->dirty;
    usage->clean += view->of_device && !view->dirty && !view->wired;
}

static struct usage usage_count(void)
{
    struct frame_view views[PROC_VIEWS];
    struct usage usage = {0};

    for (uint32_t first = 0; first < nframes; first += PROC_VIEWS) {
        if (first % FRAMES_AT_ONCE == 0)
            thread_breathe();
        unsigned count = view_frames(first, views, PROC_VIEWS);
        for (unsigned i = 0; i < count; i++) {
            if (views[i].state == FRAME_RESIDENT)
                usage_count_page(&usage, &views[i]);
            usage.tables += views[i].state == FRAME_TABLE;
        }
    }
    return usage;
}

static uint64_t slab_frames(void)
{
    uint64_t count = 0;

    for (const struct slab_cache *cache = NULL; (cache = slab_cache_next(cache));)
        count += cache->slabs;
    return count;
}

static uint64_t stack_frames(void)
{
    uint64_t count = 1; /* the idle thread's */

    for (const struct process *process = process_first; process; process = process->next)
        for (const struct thread *thread = process->threads; thread;
             thread = thread->sibling)
            count++;
    return count * (KERNEL_STACK_SIZE / PAGE_SIZE);
}

int proc_meminfo(struct proc_text *text, struct process *process __attribute__((unused)))
{
    struct usage usage = usage_count();
    const struct {
        const char *name;
        uint64_t frames;
    } lines[] = {
        {"MemTotal:", frame_counts.total},
        {"MemFree:", frame_counts.free},
        {"MemAvailable:", frame_counts.free + usage.clean},
        {"ZeroedFrames:", frame_counts.zeroed},
        {"Buffers:", 0},
        {"Cached:", usage.file},
        {"SwapCached:", usage.cached},
        {"Mlocked:", usage.wired},
        {"SwapTotal:", swap_counts.total},
        {"SwapFree:", swap_counts.total - swap_counts.used - swap_counts.retired},
        {"Dirty:", usage.dirty},
        {"AnonPages:", usage.anonymous},
        {"Mapped:", usage.mapped},
        {"Shmem:", usage.shared},
        {"Slab:", slab_frames()},
        {"KernelStack:", stack_frames()},
        {"PageTables:", usage.tables},
        {"CommitLimit:", promise_limit() / PAGE_SIZE},
        {"Committed_AS:", (promise_regions + promise_objects) / PAGE_SIZE},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(lines); i++)
        proc_print(text, "%-15s %8lu kB\n", lines[i].name, KIB(lines[i].frames));
    return 0;
}

/* The watermarks, where Linux has them: its min is our reserve. */
int proc_zoneinfo(struct proc_text *text, struct process *process __attribute__((unused)))
{
    proc_print(text, "Node 0, zone   Normal\n  pages free     %u\n", frame_counts.free);
    proc_print(text, "        min      %u\n        low      %u\n        high     %u\n",
               frame_watermarks.reserve, frame_watermarks.low, frame_watermarks.high);
    proc_print(text, "        spanned  %u\n        present  %u\n        managed  %u\n",
               nframes, nframes, frame_counts.total);
    return 0;
}

/* "zero-fill" as vmstat has names: "zero_fill". */
static void print_fault_kind(struct proc_text *text, enum fault_kind kind)
{
    char name[32];
    unsigned i;

    for (i = 0; fault_kind_names[kind][i] && i < sizeof(name) - 1; i++)
        name[i] = fault_kind_names[kind][i] == '-' ? '_' : fault_kind_names[kind][i];
    name[i] = 0;
    proc_print(text, "fault_%s %lu\n", name, fault_totals.kind[kind]);
}

/* What eviction has done, under Linux's names: kswapd is pageoutd. */
static void print_evictions(struct proc_text *text)
{
    uint64_t daemon = pageout_counts.freed;

    if (daemon > evict_counts.evicted)
        daemon = evict_counts.evicted; /* the rest is being written */
    proc_print(text, "pswpin %lu\npswpout %lu\n", swap_counts.read, swap_counts.written);
    proc_print(text, "pgscan %lu\npgscan_kswapd %lu\npgscan_direct %lu\n",
               evict_counts.scanned, pageout_counts.scanned,
               evict_counts.scanned - pageout_counts.scanned);
    proc_print(text, "pgsteal %lu\npgsteal_kswapd %lu\npgsteal_direct %lu\n",
               evict_counts.evicted, daemon, evict_counts.evicted - daemon);
    proc_print(text, "pgforeign %lu\n", evict_counts.foreign);
    proc_print(text, "workingset_refault_anon %lu\n", evict_counts.refaulted);
    proc_print(text, "oom_kill %lu\n", oom_kills);
    proc_print(text, "pageoutd_wakeups %lu\n", pageout_counts.wakeups);
    proc_print(text, "swap_read_errors %lu\nswap_write_errors %lu\nswap_slots_retired %u\n",
               swap_counts.read_errors, swap_counts.write_errors, swap_counts.retired);
}

/* As Linux's names, and two of ours. */
static void print_shootdowns(struct proc_text *text)
{
    const struct shootdown_counts *counts = &shootdown_counts;
    proc_print(text, "nr_tlb_remote_flush %lu\nnr_tlb_remote_flush_received %lu\n",
               counts->requests, counts->interrupts);
    proc_print(text, "shootdown_in_vain %lu\nshootdown_avoided %lu\n", counts->in_vain,
               counts->avoided);
}

int proc_vmstat(struct proc_text *text, struct process *process __attribute__((unused)))
{
    struct usage usage = usage_count();
    uint64_t served = 0;

    for (unsigned kind = 0; kind < FAULT_KINDS; kind++)
        served += kind == FAULT_INVALID ? 0 : fault_totals.kind[kind];
    proc_print(text, "nr_free_pages %u\n", frame_counts.free);
    proc_print(text, "nr_zeroed_pages %u\n", frame_counts.zeroed);
    proc_print(text, "nr_anon_pages %lu\n", usage.anonymous);
    proc_print(text, "nr_file_pages %lu\n", usage.file);
    proc_print(text, "nr_mapped %lu\n", usage.mapped);
    proc_print(text, "nr_shmem %lu\n", usage.shared);
    proc_print(text, "nr_dirty %lu\n", usage.dirty);
    proc_print(text, "nr_page_table_pages %lu\n", usage.tables);
    proc_print(text, "nr_mlock %lu\n", usage.wired);
    proc_print(text, "nr_swapcached %lu\n", usage.cached);
    proc_print(text, "pgfault %lu\n", served);
    proc_print(text, "pgmajfault %lu\n", fault_totals.major);
    print_evictions(text);
    print_shootdowns(text);
    proc_print(text, "exact_references %lu\n", reference_string_total);
    for (unsigned kind = 0; kind < FAULT_KINDS; kind++)
        print_fault_kind(text, kind);
    return 0;
}

/* As Linux's: the device, its kind, and KiB. */
int proc_swaps(struct proc_text *text, struct process *process __attribute__((unused)))
{
    proc_print(text, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    if (swap_counts.total)
        proc_print(text, "%-40spartition\t%lu\t\t%lu\t\t-2\n", "/dev/swap",
                   KIB(swap_counts.total), KIB(swap_counts.used + swap_counts.retired));
    return 0;
}

int proc_slabinfo(struct proc_text *text, struct process *process __attribute__((unused)))
{
    proc_print(text,
               "slabinfo - version: 2.1\n"
               "# name            <active_objs> <num_objs> <objsize> <objperslab> "
               "<pagesperslab> : tunables 0 0 0 : slabdata <active_slabs> <num_slabs> "
               "<sharedavail>\n");
    for (const struct slab_cache *cache = NULL; (cache = slab_cache_next(cache));) {
        unsigned each = PAGE_SIZE / (cache->size ? cache->size : 1);
        proc_print(text,
                   "%-17s %6u %6u %6u %4u %4u : tunables 0 0 0 : slabdata %6u %6u 0\n",
                   cache->name, cache->in_use, cache->slabs * each, cache->size, each, 1u,
                   cache->slabs, cache->slabs);
    }
    return 0;
}

int proc_audit(struct proc_text *text, struct process *process __attribute__((unused)))
{
    proc_print(text, "%u broken\n", audit());
    return 0;
}
