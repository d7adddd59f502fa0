/* tests/host/test_region.c - promises: regions found, split, joined; room found. */
#include "mm/address_spaces/change.h"
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/region_layout.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/demand_paging/object.h"
#include "tests/host/choice.h"
#include "tests/host/unit.h"

static intptr_t map_at(struct space *space, uintptr_t address, size_t length,
                       unsigned flags)
{
    struct map_request request = {.address = address,
                                  .length = length,
                                  .access = R | W,
                                  .access_max = R | W | X,
                                  .flags = flags};
    return space_map(space, &request);
}

static void neighbours_join(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 2, R | W);
    unit_map(space, HERE + PAGES(4), 2, R | W);
    assert_int_equal(space->region_count, 2);
    unit_map(space, HERE + PAGES(2), 2, R | W);
    assert_int_equal(space->region_count, 1);
    assert_int_equal(space->first->start, HERE);
    assert_int_equal(space->first->end, HERE + PAGES(6));
    assert_int_equal(space->promised, PAGES(6));
    unit_map(space, HERE + PAGES(6), 1, R);
    assert_int_equal(space->region_count, 2);
    space_release(space);
}

static void pieces_of_an_object_join_only_in_order(void **state)
{
    (void)state;
    struct space *space = unit_space();
    struct object *object = object_create(NULL, 0, PAGES(8));
    unit_map_object(space, HERE, 2, R, true, object, 0);
    unit_map_object(space, HERE + PAGES(2), 2, R, true, object, 2);
    assert_int_equal(space->region_count, 1);
    unit_map_object(space, HERE + PAGES(4), 2, R, true, object, 5);
    assert_int_equal(space->region_count, 2);
    unit_map_object(space, HERE + PAGES(6), 1, R, false, object, 7);
    assert_int_equal(space->region_count, 3);
    assert_int_equal(object->references, 4);
    space_release(space);
    assert_int_equal(object->references, 1);
    object_release(object);
}

static void unmapping_the_middle_splits(void **state)
{
    (void)state;
    struct space *space = unit_space();
    struct object *object = object_create(NULL, 0, PAGES(8));
    unit_map_object(space, HERE, 8, R | W, true, object, 0);
    for (unsigned i = 0; i < 8; i++)
        unit_write(space, HERE + PAGES(i), i);
    assert_int_equal(space_unmap(space, HERE + PAGES(3), PAGES(2)), 0);
    assert_int_equal(space->region_count, 2);
    assert_int_equal(space->promised, PAGES(6));
    assert_int_equal(object->references, 3);
    struct region *above = region_find(space, HERE + PAGES(6));
    assert_int_equal(above->start, HERE + PAGES(5));
    assert_int_equal(above->index, 5);
    assert_int_equal(unit_read(space, HERE + PAGES(5)), 5);
    assert_int_equal(unit_try(space, HERE + PAGES(4), R), FAULT_NO_REGION);
    assert_null(region_find(space, HERE + PAGES(3)));
    assert_ptr_equal(region_at_or_above(space, HERE + PAGES(3)), above);
    space_release(space);
    object_release(object);
}

static void unmapping_takes_what_is_there(void **state)
{
    (void)state;
    struct space *space = unit_space();
    assert_int_equal(space_unmap(space, HERE, PAGES(100)), 0);
    unit_map(space, HERE, 1, R);
    unit_map(space, HERE + PAGES(2), 1, R | W);
    unit_map(space, HERE + PAGES(4), 3, R);
    assert_int_equal(space_unmap(space, HERE, PAGES(5) - 1), 0);
    assert_int_equal(space->region_count, 1);
    assert_int_equal(space->first->start, HERE + PAGES(5));
    assert_int_equal(space_unmap(space, HERE + 1, PAGES(1)), -EINVAL);
    assert_int_equal(space_unmap(space, HERE, 0), -EINVAL);
    assert_int_equal(space_unmap(space, HERE, UINTPTR_MAX - PAGE_SIZE), -EINVAL);
    assert_int_equal(space_unmap(space, USER_END - PAGE_SIZE, PAGES(2)), -EINVAL);
    /* Start and length together wrap around (X86-CHECKLIST 29). */
    assert_int_equal(space_unmap(space, -PAGE_SIZE, PAGES(2)), -EINVAL);
    assert_int_equal(space_protect(space, -PAGE_SIZE, PAGES(2), R), -ENOMEM);
    assert_int_equal(map_at(space, -PAGE_SIZE, PAGES(2), MAP_FIXED), -ENOMEM);
    space_release(space);
}

