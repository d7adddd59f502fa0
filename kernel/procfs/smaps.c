/* kernel/procfs/smaps.c - /proc/PID/smaps and smaps_rollup: what each region has in
 * memory, and with whom it shares that.
 *
 * A page that n entries map counts in full as resident for each of them, and as an n-th in
 * "Pss", the proportional share: added up over all processes, those give the memory that is
 * really there. An entry that names a resident page, without a right to touch it, counts as one
 * that maps it, as on Linux. */
#include "kernel/procfs/proc.h"
#include "mm/mm.h"

#define SHARE_SHIFT 12 /* fractions of a byte, so that many small shares add up */

struct usage {
    uint64_t size, resident, share, share_dirty; /* shares in bytes << SHARE_SHIFT */
    uint64_t shared_clean, shared_dirty, private_clean, private_dirty;
    uint64_t referenced, anonymous, lazy_free, swapped, swapped_share, wired;
};

static void usage_add_present(struct usage *usage, const struct page_view *view)
{
    uint32_t mappers = view->holders - view->of_object;
    bool dirty = view->dirty || pte_is_dirty(view->pte) || slot_is(view->slot);
    uint64_t share = ((uint64_t)PAGE_SIZE << SHARE_SHIFT) / mappers;

    usage->resident += PAGE_SIZE;
    usage->share += share;
    usage->share_dirty += dirty ? share : 0;
    if (mappers > 1)
        *(dirty ? &usage->shared_dirty : &usage->shared_clean) += PAGE_SIZE;
    else
        *(dirty ? &usage->private_dirty : &usage->private_clean) += PAGE_SIZE;
    usage->referenced += pte_is_referenced(view->pte) ? PAGE_SIZE : 0;
    usage->anonymous += view->of_object ? 0 : PAGE_SIZE;
    usage->lazy_free += !view->of_object && !dirty ? PAGE_SIZE : 0;
    usage->wired += pte_is_wired(view->pte) ? PAGE_SIZE : 0;
}

/* An entry that but names its page. */
static void usage_add_name(struct usage *usage, const struct page_view *view)
{
    uint64_t share = ((uint64_t)PAGE_SIZE << SHARE_SHIFT) / view->holders;

    if (frame_is(view->frame)) {
        usage->resident += PAGE_SIZE;
        usage->anonymous += PAGE_SIZE;
        usage->private_dirty += PAGE_SIZE;
        usage->share += share;
        usage->share_dirty += share;
    } else {
        usage->swapped += PAGE_SIZE;
        usage->swapped_share += share;
    }
}

/* What lies in [start, end) of the process's space. Rests, as proc_rest; false likewise. */
static bool usage_add(struct usage *usage, struct process **process, uintptr_t start,
                      uintptr_t end)
{
    struct page_view views[PROC_VIEWS];

    usage->size += end - start;
    for (uintptr_t at = start; at < end;) {
        unsigned count = view_pages((*process)->space, &at, end, views, ARRAY_SIZE(views));
        for (unsigned i = 0; i < count; i++) {
            if (!pte_is_present(views[i].pte))
                usage_add_name(usage, &views[i]);
            else if (page_is(views[i].page)) /* not the zero page */
                usage_add_present(usage, &views[i]);
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
static void print_flags(struct proc_text *text, const struct region_view *region)
{
    unsigned access = region->access, most = region->access_max;

    proc_print(text, "VmFlags:%s%s%s%s%s%s%s%s%s%s%s%s%s%s \n",
               access & ACCESS_READ ? " rd" : "", access & ACCESS_WRITE ? " wr" : "",
               access & ACCESS_EXECUTE ? " ex" : "", region->shared ? " sh" : "",
               most & ACCESS_READ ? " mr" : "", most & ACCESS_WRITE ? " mw" : "",
               most & ACCESS_EXECUTE ? " me" : "", region->shared ? " ms" : "",
               region->grows_down ? " gd" : "", region->wired ? " lo" : "",
               region->not_forked ? " dc" : "", region->wiped ? " wf" : "",
               region->not_dumped ? " dd" : "", region->tracked ? "" : " sd");
}

static void print_region(struct proc_text *text, const struct process *process,
                         const struct region_view *region, const struct usage *usage)
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
    struct region_view region;
    uintptr_t at = 0;

    while (process->space && view_region_above(process->space, at, &region)) {
        struct usage usage = {0};
        at = region.end;
        if (!usage_add(&usage, &process, region.start, region.end))
            break;
        /* it may be another by now, or none */
        if (view_region(process->space, region.start, &region))
            print_region(text, process, &region, &usage);
        if (!proc_rest(&process))
            break;
    }
    return 0;
}

int proc_smaps_rollup(struct proc_text *text, struct process *process)
{
    struct region_view region = {.end = 0};
    struct usage usage = {0};
    uintptr_t first = UINTPTR_MAX;

    if (!process->space)
        return 0;
    while (view_region_above(process->space, region.end, &region)) {
        if (first == UINTPTR_MAX)
            first = region.start;
        if (!usage_add(&usage, &process, region.start, region.end) || !proc_rest(&process))
            break;
    }
    if (first == UINTPTR_MAX)
        return 0;
    proc_print(text, "%08lx-%08lx ---p 00000000 00:00 0%20s[rollup]\n", first, region.end,
               "");
    print_usage(text, &usage);
    return 0;
}
