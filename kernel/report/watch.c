/* kernel/report/watch.c - one line of text for each fault of a process that somebody looks at.
 *
 * A fault may happen in the middle of a copy, with locks held that the reader wants too:
 * the line goes to the terminal, say, that the process is writing to. So a fault only
 * adds its line (kernel/report/lines.h), and the process waits for the reader on its way
 * back to user mode, where it holds nothing: until there is but a page of lines, or,
 * when it is stepped, until the reader has said "go" for each. A watch belongs to the
 * open file; the process only points at it, as may those that it forks, and they part
 * when either ends. */
#include "kernel/report/watch.h"

#include "arch/user.h"
#include "kernel/file/file.h"
#include "kernel/process/process.h"
#include "kernel/report/lines.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/mm.h"

#define POLL_IN  0x001u
#define POLL_OUT 0x004u
#define POLL_HUP 0x010u

struct watch {
    unsigned processes; /* that are watched and have not ended */
    bool active;        /* the first has done its exec */
    bool follows;       /* what they fork is watched as well */
    bool stepping;
    bool holding;    /* stepping, in the middle of copies too */
    uint64_t unseen; /* faults that wait for "go" */
    uint64_t number; /* of the last fault */
    struct lines lines;
    struct mutex reading; /* whoever takes lines out */
};

static struct slab_cache watch_cache = SLAB_CACHE("watch", struct watch);

int watch_open(struct process *process, struct file *file)
{
    if (process->state == PROCESS_ZOMBIE)
        return -ESRCH;
    if (process->watch)
        return -EBUSY;
    struct watch *watch = slab_take(&watch_cache);
    if (!watch)
        return -ENOMEM;
    if (!lines_begin(&watch->lines)) {
        slab_give(&watch_cache, watch);
        return -ENOMEM;
    }
    watch->processes = 1;
    process->watch = watch;
    file->data = watch;
    return 0;
}

void watch_close(struct file *file)
{
    struct watch *watch = file->data;
    for (struct process *process = process_first; process; process = process->next)
        if (process->watch == watch)
            process->watch = NULL;
    thread_wake(watch);
    lines_end(&watch->lines);
    slab_give(&watch_cache, watch);
}

void watch_end(struct process *process)
{
    struct watch *watch = process->watch;
    if (!watch)
        return;
    process->watch = NULL;
    if (--watch->processes > 0)
        return;
    thread_wake(&watch->lines);
    poll_wake();
}

void watch_exec(struct process *process)
{
    if (process->watch)
        process->watch->active = true;
}

/* --- The reader's side -------------------------------------------------------------- */

/* 1: there are lines; 0: nor will there be; -EAGAIN, -EINTR. */
static int lines_await(const struct watch *watch, const struct file *file)
{
    int error = 0;
    while (lines_are_none(&watch->lines) && error == 0) {
        if (!watch->processes)
            return 0;
        if (file->flags & O_NONBLOCK)
            return -EAGAIN;
        error = thread_sleep(&watch->lines, SLEEP_INTERRUPTIBLE, UINT64_MAX);
    }
    return error < 0 ? error : 1;
}

/* Locked. The process may add lines while this copies. */
static long lines_take(struct watch *watch, void __user *buffer, size_t length)
{
    const char *text;
    size_t part = lines_first(&watch->lines, length, &text);
    if (part == 0)
        return -EINVAL;
    if (copy_to_user(buffer, text, part) != 0)
        return -EFAULT;
    lines_drop(&watch->lines, part);
    thread_wake(watch);
    return part;
}

long watch_read(struct file *file, void __user *buffer, size_t length,
                uint64_t *position __attribute__((unused)))
{
    struct watch *watch = file->data;
    for (;;) {
        long result = lines_await(watch, file);
        if (result <= 0)
            return result;
        result = mutex_lock(&watch->reading);
        if (result)
            return result;
        if (!lines_are_none(&watch->lines)) /* else somebody took them meanwhile */
            result = lines_take(watch, buffer, length);
        mutex_unlock(&watch->reading);
        if (result != 0)
            return result;
    }
}

/* False: there is no such word. */
static bool watch_obey(struct watch *watch, const char *word)
{
    if (strcmp(word, "step\n") == 0)
        watch->stepping = true;
    else if (strcmp(word, "hold\n") == 0)
        watch->stepping = watch->holding = true;
    else if (strcmp(word, "run\n") == 0)
        watch->unseen = watch->stepping = watch->holding = false;
    else if (strcmp(word, "follow\n") == 0)
        watch->follows = true;
    else if (strcmp(word, "go\n") == 0)
        watch->unseen -= watch->unseen > 0;
    else
        return false;
    return true;
}

