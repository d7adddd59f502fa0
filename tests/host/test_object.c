/* tests/host/test_object.c - files and shared memory: one page however many see it. */
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/space_map.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/object_io.h"
#include "mm/demand_paging/space_fork.h"
#include "tests/host/unit.h"

#include <string.h>

static uint64_t device_word(uint64_t position)
{
    uint64_t word;
    memcpy(&word, &host_device_bytes[position], sizeof(word));
    return word;
}

/* What the kernel's read() would see. */
static uint64_t read_object(struct object *object, uint64_t position)
{
    frame_t frame;
    uint64_t word;
    assert_int_equal(object_pin(object, (uint32_t)(position / PAGE_SIZE), &frame, NULL), 0);
    memcpy(&word, (char *)frame_data(frame) + position % PAGE_SIZE, sizeof(word));
    object_unpin(frame, false);
    return word;
}

static void write_object(struct object *object, uint64_t position, uint64_t word)
{
    frame_t frame;
    assert_int_equal(object_pin(object, (uint32_t)(position / PAGE_SIZE), &frame, NULL), 0);
    memcpy((char *)frame_data(frame) + position % PAGE_SIZE, &word, sizeof(word));
    object_unpin(frame, true);
}

static void all_see_the_same_page(void **state)
{
    (void)state;
    struct object *object = object_create(&host_device, PAGES(1), PAGES(4));
    struct space *a = unit_space(), *b = unit_space();
    unit_map_object(a, HERE, 4, R | W, true, object, 0);
    unit_map_object(b, 2 * HERE, 2, R | W, true, object, 2);
    unit_write(a, HERE + PAGES(3), 5);
    assert_int_equal(unit_read(b, 2 * HERE + PAGES(1)), 5);
    assert_int_equal(read_object(object, PAGES(3)), 5);
    write_object(object, PAGES(2) + 64, 6);
    assert_int_equal(unit_read(a, HERE + PAGES(2) + 64), 6);
    assert_int_equal(unit_read(a, HERE + PAGES(2)), device_word(PAGES(3)));
    assert_int_equal(object->page_count, 2);
    space_release(a);
    assert_int_equal(unit_read(b, 2 * HERE + PAGES(1)), 5);
    space_release(b);
    assert_int_equal(read_object(object, PAGES(3)), 5);
    object_release(object);
}

static void a_private_mapping_sees_writes_until_it_has_its_own(void **state)
{
    (void)state;
    struct object *object = object_create(NULL, 0, PAGES(1));
    struct space *space = unit_space();
    unit_map_object(space, HERE, 1, R | W, false, object, 0);
    write_object(object, 0, 1);
    assert_int_equal(unit_read(space, HERE), 1);
    write_object(object, 0, 2);
    assert_int_equal(unit_read(space, HERE), 2);
    unit_write(space, HERE + 8, 3);
    write_object(object, 0, 4);
    assert_int_equal(unit_read(space, HERE), 2);
    assert_int_equal(read_object(object, 8), 0);
    space_release(space);
    object_release(object);
}

static void pin_reads_the_device_once(void **state)
{
    (void)state;
    struct object *object = object_create(&host_device, 0, PAGES(2));
    bool major = false;
    frame_t frame;
    uint64_t requests = host_device.requests;
    assert_false(frame_is(object_peek(object, 1)));
    assert_int_equal(object_pin(object, 1, &frame, &major), 0);
    assert_true(major);
    assert_int_equal(frame_get(frame)->pins, 1);
    assert_true(frame_same(object_peek(object, 1), frame));
    object_unpin(frame, false);
    assert_false(frame_get(frame)->dirty);
    major = false;
    assert_int_equal(object_pin(object, 1, &frame, &major), 0);
    assert_false(major);
    object_unpin(frame, true);
    assert_true(frame_get(frame)->dirty);
    assert_int_equal(host_device.requests, requests + 1);
    object_release(object);
}

static void cut_pages_are_taken_from_all(void **state)
{
    (void)state;
    struct object *object = object_create(NULL, 0, PAGES(4));
    struct space *a = unit_space(), *b = unit_space();
    unit_map_object(b, 2 * HERE, 4, R | W, true, object, 0);
    unit_map_object(a, HERE, 4, R | W, true, object, 0);
    for (unsigned i = 0; i < 4; i++) {
        unit_write(b, 2 * HERE + PAGES(i), 100 + i);
        unit_write(a, HERE + PAGES(i), 200 + i);
    }
    uint32_t before = frame_counts.free;
    assert_int_equal(object_resize(object, PAGES(2)), 0);
    assert_int_equal(frame_counts.free, before + 2);
    machine_check();
    assert_int_equal(object->page_count, 2);
    assert_int_equal(unit_read(a, HERE + PAGES(1)), 201);
    assert_int_equal(unit_try(a, HERE + PAGES(2), R), FAULT_BEYOND_END);
    assert_int_equal(unit_try(b, 2 * HERE + PAGES(3), W), FAULT_BEYOND_END);
    assert_int_equal(object_resize(object, PAGES(4)), 0);
    assert_int_equal(unit_read(a, HERE + PAGES(2)), 0);
    assert_int_equal(unit_read(b, 2 * HERE + PAGES(3)), 0);
    space_release(a);
    space_release(b);
    object_release(object);
}

