/* kernel/signal/signal_queue.c - signals that wait.  See signal_queue.h. */
#include "kernel/signal/signal_queue.h"

#include "kernel/process/process.h"
#include "kernel/signal/itimer.h"
#include "mm/mm.h"

static struct slab_cache entry_cache = SLAB_CACHE("signal", struct signal_entry);

uint64_t signals_queued;

bool signal_queue_has_room(const struct process *process)
{
    return signals_queued < process->limits[RLIMIT_SIGPENDING].soft;
}

/* A timer's signal has its place from when the timer was made. */
static bool entry_counts(const struct signal_info *info)
{
    return !info->timed;
}

/* NULL: the limit is reached, or memory is out. The limit does not hold for a signal that waits
 * once at most, however often it is sent; unless its code is below 0, as of sigqueue and
 * tgkill. */
static struct signal_entry *entry_make(const struct process *process,
                                       const struct signal_info *info)
{
    bool must = info->signal < SIGNAL_REALTIME && info->code >= 0;
    if (!must && entry_counts(info) && !signal_queue_has_room(process))
        return NULL;
    struct signal_entry *entry = slab_take(&entry_cache);
    if (!entry)
        return NULL;
    signals_queued += entry_counts(info);
    entry->info = *info;
    return entry;
}

static void entry_free(struct signal_entry *entry)
{
    signals_queued -= entry_counts(&entry->info);
    slab_give(&entry_cache, entry);
}

/* A timer that runs out again before its last signal was delivered sends none, but counts
 * (timer_getoverrun). */
static bool overruns(struct signal_entry *entry, const struct signal_info *info)
{
    if (!info->timed)
        return false;
    for (; entry; entry = entry->next) {
        if (entry->info.timed && entry->info.signal == info->signal &&
            entry->info.sender == info->sender) {
            entry->info.user += info->user + 1;
            return true;
        }
    }
    return false;
}

void signal_queue_add(const struct process *process, uint64_t *pending,
                      struct signal_entry **list, const struct signal_info *info)
{
    uint64_t bit = SIGNAL_BIT(info->signal);
    if ((*pending & bit) && (overruns(*list, info) || info->signal < SIGNAL_REALTIME))
        return;
    *pending |= bit;
    struct signal_entry *entry = entry_make(process, info);
    if (!entry)
        return;
    while (*list)
        list = &(*list)->next;
    *list = entry;
}

void signal_queue_discard(struct signal_entry **list, uint64_t set)
{
    while (*list) {
        struct signal_entry *entry = *list;
        if (set & SIGNAL_BIT(entry->info.signal)) {
            *list = entry->next;
            entry_free(entry);
        } else {
            list = &entry->next;
        }
    }
}

void signal_queue_take(struct process *process, uint64_t *pending,
                       struct signal_entry **list, int signal, struct signal_info *info)
{
    *info = (struct signal_info){.signal = signal};
    *pending &= ~SIGNAL_BIT(signal);
    while (*list && (*list)->info.signal != signal)
        list = &(*list)->next;
    struct signal_entry *entry = *list;
    if (entry) {
        *info = entry->info;
        *list = entry->next;
        entry_free(entry);
        for (entry = *list; entry; entry = entry->next)
            if (entry->info.signal == signal)
                *pending |= SIGNAL_BIT(signal);
    }
    if (process->itimers)
        itimer_delivered(process, info);
}
