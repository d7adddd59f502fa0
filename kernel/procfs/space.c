/* kernel/procfs/space.c - /proc/PID/maps and pages: what a space promises, and what is there.
 *
 * maps lists the regions, as Linux does. pages lists the entries of the page table that are
 * not zero, one a line: the whole of virtual memory's bookkeeping for one process, in text.
 *
 *   00007ffffffde000 page=812 frame=3377 holders=1 rights=rw- flags=RD */
#include "arch/mmu.h"
#include "kernel/file/file_system.h"
#include "kernel/procfs/proc.h"
#include "kernel/thrashing/sampling.h"
#include "lib/print.h"
#include "mm/mm.h"

#define LINES_AT_ONCE 16u /* between two looks at the clock */

/* What Linux calls memory that is no file's; NULL: nothing. */
static const char *region_name(const struct process *process,
                               const struct region_view *region)
{
    const struct space *space = process->space;
    uintptr_t stack = process->layout.stack_start;

    if (region->of_kernel)
        return region->access & ACCESS_EXECUTE ? "[vdso]" : "[vvar]";
    if (region->object)
        return "/dev/zero (deleted)"; /* shared by those who descend from one process */
    if (region->start < space->heap_end && region->end > space->heap_start)
        return "[heap]";
    return stack >= region->start && stack < region->end ? "[stack]" : NULL;
}

void proc_region(struct proc_text *text, const struct process *process,
                 const struct region_view *region)
{
    struct inode *inode = (struct inode *)region->owner;
    const struct object *object = region->object;
    const char *name = inode ? "" : region_name(process, region);
    uint64_t number = inode ? inode->number : object ? trace_object(object) : 0;
    char line[80];

    format(line, sizeof(line), "%08lx-%08lx %c%c%c%c %08lx 00:%02x %lu ", region->start,
           region->end, region->access & ACCESS_READ ? 'r' : '-',
           region->access & ACCESS_WRITE ? 'w' : '-',
           region->access & ACCESS_EXECUTE ? 'x' : '-', region->shared ? 's' : 'p',
           object ? (uint64_t)region->index * PAGE_SIZE : 0,
           inode    ? inode->file_system->number
           : object ? file_system_memory.number
                    : 0u,
           number);
    proc_print(text, "%-*s%s", name ? 73 : 0, line, name ? name : "");
    if (inode)
        proc_add_path(text, inode, "\n"); /* a line is a region */
    proc_print(text, "\n");
}

int proc_maps(struct proc_text *text, struct process *process)
{
    struct region_view region = {.end = 0};

    if (!process->space)
        return 0;
    while (view_region_above(process->space, region.end, &region)) {
        proc_region(text, process, &region);
        if (!proc_rest(&process))
            break;
    }
    return 0;
}

static void print_page(struct proc_text *text, const struct page_view *view)
{
    bool present = pte_is_present(view->pte);

    proc_print(text, "%016lx", view->address);
    if (page_is(view->page))
        proc_print(text, " page=%u", view->page.id);
    else
        proc_print(text, " page=zero");
    if (frame_is(view->frame))
        proc_print(text, " frame=%u", view->frame.number);
    else
        proc_print(text, " frame=none");
    proc_print(text, " holders=%u rights=%c%c%c flags=%c%c\n", view->holders,
               present ? 'r' : '-', present && pte_is_writable(view->pte) ? 'w' : '-',
               present && pte_is_executable(view->pte) ? 'x' : '-',
               present && pte_is_referenced(view->pte) ? 'R' : '-',
               present && pte_is_dirty(view->pte) ? 'D' : '-');
}

int proc_pages(struct proc_text *text, struct process *process)
{
    struct page_view view = {0};
    uintptr_t at = 0;

    if (!process->space)
        return 0;
    while (view_next(process->space, at, &view)) {
        print_page(text, &view);
        at = view.address + PAGE_SIZE;
        if (at % (LINES_AT_ONCE * PAGE_SIZE) == 0 && !proc_rest(&process))
            break;
    }
    return 0;
}

/* --- Counting ------------------------------------------------------------------------- */

static void usage_add(struct proc_usage *usage, const struct page_view *view)
{
    if (!page_is(view->page)) /* the zero page */
        return;
    usage->working_set += working_set_has(view->pte) && !pte_is_wired(view->pte);
    if (pte_is_present(view->pte)) {
        usage->objects += view->of_object;
        usage->files += view->of_device;
    } else {
        usage->swapped += !frame_is(view->frame) && slot_is(view->slot);
    }
}

bool proc_usage(struct process **process, struct proc_usage *usage)
{
    struct page_view views[PROC_VIEWS];
    uintptr_t at = 0;

    sampling_read();
    *usage = (struct proc_usage){0};
    while ((*process)->space && at < USER_END) {
        unsigned count =
            view_pages((*process)->space, &at, USER_END, views, ARRAY_SIZE(views));
        for (unsigned i = 0; i < count; i++)
            usage_add(usage, &views[i]);
        if (!proc_rest(process))
            return false;
    }
    return true;
}

/* --- Memory of another process -------------------------------------------------------- */

/* Show what lies at [start, end) of a space, as far as it is resident. */
static void print_memory(struct proc_text *text, struct space *space, uintptr_t start,
                         uintptr_t end)
{
    while (start < end) {
        uintptr_t page = PAGE_ROUND_DOWN(start);
        size_t offset = start - page, part = PAGE_SIZE - offset;
        struct page_view view;

        if (part > end - start)
            part = end - start;
        if (!view_next(space, page, &view) || view.address != page || !frame_is(view.frame))
            return;
        proc_add(text, (const char *)frame_data(view.frame) + offset, part);
        start += part;
    }
}

int proc_cmdline(struct proc_text *text, struct process *process)
{
    if (process->space)
        print_memory(text, process->space, process->argument_start, process->argument_end);
    return 0;
}

int proc_environ(struct proc_text *text, struct process *process)
{
    if (process->space)
        print_memory(text, process->space, process->environment_start,
                     process->environment_end);
    return 0;
}

int proc_auxv(struct proc_text *text, struct process *process)
{
    if (process->space)
        print_memory(text, process->space, process->auxiliary_start,
                     process->auxiliary_end);
    return 0;
}