static void room_is_found_from_the_top(void **state)
{
    (void)state;
    struct space *space = unit_space();
    assert_int_equal(map_at(space, 0, PAGES(4), 0), REGION_TOP - PAGES(4));
    assert_int_equal(map_at(space, 0, 1, 0), REGION_TOP - PAGES(5));
    /* A hole too small is passed over, one that fits is taken. */
    assert_int_equal(space_unmap(space, REGION_TOP - PAGES(4), PAGES(2)), 0);
    assert_int_equal(map_at(space, 0, PAGES(3), 0), REGION_TOP - PAGES(8));
    assert_int_equal(map_at(space, 0, PAGES(2), 0), REGION_TOP - PAGES(4));
    /* What lies above the top is no obstacle. */
    assert_int_equal(map_at(space, REGION_TOP, PAGES(2), MAP_FIXED), REGION_TOP);
    assert_int_equal(space_unmap(space, REGION_TOP - PAGES(1), PAGES(2)), 0);
    assert_int_equal(map_at(space, 0, PAGES(1), 0), REGION_TOP - PAGES(1));
    space_release(space);
}

static void a_wish_is_granted_if_it_can_be(void **state)
{
    (void)state;
    struct space *space = unit_space();
    assert_int_equal(map_at(space, HERE + 5, PAGES(2), 0), HERE);
    assert_int_equal(map_at(space, HERE, PAGES(2), 0), REGION_TOP - PAGES(2));
    assert_int_equal(map_at(space, PAGE_SIZE, PAGES(2), 0), REGION_TOP - PAGES(4));
    space_release(space);
}

static void orders_and_refusals(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 4, R | W);
    unit_write(space, HERE + PAGES(1), 7);
    assert_int_equal(map_at(space, HERE + PAGES(3), PAGES(2), MAP_FIXED_NOREPLACE),
                     -EEXIST);
    assert_int_equal(map_at(space, HERE + PAGES(1), PAGES(2), MAP_FIXED), HERE + PAGES(1));
    assert_int_equal(unit_read(space, HERE + PAGES(1)), 0);
    assert_int_equal(map_at(space, HERE, 0, 0), -EINVAL);
    assert_int_equal(map_at(space, HERE + 1, PAGES(1), MAP_FIXED), -EINVAL);
    assert_int_equal(map_at(space, USER_END - PAGE_SIZE, PAGES(2), MAP_FIXED), -ENOMEM);
    assert_int_equal(map_at(space, 0, UINTPTR_MAX, 0), -ENOMEM);
    assert_int_equal(map_at(space, 0, USER_END, 0), -ENOMEM);
    assert_int_equal(map_at(space, 0, PAGES(1), MAP_FIXED), -EPERM);
    /* The last page below 2^47 belongs to nobody (X86-CHECKLIST 25). */
    assert_int_equal(map_at(space, USER_END, PAGES(1), MAP_FIXED), -ENOMEM);
    space_release(space);
}

static void a_terabyte_costs_as_much_as_a_page(void **state)
{
    (void)state;
    struct space *space = unit_space();
    uint32_t before = frame_counts.free;
    uintptr_t start = (uintptr_t)map_at(space, 0, 1ul << 40, 0);
    assert_int_equal(space->promised, 1ul << 40);
    assert_in_range(before - frame_counts.free, 0, 1);
    unit_write(space, start + (1ul << 39), 1);
    unit_write(space, start, 2);
    assert_int_equal(space_protect(space, start, 1ul << 40, R), 0);
    assert_int_equal(space_unmap(space, start, 1ul << 40), 0);
    assert_int_equal(space->table.frames, 1);
    space_release(space);
}

