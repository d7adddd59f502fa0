/* tests/host/unit.h - what the unit tests share.
 *
 * Each runs in a process of its own (unit_run.c), on a machine of UNIT_FRAMES frames that has just
 * started, and ends with what it began with: the audit is clean, no page is left, every frame is
 * back. */
#ifndef HOST_UNIT_H
#define HOST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/errno.h"
#include "mm/lock.h"
#include "mm/mm.h"
#include "tests/host/above.h"
#include "tests/host/machine.h"

#define UNIT_FRAMES 2048
#define UNIT_SLOTS  1024

int unit_setup(void **state);
int unit_teardown(void **state);
#define UNIT_TEST(function) \
    cmocka_unit_test_setup_teardown(function, unit_setup, unit_teardown)

/* These are to be run, too. */
void unit_add_tests(const char *file, const struct CMUnitTest *tests, size_t count);
#define unit_add(tests) unit_add_tests(__FILE__, tests, ARRAY_SIZE(tests))
/* All of those, or those named; 0: they have passed. */
int unit_run(char **arguments);
/* The test came to its end. (If it did not, it left things behind, and has said why already.) */
extern bool unit_complete;

enum { R = ACCESS_READ, W = ACCESS_WRITE, X = ACCESS_EXECUTE };
/* An address with nothing near. */
#define HERE     0x10000000ul
#define PAGES(n) ((n)*PAGE_SIZE)

/* What a test claims, in a sentence (as printf has it) that says what is due, so that who sees it
 * fail need not read the test: "not so: what the parent sees, after the child's write: 7, not 100".
 */
#define unit_claim(condition, ...)                        \
    do {                                                  \
        if (!(condition))                                 \
            unit_not_so(__FILE__, __LINE__, __VA_ARGS__); \
    } while (0)
/* Of numbers: what is, and what is due. */
#define unit_claim_equal(is, due, ...)                                          \
    do {                                                                        \
        uint64_t unit_is = (uint64_t)(is), unit_due = (uint64_t)(due);          \
        if (unit_is != unit_due)                                                \
            unit_not_equal(__FILE__, __LINE__, unit_is, unit_due, __VA_ARGS__); \
    } while (0)
/* Of the 8 bytes that a program sees there. */
#define unit_claim_sees(space, address, due, ...) \
    unit_claim_equal(unit_read(space, address), due, __VA_ARGS__)

_Noreturn void unit_not_so(const char *file, int line, const char *text, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void unit_not_equal(const char *file, int line, uint64_t is, uint64_t due,
                              const char *text, ...) __attribute__((format(printf, 5, 6)));

/* Frames that are free, or kept by slabs. */
uint32_t unit_frames_unused(void);

/* A new space, loaded. */
struct space *unit_space(void);
/* For this test there are so many slots (UNIT_SLOTS at most); without it there are none. */
void unit_swap(uint32_t slots);
/* A new group; the space's faults are charged to it from now on. */
struct group *unit_group(struct space *space, const char *policy, uint32_t limit);
/* It ends, and takes nothing with it. */
void unit_group_end(struct group *group);
/* Promise pages at exactly this address; fails the test if it cannot. */
void unit_map(struct space *space, uintptr_t address, size_t pages, unsigned access);
void unit_map_object(struct space *space, uintptr_t address, size_t pages, unsigned access,
                     bool shared, struct object *object, uint32_t index);

/* User code of the space accesses one address. What came of the last fault it took stands
 * in unit_result and unit_report; unit_faults counts them. */
extern enum fault_result unit_result;
extern struct fault_report unit_report;
extern unsigned unit_faults;
/* The 8 bytes there. Fails the test if refused. */
uint64_t unit_read(struct space *space, uintptr_t address);
void unit_write(struct space *space, uintptr_t address, uint64_t value);
/* FAULT_DONE or the refusal. */
enum fault_result unit_try(struct space *space, uintptr_t address, unsigned access);

/* The access takes exactly one fault, of this kind. */
#define unit_expect_kind(space, address, access, kind) \
    unit_expect(__FILE__, __LINE__, space, address, access, true, kind)
/* The access takes no fault. */
#define unit_expect_none(space, address, access) \
    unit_expect(__FILE__, __LINE__, space, address, access, false, FAULT_KINDS)
void unit_expect(const char *file, int line, struct space *space, uintptr_t address,
                 unsigned access, bool faults, enum fault_kind kind);

/* The frame and the page behind an address; NONE when it is not resident. */
frame_t unit_frame(struct space *space, uintptr_t address);
page_t unit_page(struct space *space, uintptr_t address);
/* Whether it is RESIDENT, kept on the free list, BUSY; or has a slot. */
bool unit_is(struct space *space, uintptr_t address, enum frame_state state);
bool unit_has_slot(struct space *space, uintptr_t address);

#endif
