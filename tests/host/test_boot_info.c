/* test_boot_info.c - the worst memory maps a firmware could hand over.
 *
 * Each case is a map as it comes and the ranges that must come out: usable, and all RAM. Then
 * random maps, compared page by page with a plain reading of the rules. */
#include "boot/boot_info.c"
#include "lib/text.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MIB(n) ((uint64_t)(n) << 20)

struct entry {
    uint64_t start, length;
    int kind;
};

static const struct map_case {
    const char *name;
    struct entry entries[12];
    struct boot_range usable[6];
    struct boot_range ram[6];
} cases[] = {
    {.name = "nothing at all"},
    {.name = "one range",
     .entries = {{MIB(1), MIB(7), BOOT_USABLE}},
     .usable = {{MIB(1), MIB(8)}},
     .ram = {{MIB(1), MIB(8)}}},
    {.name = "unsorted, touching ranges are joined",
     .entries = {{MIB(16), MIB(4), BOOT_USABLE},
                 {MIB(1), MIB(7), BOOT_USABLE},
                 {MIB(8), MIB(8), BOOT_USABLE}},
     .usable = {{MIB(1), MIB(20)}},
     .ram = {{MIB(1), MIB(20)}}},
    {.name = "the same range twice, and one inside another",
     .entries = {{MIB(1), MIB(7), BOOT_USABLE},
                 {MIB(1), MIB(7), BOOT_USABLE},
                 {MIB(2), MIB(1), BOOT_USABLE}},
     .usable = {{MIB(1), MIB(8)}},
     .ram = {{MIB(1), MIB(8)}}},
    {.name = "reserved wins, before or after usable in the list",
     .entries = {{MIB(4), MIB(1), BOOT_RESERVED},
                 {MIB(1), MIB(9), BOOT_USABLE},
                 {MIB(7), MIB(1), BOOT_RESERVED}},
     .usable = {{MIB(1), MIB(4)}, {MIB(5), MIB(7)}, {MIB(8), MIB(10)}},
     .ram = {{MIB(1), MIB(4)}, {MIB(5), MIB(7)}, {MIB(8), MIB(10)}}},
    {.name = "reserved over everything",
     .entries = {{MIB(1), MIB(9), BOOT_USABLE}, {0, UINT64_MAX, BOOT_RESERVED}}},
    {.name = "taken is RAM, but not free",
     .entries = {{0, MIB(10), BOOT_USABLE},
                 {0, MIB(1), BOOT_TAKEN},
                 {MIB(9), MIB(1), BOOT_TAKEN}},
     .usable = {{MIB(1), MIB(9)}},
     .ram = {{0, MIB(10)}}},
    {.name = "taken, but nowhere usable: no RAM",
     .entries = {{MIB(1), MIB(1), BOOT_USABLE}, {MIB(64), MIB(1), BOOT_TAKEN}},
     .usable = {{MIB(1), MIB(2)}},
     .ram = {{MIB(1), MIB(2)}}},
    {.name = "rounded inwards to whole frames",
     .entries = {{0x1001, 0x3ffe, BOOT_USABLE}},
     .usable = {{0x2000, 0x4000}},
     .ram = {{0x2000, 0x4000}}},
    {.name = "less than a frame is nothing",
     .entries = {{0x1001, 0x1ffd, BOOT_USABLE}, {0x8000, 0, BOOT_USABLE}}},
    {.name = "two halves of a frame that touch make a whole one",
     .entries = {{0x1000, 0x800, BOOT_USABLE}, {0x1800, 0x800, BOOT_USABLE}},
     .usable = {{0x1000, 0x2000}},
     .ram = {{0x1000, 0x2000}}},
    {.name = "one reserved byte costs its frame",
     .entries = {{0, 0x4000, BOOT_USABLE}, {0x1fff, 1, BOOT_RESERVED}},
     .usable = {{0, 0x1000}, {0x2000, 0x4000}},
     .ram = {{0, 0x1000}, {0x2000, 0x4000}}},
    {.name = "a length that wraps; memory beyond what is used",
     .entries = {{MIB(16), UINT64_MAX, BOOT_USABLE}},
     .usable = {{MIB(16), BOOT_RAM_MAX}},
     .ram = {{MIB(16), BOOT_RAM_MAX}}},
    {.name = "only beyond what is used",
     .entries = {{BOOT_RAM_MAX, MIB(100), BOOT_USABLE}}},
};

static void check_ranges(const char *name, const struct boot_range *want,
                         const struct boot_range *got, unsigned count)
{
    unsigned wanted = 0;
    while (wanted < 6 && want[wanted].end)
        wanted++;
    if (count != wanted)
        fail_msg("%s: %u ranges, not %u", name, count, wanted);
    for (unsigned i = 0; i < count; i++)
        if (got[i].start != want[i].start || got[i].end != want[i].end)
            fail_msg("%s: range %u is %#lx-%#lx", name, i, (unsigned long)got[i].start,
                     (unsigned long)got[i].end);
}

