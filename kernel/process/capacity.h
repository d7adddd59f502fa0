/* kernel/process/capacity.h - how much of the kernel's own things there may be in all.
 *
 * A thread takes a kernel stack, a process tables, a segment pages, and none of that can be
 * evicted. If there were no bound but memory, one program's threads would be what everybody
 * else runs out of. So there are bounds for all programs together, which follow from the
 * size of memory and leave most of it to pages; whoever would exceed one is refused (EAGAIN,
 * ENOSPC) and goes on. All can be set in /proc/sys, where Linux has them. */
#ifndef KERNEL_PROCESS_CAPACITY_H
#define KERNEL_PROCESS_CAPACITY_H

#include "arch/cpu.h"
#include "kernel/process/process.h"
#include "mm/mm.h"

/* What threads-max and pid_max may be set to. The area for kernel stacks has room for the
 * kernel's own threads, too. */
#define THREADS_LEAST 20u
#define THREADS_MOST  (KERNEL_STACKS_MAX - 16)
#define IDS_LEAST     301u
#define IDS_MOST      4194304u

extern struct capacity {
    uint32_t threads;  /* kernel.threads-max: threads, and processes that have none left */
    uint32_t ids;      /* kernel.pid_max: numbers of threads are below */
    uint32_t segments; /* kernel.shmmni */
    uint64_t segment_pages; /* kernel.shmall: promised by all segments */
    uint64_t segment_bytes; /* kernel.shmmax: by one */
    uint64_t names;         /* files, directories, links in memory */
} capacity;

/* From the size of memory. Once, at the beginning. */
void capacity_start(void);

/* May there be one more thread? Not if there are threads-max, nor if half of memory is the
 * kernel's already: tables, stacks, objects. */
static inline bool capacity_thread(void)
{
    return process_tasks < capacity.threads && frame_counts.kernel < frame_counts.total / 2;
}

#endif
