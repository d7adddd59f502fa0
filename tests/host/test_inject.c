/* tests/host/test_inject.c - the Nth taking of a frame or an object fails, for every N.
 *
 * One life of a few spaces, done again and again with one failure further on each time,
 * until it goes through. Whatever fails says so, changes nothing, and leaves nothing
 * behind. */
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/space_map.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/fault.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/space_fork.h"
#include "tests/host/unit.h"

static struct object *object;
static unsigned failures;

static bool map(struct space *space, uintptr_t address, size_t pages, unsigned flags,
                struct object *from)
{
    struct map_request request = {.address = address,
                                  .length = PAGES(pages),
                                  .access = R | W,
                                  .access_max = R | W | X,
                                  .flags = flags | MAP_FIXED,
                                  .object = from};
    intptr_t place = space_map(space, &request);
    if (place != -ENOMEM)
        return true;
    failures++;
    return false;
}

/* All that can fail without a fault. */
static void life(struct space *space)
{
    uint64_t promised = space->promised;
    if (!map(space, HERE, 8, 0, NULL) || !map(space, HERE + TABLE_SPAN, 4, 0, object) ||
        !map(space, HERE + PAGES(20), 4, MAP_SHARED, NULL))
        return;
    promised = space->promised;
    if (space_unmap(space, HERE + PAGES(2), PAGES(2)) != 0) {
        failures++;
        assert_int_equal(space->promised, promised);
        return;
    }
    promised -= PAGES(2);
    if (space_protect(space, HERE + PAGES(5), PAGES(1), R) != 0) {
        failures++;
        assert_int_equal(region_find(space, HERE + PAGES(5))->access, R | W);
    }
    space->heap_start = space->heap_end = 2 * HERE;
    if (space_heap(space, 2 * HERE + PAGES(3)).now != 2 * HERE + PAGES(3)) {
        failures++;
        assert_int_equal(space->heap_end, 2 * HERE);
    }
    struct space *child = space_fork(space);
    if (child == NULL) {
        failures++;
        return;
    }
    assert_int_equal(child->promised, space->promised);
    if (space_unmap(child, HERE + PAGES(1), PAGES(1)) != 0)
        failures++;
    space_release(child);
}

/* `after`: the counter that makes the Nth fail. How often it had to be done again. */
static unsigned lives(uint32_t *after)
{
    for (unsigned nth = 1;; nth++) {
        object = object_create(NULL, 0, PAGES(4));
        struct space *space = unit_space();
        failures = 0;
        *after = nth;
        life(space);
        bool through = *after > 0;
        *after = 0;
        if (audit() != 0)
            fail_msg("after failure %u: %s", nth, host_message);
        space_release(space);
        object_release(object);
        if (through)
            return nth - 1;
        assert_int_equal(failures, 1);
    }
}

static void calls_without_objects(void **state)
{
    (void)state;
    /* 3 to map, 1 of which with an object; 2 each to cut; the heap; fork's space and
     * regions */
    assert_in_range(lives(&machine_slab_fail_after), 12, 40);
}

static void calls_without_frames(void **state)
{
    (void)state;
    assert_in_range(lives(&frame_fail_after), 1, 20); /* at least fork's root */
}

/* A fault that is refused a frame while there are some tries again; nobody has to go. */
static struct space *victim, *asker;

static void victim_run(struct thread *self)
{
    while (!self->dying)
        thread_yield();
    self->space = NULL;
    space_release(victim);
    victim = NULL;
}

static unsigned asker_faults;

static void asker_run(struct thread *self)
{
    struct fault_report report;
    for (unsigned i = 0; i < 4; i++) {
        uintptr_t address = HERE + PAGES(i % 2) + i / 2 * TABLE_SPAN;
        assert_int_equal(fault_handle(asker, address, i == 1 ? R : W, &report), FAULT_DONE);
        asker_faults++;
    }
    self->space = NULL;
}

static void faults_that_wait(void **state)
{
    (void)state;
    unsigned nth = 1;
    for (;; nth++) {
        object = object_create(NULL, 0, PAGES(4));
        victim = unit_space();
        unit_map(victim, HERE, 50, R | W);
        for (unsigned i = 0; i < 50; i++)
            unit_write(victim, HERE + PAGES(i), i);
        asker = unit_space();
        unit_map(asker, HERE, 2, R | W);
        unit_map_object(asker, HERE + TABLE_SPAN, 2, R | W, false, object, 0);
        host_kills = asker_faults = 0;
        frame_fail_after = nth;
        struct thread *idle = thread_create(victim, victim_run);
        thread_create(asker, asker_run);
        while (asker_faults < 4)
            host_step();
        bool through = frame_fail_after > 0;
        frame_fail_after = 0;
        assert_int_equal(host_kills, 0);
        idle->dying = true;
        while (host_step())
            ;
        assert_null(victim);
        space_release(asker);
        object_release(object);
        if (audit() != 0)
            fail_msg("after failure %u: %s", nth, host_message);
        if (through)
            break;
    }
    assert_in_range(nth, 8, 20);
}

void test_inject(void)
{
    const struct CMUnitTest injected_failures[] = {
        UNIT_TEST(calls_without_objects),
        UNIT_TEST(calls_without_frames),
        UNIT_TEST(faults_that_wait),
    };
    unit_add(injected_failures);
}
