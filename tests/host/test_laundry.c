/* tests/host/test_laundry.c - writing in clusters, and ahead of need. */
#include "mm/address_spaces/space_advise.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/page.h"
#include "mm/frame_allocation/groups.h"
#include "mm/lock.h"
#include "mm/replacement/evict.h"
#include "mm/replacement/laundry.h"
#include "mm/replacement/swap.h"
#include "mm/replacement/washing.h"
#include "tests/host/unit.h"

static struct space *space;
static frame_t taken[UNIT_FRAMES];
static unsigned taken_count;

/* Memory is pressed: pages that have been evicted, few free frames, no A bits. */
static void begin(unsigned pages)
{
    unit_swap(100);
    space = unit_space();
    unit_map(space, HERE, pages + 4, R | W);
    for (unsigned i = 0; i < pages; i++)
        unit_write(space, HERE + PAGES(i), 100 + i);
    unit_write(space, HERE + PAGES(pages), 1);
    group_tick(&groups[GROUP_ALL]);
    mm_lock();
    while (frame_counts.free > frame_counts.total / 16)
        taken[taken_count++] = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    mm_unlock();
    assert_int_equal(group_reclaim(&groups[GROUP_ALL], 1), 1);
}

static void end(void)
{
    space_release(space);
    mm_lock();
    while (taken_count > 0)
        frame_free(taken[--taken_count]);
    mm_unlock();
}

/* Wash until nothing is left to do. */
static uint64_t wash(void)
{
    uint64_t before = swap_counts.written;
    for (unsigned i = 0; i < 4 * UNIT_FRAMES / 64 && washing_idle(); i++)
        ;
    return swap_counts.written - before;
}

static unsigned slots_of(unsigned pages)
{
    unsigned count = 0;
    for (unsigned i = 0; i < pages; i++)
        count += unit_is(space, HERE + PAGES(i), FRAME_RESIDENT) &&
                 unit_has_slot(space, HERE + PAGES(i));
    return count;
}

static void washed_pages_stay_and_are_clean(void **state)
{
    (void)state;
    begin(4);
    /* What was an entry's D is the frame's now. */
    assert_int_equal(space_protect(space, HERE, PAGES(4), 0), 0);
    assert_int_equal(space_protect(space, HERE, PAGES(4), R | W), 0);
    wash();
    assert_int_equal(slots_of(5), 4); /* one had been evicted */
    assert_int_equal(audit(), 0);
    uint64_t writes = host_swap.writes, written = groups[GROUP_ALL].written;
    assert_int_equal(group_reclaim(&groups[GROUP_ALL], 4), 4);
    assert_int_equal(host_swap.writes, writes);
    assert_int_equal(groups[GROUP_ALL].written, written);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(unit_read(space, HERE + PAGES(i)), 100 + i);
    end();
}

/* Written again after it was washed: D shows it, whether or not the processor remembers. */
static void a_write_after_washing_shows(void **state)
{
    (void)state;
    begin(4);
    unsigned page = unit_is(space, HERE, FRAME_RESIDENT) ? 0 : 1;
    uintptr_t address = HERE + PAGES(page);
    assert_non_null(machine_access(address, R)); /* remembered... */
    assert_non_null(machine_access(address, W)); /* ...as dirty */
    group_tick(&groups[GROUP_ALL]);
    assert_non_null(machine_access(address, W));
    group_tick(&groups[GROUP_ALL]);
    wash();
    assert_true(unit_has_slot(space, address));
    assert_false(machine_remembers(address));
    unit_write(space, address, 77);
    assert_int_equal(audit(), 0);
    assert_int_equal(group_reclaim(&groups[GROUP_ALL], 4), 4);
    assert_int_equal(unit_read(space, address), 77);
    end();
}

/* While it is washed it can be read and written: what arrives does not count then. */
static void written_while_it_is_washed(void **state)
{
    (void)state;
    begin(1);
    host_swap.instant = 0;
    unsigned page = unit_is(space, HERE, FRAME_RESIDENT) ? 0 : 1;
    uintptr_t address = HERE + PAGES(page);
    while (host_device_pending() == 0 && washing_idle())
        ;
    assert_int_equal(host_device_pending(), 1);
    assert_true(unit_is(space, address, FRAME_RESIDENT));
    unit_write(space, address, 55);
    while (host_device_complete_one())
        ;
    washing_idle();
    assert_int_equal(laundry_count, 0);
    assert_int_equal(audit(), 0);
    host_swap.instant = 100;
    assert_int_equal(group_reclaim(&groups[GROUP_ALL], 1), 1);
    assert_int_equal(unit_read(space, address), 55);
    end();
}

