/* kernel/report/trace.h - where trace records go.
 *
 * Into an area of memory that the host sees as a file, when there is one (tools/boot
 * --trace): then nothing is ever overwritten, and what does not fit any more is counted as
 * lost. Otherwise into a ring of the latest; a record that comes when the ring is full
 * replaces the oldest, which counts as lost. /proc/trace reads either as text. */
#ifndef KERNEL_REPORT_TRACE_H
#define KERNEL_REPORT_TRACE_H

#include "mm/mm.h"

struct boot_info;
struct file;
struct process;

/* Switch trace points on or off; the ring's memory is taken at the first time.
 * 0 or -ENOMEM. */
int trace_switch(bool on);
/* If the parameters name an area: map it, and trace from now on. Before mm_init, so that
 * nothing is missed. */
void trace_area_start(struct boot_info *info);
/* When the arrays stand: the area's header, which says what is meant by the records. */
void trace_area_describe(void);
/* As inode_operations.read and .write, for /proc/trace. Reading takes records out, as whole
 * lines; 0 when there is none. Writing "1\n" or "0\n" switches, "dump\n" has the whole state
 * of memory written into the trace; "note TEXT\n" has the text written there, which may be any 1
 * to TRACE_NOTE_MOST bytes, as what the process says of itself. It is lost where nobody traces. */
long trace_read(struct file *file, void __user *buffer, size_t length,
                uint64_t *position) SLEEPS;
long trace_write(struct file *file, const void __user *buffer, size_t length,
                 uint64_t *position) SLEEPS;

void trace_process_write(enum trace_event event, const struct process *process,
                         uint32_t thread, uint64_t address, uint64_t detail);

/* An event of a process; its space is noted with it. */
static inline void trace_process(enum trace_event event, const struct process *process,
                                 uint32_t thread, uint64_t address, uint64_t detail)
{
    if (trace_wanted())
        trace_process_write(event, process, thread, address, detail);
}

/* TRACE_EXEC: the process runs a program that is called so. */
void trace_exec(const struct process *process, const char *name);

/* --- Within the trace: the area (kernel/report/trace_area.c) --- */

extern const char *const trace_event_names[TRACE_EVENTS];

/* Where records go in the area, or NULL; the host reads the two counts. */
extern struct trace_area {
    struct trace_record *first, *end;
    uint64_t *written, *lost;
} trace_area;

#endif
