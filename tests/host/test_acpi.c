/* test_acpi.c - the firmware's table of processors: as it should be, and as it should not.
 *
 * Memory is 4 KiB, and the sanitizer sees whoever reads beyond it. */
#include <stddef.h>

#define MEMORY      4096u
#define BOOT_MAPPED ((uint64_t)MEMORY)

#include "boot/acpi.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define ROOT  64u
#define ALL   256u
#define TABLE 512u

static unsigned char *memory;

static void put(unsigned at, const void *bytes, size_t length)
{
    memcpy(memory + at, bytes, length);
}

/* A root pointer of revision 0 or 2, a table of tables with one entry, and in that the APIC ids of
 * `count` processors, each second one not usable, and entries of another type between. */
static void build(bool wide, unsigned count)
{
    memset(memory, 0, MEMORY);
    struct root_pointer root = {.signature = {'R', 'S', 'D', ' ', 'P', 'T', 'R', ' '}};
    struct header all = {.length = sizeof(all) + (wide ? 8 : 4)};
    struct header table = {.signature = {'A', 'P', 'I', 'C'}};
    uint64_t where = TABLE;
    root.revision = wide ? 2 : 0;
    root.table = wide ? 1 : ALL;
    root.wide_table = ALL;
    unsigned at = TABLE + sizeof(table) + APICS_OFFSET;
    for (unsigned i = 0; i < count; i++) {
        struct local_apic apic = {LOCAL_APIC, sizeof(apic), 0, (uint8_t)(10 + i),
                                  i % 2 == 0 ? APIC_USABLE : 0};
        const uint8_t other[] = {1, 6, 0, 0, 0, 0};
        put(at, &apic, sizeof(apic));
        put(at + sizeof(apic), other, sizeof(other));
        at += sizeof(apic) + sizeof(other);
    }
    table.length = at - TABLE;
    put(ROOT, &root, sizeof(root));
    put(ALL, &all, sizeof(all));
    put(ALL + sizeof(all), &where, wide ? 8 : 4);
    put(TABLE, &table, sizeof(table));
}

static struct boot_info read_at(uint64_t root)
{
    struct boot_info info = {0};
    acpi_read(root, &info);
    return info;
}

static void test_usable_ones_are_noted(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        build(wide, 5);
        struct boot_info info = read_at(ROOT);
        assert_int_equal(info.processor_count, 3);
        for (unsigned i = 0; i < 3; i++)
            assert_int_equal(info.processors[i], 10 + 2 * i);
    }
}

static void test_no_more_than_there_is_room_for(void **state)
{
    (void)state;
    build(false, 60);
    assert_int_equal(read_at(ROOT).processor_count, PROCESSORS_MOST);
}

static void test_nothing_where_nothing_is(void **state)
{
    (void)state;
    build(false, 2);
    for (uint64_t root = 0; root < MEMORY + 16; root++)
        if (root != ROOT)
            assert_int_equal(read_at(root).processor_count, 0);
    assert_int_equal(read_at(UINT64_MAX).processor_count, 0);
}

/* Lengths and addresses that lead anywhere. */
static void test_damaged(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 200000; round++) {
        build(round & 1, (unsigned)(rand() % 9));
        for (int i = rand() % 4; i >= 0; i--)
            memory[ROOT + 8 + (unsigned)(rand() % 600)] = (unsigned char)rand();
        assert_in_range(read_at(ROOT).processor_count, 0, PROCESSORS_MOST);
    }
}

int main(void)
{
    direct_map = memory = malloc(MEMORY);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usable_ones_are_noted),
        cmocka_unit_test(test_no_more_than_there_is_room_for),
        cmocka_unit_test(test_nothing_where_nothing_is),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
