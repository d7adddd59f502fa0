/* mm/demand_paging/fault.c - the page fault: where a promise becomes a frame.
 *
 * A program touches an address whose entry does not allow it; the processor stops the
 * instruction and asks the kernel. Six steps, the textbook's own, then the instruction runs
 * again as if nothing had happened:
 *
 *     region    is the reference valid? find the region; refuse what was not promised
 *     pte       find the entry, building the tables above it
 *     page      which page is meant, and where is it now?
 *     fill      it has no frame: take a free one, fill it (zeroes, file, slot)
 *     unshare   a write to a page that others see too: copy it
 *     install   set the entry, run the instruction again
 *
 * What the entry says when the fault begins, and what comes of it:
 *
 *     entry            region         access   becomes                            kind
 *     zero             private, none  write    a new page of zeroes               zero-fill
 *     zero             private, none  read     the zero page, read-only           zero-page
 *     zero             private, none  read     the group has a limit: a new page  zero-fill
 *     zero             object         any      the object's page                  file
 *     zero             object, priv.  write    a private copy of that             copy
 *     names a page     private        any      that page                          resident
 *     names a page     private        write    others hold it: a private copy     copy
 *     the zero page    private        write    a new page of zeroes               zero-fill
 *     present, r/o     private        write    others hold it: a private copy     copy
 *     present, r/o     private        write    nobody else does: writable         reuse
 *     present          any            allowed  as it is: the TLB was behind       spurious
 *     any              none           any      refused: SIGSEGV                   invalid
 *     any              any            denied   refused: SIGSEGV                   invalid
 *     zero             object         any      beyond its end: SIGBUS             invalid
 *
 * Where the page is, if the entry names one or the object has one, decides step 4:
 *
 *     in a frame                      nothing to fill                             as above
 *     on its way, the frame BUSY      sleep, then look again                      as above
 *     kept by a free frame            taken back; to be copied, it stays there    rescue
 *     in a slot only                  a free frame, read from the slot            page-in
 *     the object's, nowhere yet       a free frame, zeroes or read from the file  file
 *     lost: the device failed         refused: SIGBUS                             invalid
 *
 * And how the entry is set, in step 6: in a wired region it wires the frame; in a tracked one
 * what is only read counts as unwritten, and is read-only; in one without any rights, which a
 * debugger may force its way into, it is not set, and a private page is named only.
 *
 * Whenever a step slept, the world may have changed: everything is looked up again from
 * the first step. */
#include "mm/demand_paging/fault.h"

#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/page_in.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"

const char *const fault_kind_names[FAULT_KINDS] = {
    "zero-fill", "zero-page", "file",   "page-in",  "copy",
    "reuse",     "resident",  "rescue", "spurious", "invalid",
};

struct fault_totals fault_totals;

/* What the steps hand on to each other. */
struct fault {
    struct space *space;
    uintptr_t address; /* of the page */
    unsigned access;
    struct region *region;
    struct position at;
    pte_t old;     /* what the entry said */
    page_t page;   /* the page meant, or PAGE_NONE: none yet, or the zero page */
    frame_t frame; /* where it is, or FRAME_NONE */
    struct charge charge;
    frame_t copied, copy; /* with several processors: has been copied ahead, and where to */
    bool copied_held; /* its page stays, and is not written to, until this is looked at */
    bool waited;      /* likewise: has waited for a frame */
    struct fault_report *report;
    enum fault_result result; /* FAULT_DONE, unless a step has ended it otherwise */
    bool again;               /* a step slept: from the first step again */
};

#define fault_trace(fault, event, detail)                                             \
    trace(event, (fault)->space->id, (fault)->address, (fault)->page, (fault)->frame, \
          detail)

/* What a step answers: true, on to the next one; or false, by one of these two. */
static bool fault_again(struct fault *fault)
{
    fault->again = true;
    return false;
}

/* What every space has, by no region, is there, but grants no more than its entry does. */
static bool fault_refuse(struct fault *fault, enum fault_result result) REQUIRES(mm)
{
    if (result == FAULT_NO_REGION && space_shows(fault->space, fault->address))
        result = FAULT_NO_ACCESS;
    fault->result = result;
    return false;
}

