/* watch.c - one line of text for each fault of a process that somebody looks at.
 *
 * The lines wait in a buffer of one page. When it is full the process sleeps until the
 * reader has made room: slower, but nothing is lost. Stepping is the same idea with a buffer
 * of one fault. A watch belongs to the open file; the process only points at it, as may those
 * that it forks, and they part when either ends. */
#include "kernel/watch.h"

#include "arch/user.h"
#include "kernel/file.h"
#include "kernel/process.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/slab.h"

#define TEXT_SIZE PAGE_SIZE
#define LINE_MAX  1024
#define POLL_IN   0x001u
#define POLL_OUT  0x004u
#define POLL_HUP  0x010u

struct watch {
    unsigned processes; /* that are watched and have not ended */
    bool active;        /* the first has done its exec */
    bool follows;       /* what they fork is watched as well */
    bool stepping;
    bool paused;     /* it waits for "go" */
    uint64_t number; /* of the last fault */
    size_t length;   /* bytes in text */
    char *text;
    struct mutex reading; /* whoever takes text out */
};

static struct slab_cache watch_cache = SLAB_CACHE("watch", struct watch);

int watch_open(struct process *process, struct file *file)
{
    if (process->state == PROCESS_ZOMBIE)
        return -ESRCH;
    if (process->watch)
        return -EBUSY;
    struct watch *watch = slab_take(&watch_cache);
    char *text = memory_take(TEXT_SIZE);
    if (!watch || !text) {
        if (watch)
            slab_give(&watch_cache, watch);
        if (text)
            memory_give(text, TEXT_SIZE);
        return -ENOMEM;
    }
    watch->processes = 1;
    watch->text = text;
    process->watch = watch;
    file->data = watch;
    return 0;
}

/* The process may go on: there is room, or nobody looks any more. */
static void release(struct watch *watch)
{
    watch->paused = false;
    thread_wake(watch);
}

void watch_close(struct file *file)
{
    struct watch *watch = file->data;
    for (struct process *process = process_first; process; process = process->next)
        if (process->watch == watch)
            process->watch = NULL;
    release(watch);
    memory_give(watch->text, TEXT_SIZE);
    slab_give(&watch_cache, watch);
}

void watch_end(struct process *process)
{
    struct watch *watch = process->watch;
    if (!watch)
        return;
    process->watch = NULL;
    if (--watch->processes == 0)
        thread_wake(&watch->text);
}

void watch_exec(struct process *process)
{
    if (process->watch)
        process->watch->active = true;
}

/* --- The reader's side -------------------------------------------------------------- */

/* Bytes of as many whole lines as fit in `length`. */
static size_t lines_fitting(const struct watch *watch, size_t length)
{
    if (watch->length <= length)
        return watch->length;
    while (length > 0 && watch->text[length - 1] != '\n')
        length--;
    return length;
}

/* 1: there is text; 0: nor will there be; -EAGAIN, -EINTR. */
static int text_wait(const struct watch *watch, const struct file *file)
{
    int error = 0;
    while (watch->length == 0 && error == 0) {
        if (!watch->processes)
            return 0;
        if (file->flags & O_NONBLOCK)
            return -EAGAIN;
        error = thread_sleep(&watch->text, SLEEP_INTERRUPTIBLE, UINT64_MAX);
    }
    return error < 0 ? error : 1;
}

/* Locked. The process may add lines while this copies. */
static long text_take(struct watch *watch, void __user *buffer, size_t length)
{
    size_t part = lines_fitting(watch, length);
    if (part == 0)
        return -EINVAL;
    if (copy_to_user(buffer, watch->text, part) != 0)
        return -EFAULT;
    watch->length -= part;
    memmove(watch->text, watch->text + part, watch->length);
    thread_wake(watch);
    return part;
}

