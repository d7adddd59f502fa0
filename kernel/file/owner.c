/* kernel/file/owner.c - signal-driven I/O: a file's owner, and the signals to it.  See owner.h. */
#include "kernel/file/owner.h"
#include "kernel/process/process.h"
#include "lib/errno.h"
#include "mm/mm.h"

/* What siginfo tells: which, and as poll has it. */
#define SI_SIGIO (-5)
#define POLL_IN  1
#define POLL_OUT 2
#define BAND_IN  0x041u /* POLLIN, POLLRDNORM */
#define BAND_OUT 0x304u /* POLLOUT, POLLWRNORM, POLLWRBAND */
/* Signals whose codes above 0 say something else. */
#define CODES_OF_THEIR_OWN                                                                \
    (SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | \
     SIGNAL_BIT(SIGTRAP) | SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGSYS))

/* Made when it is first asked for. */
struct file_owner {
    enum owner_kind kind;
    int id;                       /* 0: nobody */
    int signal;                   /* 0: SIGIO alone */
    int fd;                       /* by which it asked to be told */
    struct listener listeners[2]; /* of bytes, of room */
};

static struct slab_cache owner_cache = SLAB_CACHE("file-owner", struct file_owner);

static struct file_owner *owner_of(struct file *file)
{
    if (!file->owner)
        file->owner = slab_take(&owner_cache);
    return file->owner;
}

/* --- Who ------------------------------------------------------------------------------------ */

static bool owner_exists(const struct file_owner *owner)
{
    switch (owner->kind) {
    case F_OWNER_TID:
        return thread_find(owner->id);
    case F_OWNER_PID:
        return process_find(owner->id);
    default:
        return process_group_session(owner->id) >= 0;
    }
}

int owner_set(struct file *file, int kind, int id)
{
    if (kind < F_OWNER_TID || kind > F_OWNER_PGRP)
        return -EINVAL;
    if (id && !thread_find(id) && !process_find(id) && process_group_session(id) < 0)
        return -ESRCH;
    struct file_owner *owner = owner_of(file);
    if (!owner)
        return -ENOMEM;
    owner->kind = kind;
    owner->id = id;
    return 0;
}

int owner_get(const struct file *file, int *kind)
{
    const struct file_owner *owner = file->owner;
    *kind = owner ? owner->kind : F_OWNER_TID;
    return owner && owner->id && owner_exists(owner) ? owner->id : 0;
}

int owner_set_signal(struct file *file, int signal)
{
    if (signal < 0 || signal > SIGNALS)
        return -EINVAL;
    struct file_owner *owner = owner_of(file);
    if (!owner)
        return -ENOMEM;
    owner->signal = signal;
    return 0;
}

int owner_signal(const struct file *file)
{
    return file->owner ? file->owner->signal : 0;
}

/* --- Listening ------------------------------------------------------------------------------ */

static void listener_remove(struct listener *listener)
{
    if (!listener->link)
        return;
    *listener->link = listener->next;
    if (listener->next)
        listener->next->link = listener->link;
    listener->link = NULL;
    poll_sleepers--;
}

static void listener_add(struct listener *listener, struct listener **list)
{
    listener->next = *list;
    listener->link = list;
    if (*list)
        (*list)->link = &listener->next;
    *list = listener;
    poll_sleepers++;
}

int owner_listen(struct file *file, int fd, bool on)
{
    if (!file->inode->operations->listeners)
        return -ENOTTY;
    struct file_owner *owner = owner_of(file);
    if (!owner)
        return -ENOMEM;
    owner->fd = fd;
    for (int room = 0; room <= 1; room++) {
        struct listener *listener = &owner->listeners[room];
        struct listener **list = file->inode->operations->listeners(file, room);
        listener_remove(listener);
        listener->owner = owner;
        listener->room = room;
        if (on && list)
            listener_add(listener, list);
    }
    file->flags = on ? file->flags | O_ASYNC : file->flags & ~O_ASYNC;
    return 0;
}

void owner_forget(struct file *file)
{
    listener_remove(&file->owner->listeners[0]);
    listener_remove(&file->owner->listeners[1]);
    slab_give(&owner_cache, file->owner);
}

/* --- Telling -------------------------------------------------------------------------------- */

static struct signal_info info_of(const struct file_owner *owner, bool room)
{
    bool other = owner->signal && (CODES_OF_THEIR_OWN & SIGNAL_BIT(owner->signal));
    if (!owner->signal)
        return (struct signal_info){.signal = SIGIO, .code = SI_KERNEL};
    return (struct signal_info){.signal = owner->signal,
                                .code = other  ? SI_SIGIO
                                        : room ? POLL_OUT
                                               : POLL_IN,
                                .sender = room ? BAND_OUT : BAND_IN, /* si_band */
                                .value = owner->fd};                 /* si_fd */
}

/* One that is kept each time it is sent is kept whole; when no more can be, SIGIO says that
 * something is lost. */
static struct signal_info info_kept(const struct process *process, struct signal_info info)
{
    if (info.signal >= SIGNAL_REALTIME && !signal_queue_has_room(process))
        return (struct signal_info){.signal = SIGIO, .code = SI_KERNEL};
    return info;
}

static void processes_tell(int id, bool group, const struct signal_info *info)
{
    for (struct process *process = process_first; process; process = process->next) {
        if ((group ? process->group : process->id) != id)
            continue;
        struct signal_info kept = info_kept(process, *info);
        signal_send_info(process, &kept);
    }
}

void owner_tell(const struct listener *list, bool bytes, bool room, int group)
{
    for (; list; list = list->next) {
        const struct file_owner *owner = list->owner;
        if (!(list->room ? room : bytes) || (!owner->id && !group))
            continue;
        struct signal_info info = info_of(owner, list->room);
        if (!owner->id) {
            processes_tell(group, true, &info);
        } else if (owner->kind != F_OWNER_TID) {
            processes_tell(owner->id, owner->kind == F_OWNER_PGRP, &info);
        } else {
            struct thread *thread = thread_find(owner->id);
            if (!thread)
                continue;
            info = info_kept(thread->process, info);
            signal_send_thread(thread, &info);
        }
    }
}
