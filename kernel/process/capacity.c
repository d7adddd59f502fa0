/* kernel/process/capacity.c - bounds that follow from the size of memory.  See capacity.h. */
#include "kernel/process/capacity.h"

#include "kernel/process/process.h"
#include "mm/mm.h"

/* Frames that a thread takes of the kernel, or a little more: a stack, and its objects. A
 * process takes more, tables above all: that shows in the frames that are the kernel's. */
#define THREAD_FRAMES          (KERNEL_STACK_FRAMES + 1)
#define THREADS_STANDARD_LEAST 64u

#define IDS_STANDARD 32768u

struct capacity capacity;

void capacity_start(void)
{
    uint32_t frames_ = frame_counts.total, threads = frames_ / 2 / THREAD_FRAMES;
    uint64_t places = (uint64_t)frames_ + swap_counts.total;
    capacity.threads = threads < THREADS_STANDARD_LEAST ? THREADS_STANDARD_LEAST
                       : threads > THREADS_MOST         ? THREADS_MOST
                                                        : threads;
    capacity.ids = IDS_STANDARD;
    capacity.segments = 4096;
    capacity.segment_pages = places / 4;
    capacity.segment_bytes = UINT64_MAX - (1ull << 24);
    object_stored_most = places / 2;
    capacity.names = frames_ / 2;
}