#define MANY 600

/* The tree against a plain array of what is promised. */
static void many_regions_in_any_order(void **state)
{
    (void)state;
    struct space *space = unit_space();
    bool there[2 * MANY] = {false};
    for (unsigned i = 0; i < 4 * MANY; i++) {
        unsigned page = choose(MANY) * 2;
        uintptr_t at = HERE + PAGES(page);
        if (there[page])
            assert_int_equal(space_unmap(space, at, PAGES(1)), 0);
        else
            unit_map(space, at, 1, R);
        there[page] = !there[page];
        for (unsigned probe = 0; probe < 8; probe++) {
            unsigned from = choose(2 * MANY), next = from;
            while (next < 2 * MANY && !there[next])
                next++;
            struct region *region = region_at_or_above(space, HERE + PAGES(from) + 17);
            if (next == 2 * MANY)
                assert_null(region);
            else
                assert_int_equal(region->start, HERE + PAGES(next));
            assert_int_equal(region_find(space, HERE + PAGES(from)) != NULL, there[from]);
        }
    }
    space_release(space);
}

/* mmap is refused when there are more than the most; a cut, when there would be. */
static void so_many_regions_and_no_more(void **state)
{
    (void)state;
    const uint32_t most = 8;
    struct space *space = unit_space();
    region_most = most;
    for (unsigned i = 0; i <= most; i++)
        unit_map(space, HERE + PAGES(4 * i), 3, R | W);
    assert_int_equal(space->region_count, most + 1);
    assert_int_equal(map_at(space, HERE + PAGES(4 * most + 4), PAGES(1), 0), -ENOMEM);
    assert_int_equal(space_unmap(space, HERE, PAGES(3)), 0);
    assert_int_equal(space_unmap(space, HERE + PAGES(5), PAGES(1)), -ENOMEM);
    assert_int_equal(space_unmap(space, HERE + PAGES(8), PAGES(3)), 0);
    assert_int_equal(space->region_count, most - 1);
    assert_int_equal(space_protect(space, HERE + PAGES(5), PAGES(1), R), -ENOMEM);
    assert_int_equal(space_protect(space, HERE + PAGES(5), PAGES(2), R), 0);
    assert_int_equal(space->region_count, most);
    assert_int_equal(space_protect(space, HERE + PAGES(12), PAGES(1), R), -ENOMEM);
    space_release(space);
    region_most_set();
}

static void heap_moves(void **state)
{
    (void)state;
    struct space *space = unit_space();
    space->heap_start = space->heap_end = HERE + 100;
    space->data_limit = PAGES(9);
    assert_int_equal(space_heap(space, HERE + 100).now, HERE + 100);
    assert_int_equal(space_heap(space, HERE + PAGES(3) + 5).now, HERE + PAGES(3) + 5);
    assert_int_equal(unit_read(space, HERE + PAGES(3)), 0);
    assert_int_equal(unit_try(space, HERE + PAGES(4), R), FAULT_NO_REGION);
    unit_write(space, HERE + PAGES(3), 9);
    assert_int_equal(space_heap(space, HERE + PAGES(2)).now, HERE + PAGES(2));
    assert_int_equal(unit_try(space, HERE + PAGES(2), R), FAULT_NO_REGION);
    assert_int_equal(space_heap(space, HERE + PAGES(4)).now, HERE + PAGES(4));
    assert_int_equal(unit_read(space, HERE + PAGES(3)), 0);
    /* Below its beginning, beyond its limit, into something else: it stays. */
    assert_int_equal(space_heap(space, HERE).now, HERE + PAGES(4));
    assert_int_equal(space_heap(space, HERE + PAGES(20)).now, HERE + PAGES(4));
    unit_map(space, HERE + PAGES(6), 1, R);
    assert_int_equal(space_heap(space, HERE + PAGES(7)).now, HERE + PAGES(4));
    assert_int_equal(space_heap(space, HERE + PAGES(5) + 1).now,
                     HERE + PAGES(4)); /* too close */
    assert_int_equal(space_heap(space, UINTPTR_MAX).now, HERE + PAGES(4));
    space_release(space);
}

