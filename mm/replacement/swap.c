/* mm/replacement/swap.c - the swap area: where pages are that have no frame.
 *
 * The backing store is a device cut into slots of one page. A bitmap says which are taken;
 * the search goes on from where the last ended, so that pages evicted together come to lie
 * together. A page that is brought back keeps its slot: as long as it is not written, it
 * can be evicted again without being written. The pages in frames that have slots are the
 * *swap cache*. When no other slot is free, one of theirs is taken back. */
#include "mm/replacement/swap.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/trace.h"

static struct block_device *swap_device GUARDED_BY(mm);
static uint64_t *slot_map POINTEE_GUARDED_BY(mm); /* a bit a slot: taken, or retired */
static uint32_t slot_hand GUARDED_BY(mm);         /* where the search goes on */
/* Where the search for a page of the swap cache goes on. */
static frame_t swap_cache_hand GUARDED_BY(mm);
/* No page in a frame has a slot; until one is brought in again. */
static bool swap_cache_empty GUARDED_BY(mm) = true;

struct swap_counts swap_counts;

size_t swap_map_size(uint32_t slots)
{
    return (slots + 63) / 64 * sizeof(uint64_t);
}

void swap_start(struct block_device *device, uint32_t slots, void *map)
{
    swap_device = device;
    slot_map = map;
    swap_counts.total = slots;
}

static void slot_mark(uint32_t number) REQUIRES(mm)
{
    slot_map[number / 64] |= 1ull << number % 64;
    swap_counts.used++;
}

/* The next free slot at or after the hand, round once: there the hand goes on. It is not marked
 * yet. SLOT_NONE: there is none. */
static slot_t slot_search(void) REQUIRES(mm)
{
    uint32_t words = (swap_counts.total + 63) / 64;
    for (uint32_t tried = 0; tried <= words; tried++) {
        uint32_t word = slot_hand / 64;
        uint64_t free = ~slot_map[word] & (~0ull << slot_hand % 64);
        uint32_t number = word * 64 + (free ? (uint32_t)__builtin_ctzll(free) : 64);
        if (free && number < swap_counts.total) {
            slot_hand = number + 1 < swap_counts.total ? number + 1 : 0;
            return (slot_t){number};
        }
        slot_hand = word + 1 < words ? (word + 1) * 64 : 0;
    }
    return SLOT_NONE;
}

/* The slot of a page that is also in a frame, resident and not pinned (else its slot may be in
 * use by a request): the next one from the frame at which the last search ended, round once. The
 * page has no slot any more, so its frame is dirty: nothing else has its contents. SLOT_NONE: no
 * such page is left, and swap_cache_empty says so. */
static slot_t slot_take_back(void) REQUIRES(mm)
{
    if (swap_cache_empty)
        return SLOT_NONE;
    for (uint32_t tried = 0; tried < nframes; tried++) {
        swap_cache_hand.number =
            swap_cache_hand.number + 1 < nframes ? swap_cache_hand.number + 1 : 0;
        struct frame *frame = frame_get(swap_cache_hand);
        if (frame->state != FRAME_RESIDENT || frame->pins > 0)
            continue;
        struct page *page = page_get(frame->page);
        slot_t slot = page->slot;
        if (slot_is(slot)) {
            page->slot = SLOT_NONE;
            frame->dirty = true;
            trace_page(TRACE_SLOT, frame->page, swap_cache_hand, UINT32_MAX);
            return slot;
        }
    }
    swap_cache_empty = true;
    return SLOT_NONE;
}

slot_t swap_take(void)
{
    if (swap_counts.used + swap_counts.retired >= swap_counts.total)
        return slot_take_back();
    slot_t slot = slot_search();
    ASSERT(slot_is(slot));
    slot_mark(slot.number);
    return slot;
}

bool swap_available(void)
{
    return swap_counts.used + swap_counts.retired < swap_counts.total || !swap_cache_empty;
}

void swap_kept(void)
{
    swap_cache_empty = false;
}

void swap_give(slot_t slot)
{
    uint64_t bit = 1ull << slot.number % 64;
    ASSERT(slot_map[slot.number / 64] & bit);
    slot_map[slot.number / 64] &= ~bit;
    swap_counts.used--;
}

void swap_retire(slot_t slot)
{
    ASSERT(slot_map[slot.number / 64] & 1ull << slot.number % 64);
    swap_counts.used--;
    swap_counts.retired++;
}

void swap_request(struct block_request *request, frame_t frame, slot_t slot, bool write,
                  void (*done)(struct block_request *request))
{
    *request = (struct block_request){
        .device = swap_device,
        .position = (uint64_t)slot.number * PAGE_SIZE,
        .length = PAGE_SIZE,
        .frame = frame,
        .write = write,
        .done = done,
    };
}

const void *swap_peek(slot_t slot)
{
    return block_peek(swap_device, (uint64_t)slot.number * PAGE_SIZE);
}
