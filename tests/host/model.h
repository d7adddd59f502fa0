/* tests/host/model.h - what memory should be: flat, and too simple to be wrong.
 *
 * For each space an array with one entry a page: promised or not, with which rights, from
 * which object; and, if the space has written there, the contents. Fork copies the array.
 * No sharing, no tables, no ids: whatever mm/ does to save memory must not be visible.
 *
 * Contents are four stamps at fixed offsets over a base of zeroes or device bytes. */
#ifndef HOST_MODEL_H
#define HOST_MODEL_H

#include "mm/demand_paging/fault.h"

/* --- Contents ----------------------------------------------------------------------- */

#define STAMPS 4
extern const uint16_t stamp_offset[STAMPS];

struct contents {
    uint64_t stamp[STAMPS]; /* the 8 bytes at stamp_offset[] */
    uint32_t base;          /* the other bytes: the device's from here... */
    uint32_t base_length;   /* ...for so many bytes, then zeroes */
};

/* Does a page of memory hold this? Fails, naming `what`, if not. */
void contents_check(const struct contents *contents, const void *data, const char *what,
                    uint64_t where);

/* --- Objects ------------------------------------------------------------------------ */

#define MODEL_OBJECTS      48
#define MODEL_OBJECT_PAGES 40

struct model_object {
    bool in_use;
    bool held;         /* the test has a reference */
    unsigned holders;  /* threads that are about to map it */
    unsigned mappings; /* pages of spaces that are promised from it */
    unsigned cuts;     /* how often it was made shorter */
    unsigned quiet;    /* nobody may change it now: somebody asleep copies from it */
    bool resizing;     /* by somebody asleep: what is there now is nobody's to say */
    struct object *real;
    uint64_t size;
    struct contents page[MODEL_OBJECT_PAGES];
};
extern struct model_object model_objects[MODEL_OBJECTS];

/* NULL: there are enough. `position` is where its first `backed` bytes are on the device. */
struct model_object *model_object_create(struct object *real, uint64_t size,
                                         uint32_t position, uint64_t backed);
void model_object_resize(struct model_object *object, uint64_t size);
/* The test's reference goes. */
void model_object_drop(struct model_object *object);
/* Who sleeps on the way to map it has one, too. */
void model_object_hold(struct model_object *object);
void model_object_unhold(struct model_object *object);

/* --- Spaces ------------------------------------------------------------------------- */

struct model_page {
    bool promised, shared, grows_down;
    bool wired; /* what is there stays there... */
    bool there; /* ...as this is, since user code has touched it */
    bool own;   /* written privately: `contents` counts, not the object or zeroes */
    bool freed; /* and may be gone, for zeroes, until somebody writes (MADV_FREE) */
    uint8_t access, access_max;
    struct model_object *object;
    uint32_t index;
    struct contents contents;
};

/* The model knows only these windows of the address space, chosen to lie across the
 * boundaries of tables of every level. */
struct model_window {
    uintptr_t start;
    uint32_t pages;
    uint32_t first; /* index of its first page in model_space.page */
};
enum {
    WINDOW_LOW,
    WINDOW_2M,
    WINDOW_HEAP,
    WINDOW_1G,
    WINDOW_512G,
    WINDOW_TOP,
    WINDOW_STACK,
    WINDOWS
};
extern const struct model_window model_windows[WINDOWS];
#define MODEL_PAGES 1104

struct model_space {
    struct model_space *next, *previous; /* all there are */
    struct space *real;
    unsigned references;
    uintptr_t heap_end;
    bool wire_future;
    unsigned calls; /* with several processors: in which it may be half changed */
    struct model_page page[MODEL_PAGES];
};

struct model_space *model_space_create(struct space *real);
struct model_space *model_space_fork(const struct model_space *parent, struct space *real);
void model_space_release(struct model_space *space);

/* NULL: outside all windows. */
struct model_page *model_at(struct model_space *space, uintptr_t address);
/* The address of page number `index` of the array. */
uintptr_t model_address(uint32_t index);
/* Are all pages of the range in windows? */
bool model_knows(uintptr_t start, uint32_t pages);
bool model_range_free(struct model_space *space, uintptr_t start, uint32_t pages);
bool model_range_promised(struct model_space *space, uintptr_t start, uint32_t pages);

/* `like`: rights and object of the first page; the index counts up. */
void model_map(struct model_space *space, uintptr_t start, uint32_t pages,
               const struct model_page *like);
void model_unmap(struct model_space *space, uintptr_t start, uint32_t pages);
/* mremap to another place: what was at `start` is at `place`, and goes on as it ended; the old
 * pages are gone, or `kept` but empty. */
void model_move(struct model_space *space, uintptr_t start, uint32_t pages, uintptr_t place,
                uint32_t new_pages, bool kept);
/* mremap where it is: longer by `more` pages behind the page at `last`. */
void model_extend(struct model_space *space, uintptr_t last, uint32_t more);
/* What mprotect must return, and of how many pages the rights change before that:
 * model_protect of these follows, if that is what it returns. */
int model_protect_expect(struct model_space *space, uintptr_t start, uint32_t *pages,
                         unsigned access);
void model_protect(struct model_space *space, uintptr_t start, uint32_t pages,
                   unsigned access);
void model_wire(struct model_space *space, uintptr_t start, uint32_t pages, bool wire);
void model_discard(struct model_space *space, uintptr_t start, uint32_t pages);
/* What MADV_FREE must return, and has done then. */
int model_free(struct model_space *space, uintptr_t start, uint32_t pages);
/* A page of memory turns out to be this: so what was freed is gone, or there still. */
void model_found(struct model_page *page, const void *data);

/* A fault at `address` looks for its region: if that is below the stack and may be, the
 * stack grows now, whatever comes of the fault later. */
void model_fault(struct model_space *space, uintptr_t address);
/* What must come of an access: FAULT_DONE, with the contents read (access without
 * ACCESS_WRITE) or to be changed; or the refusal. */
enum fault_result model_access(struct model_space *space, uintptr_t address,
                               unsigned access, struct contents **contents);
/* Without changing anything: what a page would read as. */
const struct contents *model_read(const struct model_page *page);

/* Compare, as the kernel sees it, through tables and frames: every entry of the space is
 * promised and allowed, every page holds what it should, and nothing written is missing. */
void model_check_space(struct model_space *space);
void model_check_object(struct model_object *object);

#endif
