/* kernel/file/epoll.c - a set of files that is waited for again and again.
 *
 * With poll a program says each time which files it means; here it says so once. Which of
 * them are ready is looked up when asked, as poll does: all sleep on one channel. An entry
 * belongs to the descriptor's number and to the open file; when that is closed for good the
 * entry goes. Those that are ready are told in the order in which they became so, and what has
 * been told comes behind the others. With EPOLLET a file that is ready as before is told only
 * if something more has come to it since (its `news`).
 *
 * A set may be in a set, five deep. From one file up to the sets that nobody holds there may be
 * many ways, and each costs whoever looks, so their number is limited as Linux limits it; and
 * whether a set is ready is found out once for all that hold it, as long as nothing changes. A
 * look at a large set lets others run: entries may come and go meanwhile, and each look that is
 * under way (`looks`) is told of it. */
#include "kernel/file/unnamed.h"
#include "kernel/process/thread.h"
#include "lib/errno.h"
#include "mm/mm.h"

#define EPOLLET      (1u << 31)
#define EPOLLONESHOT (1u << 30)
#define EPOLLWAKEUP  (1u << 29) /* nobody suspends the machine */
#define EPOLLEXCLUSIVE \
    (1u << 28) /* to wake one waiter is enough: all are woken, which is allowed */
#define ALWAYS     (POLLERR | POLLHUP) /* told whether asked or not */
#define EVENTS     0x7fffu             /* those that a file can have */
#define POLLRDNORM 0x40u               /* as EPOLLRDNORM, EPOLLWRNORM */
#define POLLWRNORM 0x100u
#define ROOM       (POLLOUT | POLLWRNORM | POLLWRBAND)
/* What an exclusive entry may ask for. */
#define EXCLUSIVE_EVENTS \
    (EPOLLEXCLUSIVE | EPOLLET | EPOLLWAKEUP | ALWAYS | POLLIN | POLLOUT)
#define DEEPEST       5   /* sets within each other */
#define LOOKS_AT_ONCE 64u /* files, between two looks at the clock */

struct epoll_entry {
    struct epoll_entry *next, **link;              /* of the set's */
    struct epoll_entry *next_of_file, **file_link; /* of the file's */
    struct epoll *set;
    int fd;
    struct file *file; /* no reference: epoll_forget */
    uint64_t born;     /* walk_count then: who was added later has more */
    struct epoll_event event;
    unsigned told;    /* what of its readiness is no news, if nothing more came since */
    uint64_t told_at; /* poll_changes then */
    unsigned ready;   /* while looking: what is to be told, */
    uint64_t since;   /* when that came, */
    uint64_t last;    /* and the last of it */
    uint64_t look;    /* the look that told it last, 0: none; for epoll_untell: */
    unsigned place;   /* which of that look's it was, */
    uint32_t events_before; /* and what was so before */
    unsigned told_before;
    uint64_t told_at_before;
};

/* Somebody goes through the entries, and sleeps now and then. */
struct look {
    struct epoll_entry *next;
    struct look *other;
};

struct epoll {
    struct epoll_entry *entries, **last;
    struct look *looks;
    struct file *file;          /* its one opening */
    uint64_t asked_at;          /* poll_changes when it was last asked for what was there */
    uint64_t ready_at, news_at; /* poll_changes + 1 when the following was found */
    unsigned ready;
    struct news news;
    uint64_t walk;  /* the last walk through sets that came here, */
    unsigned depth; /* and what it found */
};

static struct slab_cache epoll_cache = SLAB_CACHE("epoll", struct epoll);
static struct slab_cache entry_cache = SLAB_CACHE("epoll-entry", struct epoll_entry);
static uint64_t look_count, walk_count;

/* To the end of its set's entries. */
static void entry_link(struct epoll_entry *entry)
{
    struct epoll *set = entry->set;
    entry->next = NULL;
    entry->link = set->last;
    *set->last = entry;
    set->last = &entry->next;
}

static void entry_unlink(struct epoll_entry *entry)
{
    struct epoll *set = entry->set;
    for (struct look *look = set->looks; look; look = look->other)
        if (look->next == entry)
            look->next = entry->next;
    *entry->link = entry->next;
    if (entry->next)
        entry->next->link = entry->link;
    else
        set->last = entry->link;
}

