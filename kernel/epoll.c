/* epoll.c - a set of files that is waited for again and again.
 *
 * With poll a program says each time which files it means; here it says so once. Which of
 * them are ready is looked up when asked, as poll does: all sleep on one channel. An entry
 * belongs to the descriptor's number and to the open file; when that is closed for good the
 * entry goes. Those that are ready are told in the order in which they became so, and what has
 * been told comes behind the others. With EPOLLET a file that is ready as before is told only
 * if something more has come to it since (its `news`). A set may be in a set, five deep. */
#include "kernel/anonymous.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "mm/slab.h"

#define EDGE      (1u << 31) /* EPOLLET */
#define ONE_SHOT  (1u << 30)
#define WAKE_UP   (1u << 29) /* nobody suspends the machine */
#define EXCLUSIVE (1u << 28) /* one who waits is enough: all are woken, which is allowed */
#define ALWAYS    (READY_ERROR | READY_HANGUP)
#define EVENTS    0x7fffu /* those that a file can have */
/* What an exclusive entry may ask for. */
#define EXCLUSIVE_EVENTS (EXCLUSIVE | EDGE | WAKE_UP | ALWAYS | READY_READ | READY_WRITE)
#define DEEPEST          5 /* sets within each other */

struct entry {
    struct entry *next;
    int fd;
    struct file *file; /* no reference: epoll_forget */
    struct epoll_event event;
    unsigned told;    /* what of its readiness is no news, if nothing more came since */
    uint64_t told_at; /* poll_changes then */
    unsigned ready;   /* while looking: what is to be told, */
    uint64_t since;   /* and when that came */
};

struct epoll {
    struct entry *entries;
    struct epoll *next; /* all sets */
};

static struct slab_cache epoll_cache = SLAB_CACHE("epoll", struct epoll);
static struct slab_cache entry_cache = SLAB_CACHE("epoll-entry", struct entry);
static struct epoll *epolls;

static void entry_remove(struct entry **link)
{
    struct entry *entry = *link;
    *link = entry->next;
    slab_give(&entry_cache, entry);
}

static struct entry **entry_find(struct epoll *epoll, int fd, const struct file *file)
{
    struct entry **link = &epoll->entries;
    while (*link && ((*link)->fd != fd || (*link)->file != file))
        link = &(*link)->next;
    return link;
}

void epoll_forget(const struct file *file)
{
    for (struct epoll *epoll = epolls; epoll; epoll = epoll->next) {
        struct entry **link = &epoll->entries;
        while (*link) {
            if ((*link)->file == file)
                entry_remove(link);
            else
                link = &(*link)->next;
        }
    }
}

/* --- Looking ---------------------------------------------------------------------------- */

/* What of `entry` is to be told now, and since when that is so. */
static void entry_look(struct entry *entry)
{
    bool edge = entry->event.events & EDGE;
    unsigned ready = file_ready(entry->file);
    struct news news = {0, 0};
    if (ready & (READY_READ | ALWAYS))
        news = file_news(entry->file, false);
    if (ready & READY_WRITE & entry->event.events) {
        struct news room = file_news(entry->file, true);
        news.first = news.first ? news.first : room.first;
        news.last = news.last > room.last ? news.last : room.last;
    }
    if (ready & READY_READ)
        ready |= 0x40; /* EPOLLRDNORM, EPOLLWRNORM */
    if (ready & READY_WRITE)
        ready |= 0x100;
    ready &= (entry->event.events & EVENTS) | ALWAYS;
    if (!(entry->event.events & EVENTS))
        ready = 0; /* a one-shot that has been told */
    entry->told &= ready;
    entry->ready =
        edge && !(ready & ~entry->told) && news.last <= entry->told_at ? 0 : ready;
    entry->since = news.first > entry->told_at ? news.first
                   : edge                      ? news.last
                                               : entry->told_at;
}

/* Of those that are to be told, the one that has been so for longest. */
static struct entry **entry_first(struct epoll *epoll)
{
    struct entry **first = NULL;
    for (struct entry **link = &epoll->entries; *link; link = &(*link)->next)
        if ((*link)->ready && (!first || (*link)->since < (*first)->since))
            first = link;
    return first;
}

static void entry_to_end(struct entry **link)
{
    struct entry *entry = *link;
    *link = entry->next;
    while (*link)
        link = &(*link)->next;
    *link = entry;
    entry->next = NULL;
}

/* What one who waits for an edge alone (EPOLLEXCLUSIVE) has been told is no news for the others. */
static void exclusive_told(const struct entry *told)
{
    for (struct epoll *epoll = epolls; epoll; epoll = epoll->next) {
        for (struct entry *entry = epoll->entries; entry; entry = entry->next) {
            if (entry->file != told->file || !(entry->event.events & EXCLUSIVE))
                continue;
            entry->told |= told->told;
            entry->told_at = poll_changes;
        }
    }
}

unsigned epoll_look(struct file *set, struct epoll_event *found, unsigned most)
{
    struct epoll *epoll = set->inode->data;
    struct entry **first;
    unsigned count = 0;
    for (struct entry *entry = epoll->entries; entry; entry = entry->next)
        entry_look(entry);
    while (count < most && (first = entry_first(epoll)) != NULL) {
        struct entry *entry = *first;
        found[count].events = entry->told = entry->ready;
        found[count++].data = entry->event.data;
        entry->told_at = poll_changes;
        entry->ready = 0;
        if (entry->event.events & EXCLUSIVE)
            exclusive_told(entry);
        if (entry->event.events & ONE_SHOT)
            entry->event.events &= ~EVENTS;
        entry_to_end(first);
    }
    return count;
}

