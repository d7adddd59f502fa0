/* mm/frames/heap.h - memory of any size for the kernel's own use. */
#ifndef MM_HEAP_H
#define MM_HEAP_H

#include "arch/types.h"

/* Cleared memory of any size up to 4,096 bytes, 16-byte aligned; NULL when memory is out. */
void *heap_take(size_t size);
void heap_give(void *memory, size_t size);

#endif
