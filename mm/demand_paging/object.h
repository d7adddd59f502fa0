/* mm/demand_paging/object.h - sources of shared pages: files and shared-memory segments.
 *
 * Libraries and reentrant code are shared because a file's page is *one page*, however
 * many spaces map it and however many calls read it. An object finds its pages by index,
 * through one hash over (object, index) whose chains run through pages[]: so giving an
 * object a page never allocates. */
#ifndef MM_OBJECT_H
#define MM_OBJECT_H

#include "mm/demand_paging/page.h"
#include "mm/demand_paging/page_in.h"

struct block_device;

struct object {
    struct block_device *device; /* where contents come from; NULL: from zeroes */
    uint64_t position;           /* byte on the device where it begins */
    uint64_t backed;             /* bytes from the device; beyond them, zeroes */
    uint64_t size;               /* bytes; a mapping's page wholly beyond is SIGBUS */
    uint64_t serial;             /* no two ever have the same: from 1 on */
    uint32_t references;
    uint32_t page_count; /* pages it has: resident, on the free list, or in slots */
    page_t first;        /* list of its pages, through pages[].object_next */
    uint64_t committed;  /* bytes that count as promised (promise.h) */
    const void *owner;   /* the kernel's: the inode, for names in /proc */
    bool locked;         /* its pages stay in memory once they are there (space_wire.h) */
    struct store *store; /* a file: its pages outlive their writer, and are bounded */
    struct object *next; /* of those that have been abandoned */
};

/* Pages of the files of one file system that no device holds, and how many there may be. */
struct store {
    uint64_t pages, most;
};

static inline void store_bound(struct store *store, uint64_t most)
{
    store->most = most;
}

/* The same of all together. Files are in memory here, and ending a process gives none of that
 * back. */
extern uint64_t object_stored_pages, object_stored_most;

static inline bool object_is_stored(const struct object *object)
{
    return object->store != NULL && object->device == NULL;
}

/* A file that wants one page more finds its disk full. */
bool object_is_full(const struct object *object) REQUIRES(mm);

/* A new object with one reference; NULL: out of memory. `device` NULL: all zeroes. */
MUST_USE struct object *object_create(struct block_device *device, uint64_t position,
                                      uint64_t size) EXCLUDES(mm);
struct object *object_create_locked(struct block_device *device, uint64_t position,
                                    uint64_t size) REQUIRES(mm);
/* The kernel's word for it, told with its pages (/proc, the trace): what it is the contents of. */
static inline void object_belongs(struct object *object, const void *owner)
{
    object->owner = owner;
}
/* It is a file: its pages outlive their writer, and are bounded. NULL: it is none. */
static inline void object_store(struct object *object, struct store *store)
{
    object->store = store;
}

void object_hold(struct object *object) EXCLUDES(mm);
void object_hold_locked(struct object *object) REQUIRES(mm);
/* The last release frees all its pages, with pauses. */
void object_release(struct object *object) SLEEPS EXCLUDES(mm);

/* The page at `index` of the object, resident; FRAME_NONE if it is not, or BUSY. */
frame_t object_peek(struct object *object, uint32_t index) REQUIRES(mm);

/* The pages [first, last) go, out of every space too: there are zeroes now, or what the
 * device has. Pauses (change.h). */
void object_drop(struct object *object, uint32_t first, uint32_t last) SLEEPS EXCLUDES(mm);

/* Within mm/: the hash, built by mm_init. */
extern page_t *object_hash POINTEE_GUARDED_BY(mm);
extern uint32_t object_hash_mask;

/* --- Within mm/, the lock held ---------------------------------------------------- */

/* The object's page at `index`, PAGE_NONE if it has none yet. */
page_t object_find(const struct object *object, uint32_t index) REQUIRES(mm);
/* Does the object have a page there, in a frame or in a slot? Takes the lock. */
bool object_has(const struct object *object, uint32_t index) EXCLUDES(mm);
/* Give the object a page, or take one away. */
void object_insert(struct object *object, uint32_t index, page_t page) REQUIRES(mm);
void object_remove(struct object *object, page_t page) REQUIRES(mm);

/* Free some pages of objects that nobody has any more. False: there are none. */
bool objects_bury(void) REQUIRES(mm);
/* Take away every page in [first, last), out of every space. Pauses. */
void object_empty(struct object *object, uint32_t first, uint32_t last) SLEEPS REQUIRES(mm);
/* object_release, for regions that go: never sleeps. If there are very many pages, the
 * paging daemon frees them, in pieces (objects_bury). */
void object_release_locked(struct object *object) REQUIRES(mm);

/* One try to make the page at `index`, which the object does not have yet, resident and
 * give it a page: from the device, as far as it is backed, or zeroes. As page_in (page_in.h). */
struct charge;
struct fault_report;
MUST_USE enum bring object_fill(struct object *object, uint32_t index,
                                struct charge *charge, page_t *page,
                                struct fault_report *report) SLEEPS REQUIRES(mm);

#endif
