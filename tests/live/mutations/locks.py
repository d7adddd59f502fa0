"""Mutations of what is locked over a copy to or from user memory, and of what must not be."""

from mutations.mutation import Mutation

WATCHED = ("watched",)
SOCKETS = ("sockets",)
HELD = ("held-files",)
STREAMS = ("held-streams",)
CALLS = ("held-calls",)
TYPED = ("-k two_readers tests/test_terminal.py",)

MUTATIONS = [
    Mutation("kernel/report/watch.c", "whose fault is told waits where it faulted", "    if (watch->holding)\n", "    if (true)\n", WATCHED),
    Mutation("kernel/report/watch.c", "a program whose lines nobody reads goes on", "(process->watch->unseen > 0 || lines_are_crowded(&process->watch->lines))", "process->watch->unseen > 0", WATCHED),
    Mutation("kernel/report/watch.c", "one go lets a call's other faults go too", "watch->unseen -= watch->unseen > 0;", "watch->unseen = 0;", WATCHED),
    Mutation("kernel/report/lines.c", "what is lost is not told", "    if (lines->lost &&\n", "    if (false && lines->lost &&\n", WATCHED),
    Mutation("kernel/report/lines.c", "lines are kept without end", "lines->sheets == SHEETS_MOST || ", "", WATCHED),
    Mutation("kernel/file/socketpair.c", "a socket's writev is several writes", "    .write_begin = socket_write_begin,\n    .write_part = socket_write_part,\n    .write_end = socket_write_end,\n", "", STREAMS),
    Mutation("kernel/file/socketpair.c", "a socket's readv is several reads", "    .read_begin = socket_read_begin,\n    .read_part = socket_read_part,\n    .read_end = socket_read_end,\n", "", STREAMS),
    Mutation("kernel/file/pipe.c", "who waits is not told that a pipe is shut", "    pipe->readers = pipe->writers = 0;\n    pipe_ends_changed(pipe);\n", "    pipe->readers = pipe->writers = 0;\n", SOCKETS),
    Mutation("kernel/file/pipe.c", "of a small write that fails a part comes through", "    if (done && !atomic)\n", "    if (done)\n", SOCKETS),
    Mutation("kernel/file/pipe.c", "a small write that fails is not taken back", "    pipe->length -= done;\n    return -EFAULT;", "    return -EFAULT;", SOCKETS),
    Mutation("kernel/linux/poll.c", "events that cannot be copied are lost", "    if (missed)\n        epoll_untell(set, look, given);\n", "    (void)look, (void)set;\n", ("epoll-looks",)),
    Mutation("kernel/linux/poll.c", "events that were copied are not told of", "    return given ? (long)given : -EFAULT;", "    return missed ? -EFAULT : (long)given;", ("epoll-looks",)),
    Mutation("kernel/file/epoll.c", "any number of ways leads up to sets", "    if (!ways_are_few(file)) {\n", "    if (false && !ways_are_few(file)) {\n", ("epoll-looks",)),
    Mutation("kernel/file/epoll.c", "a one-shot that could not be told is over", "        entry->event.events = entry->events_before;\n", "", ("epoll-looks",)),
    Mutation("kernel/linux/copy.c", "sendfile lets nobody run", "        thread_breathe();\n", "", ("long-calls",)),
    Mutation("kernel/linux/read_write.c", "read and write leave the position to others", "    long done = mutex_lock(&file->position_lock);\n\n    if (done)\n        return done;\n    done = file_move(file, buffer, length, write, &file->position);\n    mutex_unlock(&file->position_lock);\n    return done;\n", "    return file_move(file, buffer, length, write, &file->position);\n", HELD),
    Mutation("kernel/file/file.h", "no other call has the position to itself", "    return file->inode->seekable ? mutex_take(&file->position_lock) : 0;\n}\n\nstatic inline void file_position_unlock(struct file *file)\n{\n    if (file->inode->seekable)\n        mutex_leave(&file->position_lock);\n", "    return (void)file, 0;\n}\n\nstatic inline void file_position_unlock(struct file *file)\n{\n    (void)file;\n", HELD),
    Mutation("kernel/file/inode.h", "an inode's contents are nobody's alone", "    return mutex_lock(&inode->contents);\n}\n\nstatic inline void inode_unlock(struct inode *inode) RELEASES(inode->contents)\n{\n    mutex_unlock(&inode->contents);\n", "    return (void)inode, 0;\n}\n\nstatic inline void inode_unlock(struct inode *inode) RELEASES(inode->contents)\n{\n    (void)inode;\n", HELD),
    Mutation("kernel/file/regular.c", "writes to a file are not locked", "    return inode_lock(file->inode);\n}\n\nstatic void regular_write_end(struct file *file) RELEASES(file->inode->contents)\n{\n    inode_unlock(file->inode);\n", "    return (void)file, 0;\n}\n\nstatic void regular_write_end(struct file *file) RELEASES(file->inode->contents)\n{\n    (void)file;\n", HELD),
    Mutation("kernel/device/device.c", "the way to the host is not locked", "    return inode_lock(file->inode);\n}\n\nstatic void hostout_write_end(struct file *file) RELEASES(file->inode->contents)\n{\n    inode_unlock(file->inode);\n", "    return (void)file, 0;\n}\n\nstatic void hostout_write_end(struct file *file) RELEASES(file->inode->contents)\n{\n    (void)file;\n", STREAMS),
    Mutation("kernel/file/regular.c", "holes are made without the lock", "    int error = inode_lock(inode);\n\n    if (error)\n        return error;\n    error = inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)\n                ? -EPERM\n                : object_punch(inode->object, start, end);\n    inode_unlock(inode);\n", "    int error = inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)\n                ? -EPERM\n                : object_punch(inode->object, start, end);\n", HELD),
    Mutation("kernel/linux/descriptors.c", "files are sealed without the lock", "    long error = inode_lock(inode);\n    if (error)\n        return error;\n    error = inode_seal(inode, seals);\n    inode_unlock(inode);\n    return error;\n", "    return inode_seal(inode, seals);\n", HELD),
    Mutation("kernel/file/pipe.c", "who reads does not lock the ring", "    int error = pipe_lock(pipe);\n    while (!error && !pipe->length", "    int error = 0;\n    while (!error && !pipe->length", STREAMS),
    Mutation("kernel/file/pipe.c", "writev does not lock the ring", "    int error = pipe_lock(pipe);\n\n    while (!error && pipe->readers", "    int error = 0;\n\n    while (!error && pipe->readers", STREAMS),
    Mutation("kernel/file/pipe.c", "a packet is put in without the ring", "    return pipe_put_packet(pipe, buffer, length);", "    pipe_unlock(pipe);\n    long put = pipe_put_packet(pipe, buffer, length);\n    return pipe_lock(pipe) ? -EINTR : put;", STREAMS),
    Mutation("kernel/file/pipe.c", "a packet is taken without the ring", "        result = pipe_take_packet(pipe, buffer, length);\n        pipe_end_packet(pipe);\n", "        pipe_unlock(pipe);\n        result = pipe_take_packet(pipe, buffer, length);\n        pipe_end_packet(pipe);\n", STREAMS),
    Mutation("kernel/process/futex.c", "a copy that nobody can change is waited for", "           !view.of_object;", "           false;", ("futex",)),
    Mutation("kernel/process/futex.c", "no file's page that may be read only is waited for", "           !view.of_object;", "           true;", ("futex",)),
    Mutation("kernel/report/watch.c", "two read the same lines", "        result = mutex_lock(&watch->reading);\n        if (result)\n            return result;\n        if (!lines_are_none(&watch->lines)) /* else somebody took them meanwhile */\n            result = lines_take(watch, buffer, length);\n        mutex_unlock(&watch->reading);\n", "        result = lines_take(watch, buffer, length);\n", CALLS),
    Mutation("kernel/terminal/tty_file.c", "a terminal's output is not locked", '#include "lib/errno.h"\n', '#include "lib/errno.h"\n#define mutex_take(lock) ((lock) == &tty_console.writing ? 0 : (mutex_take)(lock))\n#define mutex_leave(lock) ((lock) == &tty_console.writing ? (void)0 : (mutex_leave)(lock))\n', STREAMS),
    Mutation("kernel/linux/copy.c", "two positions are locked in any order", "*first = one < other ? one : other, *second = one < other ? other : one;", "*first = one, *second = other;", HELD),
    Mutation("kernel/terminal/tty_file.c", "a terminal's input is not locked", '#include "lib/errno.h"\n', '#include "lib/errno.h"\n#define mutex_take(lock) ((lock) == &tty_console.reading ? 0 : (mutex_take)(lock))\n#define mutex_leave(lock) ((lock) == &tty_console.reading ? (void)0 : (mutex_leave)(lock))\n', TYPED),
    Mutation("kernel/terminal/tty_file.c", "who waited for another reader takes what that one left", "tty_has(tty) >= least", "tty_has(tty) > 0", TYPED),
    Mutation("kernel/terminal/tty_file.c", "a terminal's readv is several reads", "    .read_begin = tty_read_begin,\n    .read_part = tty_read_part,\n    .read_end = tty_read_end,\n", "", TYPED),
    Mutation("kernel/terminal/tty_file.c", "a terminal's readv gets several lines", "    while (done < length && tty_has(tty) && !tty->line_ended) {\n        char", "    tty->line_ended = false;\n    while (done < length && tty_has(tty) && !tty->line_ended) {\n        char", TYPED),
    Mutation("kernel/file/file.c", "a pipe with bytes in it becomes one of packets", "return (flags & O_DIRECT) && !inode->object ? -EINVAL : 0;", "return 0;", ("odd-calls",)),
    Mutation("kernel/linux/descriptors.c", "a pipe with bytes in it is set to packets", "(file->inode->object ? O_DIRECT : 0)", "O_DIRECT", ("odd-calls", "pipe")),
    Mutation("kernel/linux/descriptors.c", "a number is taken back whosever it is", "fd >= 0 && files_has(files, fd, file)", "fd >= 0", CALLS),
    Mutation("kernel/terminal/tty_file.c", "who does not wait for characters waits for another reader", "file->flags & O_NONBLOCK ? mutex_take_now(&tty->reading)", "false && file->flags ? mutex_take_now(&tty->reading)", TYPED),
]
