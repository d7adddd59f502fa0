/* tests/host/fuzz.h - random programs against mm/, checked with the flat model.
 *
 * A few threads, each with a space (some share one), do random operations: they promise
 * memory, touch it, fork, end; files are read, written and cut; devices answer late and
 * wrongly; memory runs out. After every access, and now and then for everything, what is
 * seen is compared with the model. */
#ifndef HOST_FUZZ_H
#define HOST_FUZZ_H

#include "mm/frame_allocation/group_hooks.h"
#include "tests/host/above.h"
#include "tests/host/choice.h"
#include "tests/host/judge.h"
#include "tests/host/machine.h"
#include "tests/host/model.h"
#include "tests/host/processors.h"

struct fuzz_options {
    uint64_t operations; /* stop after so many */
    unsigned threads;    /* about so many at once */
    unsigned processors; /* 0 or 1: one */
    bool verbose;
    bool progress;
};

/* Run, end every thread, and check that every frame came back. The machine has been
 * started. */
void fuzz_run(const struct fuzz_options *options);

/* How often each thing happened; printed at the end. */
void fuzz_report(void);

/* --- Between fuzz.c and the operations ---------------------------------------------- */

struct fuzz_thread {
    struct model_space *space;
    bool exits;     /* it wants to end */
    uint64_t began; /* the number of the operation it is at */
    struct fault_pins pins;
    struct instruction instruction;
    uint64_t registers[2]; /* as they were at the last fault */
    uint32_t recent[16];   /* pages it has touched, as numbers of model_space.page */
    bool serving; /* with several processors: a fault, of which the model is yet to hear */
};

/* Note what is being done, for the report of a failure. `text` is a format for four
 * numbers and is not copied. */
void fuzz_log(const char *text, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

void fuzz_log_print(void);
extern uint64_t fuzz_operations; /* the number of the one that began last */
extern bool fuzz_verbose;

/* No call returns -ENOMEM without reason: an allocation was made to fail, or fewer frames
 * are free than it needs. */
void fuzz_expect_shortage(const char *call, uint32_t frames_needed);

/* Of a thread of the harness. */
struct fuzz_thread *fuzz_thread_of(const struct thread *thread);

/* With several processors: so that a check in several steps finds all at rest, others go on only
 * when it is over. False: they are in the middle of something. Always with fuzz_rest_ends. */
bool fuzz_rest_begins(const struct fuzz_thread *self);
void fuzz_rest_ends(void);

/* The space that is loaded, if a thread has it; else NULL. */
struct model_space *fuzz_space_loaded(void);

/* Some thread's. */
struct model_space *fuzz_space_any(void);
/* Is a thread in the middle of changing its space (mm/address_spaces/change.h)? */
bool fuzz_is_changing(void);

/* fuzz_touch.c */
void fuzz_touch(struct fuzz_thread *self);
void fuzz_touch_run(struct fuzz_thread *self);
void fuzz_touch_several(struct fuzz_thread *self);
void fuzz_touch_wild(struct fuzz_thread *self);
/* An access has come to its end, at `data` if it was allowed: as the model says? */
void fuzz_settle(struct model_space *space, uintptr_t address, unsigned access,
                 enum fault_result result, void *data);
/* fuzz_others.c */
/* Another processor's user code: for machine_other, and for processors_meanwhile. */
void fuzz_other(uintptr_t address);
void fuzz_meanwhile(struct thread *thread, unsigned number, uintptr_t address);
extern uint64_t fuzz_other_reads, fuzz_other_writes;
/* The kernel copies from and to memory of the thread's. */
void fuzz_copy(struct fuzz_thread *self);
/* Some address of a page the space is likely to have promised. */
uintptr_t fuzz_address(struct fuzz_thread *self);
/* fuzz_map.c */
void fuzz_map(struct fuzz_thread *self);
void fuzz_map_stack(struct fuzz_thread *self);
void fuzz_unmap(struct fuzz_thread *self);
void fuzz_protect(struct fuzz_thread *self);
void fuzz_discard(struct fuzz_thread *self);
void fuzz_free(struct fuzz_thread *self);
void fuzz_heap(struct fuzz_thread *self);
void fuzz_resident(struct fuzz_thread *self);
/* fuzz_remap.c */
void fuzz_remap(struct fuzz_thread *self);
void fuzz_populate(struct fuzz_thread *self);
/* A stretch of pages within one window. */
struct stretch {
    uintptr_t start;
    uint32_t pages;
};
struct stretch fuzz_stretch(struct fuzz_thread *self, uint32_t most);
/* While a thread fills pages, asleep at times, the objects it copies from must not change:
 * when the copy was made is nobody's business but mm/'s. */
void fuzz_quiet(struct fuzz_thread *self, struct stretch at, int change);
bool fuzz_is_quiet(struct fuzz_thread *self, struct stretch at);
/* Private copies may have been made of pages nobody has written yet. */
void fuzz_note_copies(struct fuzz_thread *self, struct stretch at);
/* fuzz_object.c */
void fuzz_object_create(struct fuzz_thread *self);
void fuzz_object_drop(struct fuzz_thread *self);
void fuzz_object_use(struct fuzz_thread *self);
void fuzz_object_resize(struct fuzz_thread *self);
struct model_object *fuzz_object_any(void);
void fuzz_objects_settle(void);
/* fuzz_group.c */
void fuzz_group_create(struct fuzz_thread *self);
void fuzz_group_move(struct fuzz_thread *self);
void fuzz_group_destroy(struct fuzz_thread *self);
void fuzz_group_limit(struct fuzz_thread *self);
void fuzz_group_reclaim(struct fuzz_thread *self);
void fuzz_group_policy(struct fuzz_thread *self);
void fuzz_group_tick(struct fuzz_thread *self);
void fuzz_group_exact(struct fuzz_thread *self);
/* An instruction of a group in exact mode has ended: nothing may be left in the tables. */
void fuzz_exact_check(struct fuzz_thread *self);
void fuzz_wire(struct fuzz_thread *self);
void fuzz_wire_all(struct fuzz_thread *self);
void fuzz_swap_mood(struct fuzz_thread *self);
void fuzz_launder(struct fuzz_thread *self);
/* All groups there are: they stay until they are let go. How many. */
unsigned fuzz_groups_hold(struct group **members);
void fuzz_groups_unhold(void);
/* fuzz_more.c */
void fuzz_swapping(struct fuzz_thread *self);
void fuzz_punch(struct fuzz_thread *self);
void fuzz_shares(struct fuzz_thread *self);
/* Memory gets small: somebody else holds all but a few frames; or it is large again. */
void fuzz_squeeze(struct fuzz_thread *self);
void fuzz_squeeze_ends(void);
/* No limit is exceeded now, but of groups whose share was lowered. */
void fuzz_groups_check(void);
/* What is traced: no limit is exceeded by this. */
void fuzz_groups_trace(const struct trace_record *record);
void fuzz_groups_settle(void);

#endif
