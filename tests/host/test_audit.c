/* tests/host/test_audit.c - the audit must see what is broken: each invariant, by hand.
 *
 * Every case changes one word, sees that the audit complains of the right invariant, and
 * puts the word back. */
#include "mm/address_spaces/region.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/group.h"
#include "mm/frames/slab.h"
#include "mm/page_tables/mapper.h"
#include "mm/page_tables/table.h"
#include "tests/host/unit.h"

#include <string.h>

static struct space *space, *child;
static struct object *object;
static frame_t own, shared, file; /* written privately; shared by fork; an object's */

static void begin(void)
{
    space = unit_space();
    object = object_create(NULL, 0, PAGES(2));
    unit_map(space, HERE, 4, R | W);
    unit_map_object(space, HERE + PAGES(4), 1, R | W, false, object, 0);
    unit_write(space, HERE + PAGES(1), 2);
    child = space_fork(space);
    unit_write(space, HERE, 1);
    unit_read(space, HERE + PAGES(2));
    unit_read(space, HERE + PAGES(4));
    own = unit_frame(space, HERE);
    shared = unit_frame(space, HERE + PAGES(1));
    file = unit_frame(space, HERE + PAGES(4));
    assert_int_equal(audit(), 0);
}

static void end(void)
{
    if (audit() != 0)
        fail_msg("not put back: %s", host_message);
    space_release(child);
    space_release(space);
    object_release(object);
}

static const char *wanted;
static bool told;

static void listen(const char *line)
{
    told |= strstr(line, wanted) != NULL;
}

/* One of the audit's messages must say this. */
static void expect_broken(const char *text)
{
    wanted = text;
    told = false;
    host_message_hook = listen;
    unsigned broken = audit();
    host_message_hook = NULL;
    if (broken == 0 || !told)
        fail_msg("not said: %s; %u complaints, the last: %s", text, broken, host_message);
}

#define BREAK_SAYS(text, place, value)  \
    do {                                \
        typeof(place) before = (place); \
        (place) = (value);              \
        expect_broken(text);            \
        (place) = before;               \
        assert_int_equal(audit(), 0);   \
    } while (0)
#define BREAK(invariant, place, value) \
    BREAK_SAYS("invariant " invariant " broken", place, value)

static struct page *page_of(frame_t frame)
{
    return page_get(frame_get(frame)->page);
}

static pte_t *entry_of(unsigned page)
{
    return table_find(&space->table, HERE + PAGES(page));
}

static void holders(void **state)
{
    (void)state;
    begin();
    BREAK("1", page_of(own)->holders, 0);
    BREAK("1", page_of(own)->holders, 2);
    BREAK("1", page_of(shared)->holders, 1);
    BREAK("1", page_of(shared)->holders, 3);
    BREAK("1", page_of(file)->holders, 1);
    end();
}

static void objects_find_their_pages(void **state)
{
    (void)state;
    begin();
    BREAK("1", page_of(file)->index, 1);
    end();
}

static void mappers(void **state)
{
    (void)state;
    begin();
    BREAK("2", frame_get(own)->mappers, MAPPER_NONE);
    BREAK("2", mapper_link(frame_get(shared)->mappers)->next, MAPPER_NONE);
    BREAK("2", mapper_link(frame_get(shared)->mappers)->previous,
          frame_get(shared)->mappers);
    BREAK("2", mapper_link(frame_get(own)->mappers)->next, frame_get(shared)->mappers);
    end();
}

static void page_and_frame(void **state)
{
    (void)state;
    begin();
    BREAK("3", page_of(own)->frame, shared);
    BREAK("3", page_of(own)->frame, FRAME_NONE);
    end();
}

