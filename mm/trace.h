/* mm/trace.h - trace points: what happened to which page, as it happens.
 *
 * Off, a trace point costs one no-op (arch/detour.h). On, the kernel above gets the event and
 * writes it down. From the records of a whole run, frames[], pages[] and every entry can be
 * worked out at any moment (docs/trace.md says how each event changes them), but for the A
 * and D bits that the processor sets without telling anyone. */
#ifndef MM_TRACE_H
#define MM_TRACE_H

#include "arch/detour.h"
#include "arch/types.h"

enum trace_event {
    /* --- A fault, step by step --- */
    TRACE_FAULT,   /* it begins: address, detail = access */
    TRACE_REGION,  /* step 1: detail = access the region grants; 0: none, or no region */
    TRACE_PTE,     /* step 2: detail = the pte found, bit for bit */
    TRACE_PAGE,    /* step 3: page and frame found, or none */
    TRACE_FILL,    /* step 4: a frame was filled; detail = 1 when a device was read */
    TRACE_UNSHARE, /* step 5: page, frame: the copy; detail = frame copied from */
    TRACE_INSTALL, /* step 6: detail = the pte installed */
    TRACE_DONE,    /* it ends: detail = kind | TRACE_MAJOR */
    /* --- Spaces and regions --- */
    TRACE_SPACE,     /* begins: frame = its root, detail = group */
    TRACE_SPACE_END, /* ends, with all its regions and entries */
    TRACE_FORK,      /* address, detail = bytes | TRACE_MAP_SHARED: the entries there are
                        copied into space page, and unless shared, read-only in both */
    TRACE_MAP,       /* these addresses are promised, or promised otherwise: address,
                        detail = bytes | flags (below); page = object or none, frame =
                        index in the object */
    TRACE_UNMAP,     /* address, detail = bytes: regions and entries go */
    TRACE_PROTECT,   /* address, detail = bytes | access: regions; each entry is told */
    TRACE_DISCARD,   /* address, detail = bytes: entries go, regions stay */
    TRACE_WIRE,      /* address, detail = bytes | 1: wired, | 0: no more; as PROTECT */
    TRACE_GROW,      /* the stack's region begins at address from now on */
    TRACE_ENTRY,     /* address, detail = what the entry says from now on */
    /* --- Pages --- */
    TRACE_NEW,    /* page, in frame; detail = group that is charged */
    TRACE_FREE,   /* page ends, and with it its hold on frame; detail = its slot, or none */
    TRACE_OBJECT, /* page is an object's from now on: address = object, detail = index */
    TRACE_NO_OBJECT, /* it is no more */
    TRACE_WITHDRAW, /* every entry that points to frame becomes detail (zero, or page's name) */
    TRACE_SLOT,     /* page has slot detail, or none */
    TRACE_WRITTEN, /* page's contents are in its slot too; detail = 0, or error */
    TRACE_EVICT,   /* page has gone, frame is free and keeps it; detail = slot, or none */
    TRACE_RESCUE,  /* page is resident in frame again, off the free list; detail = group */
    TRACE_PAGE_IN, /* page is being read into frame; detail = group */
    /* --- Frames --- */
    TRACE_GIVE,   /* detail frames from frame on are free: the start */
    TRACE_TAKE,   /* frame taken off the list; detail = its state */
    TRACE_TABLE,  /* frame is a table of space at address; detail = level, 0: links */
    TRACE_STATE,  /* frame's state is detail from now on */
    TRACE_LIST,   /* frame is on the free list, at the end; page = kept, or none;
                     detail = 1: known to be all zeroes */
    TRACE_FORGET, /* free frame keeps its page no more */
    TRACE_ZEROED, /* free frame has been cleared */
    /* --- Replacement --- */
    TRACE_HAND,        /* the policy looked at frame; detail = referenced since */
    TRACE_TICK,        /* detail = group: one tick of its clock */
    TRACE_LIMIT,       /* detail = group, address = its limit in frames */
    TRACE_POLICY,      /* detail = group, address = the policy's number */
    TRACE_JOIN,        /* space is of group detail from now on */
    TRACE_HEIR,        /* group address ends; what it was charged is detail's */
    TRACE_CHARGE,      /* page, in frame; detail = group that is charged from now on */
    TRACE_PAGEOUTD,    /* detail = 1: wakes, 0: sleeps */
    TRACE_OOM,         /* the processes of space are ended for want of memory */
    TRACE_WORKING_SET, /* space was sampled: address = pages used within the window,
                          detail = pages resident */
    /* --- From above: processes and devices. page = process, frame = thread --- */
    TRACE_PROCESS,   /* begins, in space; detail = parent */
    TRACE_EXEC,      /* runs another program, in space; address, detail = its name */
    TRACE_EXIT,      /* has ended; detail = status as wait tells it */
    TRACE_SWITCH,    /* runs from now on; page 0: nobody */
    TRACE_NAME,      /* address, detail = name of object page */
    TRACE_SUSPEND,   /* detail = 1: it is suspended by load control, 0: goes on */
    TRACE_THRASHING, /* address = frames that active working sets need; detail = frames
                        there are, times 2, + 1: it begins */
    TRACE_REQUEST,   /* page = device; frame; address = position; detail = 1: write */
    TRACE_SERVED,    /* the same; detail: 2 added: it failed */
    TRACE_NOTE,      /* page = process that says this of itself: address, detail = 16 bytes
                        of it; frame = its length + TRACE_NOTE_AT times where these begin */
    /* --- The kernel's own word for it, to compare with what was worked out --- */
    TRACE_DUMP,        /* a dump begins; detail = 1, or ends: 0 */
    TRACE_DUMP_FRAME,  /* frame, page; address = mappers, detail = state | flags | group */
    TRACE_DUMP_PAGE,   /* page, frame; address = holders, detail = slot | index << 32 */
    TRACE_DUMP_ENTRY,  /* space, address, detail = the entry */
    TRACE_DUMP_REGION, /* as TRACE_MAP */
    /* --- Only where several processors run (arch/processor_trace.h) --- */
    TRACE_LOAD,      /* this one has space loaded; it remembers nothing of the one before */
    TRACE_MODE,      /* it is in mode detail, since address ns */
    TRACE_LOCK_WAIT, /* it has lock detail, and waited address ns for it */
    TRACE_SHOOTDOWN, /* it asks the others to forget page addresses, the first is address,
                             of the space with root frame, or of any; detail = number */
    TRACE_SHOOTDOWN_SENT, /* page = another, which is in mode address; detail = number */
    TRACE_SHOOTDOWN_DONE, /* forgotten up to number detail; address = 1: by interrupt */
    TRACE_SHOOTDOWN_OVER, /* number detail: nobody can use the old translations any more */
    TRACE_EVENTS,
};

