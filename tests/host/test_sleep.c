/* tests/host/test_sleep.c - faults that wait for the device, and what happens meanwhile.
 *
 * A thread faults and sleeps; the test does something to the world; then the device
 * answers. */
#include "mm/address_spaces/change.h"
#include "mm/address_spaces/space.h"
#include "mm/address_spaces/space_map.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/fault.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/object_io.h"
#include "mm/demand_paging/page.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "mm/frames/frame.h"
#include "mm/hooks.h"
#include "mm/lock.h"
#include "tests/host/unit.h"

static struct space *space;
static struct object *object;

struct sleeper {
    enum fault_result result;
    struct fault_report report;
    bool ended;
};
static struct sleeper sleepers[THREADS_MAX];
static unsigned access_wanted;

static void fault_once(struct thread *self)
{
    struct sleeper *sleeper = &sleepers[self->number];
    sleeper->result = fault_handle(self->space, HERE, access_wanted, &sleeper->report);
    sleeper->ended = true;
}

/* A thread that faults at HERE and sleeps. */
static struct sleeper *send(struct space *whose, unsigned access)
{
    access_wanted = access;
    struct thread *thread = thread_create(whose, fault_once);
    struct sleeper *sleeper = &sleepers[thread->number];
    sleeper->ended = false;
    space_load(whose);
    thread_resume(thread);
    assert_false(mm.held);
    return sleeper;
}

static void finish(void)
{
    while (host_step())
        ;
}

static void begin(void)
{
    host_device.instant = 0;
    object = object_create(&host_device, 0, PAGES(2));
    space = unit_space();
    unit_map_object(space, HERE, 1, R | W, false, object, 0);
}

static void end(void)
{
    space_release(space);
    object_release(object);
}

static void the_page_is_busy_meanwhile(void **state)
{
    (void)state;
    begin();
    struct sleeper *sleeper = send(space, R);
    assert_false(sleeper->ended);
    assert_int_equal(host_device_pending(), 1);
    assert_false(frame_is(object_peek(object, 0)));
    page_t page = object_find(object, 0);
    assert_int_equal(frame_get(page_get(page)->frame)->state, FRAME_BUSY);
    assert_int_equal(audit(), 0);
    finish();
    assert_true(sleeper->ended);
    assert_int_equal(sleeper->result, FAULT_DONE);
    assert_int_equal(sleeper->report.kind, FAULT_FILE);
    assert_true(sleeper->report.major);
    unit_expect_none(space, HERE, R);
    end();
}

static void two_wait_for_one_reading(void **state)
{
    (void)state;
    begin();
    struct space *other = unit_space();
    unit_map_object(other, HERE, 1, R | W, false, object, 0);
    uint64_t requests = host_device.requests;
    struct sleeper *a = send(space, R), *b = send(other, W), *c = send(space, R);
    assert_int_equal(host_device_pending(), 1);
    finish();
    assert_true(a->ended && b->ended && c->ended);
    assert_int_equal(host_device.requests, requests + 1);
    assert_int_equal(b->report.kind, FAULT_COPY);
    assert_int_equal(a->report.major + b->report.major + c->report.major, 1);
    /* Of the two in one space, whoever came second found it done. */
    assert_true((a->report.kind == FAULT_SPURIOUS) != (c->report.kind == FAULT_SPURIOUS));
    space_release(other);
    end();
}

static void unmapped_meanwhile(void **state)
{
    (void)state;
    begin();
    struct sleeper *sleeper = send(space, R);
    assert_int_equal(space_unmap(space, HERE, PAGES(1)), 0);
    finish();
    assert_int_equal(sleeper->result, FAULT_NO_REGION);
    assert_int_equal(sleeper->report.kind, FAULT_INVALID);
    assert_int_equal(space->table.frames, 1);
    end();
}

static void protected_meanwhile(void **state)
{
    (void)state;
    begin();
    struct sleeper *sleeper = send(space, W);
    assert_int_equal(space_protect(space, HERE, PAGES(1), R), 0);
    finish();
    assert_int_equal(sleeper->result, FAULT_NO_ACCESS);
    end();
}

static void replaced_meanwhile(void **state)
{
    (void)state;
    begin();
    struct sleeper *sleeper = send(space, W);
    struct map_request request = {.address = HERE,
                                  .length = PAGES(1),
                                  .access = R | W,
                                  .access_max = R | W,
                                  .flags = MAP_FIXED};
    assert_int_equal(space_map(space, &request), HERE);
    finish();
    assert_int_equal(sleeper->report.kind, FAULT_ZERO_FILL);
    assert_int_equal(unit_read(space, HERE), 0);
    end();
}

static void cut_meanwhile(void **state)
{
    (void)state;
    begin();
    struct sleeper *sleeper = send(space, R);
    assert_int_equal(object_resize(object, 0), 0);
    assert_int_equal(object->page_count, 0);
    assert_int_equal(audit(), 0);
    finish();
    assert_int_equal(sleeper->result, FAULT_BEYOND_END);
    assert_int_equal(page_count, 0);
    end();
}

static void cut(struct thread *self)
{
    (void)self;
    assert_int_equal(object_resize(object, 16), 0);
}

/* Who cuts it has to wait for a space that somebody is changing; who reads has looked at the size
 * before, and comes to the pages now. Nothing behind the new end comes back with a longer file. */
