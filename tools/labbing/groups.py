"""Groups of processes, as a test's program makes them: pages are charged to the group of who brings them in, and leave
when the group is told to give frames up (docs/linux.md)."""

from __future__ import annotations

from labbing.assembly import Assembly

GROUPS = "/sys/fs/cgroup"
ALL = 1 << 30  # bytes: more than any group has


def file(group: str, name: str) -> str:
    """Of a group; of the one that all begin in, without a name."""
    return f"{GROUPS}/{group}/{name}" if group else f"{GROUPS}/{name}"


def make(code: Assembly, who: int, group: str, most: int = 0) -> None:
    """A new one. Its pages leave in the order in which they came, of which time changes nothing. It never has more
    than so many frames, if that is said."""
    code.make_folder(who, f"{GROUPS}/{group}")
    limit = [("memory.max", str(most * 4096))] if most else []
    for name, text in (("memory.policy", "fifo"), ("memory.tick", "period 0"), *limit):
        code.write_file(who, file(group, name), text)


def join(code: Assembly, who: int, group: str) -> None:
    """From now on he is in that one, and so are the children that he has from now on."""
    code.write_file(who, file(group, "cgroup.procs"), "0")


def take(code: Assembly, who: int, group: str, frames: int = 0) -> None:
    """So many frames are taken from it, or all that can be: then there are fewer than were asked for."""
    size = frames * 4096 or ALL
    code.write_file(who, file(group, "memory.reclaim"), str(size), may_fail=not frames)