/* What those who moved it were told, who was served first first. */
static struct heap_ends heap_moved[2];
static unsigned heap_moves_done;

static void heap_grow(struct thread *self)
{
    struct heap_ends ends = space_heap(self->space, HERE + PAGES(4));
    heap_moved[heap_moves_done++] = ends;
}

static void heap_shrink(struct thread *self)
{
    struct heap_ends ends = space_heap(self->space, HERE + PAGES(1));
    heap_moved[heap_moves_done++] = ends;
}

/* Two threads that wait for the end of somebody's change; then one comes after the other. */
static void heap_race(void (*first)(struct thread *), void (*second)(struct thread *))
{
    struct space *space = unit_space();
    space->heap_start = space->heap_end = HERE;
    assert_int_equal(space_heap(space, HERE + PAGES(2)).now, HERE + PAGES(2));
    heap_moves_done = 0;
    space->changing = true;
    thread_resume(thread_create(space, first));
    thread_resume(thread_create(space, second));
    assert_int_equal(threads_alive(), 2);
    mm_lock();
    change_over(space);
    mm_unlock();
    while (threads_alive() > 0)
        host_step();
    uintptr_t end = space->heap_end;
    assert_true(end == HERE + PAGES(4) || end == HERE + PAGES(1));
    assert_int_equal(heap_moved[0].before, HERE + PAGES(2));
    assert_int_equal(heap_moved[1].before, heap_moved[0].now);
    assert_int_equal(heap_moved[1].now, end);
    assert_int_equal(region_first_hole(space, HERE, end), end);
    assert_true(region_is_free(space, end, HERE + PAGES(8)));
    space_release(space);
}

/* Whoever is last, the heap is all of what its end says, and no more. */
static void heap_has_no_holes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) { /* who is first is up to chance */
        heap_race(heap_grow, heap_shrink);
        heap_race(heap_shrink, heap_grow);
        heap_race(heap_grow, heap_grow);
    }
}

static void stack_grows_to_its_limit(void **state)
{
    (void)state;
    struct space *space = unit_space();
    uintptr_t top = HERE + PAGES(1000);
    space->stack_most = PAGES(600);
    map_at(space, top - PAGES(1), PAGES(1), MAP_FIXED | MAP_GROWSDOWN);
    unit_write(space, top - PAGES(10) + 8, 1);
    assert_int_equal(space->promised, PAGES(10));
    assert_int_equal(unit_read(space, top - PAGES(5)), 0);
    assert_int_equal(unit_try(space, top - PAGES(10), X), FAULT_NO_ACCESS);
    assert_int_equal(unit_try(space, top - PAGES(600) - 1, W), FAULT_NO_REGION);
    unit_write(space, top - PAGES(300), 1);
    /* Not near anything else. */
    unit_map(space, top - PAGES(600), 1, R);
    assert_int_equal(unit_try(space, top - PAGES(500), W), FAULT_NO_REGION);
    unit_write(space, top - PAGES(600 - 257), 1);
    assert_int_equal(unit_try(space, top, W), FAULT_NO_REGION);
    /* What cannot be touched, and another stack, may be next to it. */
    assert_int_equal(space_protect(space, top - PAGES(600), PAGES(1), 0), 0);
    unit_write(space, top - PAGES(450), 1);
    map_at(space, top - PAGES(500), PAGES(1), MAP_FIXED | MAP_GROWSDOWN);
    unit_write(space, top - PAGES(499), 1);
    space_release(space);
}

/* --- Rooms in the tree ------------------------------------------------------------------ */

