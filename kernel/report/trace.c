/* kernel/report/trace.c - trace records, written down.
 *
 * Trace points (mm/trace.h) say what happened; here it gets its time and its place, which
 * is all that happens while the kernel works: a dozen words stored one after the other. Both
 * places that there can be, the host's area and the ring, are filled block by block; the ring's
 * blocks are frames of its own, taken when tracing is first switched on. */
#include "kernel/report/trace.h"

#include "arch/mmu.h"
#include "arch/ticket_lock.h"
#include "arch/timer.h"
#include "arch/user.h"
#include "kernel/file/file.h"
#include "kernel/process/process.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/mm.h"

#define RING_FRAMES  64
#define FRAME_HOLDS  (PAGE_SIZE / sizeof(struct trace_record))
#define RING_RECORDS (RING_FRAMES * FRAME_HOLDS)
#define LINE_MAX     192
#define NAME_BYTES   16 /* of a name, or a note, that address and detail hold */
#define NOTE         "note "
#define NOTE_LINE    (sizeof(NOTE) + TRACE_NOTE_MOST) /* with a line's end */

static frame_t ring[RING_FRAMES];
static bool ring_taken;
static uint64_t ring_written, taken, lost; /* records, since the start */
static uint64_t *written = &ring_written;  /* or the area's */

/* The block that is being filled: the next record's place, and the end. */
static struct trace_record *next, *block_end;

/* --- Writing ---------------------------------------------------------------------------- */

static bool ring_take(void)
{
    for (unsigned i = 0; i < RING_FRAMES; i++) {
        ring[i] = heap_take_frame(FRAME_FOR_USER);
        if (frame_is(ring[i]))
            continue;
        while (i > 0)
            heap_give_frame(ring[--i]);
        return false;
    }
    ring_taken = true;
    return true;
}

int trace_switch(bool on)
{
    if (on && !trace_area.first && !ring_taken && !ring_take())
        return -ENOMEM;
    trace_on = on;
    if (several_processors())
        processors_stop();
    detours_trace(on);
    return 0;
}

/* The block is full. The area is one block; the ring goes on with the oldest, whose records
 * are lost unless they have been read. False: no place any more. */
static bool block_turn(void)
{
    if (trace_area.first) {
        if (next == NULL && trace_area.first < trace_area.end) {
            next = trace_area.first;
            block_end = trace_area.end;
            written = trace_area.written;
            return true;
        }
        ++*trace_area.lost;
        return false;
    }
    if (*written - taken > RING_RECORDS - FRAME_HOLDS) {
        uint64_t kept = *written - (RING_RECORDS - FRAME_HOLDS);
        lost += kept - taken;
        taken = kept;
    }
    next = frame_data(ring[*written / FRAME_HOLDS % RING_FRAMES]);
    block_end = next + FRAME_HOLDS;
    return true;
}

/* What every record costs. The host may be reading: the count grows last. `event` has the
 * processor in it, of which the first is 0. */
static inline __attribute__((always_inline)) void record_write(uint32_t event,
                                                               uint32_t space,
                                                               uintptr_t address,
                                                               page_t page, frame_t frame,
                                                               uint64_t detail)
{
    struct trace_record *record = next;
    record->event = event;
    record->space = space;
    record->address = address;
    record->page = page.id;
    record->frame = frame.number;
    record->detail = detail;
    record->time = timer_at(tsc_read());
    next = record + 1;
    __atomic_store_n(written, *written + 1, __ATOMIC_RELEASE);
}

static void __attribute__((noinline))
trace_turn(enum trace_event event, uint32_t space, uintptr_t address, page_t page,
           frame_t frame, uint64_t detail)
{
    if (block_turn())
        record_write(event, space, address, page, frame, detail);
}

/* Some have the mm lock, others the kernel's, and who forgets translations has none: they write
 * one after the other. Whoever writes waits for nobody. */
static struct ticket_lock tickets;

static void __attribute__((noinline))
trace_several(enum trace_event event, uint32_t space, uintptr_t address, page_t page,
              frame_t frame, uint64_t detail)
{
    uint32_t processor = this_processor->number;
    ticket_take(&tickets);
    if (next != block_end || block_turn())
        record_write(event | processor << TRACE_PROCESSOR_SHIFT, space, address, page,
                     frame, detail);
    ticket_give(&tickets);
}

void above_trace(enum trace_event event, uint32_t space, uintptr_t address, page_t page,
                 frame_t frame, uint64_t detail)
{
    if (several_processors())
        trace_several(event, space, address, page, frame, detail);
    else if (__builtin_expect(next == block_end, 0))
        trace_turn(event, space, address, page, frame, detail);
    else
        record_write(event, space, address, page, frame, detail);
}

/* --- From the kernel ---------------------------------------------------------------------- */

void trace_process_write(enum trace_event event, const struct process *process,
                         uint32_t thread, uint64_t address, uint64_t detail)
{
    uint32_t space = process && process->space ? process->space->id : 0;
    page_t number = {process ? (uint32_t)process->id : 0};
    trace(event, space, address, number, (frame_t){thread}, detail);
}

