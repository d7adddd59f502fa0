/* tests/host/test_shared_code.c - what every space has without having been promised it. */
#include "mm/address_spaces/shared_code.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/address_spaces/space_remap.h"
#include "tests/host/unit.h"

static frame_t lent[3]; /* the table, data, code */

/* A space that has both. */
static struct space *space_with_code(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(lent); i++) {
        lent[i] = heap_take_frame(FRAME_FOR_KERNEL);
        frame_clear(lent[i]);
    }
    shared_code_set(lent[0], lent[1], lent[2]);
    struct space *space = unit_space();
    unit_claim_equal(shared_code_map(space), SHARED_CODE, "where the code is");
    return space;
}

static void code_end(struct space *space)
{
    unit_claim_equal(audit(), 0, "invariants broken");
    space_release(space);
    for (unsigned i = 0; i < ARRAY_SIZE(lent); i++)
        heap_give_frame(lent[i]);
}

static bool has_code(struct space *space)
{
    struct region_view view;
    return view_region(space, SHARED_CODE, &view) && view.of_kernel &&
           view.access == (R | X) && space_page_resident(space, SHARED_DATA) == 1;
}

static intptr_t map_one(struct space *space, uintptr_t address, unsigned flags)
{
    struct map_request request = {
        .address = address, .length = 1, .access = R, .access_max = R, .flags = flags};
    return space_map(space, &request);
}

static void it_costs_no_table_and_no_page(void **state)
{
    (void)state;
    struct space *space = space_with_code();
    unit_claim(has_code(space), "a new program has both");
    unit_claim_equal(space->table.frames, 3, "tables: root, and those above");
    unit_claim_equal(view_resident(space), 0, "resident pages");
    unit_claim_equal(space->promised, 0, "bytes promised");
    struct region_view view;
    unit_claim(view_region_above(space, HERE, &view) && view.start == SHARED_DATA &&
                   view.access == R && view.not_dumped,
               "data is seen first");
    unit_claim(view_region_above(space, view.end, &view) && view.start == SHARED_CODE,
               "then code");
    unit_claim(!view_region_above(space, view.end, &view), "then nothing");
    struct page_view page;
    unit_claim(!view_next(space, 0, &page), "a walk passes both by");
    unit_claim(view_page(space, SHARED_CODE, &page) && !page_is(page.page) &&
                   frame_same(page.frame, lent[2]),
               "who asks finds a frame, and no page");
    code_end(space);
}

static void children_have_what_their_parent_has(void **state)
{
    (void)state;
    struct space *space = space_with_code();
    struct space *child = space_fork(space);
    unit_claim(has_code(child), "the child has both");
    unit_claim_equal(space_unmap(child, SHARED_DATA, PAGE_SIZE), 0, "munmap of one");
    unit_claim(!has_code(child) && has_code(space), "takes both, from the child alone");
    unit_claim_equal(child->table.frames, 1, "tables of the child");
    struct space *grandchild = space_fork(child);
    unit_claim(!has_code(grandchild), "whose child has none");
    space_release(grandchild);
    space_release(child);
    code_end(space);
}

static void it_keeps_its_rights_and_its_place(void **state)
{
    (void)state;
    struct space *space = space_with_code();
    const struct remap_request move = {SHARED_CODE, PAGE_SIZE, PAGE_SIZE,
                                       MREMAP_MAYMOVE | MREMAP_FIXED, HERE};
    unit_claim_equal(space_protect(space, SHARED_CODE, PAGE_SIZE, R | W), -EACCES,
                     "mprotect");
    unit_claim_equal(space_remap(space, move), -EINVAL, "mremap");
    unit_claim_equal(map_one(space, SHARED_DATA - PAGE_SIZE, MAP_FIXED), -ENOMEM,
                     "mmap beside it");
    unit_claim_equal(map_one(space, SHARED_CODE, MAP_FIXED_NOREPLACE), -EEXIST,
                     "mmap over it, if nothing is there");
    unit_claim(has_code(space), "nothing has changed");
    unit_claim_equal(map_one(space, SHARED_CODE, MAP_FIXED), SHARED_CODE, "mmap over it");
    unit_claim(!has_code(space), "what was there is gone");
    unit_claim_equal(map_one(space, SHARED_DATA - PAGE_SIZE, MAP_FIXED),
                     SHARED_DATA - PAGE_SIZE, "and there is room");
    unit_claim_equal(shared_code_map(space), 0, "none for both again");
    code_end(space);
}

static void nothing_grows_into_it(void **state)
{
    (void)state;
    struct space *space = space_with_code();
    unit_map(space, SHARED_START - PAGE_SIZE, 1, R | W);
    const struct remap_request longer = {SHARED_START - PAGE_SIZE, PAGE_SIZE, PAGES(2), 0,
                                         0};
    unit_claim_equal(space_remap(space, longer), -ENOMEM, "what lies below");
    code_end(space);
}

void test_shared_code(void)
{
    const struct CMUnitTest shared_code[] = {
        UNIT_TEST(it_costs_no_table_and_no_page),
        UNIT_TEST(children_have_what_their_parent_has),
        UNIT_TEST(it_keeps_its_rights_and_its_place),
        UNIT_TEST(nothing_grows_into_it),
    };
    unit_add(shared_code);
}