/* With one there are so many. */
#define TRACE_EVENTS_OF_ONE TRACE_LOAD

/* In detail of TRACE_DONE: a device was read. */
#define TRACE_MAJOR 0x100u

/* What detail has beside the bytes, which are whole pages. */
enum {
    TRACE_MAP_ACCESS = 7,
    TRACE_MAP_SHARED = 8,
    TRACE_MAP_STACK = 16,
    TRACE_MAP_WIRED = 32,
    TRACE_MAP_COMMIT = 64, /* times enum region_commit: neighbours that differ stay apart */
};

/* In detail of TRACE_DUMP_FRAME, beside the state; the group is in the upper half. */
enum {
    TRACE_FRAME_DIRTY = 1 << 8,
    TRACE_FRAME_REFERENCED = 1 << 9,
    TRACE_FRAME_ZEROED = 1 << 10,
    TRACE_FRAME_WIRED = 1 << 11,
    TRACE_FRAME_GROUP = 1 << 16,
};

/* Of TRACE_NOTE: what frame counts beside the length, and how long a note can be. */
enum {
    TRACE_NOTE_AT = 1 << 16,
    TRACE_NOTE_MOST = 240,
};

/* In `event` of a record, above the event: on which processor it happened. */
#define TRACE_PROCESSOR_SHIFT 24

/* On the host, in this order, without gaps (docs/trace.md). */
struct trace_record {
    uint64_t time; /* ns since kernel entry */
    uint32_t event;
    uint32_t space;   /* space id; 0: none */
    uint64_t address; /* user address; 0 when there is none */
    uint64_t detail;
    uint32_t page;  /* page id, UINT32_MAX: none */
    uint32_t frame; /* frame number, UINT32_MAX: none */
};

extern bool trace_on;

/* Is anybody listening? (A kernel without trace points is built by `make untraced`, for the
 * test of what they cost when nobody is.) */
static inline bool trace_wanted(void)
{
#if defined(WITHOUT_TRACE_POINTS)
    return false;
#elif defined(FAULTLINE_HOST)
    return trace_on;
#else
    return detour_taken();
#endif
}

/* Defined above: writes the record down. */
__attribute__((cold)) void above_trace(enum trace_event event, uint32_t space,
                                       uintptr_t address, page_t page, frame_t frame,
                                       uint64_t detail);

/* A trace point: trace(event, space, address, page, frame, detail). A macro, so that what it
 * tells is worked out only if it is wanted. */
#define trace(...) (trace_wanted() ? above_trace(__VA_ARGS__) : (void)0)

/* Of a page and its frame only. */
#define trace_page(event, page, frame, detail) trace(event, 0, 0, page, frame, detail)

/* Of a space's addresses only. */
#define trace_range(event, space, address, detail) \
    trace(event, space, address, PAGE_NONE, FRAME_NONE, detail)

struct object;
struct region;

/* What an object is called in the trace: its place in the direct map, in units of 16 bytes. */
static inline uint32_t trace_object(const struct object *object)
{
    return (uint32_t)((uintptr_t)object >> 4);
}

/* Defined above: TRACE_NAME, if the object has a name. */
void above_trace_object(const struct object *object);

#endif
