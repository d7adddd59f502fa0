/* epoll.c - a set of files that is waited for again and again.
 *
 * With poll a program says each time which files it means; here it says so once. Which of
 * them are ready is looked up when asked, as poll does: all sleep on one channel. An entry
 * belongs to the descriptor's number and to the open file; when that is closed for good the
 * entry goes. With EPOLLET a file that is ready as before is news only if anything has
 * changed since that was told, be it with another file: told too often is allowed, too
 * seldom is not. */
#include "kernel/anonymous.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "mm/slab.h"

#define EDGE     (1u << 31) /* EPOLLET */
#define ONE_SHOT (1u << 30)
#define ALWAYS   (READY_ERROR | READY_HANGUP)
#define EVENTS   0x7fffu /* those that a file can have */

struct entry {
    struct entry *next;
    int fd;
    struct file *file; /* no reference: epoll_forget */
    struct epoll_event event;
    unsigned told;    /* EDGE: what it was found ready for the last time, */
    uint64_t told_at; /* and poll_changes then */
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

/* What of `entry` is to be told now. */
static unsigned entry_news(struct entry *entry)
{
    unsigned asked = (entry->event.events & EVENTS) | ALWAYS;
    unsigned ready = file_ready(entry->file);
    if (ready & READY_READ)
        ready |= 0x40; /* EPOLLRDNORM, EPOLLWRNORM */
    if (ready & READY_WRITE)
        ready |= 0x100;
    ready &= asked;
    if (!(entry->event.events & EVENTS))
        return 0; /* a one-shot that has been told */
    bool same = entry->told == ready && entry->told_at == poll_changes;
    entry->told = ready;
    entry->told_at = poll_changes;
    return same && (entry->event.events & EDGE) ? 0 : ready;
}

unsigned epoll_look(struct file *set, struct epoll_event *found, unsigned most)
{
    struct epoll *epoll = set->inode->data;
    unsigned count = 0;
    for (struct entry *entry = epoll->entries; entry && count < most; entry = entry->next) {
        unsigned news = entry_news(entry);
        if (!news)
            continue;
        found[count].events = news;
        found[count++].data = entry->event.data;
        if (entry->event.events & ONE_SHOT)
            entry->event.events &= ~EVENTS;
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

/* --- Changing ------------------------------------------------------------------------------- */

static int entry_add(struct epoll *epoll, int fd, struct file *file,
                     const struct epoll_event *event)
{
    struct entry *entry = slab_take(&entry_cache), **link = &epoll->entries;
    if (!entry)
        return -ENOMEM;
    *entry = (struct entry){.fd = fd, .file = file, .event = *event};
    while (*link)
        link = &(*link)->next;
    *link = entry;
    file->watched = true;
    return 0;
}

int epoll_control(struct file *set, enum epoll_operation operation, int fd,
                  struct file *file, const struct epoll_event *event)
{
    struct epoll *epoll = set->inode->data;
    if (file_is_epoll(file))
        return file == set ? -EINVAL : -ELOOP;
    if (!file->inode->operations->ready)
        return -EPERM;
    struct entry **link = entry_find(epoll, fd, file);
    if (operation == EPOLL_ADD) {
        if (*link)
            return -EEXIST;
        int error = entry_add(epoll, fd, file, event);
        if (error)
            return error;
    } else if (!*link) {
        return -ENOENT;
    } else if (operation == EPOLL_REMOVE) {
        entry_remove(link);
    } else {
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