static void who_may_write(void **state)
{
    (void)state;
    begin();
    BREAK("5", entry_of(1)->bits, entry_of(1)->bits | PTE_WRITABLE); /* shared by fork */
    BREAK("5", entry_of(2)->bits, entry_of(2)->bits | PTE_WRITABLE); /* the zero page */
    BREAK("5", entry_of(4)->bits, entry_of(4)->bits | PTE_WRITABLE); /* a file's */
    BREAK("5", entry_of(0)->bits, entry_of(0)->bits & ~PTE_NO_EXECUTE);
    struct region *region = region_find(space, HERE);
    BREAK("5", region->access, R);
    end();
}

static frame_t any_free(void)
{
    frame_t frame = {UNIT_FRAMES - 1};
    while (frame_get(frame)->state != FRAME_FREE || frame_get(frame)->zeroed)
        frame.number--;
    return frame;
}

static void free_frames(void **state)
{
    (void)state;
    begin();
    frame_zero_one();
    frame_t frame = {0};
    while (frame_get(frame)->state != FRAME_FREE || !frame_get(frame)->zeroed)
        frame.number++;
    uint64_t *word = (uint64_t *)frame_data(frame) + 77;
    BREAK("6", *word, 1);
    BREAK("6", entry_of(0)->bits,
          (entry_of(0)->bits & ~PTE_ADDRESS) | (uint64_t)any_free().number << PAGE_SHIFT);
    end();
}

static void sums(void **state)
{
    (void)state;
    begin();
    struct frame *table = frame_get(frame_of_data(entry_of(0)));
    BREAK("8", frame_counts.free, frame_counts.free - 1);
    BREAK("8", frame_counts.zeroed, frame_counts.zeroed + 1);
    BREAK("8", groups[GROUP_ALL].charged, groups[GROUP_ALL].charged + 1);
    BREAK("8", frame_get(own)->group, 3);
    BREAK("8", groups[GROUP_ALL].limit, 1);
    BREAK("8", page_count, page_count + 1);
    BREAK("8", table->used, table->used + 1);
    BREAK("8", table->present, table->present - 1);
    BREAK("8", table->span, table->span + 1);
    BREAK("8", space->table.frames, space->table.frames + 1);
    BREAK("8", space->promised, space->promised + PAGE_SIZE);
    BREAK("8", space->region_count, space->region_count + 1);
    BREAK("8", space->first->end, space->first->end - PAGES(1));
    BREAK("8", frame_get(frame_of_data(entry_of(0)))->state, FRAME_KERNEL);
    end();
}

static void a_frame_lost_from_the_list(void **state)
{
    (void)state;
    begin();
    frame_t frame = any_free();
    BREAK("8", frame_get(frame)->state, FRAME_KERNEL);
    end();
}

static void entries_outside_all_regions(void **state)
{
    (void)state;
    begin();
    struct region *region = region_find(space, HERE);
    BREAK_SAYS("outside all regions", region->start, region->start + PAGES(1));
    end();
}

static void the_kernels_half(void **state)
{
    (void)state;
    begin();
    pte_t *root = frame_data(space->table.root), *kernel = frame_data(kernel_root());
    BREAK("9", root[256].bits, 0);
    BREAK("9", root[300].bits, kernel[256].bits);
    pte_t *below = frame_data(pte_frame(kernel[256]));
    BREAK("9", below[0].bits, below[0].bits & ~PTE_NO_EXECUTE);
    BREAK("9", below[0].bits, below[0].bits | PTE_USER);
    BREAK("9", entry_of(0)->bits, entry_of(0)->bits & ~PTE_USER);
    end();
}

void test_audit(void)
{
    const struct CMUnitTest audit[] = {
        UNIT_TEST(holders),
        UNIT_TEST(objects_find_their_pages),
        UNIT_TEST(mappers),
        UNIT_TEST(page_and_frame),
        UNIT_TEST(who_may_write),
        UNIT_TEST(free_frames),
        UNIT_TEST(sums),
        UNIT_TEST(a_frame_lost_from_the_list),
        UNIT_TEST(entries_outside_all_regions),
        UNIT_TEST(the_kernels_half),
    };
    unit_add(audit);
}
