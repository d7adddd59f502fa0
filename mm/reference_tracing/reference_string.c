/* mm/reference_tracing/reference_string.c - the latest references of a group.  See
 * reference_string.h for the idea. */
#include "mm/reference_tracing/reference_string.h"

#include "mm/address_spaces/address_spaces.h"
#include "mm/frames/frames.h"

#define PART_LENGTH (PAGE_SIZE / sizeof(struct reference))
#define PARTS       (REFERENCE_STRING_MAX / PART_LENGTH)

/* A ring. */
struct reference_string {
    uint64_t next;
    frame_t part[PARTS];
};

/* By group; NULL: never in exact mode. */
static struct reference_string *strings[GROUPS_MAX];
uint64_t reference_string_total;

static struct reference_string *string_of(const struct group *group)
{
    return strings[group_index(group)];
}

uint64_t reference_string_next(const struct group *group)
{
    const struct reference_string *string = string_of(group);
    return string != NULL ? string->next : 0;
}

uint64_t reference_string_first(const struct group *group)
{
    uint64_t next = reference_string_next(group);
    return next > REFERENCE_STRING_MAX ? next - REFERENCE_STRING_MAX : 0;
}

/* NULL: lost, or not there yet. */
static struct reference *string_find(const struct group *group, uint64_t number)
    REQUIRES(mm)
{
    if (number < reference_string_first(group) || number >= reference_string_next(group))
        return NULL;
    uint64_t place = number % REFERENCE_STRING_MAX;
    struct reference *part = frame_data(string_of(group)->part[place / PART_LENGTH]);
    return &part[place % PART_LENGTH];
}

bool reference_string_get(const struct group *group, uint64_t number,
                          struct reference *reference)
{
    const struct reference *found = string_find(group, number);
    if (found != NULL)
        *reference = *found;
    return found != NULL;
}

uint64_t reference_string_add(const struct group *group, const struct space *space,
                              uintptr_t address, unsigned access)
{
    uint64_t number = string_of(group)->next++;
    *string_find(group, number) = (struct reference){address, space->id, access};
    reference_string_total++;
    return number;
}

void reference_string_written(const struct group *group, uint64_t number, uintptr_t address)
{
    struct reference *reference = string_find(group, number);
    if (reference != NULL && reference->address == address)
        reference->access = ACCESS_WRITE;
}

bool reference_string_begin(const struct group *group)
{
    if (string_of(group) != NULL) {
        string_of(group)->next = 0;
        return true;
    }
    struct reference_string *string = heap_take(sizeof(*string));
    if (string == NULL)
        return false;
    if (!record_take(string->part, PARTS)) {
        heap_give(string, sizeof(*string));
        return false;
    }
    strings[group_index(group)] = string;
    return true;
}

void reference_string_end(const struct group *group)
{
    struct reference_string *string = string_of(group);
    if (string == NULL)
        return;
    strings[group_index(group)] = NULL;
    record_give(string->part, PARTS);
    heap_give(string, sizeof(*string));
}