void trace_exec(const struct process *process, const char *name)
{
    uint64_t words[NAME_BYTES / sizeof(uint64_t)] = {0};
    memcpy(words, name, strnlen(name, NAME_BYTES));
    trace_process(TRACE_EXEC, process, UINT32_MAX, words[0], words[1]);
}

/* What a mapped file is called. */
void above_trace_object(const struct object *object)
{
    uint64_t words[NAME_BYTES / sizeof(uint64_t)] = {0};
    const struct inode *inode = object->owner;
    if (!inode || !inode->name)
        return;
    memcpy(words, inode->name, strnlen(inode->name, NAME_BYTES));
    trace(TRACE_NAME, 0, words[0], (page_t){trace_object(object)}, FRAME_NONE, words[1]);
}

/* What a program says of itself. Its records follow each other, but for what interrupts tell. */
static void note_write(const char *text, size_t length)
{
    if (!trace_wanted())
        return;
    for (size_t at = 0; at < length; at += NAME_BYTES) {
        uint64_t words[NAME_BYTES / sizeof(uint64_t)] = {0};
        size_t left = length - at;
        memcpy(words, text + at, left < NAME_BYTES ? left : NAME_BYTES);
        trace_process(TRACE_NOTE, process_current(), length + at * TRACE_NOTE_AT, words[0],
                      words[1]);
    }
}

/* --- Reading as text ------------------------------------------------------------------------ */

static const struct trace_record *record_at(uint64_t number)
{
    if (trace_area.first)
        return &trace_area.first[number];
    const struct trace_record *records =
        frame_data(ring[number / FRAME_HOLDS % RING_FRAMES]);
    return &records[number % FRAME_HOLDS];
}

static size_t append_number(char *line, size_t used, const char *key, uint32_t number)
{
    if (number == UINT32_MAX)
        return used;
    return used + format(line + used, LINE_MAX - used, " %s=%u", key, number);
}

static size_t record_format(const struct trace_record *record, char line[LINE_MAX])
{
    uint32_t event = record->event & ((1u << TRACE_PROCESSOR_SHIFT) - 1);
    uint32_t processor = record->event >> TRACE_PROCESSOR_SHIFT;
    size_t used = format(line, LINE_MAX, "%lu %s space=%u address=%#lx", record->time,
                         trace_event_names[event], record->space, record->address);
    used = append_number(line, used, "cpu", processor ? processor : UINT32_MAX);
    used = append_number(line, used, "page", record->page);
    used = append_number(line, used, "frame", record->frame);
    return used + format(line + used, LINE_MAX - used, " detail=%#lx\n", record->detail);
}

/* What comes next in the text: first, that something is missing. */
static size_t next_line(char line[LINE_MAX])
{
    if (lost)
        return format(line, LINE_MAX, "lost %lu\n", lost);
    return taken == *written ? 0 : record_format(record_at(taken), line);
}

static void next_taken(void)
{
    if (lost)
        lost = 0;
    else
        taken++;
}

/* The next line, unless there is none, or no room for it: it is taken out, while no other processor
 * writes over it. Returns its length. */
static size_t line_take(char line[LINE_MAX], size_t room)
{
    if (several_processors())
        ticket_take(&tickets);
    size_t length = next_line(line);
    if (length != 0 && length <= room)
        next_taken();
    if (several_processors())
        ticket_give(&tickets);
    return length;
}

long trace_read(struct file *file __attribute__((unused)), void __user *buffer,
                size_t length, uint64_t *position __attribute__((unused)))
{
    char line[LINE_MAX];
    uintptr_t to = (uintptr_t)buffer;
    size_t done = 0, part;
    /* Taken out before the copy, which may fault, and be traced. */
    while ((part = line_take(line, length - done)) != 0 && part <= length - done) {
        if (copy_to_user((void __user *)(to + done), line, part) != 0)
            return done ? (long)done : -EFAULT;
        done += part;
    }
    return done || part == 0 ? (long)done : -EINVAL;
}

/* A line "note TEXT", with its end or without; of one that is too long only the beginning is
 * there. 0, or -EINVAL: no text, or too much. */
static int note_told(const char line[NOTE_LINE], size_t length)
{
    size_t before = sizeof(NOTE) - 1;

    if (length <= before || strncmp(line, NOTE, before) != 0)
        return -EINVAL;
    if (length <= NOTE_LINE && line[length - 1] == '\n')
        length--;
    if (length == before || length > before + TRACE_NOTE_MOST)
        return -EINVAL;
    note_write(line + before, length - before);
    return 0;
}

long trace_write(struct file *file __attribute__((unused)), const void __user *buffer,
                 size_t length, uint64_t *position __attribute__((unused)))
{
    char line[NOTE_LINE];
    int error = 0;

    if (length == 0)
        return -EINVAL;
    if (copy_from_user(line, buffer, length < sizeof(line) ? length : sizeof(line)) != 0)
        return -EFAULT;
    if (line[0] == '0' || line[0] == '1')
        error = trace_switch(line[0] == '1');
    else if (line[0] == 'n')
        error = note_told(line, length);
    else if (line[0] == 'd' && trace_on)
        dump_state();
    else
        error = -EINVAL;
    return error < 0 ? error : (long)length;
}