static void read_while_it_is_cut(void **state)
{
    (void)state;
    begin();
    host_device.instant = 100;
    space->changing = true;
    struct thread *thread = thread_create(space, cut);
    thread_resume(thread);
    assert_int_equal(thread->state, THREAD_ASLEEP);
    frame_t frame;
    for (uint32_t index = 0; index < 2; index++) {
        assert_int_equal(object_pin(object, index, &frame, NULL), 0);
        object_unpin(frame, false);
    }
    mm_lock();
    change_over(space);
    mm_unlock();
    finish();
    assert_int_equal(object_resize(object, PAGES(2)), 0);
    for (uint32_t index = 0; index < 2; index++) {
        assert_int_equal(object_pin(object, index, &frame, NULL), 0);
        const uint64_t *words = frame_data(frame);
        assert_int_equal(words[0], index == 0 ? *(uint64_t *)host_device_bytes : 0);
        assert_int_equal(words[2], 0);
        object_unpin(frame, false);
    }
    end();
}

/* The object itself goes, and another may have its memory by the time the device answers. */
static void gone_meanwhile(void **state)
{
    (void)state;
    begin();
    struct sleeper *sleeper = send(space, R);
    assert_int_equal(space_unmap(space, HERE, PAGES(1)), 0);
    object_release(object);
    object = object_create(NULL, 0, PAGES(2));
    host_device.failing = 50;
    finish();
    host_device.failing = 0;
    assert_true(sleeper->ended);
    assert_int_equal(object->page_count, 0);
    assert_int_equal(page_count, 0);
    end();
}

static void forked_meanwhile(void **state)
{
    (void)state;
    begin();
    struct sleeper *sleeper = send(space, W);
    struct space *child = space_fork(space);
    finish();
    assert_int_equal(sleeper->report.kind, FAULT_COPY);
    unit_expect_kind(child, HERE, R, FAULT_FILE);
    unit_write(space, HERE, 3);
    assert_int_equal(unit_read(child, HERE), *(uint64_t *)host_device_bytes);
    space_release(child);
    end();
}

/* What the fault turned out to be is told in the end, whatever it found when it looked again. */
static void the_report_after_a_sleep(void **state)
{
    (void)state;
    begin();
    unit_swap(10);
    struct group *group = unit_group(space, "fifo", 10);
    assert_int_equal(space_unmap(space, HERE, PAGES(1)), 0);
    unit_map(space, HERE, 1, R | W);
    for (unsigned i = 0; i < 2; i++) {
        unsigned access = i == 0 ? R : W;
        unit_write(space, HERE, 5 + i);
        host_swap.instant = 100;
        assert_int_equal(group_reclaim(group, 1), 1);
        page_t page = unit_page(space, HERE);
        mm_lock(); /* its frame is used for something else */
        frame_t frame = page_get(page)->frame;
        if (frame_is(frame)) {
            page_lose_frame(page);
            frame_forget(frame);
        }
        mm_unlock();
        host_swap.instant = 0;
        uint64_t page_ins = fault_totals.kind[FAULT_PAGE_IN], major = fault_totals.major;
        struct sleeper *sleeper = send(space, access);
        assert_false(sleeper->ended);
        finish();
        assert_int_equal(sleeper->result, FAULT_DONE);
        assert_int_equal(sleeper->report.kind, FAULT_PAGE_IN);
        assert_true(sleeper->report.major);
        assert_true(page_same(sleeper->report.page, page));
        assert_true(frame_same(sleeper->report.frame, unit_frame(space, HERE)));
        assert_false(frame_is(sleeper->report.from));
        assert_int_equal(fault_totals.kind[FAULT_PAGE_IN], page_ins + 1);
        assert_int_equal(fault_totals.major, major + 1);
        assert_int_equal(unit_read(space, HERE), 5 + i);
    }
    end();
    unit_group_end(group);
}

static void failed_for_all_who_wait(void **state)
{
    (void)state;
    begin();
    struct sleeper *a = send(space, R), *b = send(space, R);
    host_device.failing = 100;
    finish();
    assert_int_equal(a->result, FAULT_LOST);
    assert_int_equal(b->result, FAULT_LOST);
    assert_int_equal(page_count, 0);
    host_device.failing = 0;
    end();
}

/* Answers in any order, each to its own page. */
static void answers_in_any_order(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        host_device.instant = 0;
        struct object *files[4];
        struct sleeper *sent[4];
        struct space *spaces[4];
        for (unsigned i = 0; i < 4; i++) {
            files[i] = object_create(&host_device, PAGES(i), PAGES(1));
            spaces[i] = unit_space();
            unit_map_object(spaces[i], HERE, 1, R, true, files[i], 0);
            sent[i] = send(spaces[i], R);
        }
        finish();
        for (unsigned i = 0; i < 4; i++) {
            assert_int_equal(sent[i]->result, FAULT_DONE);
            assert_int_equal(unit_read(spaces[i], HERE),
                             *(uint64_t *)&host_device_bytes[PAGES(i)]);
            space_release(spaces[i]);
            object_release(files[i]);
        }
    }
}

void test_sleep(void)
{
    const struct CMUnitTest sleeping_faults[] = {
        UNIT_TEST(the_page_is_busy_meanwhile), UNIT_TEST(two_wait_for_one_reading),
        UNIT_TEST(unmapped_meanwhile),         UNIT_TEST(protected_meanwhile),
        UNIT_TEST(replaced_meanwhile),         UNIT_TEST(cut_meanwhile),
        UNIT_TEST(read_while_it_is_cut),       UNIT_TEST(gone_meanwhile),
        UNIT_TEST(forked_meanwhile),           UNIT_TEST(the_report_after_a_sleep),
        UNIT_TEST(failed_for_all_who_wait),    UNIT_TEST(answers_in_any_order),
    };
    unit_add(sleeping_faults);
}
