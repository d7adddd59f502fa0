/* tests/host/unit.c - all unit tests, one after another.  See unit.h. */
#include "tests/host/unit.h"

#include "mm/address_spaces/space_map.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/fault.h"
#include "mm/frame_allocation/groups.h"
#include "mm/frames/account.h"
#include "mm/frames/slab.h"
#include "mm/lock.h"
#include "mm/replacement/policy.h"
#include "mm/replacement/swap.h"
#include "mm/view.h"
#include "tests/host/choice.h"

#include <string.h>

enum fault_result unit_result;
struct fault_report unit_report;
unsigned unit_faults;

uint32_t unit_frames_unused(void)
{
    uint32_t count = frame_counts.free;
    for (const struct slab_cache *cache = NULL; (cache = slab_cache_next(cache)) != NULL;)
        count += cache->slabs;
    return count;
}

static uint32_t unused_before;

int unit_setup(void **state)
{
    (void)state;
    machine_mood = MACHINE_LOOKS;
    host_device.instant = host_swap.instant = 100;
    host_device.failing = host_swap.failing = host_swap.failing_writes = 0;
    host_swap.lasting = 0;
    unit_swap(0);
    frame_fail_after = machine_slab_fail_after = 0;
    unused_before = unit_frames_unused();
    return 0;
}

int unit_teardown(void **state)
{
    (void)state;
    space_load(NULL);
    assert_false(mm.held);
    assert_int_equal(threads_alive(), 0);
    assert_int_equal(host_device_pending(), 0);
    if (audit() != 0)
        fail_msg("%s", host_message);
    assert_int_equal(page_count, 0);
    host_swap_repair();
    assert_int_equal(swap_counts.used + swap_counts.retired, 0);
    assert_int_equal(groups[GROUP_ALL].charged, 0);
    assert_int_equal(unit_frames_unused(), unused_before);
    return 0;
}

void unit_swap(uint32_t slots)
{
    assert_true(slots <= UNIT_SLOTS);
    swap_counts.total = slots;
}

struct group *unit_group(struct space *space, const char *policy, uint32_t limit)
{
    struct group *group = group_create();
    assert_non_null(group);
    policy_change(group, policy_find(policy));
    assert_int_equal(group_limit(group, limit), 0);
    space->group = group_index(group);
    if (frame_same(root_loaded(), space->table.root))
        space_load(space);
    return group;
}

void unit_group_end(struct group *group)
{
    group_destroy(group, &groups[GROUP_ALL]);
}

struct space *unit_space(void)
{
    struct space *space = space_open(&kernel_account);
    assert_non_null(space);
    space_load(space);
    return space;
}

void unit_map_object(struct space *space, uintptr_t address, size_t pages, unsigned access,
                     bool shared, struct object *object, uint32_t index)
{
    struct map_request request = {
        .address = address,
        .length = PAGES(pages),
        .access = access,
        .access_max = R | W | X,
        .flags = MAP_FIXED_NOREPLACE | (shared ? MAP_SHARED : 0),
        .object = object,
        .index = index,
    };
    assert_int_equal(space_map(space, &request), address);
}

void unit_map(struct space *space, uintptr_t address, size_t pages, unsigned access)
{
    unit_map_object(space, address, pages, access, false, NULL, 0);
}

static void *unit_access(struct space *space, uintptr_t address, unsigned access)
{
    if (!frame_same(root_loaded(), space->table.root))
        space_load(space);
    unit_faults = 0;
    unit_result = FAULT_DONE;
    while (unit_faults < 4) {
        void *data = machine_access(address, access);
        if (data != NULL)
            return data;
        unit_faults++;
        unit_result = fault_handle(space, address, access, &unit_report);
        assert_false(mm.held);
        if (unit_result != FAULT_DONE)
            return NULL;
    }
    fail_msg("%#lx faults for ever", address);
    return NULL;
}

uint64_t unit_read(struct space *space, uintptr_t address)
{
    uint64_t value;
    void *data = unit_access(space, address, ACCESS_READ);
    assert_non_null(data);
    memcpy(&value, data, sizeof(value));
    return value;
}

void unit_write(struct space *space, uintptr_t address, uint64_t value)
{
    void *data = unit_access(space, address, ACCESS_WRITE);
    assert_non_null(data);
    memcpy(data, &value, sizeof(value));
}

enum fault_result unit_try(struct space *space, uintptr_t address, unsigned access)
{
    unit_access(space, address, access);
    return unit_result;
}

void unit_expect_kind(struct space *space, uintptr_t address, unsigned access,
                      enum fault_kind kind)
{
    struct fault_totals before = fault_totals;
    unit_access(space, address, access);
    assert_int_equal(unit_faults, 1);
    assert_string_equal(fault_kind_names[unit_report.kind], fault_kind_names[kind]);
    before.kind[kind]++;
    before.major += unit_report.major;
    assert_memory_equal(&before, &fault_totals, sizeof(before));
}

void unit_expect_none(struct space *space, uintptr_t address, unsigned access)
{
    assert_non_null(unit_access(space, address, access));
    assert_int_equal(unit_faults, 0);
}

page_t unit_page(struct space *space, uintptr_t address)
{
    struct page_view view;
    if (!view_next_locked(space, address, &view) ||
        view.address != PAGE_ROUND_DOWN(address))
        return PAGE_NONE;
    return view.page;
}

frame_t unit_frame(struct space *space, uintptr_t address)
{
    struct page_view view;
    if (!view_next_locked(space, address, &view) ||
        view.address != PAGE_ROUND_DOWN(address))
        return FRAME_NONE;
    return view.frame;
}

bool unit_is(struct space *space, uintptr_t address, enum frame_state state)
{
    page_t page = unit_page(space, address);
    return page_is(page) && frame_is(page_get(page)->frame) &&
           frame_get(page_get(page)->frame)->state == state;
}

bool unit_has_slot(struct space *space, uintptr_t address)
{
    page_t page = unit_page(space, address);
    return page_is(page) && slot_is(page_get(page)->slot);
}

int test_frame(void);
int test_page(void);
int test_region(void);
int test_position(void);
int test_table(void);
int test_mapper(void);
int test_machine(void);
int test_fault(void);
int test_fork(void);
int test_protect(void);
int test_remap(void);
int test_object(void);
int test_sleep(void);
int test_oom(void);
int test_slab(void);
int test_audit(void);
int test_inject(void);
int test_evict(void);
int test_swap(void);
int test_group(void);
int test_laundry(void);
int test_policy(void);
int test_wire(void);
int test_pageoutd(void);
int test_workingset(void);
int test_allocation(void);
int test_shares(void);
int test_account(void);
int test_blame(void);
int test_interleave(void);
int test_edges(void);
int test_swapping(void);
int test_exact(void);

int main(void)
{
    choice_seed(1);
    machine_start(UNIT_FRAMES, UNIT_SLOTS);
    int (*const groups[])(void) = {
        test_frame,      test_page,       test_region,  test_table, test_position,
        test_mapper,     test_machine,    test_fault,   test_fork,  test_protect,
        test_object,     test_sleep,      test_oom,     test_slab,  test_audit,
        test_inject,     test_evict,      test_swap,    test_group, test_pageoutd,
        test_policy,     test_wire,       test_laundry, test_remap, test_workingset,
        test_allocation, test_shares,     test_account, test_blame, test_swapping,
        test_edges,      test_interleave, test_exact,
    };
    /* What a failed test leaves behind would only make others fail. */
    int failed = 0;
    for (size_t i = 0; i < ARRAY_SIZE(groups) && !failed; i++)
        failed = groups[i]();
    return failed != 0;
}
