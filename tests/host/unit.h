/* tests/host/unit.h - what the unit tests share.
 *
 * All run one after another on one machine of UNIT_FRAMES frames; each ends with what it
 * began with: the audit is clean, no page is left, every frame is back. */
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

enum { R = ACCESS_READ, W = ACCESS_WRITE, X = ACCESS_EXECUTE };
/* An address with nothing near. */
#define HERE     0x10000000ul
#define PAGES(n) ((n)*PAGE_SIZE)

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
void unit_expect_kind(struct space *space, uintptr_t address, unsigned access,
                      enum fault_kind kind);
/* The access takes no fault. */
void unit_expect_none(struct space *space, uintptr_t address, unsigned access);

/* The frame and the page behind an address; NONE when it is not resident. */
frame_t unit_frame(struct space *space, uintptr_t address);
page_t unit_page(struct space *space, uintptr_t address);
/* Whether it is RESIDENT, kept on the free list, BUSY; or has a slot. */
bool unit_is(struct space *space, uintptr_t address, enum frame_state state);
bool unit_has_slot(struct space *space, uintptr_t address);

#endif
