/* run.c - touch a string of pages in a group of so many frames, and see what went.
 *
 * All that the program is made of is wired by then, and so charged to nobody: the group has
 * the pages of the string to exchange and nothing else, and its faults are the policy's. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/group.h"
#include "user/lib/refuse.h"
#include "user/refstring/refstring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DRAIN_EVERY = 16384 }; /* references; memory.victims keeps 65,536 */

static char group[32];

static void must(bool done, const char *what)
{
    if (!done)
        refuse("%s: %s", what, strerror(errno));
}

static void group_begin(const struct settings *settings)
{
    snprintf(group, sizeof(group), "refstring-%d", getpid());
    must(group_make(group), "a group of its own");
    must(group_limit(group, settings->frames), "memory.max");
    if (settings->policy && !group_tell(group, "memory.policy", settings->policy)) {
        group_remove(group);
        refuse("there is no policy %.*s here", SHOWN, settings->policy);
    }
    char text[32];
    snprintf(text, sizeof(text), "period %ld",
             settings->period >= 0 ? settings->period : (long)settings->frames / 8 + 1);
    must(group_tell(group, "memory.tick", text), "memory.tick");
    if (settings->exact)
        must(group_tell(group, "memory.exact", "1"), "memory.exact");
    if (!settings->count_only)
        must(group_tell(group, "memory.victims", "1"), "memory.victims");
}

static void victims_take(struct outcome *outcome, const char *region)
{
    static unsigned long address[65536 + 8];
    long count = group_victims(group, address, sizeof(address) / sizeof(*address));

    must(count >= 0 && outcome->victims + (size_t)count <= outcome->room,
         "memory.victims: some were lost");
    for (long i = 0; i < count; i++)
        outcome->victim[outcome->victims++] =
            (uint32_t)((address[i] - (unsigned long)region) / PAGE);
}

/* One reference: a load or a store of one byte, nothing else in the group's pages. */
static void touch(char *region, uint32_t reference)
{
    volatile char *byte = region + (size_t)(reference >> 1) * PAGE;

    if (reference & 1)
        *byte = (char)reference;
    else
        (void)*byte;
}

static void touch_all(const struct string *string, const struct settings *settings,
                      struct outcome *outcome, char *region)
{
    long faults = 0;

    for (size_t i = 0; i < string->count; i++) {
        if (i == string->warm && i > 0) {
            outcome->faults = group_number(group, "memory.stat", "admitted");
            outcome->writes = group_number(group, "memory.stat", "pswpout");
        }
        touch(region, string->reference[i]);
        if (outcome->faulted) {
            long now = group_number(group, "memory.stat", "admitted");
            outcome->faulted[i] = now > faults;
            outcome->victims_before[i] = (uint32_t)outcome->victims;
            faults = now;
        }
        if (!settings->count_only && (outcome->faulted || i % DRAIN_EVERY == 0))
            victims_take(outcome, region);
    }
}

/* Pages that were written have to go somewhere. */
static void swap_check(const struct string *string, const struct settings *settings)
{
    bool writes = false;

    for (size_t i = 0; i < string->count && !writes; i++)
        writes = string->reference[i] & 1;
    if (writes && string->pages > settings->frames &&
        field_read("/proc/meminfo", "SwapTotal") <= 0)
        refuse("%u pages that are written, and %lu frames: there is no swap area "
               "(tools/boot --swap 16M)",
               string->pages, settings->frames);
}

void string_run(const struct string *string, const struct settings *settings,
                struct outcome *outcome)
{
    outcome->faults = outcome->writes = 0;
    outcome->victims = 0;
    swap_check(string, settings);
    group_begin(settings);
    must(program_wire(), "mlockall");
    char *region = region_map(string->pages);
    must(group_join(group), "cgroup.procs");
    touch_all(string, settings, outcome, region);
    must(group_join(GROUP_ROOT), "cgroup.procs");
    if (!settings->count_only)
        victims_take(outcome, region);
    outcome->faults = group_number(group, "memory.stat", "admitted") - outcome->faults;
    outcome->writes = group_number(group, "memory.stat", "pswpout") - outcome->writes;
    outcome->ticks = group_number(group, "memory.tick", NULL);
    munmap(region, (size_t)string->pages * PAGE);
    must(group_remove(group), "rmdir of the group");
}
