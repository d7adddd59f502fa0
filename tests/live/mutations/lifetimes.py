"""Mutations of lifetimes: what a call has found, and may sleep before it is done with."""

from mutations.mutation import Mutation

LIFETIMES = ("lifetimes",)

MUTATIONS = [
    Mutation("kernel/file/file_table.c", "an open file is nobody's while it is used", "    if (file)\n        file_hold(file);\n    return file;\n", "    return file;\n", ("file",)),
    Mutation("mm/address_spaces/space_map.c", "an object may go before it is mapped", "    bool made =\n        region != NULL && map_object(region, request); /* it stays while this sleeps */\n    change_begin_locked(space);\n", "    change_begin_locked(space);\n    bool made = region != NULL && map_object(region, request);\n", LIFETIMES),
    Mutation("kernel/linux/shm.c", "a segment may go while it is detached", "    segment_hold(segment);\n", "    (void)segment_hold;\n    object_hold(segment->inode->object), segment->inode->object->references--;\n", LIFETIMES),
    Mutation("kernel/procfs/frames.c", "a space may end while it is marked", "        space_hold(space); /* the process may end meanwhile */\n        space_clear(space, what);\n        space_release(space);\n", "        space_clear(space, what);\n", LIFETIMES),
    Mutation("kernel/file/file_table.c", "a number is free while it is replaced", "    files_put(files, file, fd, close_on_exec);\n    if (before) /* only now: its end may sleep, and the number be somebody else's */\n        files_forget(files, before);\n", "    if (before)\n        files_forget(files, before);\n    files_put(files, file, fd, close_on_exec);\n", LIFETIMES),
    Mutation("kernel/process/exit.c", "files that go can be found", "    process->files = NULL;\n    process->directories", "    process->directories", LIFETIMES),
    Mutation("kernel/cgroupfs/each.c", "a group that is being told something may end", "    cgroup->users++;\n", "    (void)cgroup;\n", LIFETIMES),
    Mutation("kernel/cgroupfs/tree.c", "a group's users are not asked for", "cgroup->users > 0 || ", "", LIFETIMES),
    Mutation("kernel/process/fork.c", "a vforked child tells one who was killed", "    if (!*done)\n        child->vfork_done = NULL;\n", "", ("fork",)),
    Mutation("kernel/process/futex.c", "what a word is is found before it is fetched", "    int error = word_read(address, &now);\n    if (error == 0) /* only now: reading may have slept */\n        error = key_find(address, alone, &waiter.key);\n", "    int error = key_find(address, alone, &waiter.key);\n    if (error == 0)\n        error = word_read(address, &now);\n", ("held-calls",)),
    Mutation("kernel/process/exit.c", "a timer rings in whoever is where its thread was", "    itimer_end_thread(process, current);\n", "", ("timers",)),
    Mutation("kernel/linux/timers.c", "a timer can be ended before its number is told", "    itimer->untold = true;", "    itimer->untold = false;", ("held-calls",)),
]
