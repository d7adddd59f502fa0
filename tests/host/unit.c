/* tests/host/unit.c - what the unit tests share, and which there are.  See unit.h. */
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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum fault_result unit_result;
struct fault_report unit_report;
unsigned unit_faults;

/* --- Words ------------------------------------------------------------------------------- */

static _Noreturn void not_so(const char *file, int line, const char *numbers,
                             const char *text, va_list arguments)
{
    char words[400];
    vsnprintf(words, sizeof(words), text, arguments);
    print_error("    not so: %s%s\n", words, numbers);
    _fail(file, line);
    abort();
}

void unit_not_so(const char *file, int line, const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    not_so(file, line, "", text, arguments);
}

void unit_not_equal(const char *file, int line, uint64_t is, uint64_t due, const char *text,
                    ...)
{
    char numbers[64];
    snprintf(numbers, sizeof(numbers), ": %ld, not %ld", (long)is, (long)due);
    va_list arguments;
    va_start(arguments, text);
    not_so(file, line, numbers, text, arguments);
}

static const char *word(unsigned access)
{
    return access & ACCESS_WRITE     ? "written"
           : access & ACCESS_EXECUTE ? "executed"
                                     : "read";
}

/* Tests mostly use the pages from HERE on. */
static const char *place(uintptr_t address)
{
    static char words[40];
    if (address >= HERE && address < HERE + PAGES(10000))
        snprintf(words, sizeof(words), "page %lu", (address - HERE) / PAGE_SIZE);
    else
        snprintf(words, sizeof(words), "%#lx", address);
    return words;
}

static const char *const refusal_words[] = {
    [FAULT_DONE] = "nothing is there",
    [FAULT_NO_REGION] = "refused, as if no region were there",
    [FAULT_NO_ACCESS] = "refused, as if its region did not allow it",
    [FAULT_BEYOND_END] = "refused, as if it were beyond the object's end",
    [FAULT_LOST] = "refused, as if the device had failed",
    [FAULT_KILLED] = "its process is ended",
};

/* --- Before and after ---------------------------------------------------------------------- */

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
    unused_before = unit_frames_unused() + table_roots_ended;
    return 0;
}

/* What every test ends with. */
int unit_teardown(void **state)
{
    (void)state;
    if (!unit_complete)
        return 0;
    space_load(NULL);
    unit_claim(!mm.held, "nobody holds the mm lock");
    unit_claim_equal(threads_alive(), 0, "all threads have ended");
    unit_claim_equal(host_device_pending(), 0, "all requests to a device are over");
    if (audit() != 0)
        unit_not_so(__FILE__, __LINE__, "what must always hold does: %s", host_message);
    unit_claim_equal(page_count, 0, "no page is left when all spaces have ended");
    host_swap_repair();
    unit_claim_equal(swap_counts.used + swap_counts.retired, 0, "no slot is left");
    unit_claim_equal(groups[GROUP_ALL].charged, 0, "no frame is charged to anybody");
    unit_claim_equal(unit_frames_unused() + table_roots_ended, unused_before,
                     "all frames are free again");
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
    unit_not_so(__FILE__, __LINE__,
                "the fault of %s, %s, ends: the last of %u was of kind %s", place(address),
                word(access), unit_faults, fault_kind_names[unit_report.kind]);
}

/* The same, where it may not be refused. */
static void *unit_must_access(struct space *space, uintptr_t address, unsigned access)
{
    void *data = unit_access(space, address, access);
    unit_claim(data != NULL, "%s may be %s: %s", place(address), word(access),
               refusal_words[unit_result]);
    return data;
}

uint64_t unit_read(struct space *space, uintptr_t address)
{
    uint64_t value;
    memcpy(&value, unit_must_access(space, address, ACCESS_READ), sizeof(value));
    return value;
}

void unit_write(struct space *space, uintptr_t address, uint64_t value)
{
    memcpy(unit_must_access(space, address, ACCESS_WRITE), &value, sizeof(value));
}

enum fault_result unit_try(struct space *space, uintptr_t address, unsigned access)
{
    unit_access(space, address, access);
    return unit_result;
}

void unit_expect(const char *file, int line, struct space *space, uintptr_t address,
                 unsigned access, bool faults, enum fault_kind kind)
{
    struct fault_totals before = fault_totals;
    if (unit_access(space, address, access) == NULL && !faults)
        unit_not_so(file, line, "%s may be %s: %s", place(address), word(access),
                    refusal_words[unit_result]);
    if (unit_faults != faults)
        unit_not_equal(file, line, unit_faults, faults, "faults when %s is %s",
                       place(address), word(access));
    if (!faults)
        return;
    if (unit_report.kind != kind)
        unit_not_so(file, line, "when %s is %s this is a fault of kind %s: it is %s",
                    place(address), word(access), fault_kind_names[kind],
                    fault_kind_names[unit_report.kind]);
    before.kind[kind]++;
    before.major += unit_report.major;
    if (memcmp(&before, &fault_totals, sizeof(before)) != 0)
        unit_not_so(file, line, "one fault of kind %s more is counted, and nothing else",
                    fault_kind_names[kind]);
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

void test_frame(void);
void test_page(void);
void test_region(void);
void test_position(void);
void test_table(void);
void test_mapper(void);
void test_machine(void);
void test_fault(void);
void test_fork(void);
void test_protect(void);
void test_remap(void);
void test_object(void);
void test_sleep(void);
void test_oom(void);
void test_slab(void);
void test_audit(void);
void test_inject(void);
void test_evict(void);
void test_swap(void);
void test_group(void);
void test_laundry(void);
void test_policy(void);
void test_wire(void);
void test_swappiness(void);
void test_pageoutd(void);
void test_working_set(void);
void test_allocation(void);
void test_shares(void);
void test_account(void);
void test_blame(void);
void test_interleave(void);
void test_edges(void);
void test_swapping(void);
void test_exact(void);
void test_shared_code(void);
void test_processors(void);

int main(int count, char **arguments)
{
    (void)count;
    void (*const groups[])(void) = {
        test_frame,      test_page,       test_region,  test_table,      test_position,
        test_mapper,     test_machine,    test_fault,   test_fork,       test_protect,
        test_object,     test_sleep,      test_oom,     test_slab,       test_audit,
        test_inject,     test_evict,      test_swap,    test_group,      test_pageoutd,
        test_policy,     test_wire,       test_laundry, test_remap,      test_working_set,
        test_allocation, test_shares,     test_account, test_blame,      test_swapping,
        test_edges,      test_interleave, test_exact,   test_swappiness, test_shared_code,
    };
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
        groups[i]();
    test_processors(); /* the last: from there on there are several */
    return unit_run(arguments + 1);
}
