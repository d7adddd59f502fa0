/* smaps.c - /proc/PID/smaps and smaps_rollup: what each region has in memory, and with whom
 * it shares that.
 *
 * A page that n entries map counts in full as resident for each of them, and as an n-th in
 * "Pss", the proportional share: added up over all processes, those give the memory that is
 * really there. An entry that names a resident page, without a right to touch it, counts as one
 * that maps it, as on Linux. */
#include "kernel/proc/proc.h"
#include "mm/mm.h"

#define SHARE_SHIFT 12 /* fractions of a byte, so that many small shares add up */

struct usage {
    uint64_t size, resident, share, share_dirty; /* shares in bytes << SHARE_SHIFT */
    uint64_t shared_clean, shared_dirty, private_clean, private_dirty;
    uint64_t referenced, anonymous, lazy_free, swapped, swapped_share, wired;
};

static void usage_add_present(struct usage *usage, pte_t entry)
{
    const struct frame *frame = frame_get(pte_frame(entry));
    const struct page *page = page_get(frame->page);
    uint32_t mappers = page->holders - (page->object != NULL);
    bool dirty = frame->dirty || pte_is_dirty(entry) || slot_is(page->slot);
    uint64_t share = ((uint64_t)PAGE_SIZE << SHARE_SHIFT) / mappers;

    usage->resident += PAGE_SIZE;
    usage->share += share;
    usage->share_dirty += dirty ? share : 0;
    if (mappers > 1)
        *(dirty ? &usage->shared_dirty : &usage->shared_clean) += PAGE_SIZE;
    else
        *(dirty ? &usage->private_dirty : &usage->private_clean) += PAGE_SIZE;
    usage->referenced += pte_is_referenced(entry) ? PAGE_SIZE : 0;
    usage->anonymous += page->object == NULL ? PAGE_SIZE : 0;
    usage->lazy_free += page->object == NULL && !dirty ? PAGE_SIZE : 0;
    usage->wired += pte_is_wired(entry) ? PAGE_SIZE : 0;
}

/* An entry that but names its page. */
static void usage_add_name(struct usage *usage, pte_t entry)
{
    const struct page *page = page_get(pte_page(entry));

    if (page_is_resident(pte_page(entry))) {
        usage->resident += PAGE_SIZE;
        usage->anonymous += PAGE_SIZE;
        usage->private_dirty += PAGE_SIZE;
        usage->share += ((uint64_t)PAGE_SIZE << SHARE_SHIFT) / page->holders;
        usage->share_dirty += ((uint64_t)PAGE_SIZE << SHARE_SHIFT) / page->holders;
    } else {
        usage->swapped += PAGE_SIZE;
        usage->swapped_share += ((uint64_t)PAGE_SIZE << SHARE_SHIFT) / page->holders;
    }
}

/* What lies in [start, end) of the process's space. Rests, as proc_rest; false likewise. */
static bool usage_add(struct usage *usage, struct process **process, uintptr_t start,
                      uintptr_t end)
{
    struct table_run run;

    usage->size += end - start;
    for (uintptr_t at = start; table_run_next(&(*process)->space->table, &at, end, &run);) {
        for (unsigned i = 0; i < run.count; i++) {
            pte_t entry = run.entries[i];
            if (pte_is_zero(entry))
                continue;
            if (!pte_is_present(entry))
                usage_add_name(usage, entry);
            else if (!pte_is_zero_page(entry))
                usage_add_present(usage, entry);
        }
        if (!proc_rest(process))
            return false;
    }
    return true;
}

/* As "%-15s %8lu kB\n" would: but there are twenty such lines a region, and thousands of
 * regions in some programs, which read this often. */
static void print_line(struct proc_text *text, const char *name, uint64_t bytes)
{
    char line[] = "                       0 kB\n";
    char *digit = line + 23;

    for (unsigned i = 0; name[i]; i++)
        line[i] = name[i];
    for (uint64_t left = bytes / 1024; left > 0 && digit > line + 15; left /= 10)
        *digit-- = (char)('0' + left % 10);
    proc_add(text, line, sizeof(line) - 1);
}