long watch_write(struct file *file, const void __user *buffer, size_t length,
                 uint64_t *position __attribute__((unused)))
{
    struct watch *watch = file->data;
    char word[9] = "";
    if (length >= sizeof(word))
        return -EINVAL;
    if (copy_from_user(word, buffer, length) != 0)
        return -EFAULT;
    if (!watch_obey(watch, word))
        return -EINVAL;
    thread_wake(watch);
    return length;
}

unsigned watch_ready(struct file *file)
{
    const struct watch *watch = file->data;
    return POLL_OUT | (lines_are_none(&watch->lines) ? 0 : POLL_IN) |
           (watch->processes ? 0 : POLL_HUP);
}

/* --- The watched process's side ----------------------------------------------------- */

/* Append to a line of LINES_LINE_MAX bytes; what does not fit is cut. */
static void __attribute__((format(printf, 3, 4)))
append(char *line, size_t *used, const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    *used += format_list(line + *used, LINES_LINE_MAX - *used, text, arguments);
    va_end(arguments);
    if (*used > LINES_LINE_MAX - 2)
        *used = LINES_LINE_MAX - 2;
}

static void append_number(char *line, size_t *used, const char *key, uint32_t number)
{
    if (number == UINT32_MAX)
        append(line, used, " %s=none", key);
    else
        append(line, used, " %s=%u", key, number);
}

static void append_backing(char *line, size_t *used, const struct region_view *region,
                           uintptr_t address)
{
    const struct space *space = process_current()->space;
    if (region->owner) {
        char path[512];
        uint64_t page =
            (uint64_t)region->index * PAGE_SIZE + PAGE_ROUND_DOWN(address) - region->start;
        if (path_of((struct inode *)region->owner, path, sizeof(path)) < 0)
            text_copy(path, "?", sizeof(path));
        append(line, used, " backing=file:%s+%#lx", path, page);
    } else if (region->of_kernel) {
        append(line, used, " backing=kernel");
    } else if (region->object || region->shared) {
        append(line, used, " backing=shared");
    } else if (region->grows_down) {
        append(line, used, " backing=stack");
    } else if (region->start >= space->heap_start && region->end <= space->heap_end) {
        append(line, used, " backing=heap");
    } else {
        append(line, used, " backing=zero");
    }
}

static void append_region(char *line, size_t *used, uintptr_t address)
{
    struct region_view region;
    if (!view_region(process_current()->space, address, &region)) {
        append(line, used, " region=none rights=none backing=none");
        return;
    }
    append(line, used, " region=%#lx-%#lx rights=%c%c%c%c", region.start, region.end,
           region.access & ACCESS_READ ? 'r' : '-',
           region.access & ACCESS_WRITE ? 'w' : '-',
           region.access & ACCESS_EXECUTE ? 'x' : '-', region.shared ? 's' : '-');
    append_backing(line, used, &region, address);
}

/* Where the current thread holds nothing, it will wait for the reader. */
static bool line_give(struct watch *watch, const char *line, size_t length)
{
    bool given = lines_add(&watch->lines, line, length);
    thread_wake(&watch->lines);
    poll_wake();
    current->watched = true;
    thread_set_work(current);
    return given;
}

void watch_await(void)
{
    const struct process *process = process_current();
    current->watched = false;
    while (process->watch &&
           (process->watch->unseen > 0 || lines_are_crowded(&process->watch->lines)))
        if (thread_sleep(process->watch, SLEEP_KILLABLE, UINT64_MAX) < 0)
            return;
}

void watch_fork(struct process *child)
{
    struct watch *watch = process_current()->watch;
    char line[32];
    size_t used = 0;
    if (!watch || !watch->active)
        return;
    if (watch->follows) {
        child->watch = watch;
        watch->processes++;
        return;
    }
    append(line, &used, "not_followed=%d\n", child->id);
    line_give(watch, line, used);
}

void watch_fault(const struct trap_frame *frame, uintptr_t address, unsigned access,
                 const struct fault_report *report, uint64_t cost)
{
    const struct process *process = process_current();
    struct watch *watch = process->watch;
    if (!watch->active)
        return;
    char line[LINES_LINE_MAX];
    size_t used = 0;
    if (watch->follows)
        append(line, &used, "pid=%d ", process->id);
    append(line, &used, "n=%lu address=%#lx access=%s ip=%#lx kind=%s major=%d",
           ++watch->number, address,
           access == ACCESS_EXECUTE ? "execute"
           : access == ACCESS_WRITE ? "write"
                                    : "read",
           frame->rip, fault_kind_names[report->kind], report->major);
    append_number(line, &used, "page", report->page.id);
    append_number(line, &used, "frame", report->frame.number);
    append_number(line, &used, "from", report->from.number);
    append_region(line, &used, address);
    append(line, &used, " cost=%lu", cost);
    line[used++] = '\n';
    if (line_give(watch, line, used))
        watch->unseen += watch->stepping;
    if (watch->holding)
        watch_await();
}