/* It needs the kernel's lock, which it came without. */
static bool fault_join(struct fault *fault) REQUIRES(mm)
{
    mm_join();
    return fault_again(fault);
}

/* No frame was to be had. */
static bool fault_wait(struct fault *fault) REQUIRES(mm)
{
    if (mm_alone())
        return fault_join(fault);
    fault->waited = true;
    return pageout_wait(fault->charge.group) ? fault_again(fault)
                                             : fault_refuse(fault, FAULT_KILLED);
}

/* A debugger may force an access that is not granted; a write only where nobody else sees it. */
static bool fault_may_force(const struct region *region, unsigned access)
{
    return (access & ACCESS_FORCED) &&
           (!(access & ACCESS_WRITE) ||
            (!region->shared && (region->access_max & ACCESS_WRITE)));
}

/* Step 1: is the reference valid? The region is the one that holds the address, or a stack that
 * grows down to it. False: there is none, or it does not grant the access, nor may that be
 * forced. */
static bool fault_region(struct fault *fault) REQUIRES(mm)
{
    struct region *region = region_find(fault->space, fault->address);
    if (region == NULL)
        region = region_grow_stack(fault->space, fault->address);
    /* x86 cannot grant writing or executing without reading: any right grants it. */
    unsigned granted = region == NULL ? 0 : region->access;
    fault_trace(fault, TRACE_REGION, granted);
    if (region == NULL)
        return fault_refuse(fault, FAULT_NO_REGION);
    if ((fault->access == ACCESS_READ ? granted == 0 : !(granted & fault->access)) &&
        !fault_may_force(region, fault->access))
        return fault_refuse(fault, FAULT_NO_ACCESS);
    fault->region = region;
    return true;
}

/* Step 2: find the entry, building the tables above it. */
static bool fault_pte(struct fault *fault) REQUIRES(mm)
{
    if (!position_build(&fault->at, &fault->space->table, fault->address))
        return fault_wait(fault);
    fault->old = position_read(&fault->at);
    fault_trace(fault, TRACE_PTE, fault->old.bits);
    return true;
}

/* Is the fault a write that must not reach the page? */
static bool fault_wants_copy(const struct fault *fault) REQUIRES(mm)
{
    return (fault->access & ACCESS_WRITE) && !fault->region->shared &&
           page_needs_copy(fault->page);
}

/* Does the page's frame serve as it is? What is only to be copied need not be resident: on
 * the free list, not yet used again, will do. With several processors it is copied ahead, and must
 * stay meanwhile; but if that had to go to make room for the copy, it would have to go again. */
static bool fault_frame_serves(const struct fault *fault) REQUIRES(mm)
{
    frame_t frame = page_get(fault->page)->frame;
    return page_is_resident(fault->page) ||
           (frame_is(frame) && frame_get(frame)->state == FRAME_FREE &&
            (!mm_is_shared() || fault->waited) && fault_wants_copy(fault));
}

/* Step 3: which page is meant, and where is it now? That of the entry, if it is there or names one;
 * else the object's, if it has one; else none yet. Its frame, if that serves; an entry that is
 * there has its own. False: beyond its end (FAULT_BEYOND_END), or it is full (FAULT_LOST). */
static bool fault_page(struct fault *fault) REQUIRES(mm)
{
    enum fault_kind kind = FAULT_RESIDENT;
    fault->page = PAGE_NONE;
    fault->frame = FRAME_NONE;
    if (pte_is_present(fault->old)) {
        kind = FAULT_SPURIOUS;
        fault->frame = pte_frame(fault->old);
        if (!pte_is_zero_page(fault->old))
            fault->page = frame_get(fault->frame)->page;
    } else if (!pte_is_zero(fault->old)) {
        fault->page = pte_page(fault->old);
    } else if (fault->region->object != NULL) {
        kind = FAULT_FILE;
        uint32_t index = region_index(fault->region, fault->address);
        if ((uint64_t)index * PAGE_SIZE >= fault->region->object->size)
            return fault_refuse(fault, FAULT_BEYOND_END);
        fault->page = object_find(fault->region->object, index);
        if (!page_is(fault->page) && object_is_full(fault->region->object))
            return fault_refuse(fault, FAULT_LOST);
    }
    if (page_is(fault->page) && fault_frame_serves(fault))
        fault->frame = page_get(fault->page)->frame;
    if (!fault->report->major) /* else it slept, reading the page: it stays what it was */
        fault->report->kind = kind;
    fault_trace(fault, TRACE_PAGE, 0);
    return true;
}

