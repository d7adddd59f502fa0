/* tests/host/policy_run.c - the kernel's own policies, on this machine, without the kernel.
 *
 * mm/replacement/policy.c and mm/replacement/policy/ are linked with the least that can
 * stand for a kernel: a group of frames with bits R and M, pages with a slot or without,
 * and the order of events of docs/replacement.md. Cases come on the standard input, one
 * a line:
 *
 *     POLICY FRAMES EXACT TICK REFERENCE…        EXACT: 0, 1.  TICK: faults a tick, 0: none
 *
 * a reference being a page, written unless r follows (7r). For each case, one line: the
 * victims in order, faults, pages written. tests/test_policysim.py compares them with the
 * simulator's. Some words are no references: 7x ends the page, 7p pins it, 7u unpins it. */
#include "mm/demand_paging/page.h"
#include "mm/frame_allocation/group_hooks.h"
#include "mm/replacement/policy.h"
#include "mm/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGES = 65536,
    LINE = 1 << 22,
};

struct frame *frames;
struct page *pages;
uint32_t nframes, npages = PAGES;
struct group groups[GROUPS_MAX];

/* The bits of a frame, as harvested: R for the policy, and the same for the next tick. */
static struct bits {
    bool referenced, referenced_tick, modified, pinned;
} * bits;

static uint64_t written;
static bool quiet;

bool trace_on;

void above_trace(enum trace_event event, uint32_t space, uintptr_t address, page_t page,
                 frame_t frame, uint64_t detail)
{
    (void)event, (void)space, (void)address, (void)page, (void)frame, (void)detail;
}

void panic(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    abort();
}

bool policy_test_referenced(frame_t frame)
{
    bool referenced = bits[frame.number].referenced;
    bits[frame.number].referenced = false;
    return referenced;
}

bool policy_test_modified(frame_t frame)
{
    return bits[frame.number].modified;
}

bool policy_may_evict(frame_t frame)
{
    return !bits[frame.number].pinned;
}

static void tick(struct group *group)
{
    group->ticks++;
    for (uint32_t number = 0; number < nframes; number++) {
        if (!frames[number].admitted)
            continue;
        bool referenced = bits[number].referenced_tick;
        frames[number].history = frames[number].history >> 1 | (referenced ? 1u << 31 : 0);
        bits[number].referenced_tick = false;
        if (referenced && group->hooks == NULL && group->policy->referenced)
            group->policy->referenced(group, (frame_t){number});
    }
}

/* The frame is the policy's no more. */
static void leave(struct group *group, frame_t frame)
{
    group->policy->remove(group, frame);
    pages[frames[frame.number].page.id].frame = FRAME_NONE;
    frames[frame.number].admitted = false;
    group->charged--;
}

/* False: all pages are pinned. A page never written has nothing to come back to. */
static bool evict(struct group *group)
{
    frame_t frame = group->policy->victim(group);
    if (!frame_is(frame)) {
        for (uint32_t number = 0; number < nframes; number++)
            if (!bits[number].pinned)
                panic("%s names no victim", group->policy->name);
        return false;
    }
    if (frame.number >= nframes || !frames[frame.number].admitted ||
        bits[frame.number].pinned)
        panic("%s names frame %u", group->policy->name, frame.number);
    uint32_t id = frames[frame.number].page.id;
    leave(group, frame);
    pages[id].evicted_at = (uint32_t)group->faults;
    if (bits[frame.number].modified) {
        written++;
        pages[id].slot = (slot_t){id};
    } else if (!slot_is(pages[id].slot)) {
        pages[id].ghost = pages[id].evicted_at = 0;
    }
    if (!quiet)
        printf(" %u", id);
    return true;
}

static bool fault(struct group *group, uint32_t id)
{
    group->faults++;
    if (group->tick_period != 0 && group->faults % group->tick_period == 0)
        tick(group);
    if (group->charged >= group->limit && !evict(group))
        return false;
    uint32_t number = 0;
    while (frames[number].admitted)
        number++;
    memset(&bits[number], 0, sizeof bits[number]);
    frames[number] =
        (struct frame){.state = FRAME_RESIDENT, .admitted = true, .group = 1, .page = {id}};
    pages[id].frame = (frame_t){number};
    group->charged++;
    group->policy->admit(group, (frame_t){number});
    return true;
}

static void reference(struct group *group, uint32_t id, bool write)
{
    if (!frame_is(pages[id].frame) && !fault(group, id))
        return;
    struct bits *bit = &bits[pages[id].frame.number];
    bit->referenced = bit->referenced_tick = true;
    bit->modified |= write;
    if (group->hooks != NULL && group->policy->referenced)
        group->policy->referenced(group, pages[id].frame);
}

/* A page ends: it has no contents any more, resident or not. */
static void end(struct group *group, uint32_t id)
{
    if (frame_is(pages[id].frame))
        leave(group, pages[id].frame);
    pages[id].ghost = pages[id].evicted_at = 0;
    pages[id].slot = SLOT_NONE;
}

static void obey(struct group *group, uint32_t id, char word)
{
    if (word == 'x')
        end(group, id);
    else if (word != 'p' && word != 'u')
        reference(group, id, word != 'r');
    else if (frame_is(pages[id].frame))
        bits[pages[id].frame.number].pinned = word == 'p';
}

/* Each reference is seen; by whom does not matter. */
static const struct group_hooks tracer;

static struct group *begin(char *line, char **rest)
{
    struct group *group = &groups[1];
    const char *name = strtok_r(line, " ", rest);
    memset(group, 0, sizeof *group);
    group->policy = policy_find(name);
    if (group->policy == NULL)
        panic("no policy %s", name);
    group->limit = (uint32_t)strtoul(strtok_r(NULL, " ", rest), NULL, 10);
    group->hooks = strtoul(strtok_r(NULL, " ", rest), NULL, 10) ? &tracer : NULL;
    group->tick_period = (uint32_t)strtoul(strtok_r(NULL, " ", rest), NULL, 10);
    nframes = group->limit;
    frames = calloc(nframes, sizeof *frames);
    bits = calloc(nframes, sizeof *bits);
    pages = calloc(npages, sizeof *pages);
    for (uint32_t id = 0; id < npages; id++)
        pages[id] = (struct page){.frame = FRAME_NONE, .slot = SLOT_NONE};
    written = 0;
    group->policy->open(group);
    return group;
}

int main(int argc, char **argv)
{
    quiet = argc > 1 && strcmp(argv[1], "--quiet") == 0;
    char *line = malloc(LINE), *rest;
    while (fgets(line, LINE, stdin) != NULL) {
        struct group *group = begin(line, &rest);
        for (char *word; (word = strtok_r(NULL, " \n", &rest)) != NULL;) {
            uint32_t id = (uint32_t)strtoul(word, &word, 10);
            if (id >= PAGES)
                panic("page %u: there are %d", id, PAGES);
            obey(group, id, *word);
        }
        printf(" faults %lu writes %lu\n", (unsigned long)group->faults,
               (unsigned long)written);
        free(frames);
        free(bits);
        free(pages);
    }
    free(line);
    return 0;
}
