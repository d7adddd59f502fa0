"""Address spaces, their regions, and the processes whose they are."""

from __future__ import annotations

from dataclasses import dataclass

import gdb

from vm import arrays, kernel
from vm.kernel import Record
from vm.words import Complaint, number, rights

PROCESSES = "process_first"  # a symbol of a file that knows struct process
REGION_TOP = 0x7FFFF0000000
USER_END = 0x7FFFFFFFF000


@dataclass(frozen=True)
class Process:
    """A process as far as memory is concerned."""

    id: int
    name: str
    space: int  # address of its struct space; 0: a zombie
    record: Record

    def __str__(self) -> str:
        return f"{self.name} (process {self.id})"


def _process(record: Record) -> Process:
    return Process(record.id, record.text("name"), record.space, record)


@kernel.remembered
def processes() -> list[Process]:
    first = kernel.number("process_first")
    found = kernel.chain("struct process", first, PROCESSES)
    return [_process(each) for each in found]


@kernel.remembered
def spaces() -> list[Record]:
    """All spaces, a dying one too."""
    arrays.frames()
    return list(kernel.chain("struct space", kernel.number("space_first"), "space_first"))


def process_of_thread(thread: int) -> Process | None:
    if not thread:
        return None
    process = kernel.record("struct thread", thread, PROCESSES).process
    return _process(kernel.record("struct process", process, PROCESSES)) if process else None


def current_process() -> Process | None:
    """Whom the kernel works for; None: for nobody, in the idle loop or before all threads."""
    return process_of_thread(kernel.running())


def process_find(pid: int) -> Process:
    for process in processes():
        if process.id == pid:
            return process
    there = ", ".join(f"{process.id} {process.name}" for process in processes())
    raise Complaint(f"there is no process {pid}; there are: {there or 'none yet'}")


def users_of(space: Record) -> list[Process]:
    return [process for process in processes() if process.space == space.address]


def space_name(space: Record) -> str:
    users = users_of(space)
    who = " and ".join(str(process) for process in users) or "no process uses it now"
    return f"space {space.id} of {who}" if users else f"space {space.id}, {who}"


def root_loaded() -> int:
    """The frame of the root that the processor walks: CR3."""
    kernel.attached()
    return int(gdb.parse_and_eval("$cr3")) >> 12 & 0xFFFFFFFFFF


def space_loaded() -> Record | None:
    """The space whose root is loaded; None: the kernel's own root is."""
    root = root_loaded()
    return next((space for space in spaces() if space.table_root == root), None)


def space_of(pid: str | None) -> Record:
    """The space of a process given by its number, or the one that is loaded."""
    if pid is not None:
        process = process_find(number(pid, "a process"))
        if not process.space:
            raise Complaint(f"{process} has ended: it has no space any more")
        return kernel.record("struct space", process.space, "space_first")
    space = space_loaded()
    if space is None:
        raise Complaint("no space is loaded, the kernel works for no process: say pid=N")
    return space


# --- Regions -----------------------------------------------------------------------------


@kernel.remembered
def regions(space: int) -> list[Record]:
    first = kernel.record("struct space", space, "space_first").first
    return list(kernel.chain("struct region", first, "space_first"))


def region_at(space: Record, address: int) -> Record | None:
    found = region_at_or_above(space, address)
    return found if found is not None and found.start <= address else None


def region_at_or_above(space: Record, address: int) -> Record | None:
    return next((each for each in regions(space.address) if address < each.end), None)


def stack_would_grow(space: Record, address: int) -> bool:
    """Would the stack's region grow down to hold it? (region_grow_stack)"""
    region = region_at_or_above(space, address)
    if region is None or not region.grows_down or region.end - address > space.stack_most:
        return False
    before = [each for each in regions(space.address) if each.end <= region.start]
    return (
        not before
        or not before[-1].access
        or bool(before[-1].grows_down)
        or address >= before[-1].end + 256 * 4096
    )


def region_index(region: Record, address: int) -> int:
    return region.index + (address - region.start) // 4096


def region_rights(region: Record) -> str:
    return rights(region.access) + (" shared" if region.shared else " private")


def object_name(address: int) -> str:
    """An object by its file's name."""
    owner = kernel.record("struct object", address, "space_first").owner
    return inode_path(owner) if owner else f"a nameless object at {address:#x}"


def page_whose(page: Record) -> str:
    """page 3 of /bin/x, or private."""
    return f"page {page.index} of {object_name(page.object)}" if page.object else "private"


def inode_path(inode: int) -> str:
    """Where a file is: its names up to the root."""
    names: list[str] = []
    while inode and len(names) < 64:
        each = kernel.record("struct inode", inode, PROCESSES)
        if not each.name:
            break
        names.append(gdb.Value(each.name).cast(_char_pointer()).string())
        inode = each.parent
    return "/" + "/".join(reversed(names)) if names else "a file without a name"


def _char_pointer() -> gdb.Type:
    return gdb.lookup_type("char").pointer()


def region_what(space: Record, region: Record) -> str:
    """What a region is: a file, the heap, the stack, nothing of the kind."""
    if region.object:
        owner = kernel.record("struct object", region.object, "space_first").owner
        name = inode_path(owner) if owner else "shared memory without a name"
        return f"{name} from page {region.index}"
    if region.start < space.heap_end and region.end > space.heap_start:
        return "the heap, from zeroes"
    if region.grows_down:
        return "the stack, from zeroes, grows down"
    return "from zeroes"


def region_line(space: Record, region: Record) -> str:
    pages = (region.end - region.start) // 4096
    wired = " wired" if region.wired else ""
    return (
        f"{region.start:#014x}-{region.end:#014x} {region_rights(region):11}{wired} "
        f"{pages:6} pages  {region_what(space, region)}"
    )
