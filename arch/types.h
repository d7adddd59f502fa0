/* arch/types.h - numbers that must not be mixed up.
 *
 * Virtual memory is bookkeeping with many small integers: which frame, which page, which
 * entry of which table. Each is a type of its own (a struct of one field, free at run
 * time), so that the compiler refuses a frame number where a page id is wanted. */
#ifndef ARCH_TYPES_H
#define ARCH_TYPES_H

#include "arch/geometry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE (1ul << PAGE_SHIFT)

/* Of a function that may fail, or gives what is to be given back: nobody leaves its result
 * out (a warning, and `make test` stops there). */
#define MUST_USE __attribute__((warn_unused_result))
/* Left out on purpose; a comment says why. */
#define LEAVE_OUT(result) ((void)!(result))

#define ARRAY_SIZE(a)      (sizeof(a) / sizeof((a)[0]))
#define PAGE_ROUND_DOWN(a) ((a) & ~(PAGE_SIZE - 1))
#define PAGE_ROUND_UP(a)   (((a) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))

#ifdef __CHECKER__
#define __user  __attribute__((noderef, address_space(1)))
#define __force __attribute__((force))
#define FILLED_WHOLE
#else
#define __user
#define __force
/* A large variable that need not be cleared first (Makefile, CLEARED): every byte of it is
 * written before any is read. */
#define FILLED_WHOLE __attribute__((uninitialized))
#endif

/* A frame: 4 KiB of physical memory; its physical address is number * 4096. */
typedef struct {
    uint32_t number;
} frame_t;

/* A page id: the index in pages[] of 4 KiB of logical memory, wherever it is now. */
typedef struct {
    uint32_t id;
} page_t;

/* A swap slot. */
typedef struct {
    uint32_t number;
} slot_t;

/* One entry of a last-level table, named by (frame of the table) * 512 + index. */
typedef struct {
    uint32_t number;
} mapper_t;

#define FRAME_NONE  ((frame_t){UINT32_MAX})
#define PAGE_NONE   ((page_t){UINT32_MAX})
#define SLOT_NONE   ((slot_t){UINT32_MAX})
#define MAPPER_NONE ((mapper_t){UINT32_MAX})

static inline bool frame_is(frame_t a)
{
    return a.number != UINT32_MAX;
}

static inline bool frame_same(frame_t a, frame_t b)
{
    return a.number == b.number;
}

static inline bool page_is(page_t a)
{
    return a.id != UINT32_MAX;
}

static inline bool page_same(page_t a, page_t b)
{
    return a.id == b.id;
}

static inline bool slot_is(slot_t a)
{
    return a.number != UINT32_MAX;
}

static inline bool mapper_is(mapper_t a)
{
    return a.number != UINT32_MAX;
}

#endif