/* Step 4: a page without a frame gets one, filled: a page that exists, new zeroes, or the object's.
 * One try. False: no frame was to be had, the contents are lost, or it slept. */
static bool fault_fill(struct fault *fault) REQUIRES(mm)
{
    enum bring result;
    if (frame_is(fault->frame))
        return true;
    if (mm_alone() && (page_is(fault->page) || fault->region->object != NULL))
        return fault_join(fault);
    if (page_is(fault->page))
        result = page_in(fault->page, &fault->charge, fault->report);
    else if (fault->region->object == NULL)
        result = page_in_zeroes(fault->access, &fault->charge, &fault->page, &fault->frame,
                                fault->report);
    else
        result =
            object_fill(fault->region->object, region_index(fault->region, fault->address),
                        &fault->charge, &fault->page, fault->report);
    if (result == BRING_NO_MEMORY)
        return fault_wait(fault);
    if (result == BRING_ERROR)
        return fault_refuse(fault, FAULT_LOST);
    if (result == BRING_AGAIN)
        return fault_again(fault);
    if (page_is(fault->page))
        fault->frame = page_get(fault->page)->frame;
    fault_trace(fault, TRACE_FILL, fault->report->major);
    return true;
}

/* --- With several processors ------------------------------------------------------------- */

/* It comes without the kernel's lock, which it needs where it may have to wait, or to wake
 * somebody. */
static inline bool fault_needs_kernel(const struct space *space) REQUIRES(mm)
{
    return space->changing || frame_waiters > 0 || group_counts(space->group) ||
           frame_counts.free < frame_watermarks.high;
}

/* What has been copied may be written to again, and may go. Nobody wants the copy: its frame is as
 * any other. */
static void fault_copy_in_vain(struct fault *fault) REQUIRES(mm)
{
    page_t page = frame_get(fault->copied)->page;
    page_get(page)->holders--;
    page_unpin(page);
    frame_put_back(fault->copy);
    fault->copied_held = false;
}

/* Which page is a write going to copy, if it is served now? PAGE_NONE: none that is resident. */
static page_t fault_page_to_copy(const struct fault *fault) REQUIRES(mm)
{
    if (!(fault->access & ACCESS_WRITE))
        return PAGE_NONE;
    const struct region *region = region_find(fault->space, fault->address);
    if (region == NULL || region->shared || !(region->access & ACCESS_WRITE))
        return PAGE_NONE;
    pte_t entry = position_look(&fault->space->table, fault->address);
    if (pte_is_zero(entry) ? region->object == NULL
                           : pte_is_present(entry) && pte_is_zero_page(entry))
        return PAGE_NONE;
    page_t page = pte_is_zero(entry)
                      ? object_find(region->object, region_index(region, fault->address))
                  : pte_is_present(entry) ? frame_get(pte_frame(entry))->page
                                          : pte_page(entry);
    return page_is(page) && page_needs_copy(page) && page_is_resident(page) ? page
                                                                            : PAGE_NONE;
}

/* Nor is anything copied meanwhile: what is going to be copied is copied here, with the mm lock let
 * go of, and then all is looked up anew. If the same is to be copied then, the frame with the copy
 * is taken next. Until then somebody more holds the page, so that all others copy it, too, and its
 * frame is pinned. True: the lock was let go of. */