static void what_was_cut_reads_as_zeroes(void **state)
{
    (void)state;
    struct object *object = object_create(&host_device, 0, PAGES(3));
    assert_int_equal(read_object(object, PAGES(1) + 8), device_word(PAGES(1) + 8));
    assert_int_equal(object_resize(object, PAGES(1) + 12), 0);
    assert_int_equal(object_resize(object, PAGES(3)), 0);
    assert_int_equal(read_object(object, PAGES(1)), device_word(PAGES(1)));
    assert_int_equal(read_object(object, PAGES(1) + 8),
                     (uint32_t)device_word(PAGES(1) + 8));
    assert_int_equal(read_object(object, PAGES(1) + 16), 0);
    assert_int_equal(read_object(object, PAGES(2)), 0);
    /* The same where the last page had not been read yet. */
    assert_int_equal(object_resize(object, 100), 0);
    assert_int_equal(object_resize(object, PAGES(1)), 0);
    assert_int_equal(read_object(object, 88), device_word(88));
    assert_int_equal(read_object(object, 104), 0);
    object_release(object);
}

/* As Linux has it: beyond the end there is nothing, written privately or not. */
static void private_copies_go_with_a_cut(void **state)
{
    (void)state;
    struct object *object = object_create(NULL, 0, PAGES(2));
    struct space *space = unit_space();
    unit_map_object(space, HERE, 2, R | W, false, object, 0);
    unit_write(space, HERE + PAGES(1), 9);
    unit_read(space, HERE);
    unit_write(space, HERE, 8);
    assert_int_equal(object_resize(object, PAGES(1)), 0);
    assert_int_equal(unit_try(space, HERE + PAGES(1), R), FAULT_BEYOND_END);
    assert_int_equal(unit_read(space, HERE), 8);
    assert_int_equal(object_resize(object, 0), 0);
    assert_int_equal(unit_try(space, HERE, R), FAULT_BEYOND_END);
    space_release(space);
    object_release(object);
}

/* A page that is pinned when its object loses it belongs to whoever pins it. */
static void pinned_page_is_cut(void **state)
{
    (void)state;
    struct object *object = object_create(NULL, 0, PAGES(1));
    write_object(object, 0, 1);
    frame_t frame;
    assert_int_equal(object_pin(object, 0, &frame, NULL), 0);
    assert_int_equal(object_resize(object, 0), 0);
    assert_int_equal(frame_get(frame)->state, FRAME_RESIDENT);
    assert_int_equal(object_resize(object, PAGES(1)), 0);
    assert_int_equal(read_object(object, 0), 0);
    object_release(object);
    assert_int_equal(audit(), 0);
    object_unpin(frame, true);
    assert_int_equal(frame_get(frame)->state, FRAME_FREE);
}

static void a_failing_device(void **state)
{
    (void)state;
    struct object *object = object_create(&host_device, 0, PAGES(1));
    struct space *space = unit_space();
    unit_map_object(space, HERE, 1, R | W, false, object, 0);
    frame_t frame;
    host_device.failing = 100;
    assert_int_equal(unit_try(space, HERE, R), FAULT_LOST);
    assert_int_equal(unit_try(space, HERE, W), FAULT_LOST);
    assert_int_equal(object_pin(object, 0, &frame, NULL), -EIO);
    assert_int_equal(object->page_count, 0);
    assert_int_equal(page_count, 0);
    assert_int_equal(audit(), 0);
    host_device.failing = 0;
    assert_int_equal(unit_read(space, HERE), device_word(0));
    space_release(space);
    object_release(object);
}

static void memory_without_a_name(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map_object(space, HERE, 3, R | W, true, NULL, 0);
    unit_expect_kind(space, HERE, R, FAULT_FILE);
    struct space *child = space_fork(space);
    unit_write(child, HERE + PAGES(2), 8);
    assert_int_equal(unit_read(space, HERE + PAGES(2)), 8);
    assert_int_equal(space_unmap(space, HERE, PAGES(3)), 0);
    assert_int_equal(unit_read(child, HERE + PAGES(2)), 8);
    uint32_t before = page_count;
    space_release(child);
    assert_int_equal(page_count, before - 2);
    space_release(space);
}

void test_object(void)
{
    const struct CMUnitTest objects[] = {
        UNIT_TEST(all_see_the_same_page),
        UNIT_TEST(a_private_mapping_sees_writes_until_it_has_its_own),
        UNIT_TEST(pin_reads_the_device_once),
        UNIT_TEST(cut_pages_are_taken_from_all),
        UNIT_TEST(what_was_cut_reads_as_zeroes),
        UNIT_TEST(private_copies_go_with_a_cut),
        UNIT_TEST(pinned_page_is_cut),
        UNIT_TEST(a_failing_device),
        UNIT_TEST(memory_without_a_name),
    };
    unit_add(objects);
}