/* The program wants it no more (MADV_FREE): the slot may go only when the write is over. */
static void given_up_while_it_is_washed(void **state)
{
    (void)state;
    begin(1);
    host_swap.instant = 0;
    while (host_device_pending() == 0 && washing_idle())
        ;
    assert_int_equal(host_device_pending(), 1);
    uint32_t used = swap_counts.used;
    assert_int_equal(space_advise_free(space, HERE, PAGES(2)), 0);
    assert_int_equal(audit(), 0);
    assert_int_equal(swap_counts.used, used - 1); /* that of the page that is not there */
    host_swap.failing_writes = 100;
    assert_true(host_device_complete_one());
    host_swap.failing_writes = 0;
    while (laundry_count > 0) {
        washing_idle();
        host_device_complete_one();
    }
    assert_int_equal(audit(), 0);
    end();
}

static void washing_that_fails(void **state)
{
    (void)state;
    begin(1);
    unsigned page = unit_is(space, HERE, FRAME_RESIDENT) ? 0 : 1;
    uint64_t value = unit_read(space, HERE + PAGES(page));
    group_tick(&groups[GROUP_ALL]);
    unit_swap(swap_counts.used + swap_counts.retired + 1); /* one slot is left */
    host_swap.failing_writes = 100;
    wash();
    host_swap.failing_writes = 0;
    assert_int_equal(swap_counts.retired, 1);
    assert_false(unit_has_slot(space, HERE + PAGES(page)));
    assert_int_equal(audit(), 0);
    assert_int_equal(unit_read(space, HERE + PAGES(page)), value);
    assert_int_equal(group_reclaim(&groups[GROUP_ALL], 1), 0); /* not clean: it cannot go */
    assert_int_equal(unit_read(space, HERE + PAGES(page)), value);
    end();
}

/* Used pages, pinned ones, and those of groups with a limit are left alone. */
static void what_is_not_washed(void **state)
{
    (void)state;
    begin(2);
    struct space *other = unit_space();
    struct group *group = unit_group(other, "clock", 10);
    unit_map(other, HERE, 1, R | W);
    unit_write(other, HERE, 1);
    group_tick(group);
    unsigned page = 0;
    for (unsigned i = 0; i < 3; i++) {
        if (unit_is(space, HERE + PAGES(i), FRAME_RESIDENT))
            page = i;
    }
    page_t pinned = unit_page(space, HERE + PAGES(page));
    mm_lock();
    frame_pin(page_get(pinned)->frame);
    mm_unlock();
    for (unsigned i = 0; i < 3; i++) {
        if (i != page && unit_is(space, HERE + PAGES(i), FRAME_RESIDENT))
            unit_write(space, HERE + PAGES(i), i);
    }
    assert_int_equal(wash(), 0);
    mm_lock();
    page_unpin(pinned);
    mm_unlock();
    assert_int_equal(audit(), 0);
    space_release(other);
    unit_group_end(group);
    end();
}

static void no_pressure_no_washing(void **state)
{
    (void)state;
    unit_swap(10);
    space = unit_space();
    unit_map(space, HERE, 2, R | W);
    unit_write(space, HERE, 1);
    group_tick(&groups[GROUP_ALL]);
    assert_false(washing_idle());
    assert_int_equal(swap_counts.used, 0);
    space_release(space);
}

/* Pages that go one after another are written together, to slots beside each other; the
 * device checks that they are. */
static void clusters(void **state)
{
    (void)state;
    unit_swap(UNIT_SLOTS);
    space = unit_space();
    unit_map(space, HERE, 40, R | W);
    for (unsigned i = 0; i < 20; i++)
        unit_write(space, HERE + PAGES(i), i);
    host_swap.instant = 0;
    uint64_t calls = host_swap.calls, writes = host_swap.writes;
    mm_lock();
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(reclaim(&groups[GROUP_ALL], true), RECLAIM_STARTED);
    laundry_send();
    assert_int_equal(host_swap.writes, writes + 20);
    assert_int_equal(host_swap.calls, calls + 3); /* 8, 8 and 4 */
    while (laundry_count > 0)
        laundry_wait();
    mm_unlock();
    /* Slots apart: those of every second page are given back, and taken again. */
    for (unsigned i = 0; i < 20; i += 2)
        assert_int_equal(space_discard(space, HERE + PAGES(i), PAGES(1), true), 0);
    space_release(space);
}

void test_laundry(void)
{
    const struct CMUnitTest washing[] = {
        UNIT_TEST(washed_pages_stay_and_are_clean),
        UNIT_TEST(a_write_after_washing_shows),
        UNIT_TEST(written_while_it_is_washed),
        UNIT_TEST(given_up_while_it_is_washed),
        UNIT_TEST(washing_that_fails),
        UNIT_TEST(what_is_not_washed),
        UNIT_TEST(no_pressure_no_washing),
        UNIT_TEST(clusters),
    };
    unit_add(washing);
}
