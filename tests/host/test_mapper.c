/* tests/host/test_mapper.c - the reverse map: from a frame to every entry that points there. */
#include "mm/address_spaces/space_pages.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/object.h"
#include "mm/lock.h"
#include "mm/page_tables/flush.h"
#include "mm/page_tables/mapper.h"
#include "mm/page_tables/table.h"
#include "tests/host/unit.h"

static unsigned mappers_count(frame_t frame)
{
    unsigned count = 0;
    for (mapper_t at = frame_get(frame)->mappers; mapper_is(at);
         at = mapper_link(at)->next) {
        assert_true(frame_same(pte_frame(*mapper_entry(at)), frame));
        count++;
    }
    return count;
}

static void entry_and_mapper_are_the_same_thing(void **state)
{
    (void)state;
    struct space *space = unit_space();
    uintptr_t address = HERE + TABLE_SPAN - PAGE_SIZE;
    unit_map(space, address, 1, R | W);
    unit_write(space, address, 1);
    pte_t *entry = table_find(&space->table, address);
    mapper_t mapper = mapper_of(entry);
    assert_ptr_equal(mapper_entry(mapper), entry);
    assert_int_equal(mapper_address(mapper), address);
    assert_int_equal(frame_get(unit_frame(space, address))->mappers.number, mapper.number);
    space_release(space);
}

#define SHARERS 5

static void every_sharer_is_found(void **state)
{
    (void)state;
    struct object *object = object_create(NULL, 0, PAGES(2));
    struct space *spaces[SHARERS];
    for (unsigned i = 0; i < SHARERS; i++) {
        spaces[i] = unit_space();
        /* each at another address, one of them twice */
        unit_map_object(spaces[i], HERE + PAGES(i), 1, R | W, true, object, 0);
        unit_write(spaces[i], HERE + PAGES(i), i);
    }
    unit_map_object(spaces[2], 2 * HERE, 1, R, true, object, 0);
    assert_int_equal(unit_read(spaces[2], 2 * HERE), SHARERS - 1);
    frame_t frame = object_peek(object, 0);
    assert_int_equal(mappers_count(frame), SHARERS + 1);
    assert_int_equal(page_get(frame_get(frame)->page)->holders, SHARERS + 2);
    /* from the middle, the end and the beginning of the list */
    const unsigned order[SHARERS] = {2, 0, 4, 1, 3};
    unsigned left = SHARERS + 1;
    for (unsigned i = 0; i < SHARERS; i++) {
        left -= order[i] == 2 ? 2 : 1;
        space_release(spaces[order[i]]);
        assert_int_equal(mappers_count(frame), left);
        assert_int_equal(audit(), 0);
    }
    assert_int_equal(frame_get(frame)->state, FRAME_RESIDENT);
    object_release(object);
}

static void a_and_d_go_to_the_frame(void **state)
{
    (void)state;
    struct object *object = object_create(NULL, 0, PAGES(2));
    struct space *space = unit_space();
    unit_map_object(space, HERE, 2, R | W, true, object, 0);
    unit_read(space, HERE);
    frame_t frame = object_peek(object, 0);
    frame_get(frame)->dirty = frame_get(frame)->referenced = false;
    assert_int_equal(space_discard(space, HERE, PAGES(1), true), 0);
    assert_true(frame_get(frame)->referenced);
    assert_false(frame_get(frame)->dirty);
    unit_write(space, HERE, 1);
    frame_get(frame)->dirty = frame_get(frame)->referenced = false;
    assert_int_equal(space_discard(space, HERE, PAGES(1), true), 0);
    assert_true(frame_get(frame)->referenced);
    assert_true(frame_get(frame)->dirty);
    space_release(space);
    object_release(object);
}

static void one_call_takes_a_page_out_of_all_spaces(void **state)
{
    (void)state;
    struct object *object = object_create(NULL, 0, PAGES(1));
    struct space *other = unit_space();
    unit_map_object(other, 2 * HERE, 1, R | W, true, object, 0);
    unit_write(other, 2 * HERE, 4);
    struct space *space = unit_space();
    unit_map_object(space, HERE, 1, R | W, true, object, 0);
    assert_int_equal(unit_read(space, HERE), 4);
    assert_true(machine_remembers(HERE));
    frame_t frame = object_peek(object, 0);
    struct flush flush;
    mm_lock();
    flush_begin_loaded(&flush);
    page_unmap_all(frame, &flush);
    flush_end(&flush);
    mm_unlock();
    assert_false(machine_remembers(HERE));
    assert_int_equal(mappers_count(frame), 0);
    assert_int_equal(audit(), 0);
    unit_expect_kind(space, HERE, R, FAULT_FILE);
    unit_expect_kind(other, 2 * HERE, R, FAULT_FILE);
    space_release(space);
    space_release(other);
    object_release(object);
}

void test_mapper(void)
{
    const struct CMUnitTest reverse_map[] = {
        UNIT_TEST(entry_and_mapper_are_the_same_thing),
        UNIT_TEST(every_sharer_is_found),
        UNIT_TEST(a_and_d_go_to_the_frame),
        UNIT_TEST(one_call_takes_a_page_out_of_all_spaces),
    };
    unit_add(reverse_map);
}
