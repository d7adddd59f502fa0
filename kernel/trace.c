/* trace.c - the ring of trace records.
 *
 * Trace points (mm/trace.h) fill in what happened; here it gets its time and its place. The
 * ring lies in frames of its own, taken when tracing is first switched on. */
#include "kernel/trace.h"

#include "arch/mmu.h"
#include "arch/user.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "mm/frame.h"
#include "mm/trace.h"

#define RING_FRAMES  64
#define FRAME_HOLDS  (PAGE_SIZE / sizeof(struct trace_record))
#define RING_RECORDS (RING_FRAMES * FRAME_HOLDS)
#define LINE_MAX     192

static frame_t ring[RING_FRAMES];
static bool ring_taken;
static uint64_t written, taken, lost; /* records, since the start */

static const char *const event_names[TRACE_EVENTS] = {
    [TRACE_FAULT] = "fault",     [TRACE_REGION] = "region",     [TRACE_PTE] = "pte",
    [TRACE_PAGE] = "page",       [TRACE_FILL] = "fill",         [TRACE_UNSHARE] = "unshare",
    [TRACE_INSTALL] = "install", [TRACE_DONE] = "done",         [TRACE_FORK] = "fork",
    [TRACE_MAP] = "map",         [TRACE_UNMAP] = "unmap",       [TRACE_PROTECT] = "protect",
    [TRACE_FREE] = "free",       [TRACE_EVICT] = "evict",     [TRACE_OOM] = "out-of-memory",
};

static bool ring_take(void)
{
    for (unsigned i = 0; i < RING_FRAMES; i++) {
        ring[i] = frame_take(FRAME_FOR_USER, FRAME_KERNEL);
        if (frame_is(ring[i]))
            continue;
        while (i > 0)
            frame_free(ring[--i]);
        return false;
    }
    return true;
}

static struct trace_record *record_at(uint64_t number)
{
    uint64_t index = number % RING_RECORDS;
    struct trace_record *records = frame_data(ring[index / FRAME_HOLDS]);
    return &records[index % FRAME_HOLDS];
}

int trace_switch(bool on)
{
    if (on && !ring_taken && !ring_take())
        return -ENOMEM;
    ring_taken = ring_taken || on;
    trace_on = on;
    return 0;
}

void above_trace(struct trace_record *record)
{
    record->time = time_now();
    if (written - taken == RING_RECORDS) {
        taken++;
        lost++;
    }
    *record_at(written++) = *record;
}

static size_t append_number(char *line, size_t used, const char *key, uint32_t number)
{
    if (number == UINT32_MAX)
        return used;
    return used + format(line + used, LINE_MAX - used, " %s=%u", key, number);
}

static size_t record_format(const struct trace_record *record, char line[LINE_MAX])
{
    size_t used = format(line, LINE_MAX, "%lu %s space=%u address=%#lx", record->time,
                         event_names[record->event], record->space, record->address);
    used = append_number(line, used, "page", record->page);
    used = append_number(line, used, "frame", record->frame);
    return used + format(line + used, LINE_MAX - used, " detail=%#lx\n", record->detail);
}

/* What comes next in the text: first, that something is missing. */
static size_t next_line(char line[LINE_MAX])
{
    if (lost)
        return format(line, LINE_MAX, "lost %lu\n", lost);
    return taken == written ? 0 : record_format(record_at(taken), line);
}

static void next_taken(void)
{
    if (lost)
        lost = 0;
    else
        taken++;
}

long trace_read(struct file *file __attribute__((unused)), void __user *buffer,
                size_t length, uint64_t *position __attribute__((unused)))
{
    char line[LINE_MAX];
    uintptr_t to = (uintptr_t)buffer;
    size_t done = 0, part;
    while ((part = next_line(line)) != 0 && part <= length - done) {
        next_taken(); /* before the copy: it may fault, and be traced */
        if (copy_to_user((void __user *)(to + done), line, part) != 0)
            return done ? (long)done : -EFAULT;
        done += part;
    }
    return done || part == 0 ? (long)done : -EINVAL;
}

long trace_write(struct file *file __attribute__((unused)), const void __user *buffer,
                 size_t length, uint64_t *position __attribute__((unused)))
{
    char word;
    if (length == 0)
        return -EINVAL;
    if (copy_from_user(&word, buffer, 1) != 0)
        return -EFAULT;
    if (word != '0' && word != '1')
        return -EINVAL;
    int error = trace_switch(word == '1');
    return error < 0 ? error : (long)length;
}
