/* mm/frames/heap.h - memory of any size for the kernel's own use. None of it sleeps, and each takes
 * the lock for itself. */
#ifndef MM_HEAP_H
#define MM_HEAP_H

#include "mm/frames/frame.h"

/* Cleared memory of any size up to 4,096 bytes, 16-byte aligned; NULL when memory is out. */
MUST_USE void *heap_take(size_t size) EXCLUDES(mm);
void heap_give(void *memory, size_t size) EXCLUDES(mm);

/* A whole frame, its contents anything, charged to whoever runs; FRAME_NONE when memory is out. */
MUST_USE frame_t heap_take_frame(enum frame_use use) EXCLUDES(mm);
void heap_give_frame(frame_t frame) EXCLUDES(mm);

#endif
