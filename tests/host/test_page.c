/* tests/host/test_page.c - page ids: given out, counted, given back; groups. */
#include "mm/demand_paging/page.h"
#include "mm/frame_allocation/group.h"
#include "mm/frame_allocation/groups.h"
#include "mm/lock.h"
#include "mm/page_tables/flush.h"
#include "mm/replacement/swap.h"
#include "tests/host/unit.h"

static void drop(page_t page)
{
    struct flush flush;
    mm_lock();
    flush_begin_loaded(&flush);
    page_drop(page, &flush);
    flush_end(&flush);
    mm_unlock();
}

static page_t create(frame_t *frame)
{
    page_t page;
    struct charge charge = {.group = GROUP_ALL};
    assert_true(page_create(&charge, true, &page, frame));
    page_hold(page);
    return page;
}

static void page_and_frame_name_each_other(void **state)
{
    (void)state;
    frame_t frame;
    uint32_t charged = groups[GROUP_ALL].charged;
    page_t page = create(&frame);
    assert_true(frame_same(page_get(page)->frame, frame));
    assert_true(page_same(frame_get(frame)->page, page));
    assert_int_equal(frame_get(frame)->state, FRAME_RESIDENT);
    assert_false(slot_is(page_get(page)->slot));
    assert_null(page_get(page)->object);
    assert_int_equal(page_count, 1);
    assert_int_equal(groups[GROUP_ALL].charged, charged + 1);
    drop(page);
    assert_int_equal(page_count, 0);
    assert_int_equal(frame_get(frame)->state, FRAME_FREE);
    assert_int_equal(groups[GROUP_ALL].charged, charged);
}

static void lives_as_long_as_it_is_held(void **state)
{
    (void)state;
    frame_t frame;
    page_t page = create(&frame);
    page_hold(page);
    drop(page);
    assert_int_equal(frame_get(frame)->state, FRAME_RESIDENT);
    drop(page);
    assert_int_equal(frame_get(frame)->state, FRAME_FREE);
}

static void pinned_frame_outlives_its_holders(void **state)
{
    (void)state;
    frame_t frame;
    page_t page = create(&frame);
    frame_pin(frame);
    frame_pin(frame);
    drop(page);
    assert_int_equal(frame_get(frame)->state, FRAME_RESIDENT);
    mm_lock();
    page_unpin(page);
    assert_int_equal(frame_get(frame)->state, FRAME_RESIDENT);
    page_unpin(page);
    mm_unlock();
    assert_int_equal(frame_get(frame)->state, FRAME_FREE);
}

/* There are as many ids as frames: taking and dropping must not use them up. */
static void ids_are_used_again(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4 * npages; i++) {
        frame_t frame;
        page_t page = create(&frame);
        assert_true(page.id < npages);
        drop(page);
    }
}

static void group_keeps_its_limit(void **state)
{
    (void)state;
    struct group *group = group_create();
    assert_int_equal(group_limit(group, 2), 0);
    struct charge charge = {.group = group_index(group)};
    uint32_t before = frame_counts.free;
    page_t page[3];
    frame_t frame[3];
    assert_true(page_create(&charge, true, &page[0], &frame[0]));
    assert_true(page_create(&charge, false, &page[1], &frame[1]));
    assert_false(page_create(&charge, true, &page[2], &frame[2]));
    assert_int_equal(group->charged, 2);
    assert_int_equal(frame_counts.free, before - 2);
    page_hold(page[0]);
    page_hold(page[1]);
    drop(page[0]);
    assert_int_equal(group->charged, 1);
    drop(page[1]);
    assert_int_equal(group->charged, 0);
    group_destroy(group, &groups[GROUP_ALL]);
}

static void no_frame_no_charge(void **state)
{
    (void)state;
    page_t page;
    frame_t frame;
    uint32_t charged = groups[GROUP_ALL].charged;
    struct charge charge = {.group = GROUP_ALL};
    frame_fail_after = 1;
    assert_false(page_create(&charge, true, &page, &frame));
    assert_int_equal(groups[GROUP_ALL].charged, charged);
}

void test_page(void)
{
    const struct CMUnitTest page_ids[] = {
        UNIT_TEST(page_and_frame_name_each_other),
        UNIT_TEST(lives_as_long_as_it_is_held),
        UNIT_TEST(pinned_frame_outlives_its_holders),
        UNIT_TEST(ids_are_used_again),
        UNIT_TEST(group_keeps_its_limit),
        UNIT_TEST(no_frame_no_charge),
    };
    unit_add(page_ids);
}
