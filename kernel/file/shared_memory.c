/* kernel/file/shared_memory.c - System V shared memory.
 *
 * A segment is an object like that of any file, found by a key that programs have agreed on.
 * Its attachments need no list: every region that shows an object holds it, so the object's
 * references say how many there are. A segment that was removed while attached lives on until
 * the last region has gone. */
#include "kernel/file/shared_memory.h"

#include "kernel/file/memory_fs.h"
#include "kernel/file/regular.h"
#include "kernel/process/capacity.h"
#include "kernel/process/process.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "mm/mm.h"

#define NS_PER_SECOND 1000000000ul
#define ID_STEP       32768 /* an id used again differs in what is above the place */
#define RIGHTS        0777u

#define PAGE_COUNT(bytes) (PAGE_ROUND_UP(bytes) / PAGE_SIZE)

static struct slab_cache segment_cache = SLAB_CACHE("segment", struct segment);

struct segment *segment_first;

struct segment *segment_find(int id)
{
    struct segment *segment = segment_first;
    while (segment && segment->id != id)
        segment = segment->next;
    return segment;
}

struct segment *segment_of(const struct object *object)
{
    struct segment *segment = segment_first;
    while (segment && segment->inode->object != object)
        segment = segment->next;
    return segment;
}

void segment_hold(struct segment *segment)
{
    object_hold(segment->inode->object);
}

void segment_release(struct segment *segment)
{
    object_release(segment->inode->object);
    segments_collect();
}

uint64_t segment_attachments(const struct segment *segment)
{
    return segment->inode->object->references - 1;
}

void segment_pages(const struct segment *segment, uint64_t *resident, uint64_t *swapped)
{
    view_object(segment->inode->object, resident, swapped);
}

/* --- Made ------------------------------------------------------------------------------- */

/* Where a new segment goes in the list, at the lowest place that is free; NULL: none is. */
static struct segment **place_find(int *place)
{
    struct segment **link = &segment_first;
    for (*place = 0; *link && (*link)->id % ID_STEP == *place; ++*place)
        link = &(*link)->next;
    return *place < (int)capacity.segments ? link : NULL;
}

/* Pages that all of them may come to have. */
static uint64_t segments_promised(void)
{
    uint64_t sum = 0;
    for (const struct segment *segment = segment_first; segment; segment = segment->next)
        sum += PAGE_COUNT(segment->size);
    return sum;
}

static bool segment_promise(struct object *object) EXCLUDES(mm)
{
    mm_lock();
    int error = promise_object(object);
    mm_unlock();
    return error == 0;
}

static int segment_create(int key, uint64_t size, uint32_t flags)
{
    static int sequence;
    int place;
    struct segment **link = place_find(&place);
    if (size == 0 || size > capacity.segment_bytes || size > INT64_MAX)
        return -EINVAL;
    if ((flags & SHM_HUGETLB) ||
        PAGE_COUNT(size) > (uint64_t)frame_counts.total + swap_counts.total)
        return -ENOMEM; /* nor could it ever be had */
    if (!link || segments_promised() + PAGE_COUNT(size) > capacity.segment_pages)
        return -ENOSPC;
    struct segment *segment = slab_take(&segment_cache);
    struct inode *inode =
        segment ? memory_file_create(RIGHTS, object_create(NULL, 0, size)) : NULL;
    if (inode && !segment_promise(inode->object)) {
        inode_release(inode);
        inode = NULL;
    }
    if (!inode) {
        if (segment)
            slab_give(&segment_cache, segment);
        return -ENOMEM;
    }
    format(segment->name, sizeof(segment->name), "SYSV%08x (deleted)", (unsigned)key);
    segment->key = key;
    segment->id = sequence * ID_STEP + place;
    sequence = (sequence + 1) % (INT32_MAX / ID_STEP);
    segment->size = size;
    segment->mode = flags & RIGHTS;
    segment->creator = process_current()->id;
    segment->account = account_current;
    segment->changed = clock_real() / NS_PER_SECOND;
    segment->inode = inode;
    object_store(inode->object, NULL); /* they have a bound of their own */
    inode->name = segment->name;
    segment->next = *link;
    *link = segment;
    return segment->id;
}

int segment_get(int key, uint64_t size, uint32_t flags)
{
    struct segment *segment = key ? segment_first : NULL; /* 0: IPC_PRIVATE, always new */
    while (segment && (segment->key != key || segment->removed))
        segment = segment->next;
    if (!segment)
        return key == 0 || (flags & IPC_CREAT) ? segment_create(key, size, flags) : -ENOENT;
    if ((flags & IPC_CREAT) && (flags & IPC_EXCL))
        return -EEXIST;
    return size > segment->size ? -EINVAL : segment->id;
}

/* --- Locked ------------------------------------------------------------------------------ */

void segment_lock(struct segment *segment, bool locked)
{
    mm_lock();
    object_lock(segment->inode->object, locked);
    mm_unlock();
}

/* --- Gone --------------------------------------------------------------------------------- */

/* Take those out of the list that are to end. */
static struct segment *segments_ended(void)
{
    struct segment *ended = NULL;
    for (struct segment **link = &segment_first; *link;) {
        struct segment *segment = *link;
        if (!segment->removed || segment_attachments(segment) > 0) {
            link = &segment->next;
            continue;
        }
        *link = segment->next;
        segment->next = ended;
        ended = segment;
        mapped_only--;
    }
    return ended;
}

/* Giving back the pages of one may sleep, and the list be another by then. */
void segments_end(void)
{
    struct segment *segment = segments_ended(), *next;
    for (; segment; segment = next) {
        next = segment->next;
        inode_release(segment->inode);
        slab_give(&segment_cache, segment);
    }
    inodes_end();
}

static void segment_mark_removed(struct segment *segment)
{
    if (!segment->removed)
        mapped_only++;
    segment->removed = true;
    segment->key = 0;
}

void segments_disown(const struct account *account)
{
    for (struct segment *segment = segment_first; segment; segment = segment->next)
        if (segment->account == account)
            segment_mark_removed(segment);
}

void segment_remove(struct segment *segment)
{
    segment_mark_removed(segment);
    segments_end();
}