long watch_read(struct file *file, void __user *buffer, size_t length,
                uint64_t *position __attribute__((unused)))
{
    struct watch *watch = file->data;
    for (;;) {
        long result = text_wait(watch, file);
        if (result <= 0)
            return result;
        result = mutex_lock(&watch->reading);
        if (result < 0)
            return result;
        if (watch->length > 0) /* else somebody else took it meanwhile */
            result = text_take(watch, buffer, length);
        mutex_unlock(&watch->reading);
        if (result != 0)
            return result;
    }
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
    if (strcmp(word, "step\n") == 0)
        watch->stepping = true;
    else if (strcmp(word, "run\n") == 0)
        watch->stepping = false;
    else if (strcmp(word, "follow\n") == 0)
        watch->follows = true;
    else if (strcmp(word, "go\n") != 0)
        return -EINVAL;
    if (!watch->stepping || word[0] == 'g')
        release(watch);
    return length;
}

unsigned watch_ready(struct file *file)
{
    const struct watch *watch = file->data;
    return POLL_OUT | (watch->length ? POLL_IN : 0) | (watch->processes ? 0 : POLL_HUP);
}

/* --- The watched process's side ----------------------------------------------------- */

/* Append to a line of LINE_MAX bytes; what does not fit is cut. */
static void __attribute__((format(printf, 3, 4)))
append(char *line, size_t *used, const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    *used += format_list(line + *used, LINE_MAX - *used, text, arguments);
    va_end(arguments);
    if (*used > LINE_MAX - 2)
        *used = LINE_MAX - 2;
}

static void append_number(char *line, size_t *used, const char *key, uint32_t number)
{
    if (number == UINT32_MAX)
        append(line, used, " %s=none", key);
    else
        append(line, used, " %s=%u", key, number);
}

static void append_backing(char *line, size_t *used, const struct region *region,
                           uintptr_t address)
{
    const struct space *space = process_current()->space;
    const struct object *object = region->object;
    if (object && object->owner) {
        char path[512];
        uint64_t page =
            (uint64_t)region->index * PAGE_SIZE + PAGE_ROUND_DOWN(address) - region->start;
        if (path_of((struct inode *)object->owner, path, sizeof(path)) < 0)
            text_copy(path, "?", sizeof(path));
        append(line, used, " backing=file:%s+%#lx", path, page);
    } else if (object || region->shared) {
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
    const struct region *region = region_find(process_current()->space, address);
    if (!region) {
        append(line, used, " region=none rights=none backing=none");
        return;
    }
    append(line, used, " region=%#lx-%#lx rights=%c%c%c%c", region->start, region->end,
           region->access & ACCESS_READ ? 'r' : '-',
           region->access & ACCESS_WRITE ? 'w' : '-',
           region->access & ACCESS_EXECUTE ? 'x' : '-', region->shared ? 's' : '-');
    append_backing(line, used, region, address);
}

/* There may be no room for a line; or another process's fault is being looked at. */
static bool line_waits(const struct watch *watch)
{
    return watch->length + LINE_MAX > TEXT_SIZE || watch->paused;
}

/* Wait until a line may come: the lines are in order of their numbers. NULL: nobody looks any
 * more, or the process is being killed. */
static struct watch *line_await(void)
{
    struct process *process = process_current();
    while (process->watch && line_waits(process->watch))
        if (thread_sleep(process->watch, SLEEP_KILLABLE, UINT64_MAX) < 0)
            return NULL;
    return process->watch;
}

static void line_give(struct watch *watch, const char *line, size_t length)
{
    memcpy(watch->text + watch->length, line, length);
    watch->length += length;
    thread_wake(&watch->text);
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
    watch = line_await();
    if (watch)
        line_give(watch, line, used);
}

void watch_fault(const struct trap_frame *frame, uintptr_t address, unsigned access,
                 const struct fault_report *report, uint64_t cost)
{
    struct process *process = process_current();
    struct watch *watch = process->watch->active ? line_await() : NULL;
    if (!watch)
        return;
    char line[LINE_MAX];
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
    line_give(watch, line, used);
    watch->paused = watch->stepping;
    while (process->watch && process->watch->paused)
        if (thread_sleep(process->watch, SLEEP_KILLABLE, UINT64_MAX) < 0)
            return;
}
