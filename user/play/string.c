/* string.c - a reference string in so many frames, each reference noted with what is in them.
 *
 * As refstring does it (user/refstring/): the program is wired, and a group of so many frames has
 * only the string's pages to exchange. */
#define _GNU_SOURCE
#include "user/lib/arena.h"
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/group.h"
#include "user/lib/refuse.h"
#include "user/lib/trace_note.h"
#include "user/play/play.h"

#include <stdio.h>
#include <string.h>

#define GROUP "play"

enum { VICTIMS = 64, NOWHERE = -1 };

static int place[NAMES];        /* of a page's name: where in the region */
static int name_at[NAMES];      /* and back */
static int inside[FRAMES_MOST]; /* names, in the order in which they came */
static int inside_count;

bool policy_is_there(const char *name)
{
    bool there = group_make(GROUP) && group_tell(GROUP, "memory.policy", name);

    group_remove(GROUP);
    return there;
}

/* Where each page lies: in the order of their first references. How many there are. */
static int places_make(const struct reference *references, size_t count)
{
    int pages = 0;

    memset(place, NOWHERE, sizeof(place));
    for (size_t i = 0; i < count; i++) {
        int name = references[i].page;
        if (place[name] != NOWHERE)
            continue;
        name_at[pages] = name;
        place[name] = pages++;
    }
    return pages;
}

static void inside_tell(char *text, size_t size)
{
    size_t used = 0;

    snprintf(text, size, "none");
    for (int i = 0; i < inside_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%d", i ? " " : "", inside[i]);
}

/* The pages that went with the last fault, as they are called. */
static void victims_take(const char *region, char *text, size_t size)
{
    static unsigned long addresses[VICTIMS];
    long count = group_victims(GROUP, addresses, VICTIMS);
    size_t used = 0;

    *text = '\0';
    for (long i = 0; i < count && used < size; i++) {
        int gone = name_at[(addresses[i] - (unsigned long)region) / PAGE];
        used += (size_t)snprintf(text + used, size - used, ", page %d goes", gone);
        int kept = 0;
        for (int at = 0; at < inside_count; at++)
            if (inside[at] != gone)
                inside[kept++] = inside[at];
        inside_count = kept;
    }
}

static bool reference_play(const struct reference *reference, size_t number, char *region)
{
    char held[160], went[80];
    volatile char *byte = region + (size_t)place[reference->page] * PAGE;
    long before = arena_faults();

    inside_tell(held, sizeof(held));
    trace_note("reference %zu: page %d is %s; in frames: %s", number, reference->page,
               reference->read ? "read" : "written", held);
    if (reference->read)
        (void)*byte;
    else
        *byte = (char)number;
    bool fault = arena_faults() > before;
    victims_take(region, went, sizeof(went));
    if (fault && inside_count < FRAMES_MOST)
        inside[inside_count++] = reference->page;
    say("%4zu  page %-4d %s%s", number, reference->page, fault ? "fault" : "-", went);
    return fault;
}

void string_run(const struct script *script, const struct step *step)
{
    const struct reference *references = &script->references[step->first];
    int pages = places_make(references, step->count);
    char period[32];
    size_t faults = 0;

    if (pages > step->frames && field_read("/proc/meminfo", "SwapTotal") <= 0)
        refuse("%d pages in %d frame%s: there is no swap area (tools/boot --swap 4M)",
               pages, step->frames, step->frames == 1 ? "" : "s");
    inside_count = 0;
    char *region = arena_open(GROUP, (unsigned long)step->frames,
                              *step->policy ? step->policy : NULL, (size_t)pages);
    snprintf(period, sizeof(period), "period %d", step->frames / 8 + 1);
    arena_tell("memory.tick", period);
    arena_tell("memory.victims", "1");
    if (strcmp(step->policy, "lru") == 0) /* which lives on being told of every reference */
        arena_tell("memory.exact", "1");
    for (size_t i = 0; i < step->count; i++)
        faults += reference_play(&references[i], i + 1, region);
    arena_close();
    say("%s: %zu references, %zu faults", step->words, step->count, faults);
}