static bool fault_copy_ahead(struct fault *fault) REQUIRES(mm)
{
    page_t page = fault_page_to_copy(fault);
    if (!page_is(page) && !fault->copied_held)
        return false;
    frame_t frame = page_is(page) ? page_get(page)->frame : FRAME_NONE;
    bool same = fault->copied_held && frame_same(fault->copied, frame);
    if (fault->copied_held)
        fault_copy_in_vain(fault);
    if (same)
        return false;
    fault->copy = FRAME_NONE;
    if (!page_is(page) || frame_set_apart(&fault->copy, 1) == 0)
        return false;
    fault->copied = frame;
    page_hold(page);
    frame_pin(frame);
    fault->copied_held = true;
    mm_unlock();
    frame_copy(fault->copy, frame);
    mm_lock();
    return true;
}

/* Before the first step. Nothing is cleared, or copied, while others wait for the mm lock: what may
 * be wanted, a page and the tables on the way to it, has been cleared before it is taken. */
static void fault_prepare(struct fault *fault) REQUIRES(mm)
{
    const struct page_table *tree = &fault->space->table;
    unsigned wanted = position_is_recent(tree, fault->address) ? 1 : READY_LEAST;
    do {
        if (mm_alone() && fault_needs_kernel(fault->space)) {
            if (fault->copied_held) /* who waits holds nothing that is not accounted for */
                fault_copy_in_vain(fault);
            mm_join();
        }
    } while ((ready[this_processor->number].count < wanted && ready_make(wanted)) ||
             fault_copy_ahead(fault));
}

/* The writer gets a page of its own, with the contents of fault->frame; of the zero page, one of
 * zeroes. Until there is a frame for it, nothing has changed, and the fault waits (fault_wait). The
 * frame that it gets may be the very one to copy from, if that was free: then the page is given up
 * again, and all is looked up anew (fault_again). What the entry said it says no more: the page it
 * named is left to its other holders (page_leave_entry), fault->page and fault->frame are the new
 * ones, and fault->old is zero, for fault_install. The copy is dirty: nothing else has its
 * contents. The report tells the kind, and the frame copied from. */
static bool fault_copy(struct fault *fault) REQUIRES(mm)
{
    frame_t from = fault->frame;
    bool zeroes = frame_same(from, zero_frame);
    if (!page_create(&fault->charge, zeroes, &fault->page, &fault->frame))
        return fault_wait(fault);
    if (frame_same(fault->frame, from)) { /* the last free frame was the one to copy from */
        page_end_alone(fault->page);
        return fault_again(fault);
    }
    if (!zeroes) {
        if (!mm_is_shared() || !frame_same(from, fault->copied) ||
            !frame_same(fault->frame, fault->copy)) /* else it has been copied ahead */
            frame_copy(fault->frame, from);
        frame_get(fault->frame)->dirty = true; /* it has no backing yet */
    }
    page_leave_entry(&fault->at);
    fault->old = PTE_ZERO;
    fault->report->kind = zeroes ? FAULT_ZERO_FILL : FAULT_COPY;
    fault->report->from = zeroes ? FRAME_NONE : from;
    fault_trace(fault, TRACE_UNSHARE, from.number);
    return true;
}

/* Step 5: a page that is written must be the writer's alone, unless the region is shared. A read
 * changes nothing. A page that nobody else holds is written in place: if the entry is there and
 * forbade it, the kind is reuse. False: the fault waits, or begins again. */
static bool fault_unshare(struct fault *fault) REQUIRES(mm)
{
    if (fault_wants_copy(fault))
        return fault_copy(fault);
    if ((fault->access & ACCESS_WRITE) && pte_is_present(fault->old) &&
        !pte_is_writable(fault->old))
        fault->report->kind = FAULT_REUSE;
    return true;
}

/* A private page without rights is named, so that it is found again; others need not be. */
static void fault_install_name(const struct fault *fault) REQUIRES(mm)
{
    if (pte_is_zero(fault->old) && page_is(fault->page)) {
        if (page_get(fault->page)->object == NULL)
            position_replace(&fault->at, pte_name(fault->page));
        else
            page_get(fault->page)->holders--;
    }
}