static unsigned epoll_ready(struct file *file)
{
    const struct epoll *epoll = file->inode->data;
    for (const struct entry *entry = epoll->entries; entry; entry = entry->next)
        if (file_ready(entry->file) & ((entry->event.events & EVENTS) | ALWAYS))
            return READY_READ;
    return 0;
}

/* A set has news when a file in it has. */
static struct news epoll_news(struct file *file, bool writing __attribute__((unused)))
{
    const struct epoll *epoll = file->inode->data;
    struct news all = {0, 0};
    for (const struct entry *entry = epoll->entries; entry; entry = entry->next) {
        struct news news = file_news(entry->file, !(entry->event.events & READY_READ));
        all.first = all.first && all.first < news.first ? all.first : news.first;
        all.last = all.last > news.last ? all.last : news.last;
    }
    return all;
}

/* --- Changing ------------------------------------------------------------------------------- */

static int entry_add(struct epoll *epoll, int fd, struct file *file,
                     const struct epoll_event *event)
{
    struct entry *entry = slab_take(&entry_cache), **link = &epoll->entries;
    if (!entry)
        return -ENOMEM;
    *entry = (struct entry){.fd = fd, .file = file, .event = *event};
    file_news(file, false); /* from now on it is followed */
    while (*link)
        link = &(*link)->next;
    *link = entry;
    file->watched = true;
    return 0;
}

/* How many sets deep `file` is, counting itself; more than DEEPEST if `set` is among them. */
static unsigned depth_below(const struct file *file, const struct file *set)
{
    unsigned deepest = 0;
    if (file->inode == set->inode)
        return DEEPEST + 1;
    if (!file_is_epoll(file))
        return 0;
    const struct epoll *epoll = file->inode->data;
    for (const struct entry *entry = epoll->entries; entry; entry = entry->next) {
        unsigned depth = depth_below(entry->file, set);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

/* And how many are above each other to hold `set`, counting it. */
static unsigned depth_above(const struct epoll *set)
{
    unsigned highest = 0;
    for (const struct epoll *epoll = epolls; epoll; epoll = epoll->next) {
        for (const struct entry *entry = epoll->entries; entry; entry = entry->next) {
            unsigned depth = entry->file->inode->data == set ? depth_above(epoll) : 0;
            highest = depth > highest ? depth : highest;
        }
    }
    return highest + 1;
}

/* May `file` be in the set, or stay there, with `event`? */
static int entry_check(const struct file *set, const struct file *file,
                       const struct entry *entry, const struct epoll_event *event)
{
    bool exclusive = event->events & EXCLUSIVE;
    if (entry) /* to be changed */
        return exclusive || (entry->event.events & EXCLUSIVE) ? -EINVAL : 0;
    if (exclusive && (file_is_epoll(file) || (event->events & ~EXCLUSIVE_EVENTS)))
        return -EINVAL;
    if (!file_is_epoll(file))
        return 0;
    return depth_below(file, set) + depth_above(set->inode->data) > DEEPEST ? -ELOOP : 0;
}

int epoll_control(struct file *set, enum epoll_operation operation, int fd,
                  struct file *file, const struct epoll_event *event)
{
    struct epoll *epoll = set->inode->data;
    if (!file->inode->operations->ready)
        return -EPERM;
    if (file->inode == set->inode)
        return -EINVAL;
    struct entry **link = entry_find(epoll, fd, file);
    if (*link && operation == EPOLL_ADD)
        return -EEXIST;
    if (!*link && operation != EPOLL_ADD)
        return -ENOENT;
    int error = operation == EPOLL_REMOVE ? 0 : entry_check(set, file, *link, event);
    if (!error && operation == EPOLL_ADD)
        error = entry_add(epoll, fd, file, event);
    if (error)
        return error;
    if (operation == EPOLL_REMOVE) {
        entry_remove(link);
    } else if (operation == EPOLL_CHANGE) {
        (*link)->event = *event;
        (*link)->told = 0;
    }
    poll_wake(); /* who waits for the set looks again */
    return 0;
}

/* --- The set ------------------------------------------------------------------------------- */

static void epoll_destroy(struct inode *inode)
{
    struct epoll *epoll = inode->data, **link = &epolls;
    if (!epoll)
        return;
    while (epoll->entries)
        entry_remove(&epoll->entries);
    while (*link != epoll)
        link = &(*link)->next;
    *link = epoll->next;
    slab_give(&epoll_cache, epoll);
}

static const struct inode_operations epoll_operations = {
    .ready = epoll_ready,
    .news = epoll_news,
    .destroy = epoll_destroy,
};

bool file_is_epoll(const struct file *file)
{
    return file->inode->operations == &epoll_operations;
}

int epoll_create(uint32_t flags, struct file **opened)
{
    struct epoll *epoll = slab_take(&epoll_cache);
    if (!epoll)
        return -ENOMEM;
    int error = anonymous_open(&epoll_operations, 0600, epoll, flags, opened);
    if (error) {
        slab_give(&epoll_cache, epoll);
        return error;
    }
    epoll->next = epolls;
    epolls = epoll;
    return 0;
}