static void entry_remove(struct epoll_entry *entry)
{
    entry_unlink(entry);
    *entry->file_link = entry->next_of_file;
    if (entry->next_of_file)
        entry->next_of_file->file_link = entry->file_link;
    slab_give(&entry_cache, entry);
}

static struct epoll_entry *entry_find(const struct epoll *set, int fd,
                                      const struct file *file)
{
    struct epoll_entry *entry = file->entries;
    while (entry && (entry->fd != fd || entry->set != set))
        entry = entry->next_of_file;
    return entry;
}

void epoll_forget(const struct file *file)
{
    while (file->entries)
        entry_remove(file->entries);
    poll_wake(); /* who waits for a set that was in a set looks again */
}

/* --- Looking ---------------------------------------------------------------------------- */

/* When of these events the last came to the file, and since when there are some. */
static struct news events_news(struct file *file, unsigned events)
{
    struct news news = {0, 0};
    if (events & ~ROOM)
        news = file_news(file, false);
    if (events & ROOM) {
        struct news room = file_news(file, true);
        news.first = news.first ? news.first : room.first;
        news.last = news.last > room.last ? news.last : room.last;
    }
    return news;
}

/* What of `entry` is to be told now, and since when that is so. */
static void entry_look(struct epoll_entry *entry)
{
    bool edge = entry->event.events & EPOLLET;
    unsigned ready = file_ready(entry->file);
    if (ready & POLLIN)
        ready |= POLLRDNORM;
    if (ready & POLLOUT)
        ready |= POLLWRNORM;
    ready &= entry->event.events & EVENTS; /* of a one-shot that has been told: none */
    struct news news = events_news(entry->file, ready);
    entry->told &= ready;
    entry->last = news.last;
    entry->ready =
        edge && !(ready & ~entry->told) && news.last <= entry->told_at ? 0 : ready;
    entry->since = news.first > entry->told_at          ? news.first
                   : edge && news.last > entry->told_at ? news.last
                                                        : entry->told_at;
}

/* What one waiter for an edge alone (EPOLLEXCLUSIVE) has been told is no news for the others. */
static void exclusive_told(const struct epoll_entry *told)
{
    struct epoll_entry *entry = told->file->entries;
    for (; entry; entry = entry->next_of_file) {
        if (!(entry->event.events & EPOLLEXCLUSIVE))
            continue;
        entry->told |= told->told;
        entry->told_at = told->told_at;
    }
}

/* Look at all. */
static void entries_look(struct epoll *set)
{
    struct look look = {set->entries, set->looks}, **link = &set->looks;
    set->looks = &look;
    for (unsigned i = 1; look.next; i++) {
        struct epoll_entry *entry = look.next;
        look.next = entry->next;
        entry_look(entry);
        if (i % LOOKS_AT_ONCE == 0)
            thread_breathe();
    }
    while (*link != &look)
        link = &(*link)->other;
    *link = look.other;
}

/* Of entries of one file that something new has come to, the newest entry is told first. */
static bool entry_precedes(const struct epoll_entry *entry, const struct epoll_entry *other)
{
    if (entry->since != other->since || entry->file != other->file ||
        entry->since <= entry->told_at)
        return entry->since < other->since;
    return entry->born > other->born;
}

/* The first few of many entries, in order, in a ring: one that precedes all moves none. */
struct first {
    unsigned most, count, begin;
    struct epoll_entry *place[EPOLL_PART];
};

static struct epoll_entry **first_place(struct first *first, unsigned i)
{
    return &first->place[(first->begin + i) % EPOLL_PART];
}

static void first_add(struct first *first, struct epoll_entry *entry)
{
    unsigned place = first->count;
    bool before_all = place > 0 && entry_precedes(entry, *first_place(first, 0));
    while (!before_all && place > 0 &&
           entry_precedes(entry, *first_place(first, place - 1)))
        place--;
    if (!before_all && place == first->most)
        return;
    first->count += first->count < first->most;
    first->begin += before_all ? EPOLL_PART - 1 : 0;
    for (unsigned i = first->count - 1; !before_all && i > place; i--)
        *first_place(first, i) = *first_place(first, i - 1);
    *first_place(first, before_all ? 0 : place) = entry;
}

static void entry_tell(struct epoll_entry *entry)
{
    entry->events_before = entry->event.events;
    entry->told_before = entry->told;
    entry->told_at_before = entry->told_at;
    entry->told = entry->ready;
    /* news may be there before it is said that there are some: they are told once */
    entry->told_at = entry->last > poll_changes ? entry->last : poll_changes;
    entry->ready = 0;
    if (entry->event.events & EPOLLEXCLUSIVE)
        exclusive_told(entry);
    if (entry->event.events & EPOLLONESHOT)
        entry->event.events &= ~EVENTS;
    entry_unlink(entry);
    entry_link(entry);
}