static inline __attribute__((always_inline)) void fault_set(struct fault *fault,
                                                            unsigned access) REQUIRES(mm)
{
    if (pte_is_zero(fault->old) && page_is(fault->page))
        page_hold(fault->page);
    if (pte_is_present(fault->old)) {
        position_set_access(&fault->at, access);
    } else if (fault->region->access == 0) { /* forced: the program itself sees nothing */
        fault_install_name(fault);
        return;
    } else if (page_is(fault->page)) {
        position_install(&fault->at, fault->frame, access);
    } else {
        position_replace(&fault->at, pte_map(fault->frame, access));
    }
    fault_trace(fault, TRACE_INSTALL, position_read(&fault->at).bits);
}

/* What has not been written, since somebody asked, stays so until it is. */
static __attribute__((noinline, cold)) void fault_install_tracked(struct fault *fault)
    REQUIRES(mm)
{
    bool unwritten = !(fault->access & ACCESS_WRITE) &&
                     (pte_is_zero(fault->old) || pte_is_unwritten(fault->old));
    unsigned access = region_page_access(fault->region, fault->page);
    fault_set(fault, unwritten ? access & ~ACCESS_WRITE : access);
    if (!pte_is_zero(position_read(&fault->at)))
        (unwritten ? position_set_bits : position_clear_bits)(&fault->at, PTE_UNWRITTEN);
}

/* Step 6: set the entry; the instruction can run again. */
static bool fault_install(struct fault *fault) REQUIRES(mm)
{
    if (__builtin_expect(fault->region->tracked, false))
        fault_install_tracked(fault);
    else
        fault_set(fault, region_page_access(fault->region, fault->page));
    return true;
}

/* The six, a line each; once one has answered false, those behind it do nothing. */
static bool fault_steps(struct fault *fault) REQUIRES(mm)
{
    bool on = fault_region(fault);   /* is the reference valid? */
    on = on && fault_pte(fault);     /* where is its entry? */
    on = on && fault_page(fault);    /* which page is meant, and where is it? */
    on = on && fault_fill(fault);    /* it has a frame now */
    on = on && fault_unshare(fault); /* nobody else sees what is written */
    on = on && fault_install(fault); /* the instruction can run again */
    return on;
}

/* Before the first step: somebody is in the middle of changing the space (change.h). */
static __attribute__((noinline, cold)) void fault_await_change(struct fault *fault)
    REQUIRES(mm)
{
    if (change_await_killable(fault->space))
        fault->again = true;
    else
        fault->result = FAULT_KILLED;
}

enum fault_result fault_handle_pinned(struct space *space, uintptr_t address,
                                      unsigned access, struct fault_pins *pins,
                                      struct fault_report *report)
{
    struct fault fault; /* each step sets what those after it use */
    fault.space = space;
    fault.address = PAGE_ROUND_DOWN(address);
    fault.access = access;
    fault.page = PAGE_NONE;
    fault.frame = FRAME_NONE;
    fault.charge = (struct charge){.counted = false};
    fault.report = report;
    fault.result = FAULT_DONE;
    report->major = false;
    report->from = FRAME_NONE;
    if (mm_is_shared()) {
        fault.copied = fault.copy = FRAME_NONE;
        fault.copied_held = fault.waited = false;
    }
    mm_lock();
    fault_trace(&fault, TRACE_FAULT, access);
    bool served = false;
    do {
        fault.again = false;
        if (mm_is_shared())
            fault_prepare(&fault);
        fault.charge.group = space->group;
        if (__builtin_expect(space->changing, false))
            fault_await_change(&fault);
        else
            served = fault_steps(&fault);
    } while (fault.again);
    if (mm_is_shared() && fault.copied_held)
        fault_copy_in_vain(&fault);
    if (!served)
        report->kind = FAULT_INVALID;
    else if (pins != NULL)
        fault_pins_add(pins, fault.page);
    fault_totals.kind[report->kind]++;
    fault_totals.major += report->major;
    fault_trace(&fault, TRACE_DONE, report->kind | (report->major ? TRACE_MAJOR : 0));
    mm_unlock();
    report->page = fault.page;
    report->frame = fault.frame;
    return fault.result;
}

enum fault_result fault_handle(struct space *space, uintptr_t address, unsigned access,
                               struct fault_report *report)
{
    return fault_handle_pinned(space, address, access, NULL, report);
}