static void print_usage(struct proc_text *text, const struct usage *usage)
{
    print_line(text, "Rss:", usage->resident);
    print_line(text, "Pss:", usage->share >> SHARE_SHIFT);
    print_line(text, "Pss_Dirty:", usage->share_dirty >> SHARE_SHIFT);
    print_line(text, "Shared_Clean:", usage->shared_clean);
    print_line(text, "Shared_Dirty:", usage->shared_dirty);
    print_line(text, "Private_Clean:", usage->private_clean);
    print_line(text, "Private_Dirty:", usage->private_dirty);
    print_line(text, "Referenced:", usage->referenced);
    print_line(text, "Anonymous:", usage->anonymous);
    print_line(text, "LazyFree:", usage->lazy_free);
    print_line(text, "AnonHugePages:", 0);
    print_line(text, "ShmemPmdMapped:", 0);
    print_line(text, "FilePmdMapped:", 0);
    print_line(text, "Shared_Hugetlb:", 0);
    print_line(text, "Private_Hugetlb:", 0);
    print_line(text, "Swap:", usage->swapped);
    print_line(text, "SwapPss:", usage->swapped_share >> SHARE_SHIFT);
    print_line(text, "Locked:", usage->wired);
}

/* Two letters each, as Linux's. */
static void print_flags(struct proc_text *text, const struct region *region)
{
    unsigned access = region->access, most = region->access_max;

    proc_print(text, "VmFlags:%s%s%s%s%s%s%s%s%s%s%s%s%s \n",
               access & ACCESS_READ ? " rd" : "", access & ACCESS_WRITE ? " wr" : "",
               access & ACCESS_EXECUTE ? " ex" : "", region->shared ? " sh" : "",
               most & ACCESS_READ ? " mr" : "", most & ACCESS_WRITE ? " mw" : "",
               most & ACCESS_EXECUTE ? " me" : "", region->shared ? " ms" : "",
               region->grows_down ? " gd" : "", region->wired ? " lo" : "",
               region->not_forked ? " dc" : "", region->wiped ? " wf" : "",
               region->tracked ? "" : " sd");
}

static void print_region(struct proc_text *text, const struct process *process,
                         const struct region *region, const struct usage *usage)
{
    proc_region(text, process, region);
    print_line(text, "Size:", usage->size);
    print_line(text, "KernelPageSize:", PAGE_SIZE);
    print_line(text, "MMUPageSize:", PAGE_SIZE);
    print_usage(text, usage);
    proc_print(text, "THPeligible:    0\n");
    print_flags(text, region);
}

int proc_smaps(struct proc_text *text, struct process *process)
{
    const struct region *region = process->space ? process->space->first : NULL;

    while (region) {
        struct usage usage = {0};
        uintptr_t start = region->start, end = region->end;
        if (!usage_add(&usage, &process, start, end))
            break;
        region = region_find(process->space, start); /* it may be another by now, or none */
        if (region)
            print_region(text, process, region, &usage);
        if (!proc_rest(&process))
            break;
        region = region_at_or_above(process->space, end);
    }
    return 0;
}

int proc_smaps_rollup(struct proc_text *text, struct process *process)
{
    const struct region *region = process->space ? process->space->first : NULL;
    struct usage usage = {0};

    if (!region)
        return 0;
    uintptr_t start = region->start, last = process->space->last->end;
    while (region) {
        uintptr_t end = region->end;
        if (!usage_add(&usage, &process, region->start, end) || !proc_rest(&process))
            break;
        region = region_at_or_above(process->space, end);
    }
    proc_print(text, "%08lx-%08lx ---p 00000000 00:00 0%20s[rollup]\n", start, last, "");
    print_usage(text, &usage);
    return 0;
}