unsigned epoll_look(struct file *file, struct epoll_event *found, unsigned most,
                    uint64_t *look)
{
    struct epoll *set = file->inode->data;
    struct first first = {.most = most < EPOLL_PART ? most : EPOLL_PART};
    entries_look(set);
    for (struct epoll_entry *entry = set->entries; entry; entry = entry->next)
        if (entry->ready)
            first_add(&first, entry);
    *look = ++look_count;
    poll_changes += first.count > 0; /* told, the set may not be ready any more */
    for (unsigned i = 0; i < first.count; i++) {
        struct epoll_entry *entry = *first_place(&first, i);
        found[i] = (struct epoll_event){entry->ready, entry->event.data};
        entry_tell(entry);
        entry->look = *look;
        entry->place = i;
    }
    return first.count;
}

void epoll_untell(struct file *file, uint64_t look, unsigned from)
{
    const struct epoll *set = file->inode->data;
    for (struct epoll_entry *entry = set->entries; entry; entry = entry->next) {
        if (entry->look != look || entry->place < from)
            continue;
        entry->event.events = entry->events_before;
        entry->told = entry->told_before;
        entry->told_at = entry->told_at_before;
    }
    poll_wake();
}

static unsigned epoll_ready(struct file *file)
{
    struct epoll *set = file->inode->data;
    if (set->ready_at == poll_changes + 1)
        return set->ready;
    set->ready = 0;
    for (struct epoll_entry *entry = set->entries; entry && !set->ready;
         entry = entry->next) {
        entry_look(entry);
        set->ready = entry->ready ? POLLIN : 0;
    }
    set->ready_at = poll_changes + 1;
    return set->ready;
}

/* A set has news when a file in it has, and when it is asked for something that is there. */
static struct news epoll_news(struct file *file, bool writing __attribute__((unused)))
{
    struct epoll *set = file->inode->data;
    struct news all = {0, set->asked_at};
    if (set->news_at == poll_changes + 1)
        return set->news;
    for (const struct epoll_entry *entry = set->entries; entry; entry = entry->next) {
        struct news news = events_news(entry->file, entry->event.events & EVENTS);
        all.first = all.first && all.first < news.first ? all.first : news.first;
        all.last = all.last > news.last ? all.last : news.last;
    }
    set->news = all;
    set->news_at = poll_changes + 1;
    return all;
}

/* --- Sets in sets --------------------------------------------------------------------------- */

/* How many sets deep `file` is, counting itself; more than DEEPEST if `set` is among them. Each
 * set is looked at once in a walk. */
static unsigned depth_below(const struct file *file, const struct file *set)
{
    unsigned deepest = 0;
    if (file == set)
        return DEEPEST + 1;
    if (!file_is_epoll(file))
        return 0;
    struct epoll *below = file->inode->data;
    if (below->walk == walk_count)
        return below->depth;
    for (const struct epoll_entry *entry = below->entries; entry; entry = entry->next) {
        unsigned depth = depth_below(entry->file, set);
        deepest = depth > deepest ? depth : deepest;
    }
    below->walk = walk_count;
    below->depth = deepest + 1;
    return deepest + 1;
}

/* And how many are above each other to hold `set`, counting it. */
static unsigned depth_above(const struct file *set)
{
    unsigned highest = 0;
    for (const struct epoll_entry *entry = set->entries; entry;
         entry = entry->next_of_file) {
        unsigned depth = depth_above(entry->set->file);
        highest = depth > highest ? depth : highest;
    }
    return highest + 1;
}

/* Count the ways from `file`, `level` sets above the lowest, up to sets that nobody holds, by
 * their length. False: there are too many. */
static bool ways_count(const struct file *file, unsigned level, unsigned count[DEEPEST])
{
    static const unsigned most[DEEPEST] = {UINT32_MAX, 500, 100, 50, 10};
    for (const struct epoll_entry *entry = file->entries; entry;
         entry = entry->next_of_file) {
        const struct file *set = entry->set->file;
        if (set->entries ? !ways_count(set, level + 1, count)
                         : ++count[level] > most[level])
            return false;
    }
    return true;
}