static void test_cases(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct boot_map map = {0};
        struct boot_info info = {0};
        for (unsigned j = 0; j < ARRAY_SIZE(cases[i].entries); j++) {
            const struct entry *entry = &cases[i].entries[j];
            assert_true(boot_map_add(&map, entry->start, entry->length, entry->kind));
        }
        boot_map_finish(&map, &info);
        check_ranges(cases[i].name, cases[i].usable, info.usable, info.usable_count);
        check_ranges(cases[i].name, cases[i].ram, info.ram, info.ram_count);
    }
}

/* Some entry of kind usable covers all of the byte's frame with others, none forbids it. */
static bool page_expected(const struct boot_map *map, uint64_t page, bool with_taken)
{
    for (uint64_t byte = page; byte < page + PAGE_SIZE; byte += 64) {
        bool usable = false;
        for (unsigned i = 0; i < map->count; i++) {
            if (byte < map->entries[i].start || byte >= map->entries[i].end)
                continue;
            if (map->entries[i].kind == BOOT_RESERVED ||
                (map->entries[i].kind == BOOT_TAKEN && !with_taken))
                return false;
            usable |= map->entries[i].kind == BOOT_USABLE;
        }
        if (!usable)
            return false;
    }
    return true;
}

static bool page_in(const struct boot_range *ranges, unsigned count, uint64_t page)
{
    for (unsigned i = 0; i < count; i++)
        if (page >= ranges[i].start && page + PAGE_SIZE <= ranges[i].end)
            return true;
    return false;
}

/* Entries of multiples of 64 bytes, within 64 pages, so that they overlap all the time. */
static void test_random_maps(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 3000; round++) {
        struct boot_map map = {0};
        struct boot_info info = {0};
        for (int i = rand() % 14; i > 0; i--)
            boot_map_add(&map, (uint64_t)(rand() % 4096) * 64,
                         (uint64_t)(rand() % 1500) * 64,
                         rand() % 5 < 3 ? BOOT_USABLE : rand() % 2 + BOOT_RESERVED);
        boot_map_finish(&map, &info);
        for (uint64_t page = 0; page < 100 * PAGE_SIZE; page += PAGE_SIZE) {
            assert_int_equal(page_in(info.usable, info.usable_count, page),
                             page_expected(&map, page, false));
            assert_int_equal(page_in(info.ram, info.ram_count, page),
                             page_expected(&map, page, true));
        }
        for (unsigned i = 1; i < info.usable_count; i++)
            assert_true(info.usable[i - 1].end < info.usable[i].start);
    }
}

static void test_full_map(void **state)
{
    (void)state;
    struct boot_map map = {0};
    struct boot_info info = {0};
    for (unsigned i = 0; i < BOOT_ENTRIES_MAX; i++)
        assert_true(boot_map_add(&map, i * MIB(2), MIB(1), BOOT_USABLE));
    assert_false(boot_map_add(&map, MIB(4096), MIB(1), BOOT_USABLE));
    boot_map_finish(&map, &info);
    assert_int_equal(info.usable_count, BOOT_RANGES_MAX);
    assert_int_equal(boot_usable_bytes(&info), MIB(BOOT_RANGES_MAX));
}

static void test_take(void **state)
{
    (void)state;
    unsigned char *before = direct_map;
    direct_map = malloc(16 * PAGE_SIZE);
    memset(direct_map, 0xee, 16 * PAGE_SIZE);
    struct boot_info info = {
        .usable = {{2 * PAGE_SIZE, 3 * PAGE_SIZE}, {4 * PAGE_SIZE, 8 * PAGE_SIZE}},
        .usable_count = 2};
    unsigned char *first =
        boot_take(&info, PAGE_SIZE + 1); /* too large for the first range */
    assert_ptr_equal(first, direct_map + 4 * PAGE_SIZE);
    for (unsigned i = 0; i < 2 * PAGE_SIZE; i++)
        assert_int_equal(first[i], 0);
    assert_int_equal(first[2 * PAGE_SIZE], 0xee);
    assert_ptr_equal(boot_take(&info, 1), direct_map + 2 * PAGE_SIZE);
    assert_int_equal(info.usable_count, 1); /* used up: gone */
    assert_int_equal(boot_usable_bytes(&info), 2 * PAGE_SIZE);
    free(direct_map);
    direct_map = before;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_random_maps),
        cmocka_unit_test(test_full_map),
        cmocka_unit_test(test_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