/* What region_gap says, along the list. */
static uintptr_t gap_by_list(const struct space *space, size_t length, uintptr_t bottom,
                             uintptr_t top)
{
    uintptr_t end = top;
    for (const struct region *at = space->last; at != NULL; at = at->previous) {
        if (at->end <= end && end - at->end >= length)
            break;
        end = at->start < end ? at->start : end;
    }
    return end >= length && end - length >= bottom ? end - length : 0;
}

/* Hundreds of regions come, go, grow, are cut and joined: the tree finds the room that the list
 * has, for every length, below every top. */
static void the_tree_finds_what_the_list_has(void **state)
{
    (void)state;
    struct space *space = unit_space();
    uint32_t dice = 1;
    for (unsigned round = 0; round < 6000; round++) {
        dice = dice * 1664525 + 1013904223;
        uintptr_t place = HERE + PAGES((dice >> 8) % 2000);
        size_t length = PAGES(1 + (dice >> 20) % 5);
        bool fills = round % 2000 < 1200; /* else it empties */
        if (dice >> 30 == 0 || !fills)
            assert_int_equal(space_unmap(space, place, fills ? length : 8 * length), 0);
        else
            map_at(space, place, length, MAP_FIXED | (dice >> 29 == 7 ? MAP_SHARED : 0));
        if (dice >> 28 == 9)
            (void)!space_protect(space, place, length, R); /* there may be a hole */
        size_t wanted = PAGES(1 + (dice >> 12) % 9);
        uintptr_t top = HERE + PAGES((dice >> 16) % 2010);
        mm_lock();
        assert_int_equal(region_gap(space, wanted, HERE, top),
                         gap_by_list(space, wanted, HERE, top));
        assert_int_equal(region_gap(space, wanted, REGION_BOTTOM, REGION_TOP),
                         gap_by_list(space, wanted, REGION_BOTTOM, REGION_TOP));
        mm_unlock();
    }
    assert_int_equal(audit(), 0);
    space_release(space);
}

static void room_keeps_clear_of_a_stack(void **state)
{
    (void)state;
    struct space *space = unit_space();
    uintptr_t top = REGION_TOP - PAGES(9);
    map_at(space, top - PAGES(1), PAGES(1), MAP_FIXED | MAP_GROWSDOWN);
    assert_int_equal(map_at(space, top - PAGES(9), PAGES(10), 0),
                     top - PAGES(1) - REGION_STACK_GAP - PAGES(10));
    assert_int_equal(map_at(space, top - PAGES(9), PAGES(1), MAP_FIXED), top - PAGES(9));
    assert_int_equal(map_at(space, 0, PAGES(2), MAP_32BIT), REGION_LOW_TOP - PAGES(2));
    assert_int_equal(map_at(space, 0, PAGES(2), MAP_32BIT), REGION_LOW_TOP - PAGES(4));
    assert_int_equal(map_at(space, 0, REGION_LOW_TOP - REGION_LOW_BOTTOM, MAP_32BIT),
                     -ENOMEM);
    space_release(space);
}

void test_region(void)
{
    const struct CMUnitTest regions[] = {
        UNIT_TEST(neighbours_join),
        UNIT_TEST(pieces_of_an_object_join_only_in_order),
        UNIT_TEST(unmapping_the_middle_splits),
        UNIT_TEST(unmapping_takes_what_is_there),
        UNIT_TEST(room_is_found_from_the_top),
        UNIT_TEST(a_wish_is_granted_if_it_can_be),
        UNIT_TEST(orders_and_refusals),
        UNIT_TEST(a_terabyte_costs_as_much_as_a_page),
        UNIT_TEST(many_regions_in_any_order),
        UNIT_TEST(so_many_regions_and_no_more),
        UNIT_TEST(heap_moves),
        UNIT_TEST(heap_has_no_holes),
        UNIT_TEST(stack_grows_to_its_limit),
        UNIT_TEST(the_tree_finds_what_the_list_has),
        UNIT_TEST(room_keeps_clear_of_a_stack),
    };
    unit_add(regions);
}