/* From what `file` is, or is the set of, and from all below. */
static bool ways_are_few(const struct file *file)
{
    unsigned count[DEEPEST] = {0};
    if (!file_is_epoll(file))
        return ways_count(file, 0, count);
    struct epoll *below = file->inode->data;
    if (below->walk == walk_count)
        return true;
    below->walk = walk_count;
    for (const struct epoll_entry *entry = below->entries; entry; entry = entry->next)
        if (file_is_epoll(entry->file) && !ways_are_few(entry->file))
            return false;
    return ways_count(file, 1, count);
}

/* --- Changing ------------------------------------------------------------------------------- */

static int entry_add(struct epoll *set, int fd, struct file *file,
                     const struct epoll_event *event)
{
    struct epoll_entry *entry = slab_take(&entry_cache);
    if (!entry)
        return -ENOMEM;
    *entry = (struct epoll_entry){.set = set,
                                  .fd = fd,
                                  .file = file,
                                  .born = walk_count,
                                  .told_at = poll_changes, /* what is there is as new */
                                  .event = *event,
                                  .next_of_file = file->entries,
                                  .file_link = &file->entries};
    if (file->entries)
        file->entries->file_link = &entry->next_of_file;
    file->entries = entry;
    entry_link(entry);
    walk_count++;
    if (!ways_are_few(file)) {
        entry_remove(entry);
        return -EINVAL;
    }
    file_news(file, false); /* from now on it is followed */
    return 0;
}

/* May `file` be put into the set, or changed there, with `events`: whatever is there now? */
static int entry_check(const struct file *set, enum epoll_operation operation,
                       const struct file *file, uint32_t events)
{
    bool adds = operation == EPOLL_CTL_ADD;
    if ((events & EPOLLEXCLUSIVE) &&
        (!adds || file_is_epoll(file) || (events & ~EXCLUSIVE_EVENTS)))
        return -EINVAL;
    if (!adds || !file_is_epoll(file))
        return 0;
    walk_count++;
    return depth_below(file, set) + depth_above(set) > DEEPEST ? -ELOOP : 0;
}

int epoll_control(struct file *set, enum epoll_operation operation, int fd,
                  struct file *file, const struct epoll_event *event)
{
    struct epoll *epoll = set->inode->data;
    struct epoll_event asked = {event->events | ALWAYS, event->data};
    if (file == set)
        return -EINVAL;
    int error =
        operation == EPOLL_CTL_DEL ? 0 : entry_check(set, operation, file, event->events);
    if (error)
        return error;
    struct epoll_entry *entry = entry_find(epoll, fd, file);
    if (entry && operation == EPOLL_CTL_ADD)
        return -EEXIST;
    if (!entry && operation != EPOLL_CTL_ADD)
        return -ENOENT;
    if (operation == EPOLL_CTL_MOD && (entry->event.events & EPOLLEXCLUSIVE))
        return -EINVAL;
    if (operation == EPOLL_CTL_ADD)
        error = entry_add(epoll, fd, file, &asked);
    if (error)
        return error;
    if (operation == EPOLL_CTL_DEL) {
        entry_remove(entry);
    } else if (operation == EPOLL_CTL_MOD) {
        entry_look(entry);
        if (!entry->ready) /* it comes behind those that are */
            entry->told_at = poll_changes + 1;
        entry->event = asked;
        entry->told = 0;
        entry->ready = 0; /* for whoever is looking: what it found was asked for before */
        entry->look = 0;
    }
    poll_wake(); /* who waits for the set looks again */
    if (operation != EPOLL_CTL_DEL && (file_ready(file) & asked.events & EVENTS))
        epoll->asked_at = poll_changes;
    return 0;
}

/* --- The set ------------------------------------------------------------------------------- */

static void epoll_destroy(struct inode *inode)
{
    struct epoll *epoll = inode->data;
    if (!epoll)
        return;
    while (epoll->entries)
        entry_remove(epoll->entries);
    slab_give(&epoll_cache, epoll);
}

static const struct inode_operations epoll_operations = {
    .seek = SEEK_NOWHERE,
    .told_as = "anon_inode:[eventpoll]",
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
    epoll->last = &epoll->entries;
    int error = unnamed_open(&epoll_operations, 0600, epoll, flags, opened);
    if (error) {
        slab_give(&epoll_cache, epoll);
        return error;
    }
    epoll->file = *opened;
    return 0;
}
