/* mm/mm.c - the beginning: two arrays, as large as memory needs them. */
#include "mm/mm.h"

static void *swap_map; /* the bitmap of slots, in mm_init's memory */

/* One bucket for every two frames or more: chains stay short. */
static uint32_t hash_buckets(uint32_t frame_count)
{
    uint32_t buckets = 64;
    while (buckets < frame_count / 2)
        buckets *= 2;
    return buckets;
}

size_t mm_size(uint32_t frame_count, uint32_t slot_count)
{
    return sizeof(struct frame) * frame_count +
           sizeof(struct page) * ((size_t)frame_count + slot_count) +
           sizeof(page_t) * hash_buckets(frame_count) + swap_map_size(slot_count);
}

void mm_init(void *memory, uint32_t frame_count, uint32_t slot_count)
{
    account_current = &kernel_account;
    group_current = GROUP_ALL;
    frames = memory;
    nframes = frame_count;
    pages = (struct page *)(frames + frame_count);
    npages = frame_count + slot_count;
    object_hash = (page_t *)(pages + npages);
    object_hash_mask = hash_buckets(frame_count) - 1;
    __builtin_memset(object_hash, 0xff, sizeof(page_t) * (object_hash_mask + 1));
    swap_map = object_hash + object_hash_mask + 1;
}

void mm_ready(struct block_device *swap)
{
    mm_lock();
    if (npages > nframes)
        swap_start(swap, npages - nframes, swap_map);
    laundry_start();
    group_start();
    zero_frame = frame_take_zeroed(FRAME_FOR_KERNEL, FRAME_KERNEL);
    if (!frame_is(zero_frame))
        panic("no frame of memory was given at the start");
    frame_watermarks_set();
    region_most_set();
    promise_policy_set(PROMISE_PLAUSIBLE);
    mm_unlock();
}
