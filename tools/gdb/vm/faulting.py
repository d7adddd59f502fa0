"""The page fault that is under way: where it came from, and what is known of it so far."""

from __future__ import annotations

from dataclasses import dataclass

import gdb

from vm import kernel, labels, spaces, unwinder
from vm.kernel import Record
from vm.spaces import Process
from vm.words import MASK, NONE, Complaint

CODE_PRESENT, CODE_WRITE, CODE_USER, CODE_RESERVED, CODE_FETCH = 1, 2, 4, 8, 16
READ, WRITE, EXECUTE = 1, 2, 4
STACK_SIZE = 16384
TRAP_FRAME = "struct trap_frame"
PAGE_FAULT = 14
STEPS = ("region", "pte", "page", "fill", "unshare", "install")


@dataclass
class Fault:
    """A fault, from its trap frame and, once memory management is at it, from its own record."""

    address: int  # to the byte, as the processor told it
    code: int  # the processor's error code
    rip: int
    process: Process | None
    space: Record | None
    handled: gdb.Value | None = None  # struct fault of mm/demand_paging/fault.c
    step: str | None = None  # the step that GDB is stopped in

    @property
    def access(self) -> int:
        if self.code & CODE_FETCH:
            return EXECUTE
        return WRITE if self.code & CODE_WRITE else READ

    @property
    def page_address(self) -> int:
        return self.address & ~0xFFF

    @property
    def from_user(self) -> bool:
        return bool(self.code & CODE_USER)

    @property
    def verb(self) -> str:
        return {READ: "read", WRITE: "write", EXECUTE: "execute"}[self.access]

    @property
    def kind_so_far(self) -> str | None:
        """The kind that a device has been read for already."""
        if self.handled is None:
            return None
        report = self.handled["report"]
        try:
            return kind_name(int(report["kind"])) if int(report["major"]) else None
        except (gdb.MemoryError, gdb.error):
            return None


def kind_name(kind: int) -> str:
    """zero-fill, file, page-in, …"""
    name = kernel.enum("fault_kind").get(kind, f"kind {kind}")
    return name.removeprefix("FAULT_").lower().replace("_", "-")


def kinds() -> list[str]:
    return [
        kind_name(kind) for kind, name in kernel.enum("fault_kind").items() if name != "FAULT_KINDS"
    ]


def current() -> Fault:
    """The innermost page fault of the thread that runs; complains when there is none."""
    kernel.attached()
    frame: gdb.Frame | None = gdb.newest_frame()
    handled = step = address = None
    depth = 0
    while frame is not None and depth < 100:
        name = frame.name() or ""
        if name.startswith("fault_") and name[6:] in STEPS and step is None:
            step = name[6:]
        if name == "fault_handle_pinned" and handled is None:
            handled = variable(frame, "fault")
        if name == "kernel_page_fault":
            found = variable(frame, "address")
            address = int(found) & MASK if found is not None else None
        base = _trap_frame_of(frame)
        if base is not None:
            step = step or step_addresses().get(gdb.newest_frame().pc())
            return _fault(base, _is_newest(frame), address, handled, step)
        frame = frame.older()
        depth += 1
    raise Complaint(_no_fault())


def step_addresses() -> dict[int, str]:
    """Where the steps begin: GDB hides the frame of an inlined step that it stopped in. The compiler may have made
    several of one, each for another way to it; GDB knows the first. All are of its first line."""
    file = kernel.objfile().filename
    if file not in _steps:
        _steps[file] = {}
        for step in STEPS:
            for place in gdb.decode_line(f"fault_{step}")[1] or ():
                copies = place.symtab.linetable().line(place.line) or ()
                _steps[file] |= {pc: step for pc in (place.pc, *(copy.pc for copy in copies))}
    return _steps[file]


_steps: dict[str, dict[int, str]] = {}


def variable(frame: gdb.Frame, name: str) -> gdb.Value | None:
    """A variable of a frame, if the compiler kept it there."""
    try:
        found = frame.read_var(name)
        return None if found.is_optimized_out else found
    except (ValueError, gdb.error):
        return None


def _is_newest(frame: gdb.Frame) -> bool:
    return frame == gdb.newest_frame()


def _trap_frame_of(frame: gdb.Frame) -> int | None:
    """The trap frame that a frame of the page fault's entry works on; None: it is another."""
    pc = frame.pc()
    label = labels.at(pc)
    if label is None:
        return None
    sp = int(frame.read_register("rsp")) & MASK
    base = unwinder.trap_frame(pc, sp)
    if base is None:
        return None
    if label[0] in ("page_fault", "exception_14"):
        return base
    vector = kernel.record(TRAP_FRAME, base, spaces.PROCESSES).vector
    return base if vector == PAGE_FAULT and label[0].startswith("trap_") else None


def _fault(
    base: int, at_entry: bool, address: int | None, handled: gdb.Value | None, step: str | None
) -> Fault:
    trap = kernel.record(TRAP_FRAME, base, spaces.PROCESSES)
    process = spaces.current_process()
    space = (
        kernel.record("struct space", process.space, "space_first")
        if process and process.space
        else None
    )
    if handled is not None and step is not None:
        space = kernel.record("struct space", int(handled["space"]), "space_first")
    if address is None and handled is not None:
        address = int(handled["address"])
    if address is None:
        address = int(gdb.parse_and_eval("$cr2")) & MASK
    return Fault(
        address, trap.error, trap.rip, process, space, handled, step if not at_entry else None
    )


def _no_fault() -> str:
    """What is going on instead."""
    pc = gdb.newest_frame().pc()
    process = spaces.current_process() if kernel.running() else None
    who = f" for {process}" if process else ""
    if pc >> 47 == 0:
        return f"no page fault is under way: {process or 'somebody'} runs user code at {pc:#x}"
    label = labels.at(pc)
    where = f" in {gdb.newest_frame().name() or label[0]}" if label else f" at {pc:#x}"
    return f"no page fault is under way: the kernel is busy with something else{who},{where}"


# --- The copy in the kernel -------------------------------------------------------------------


def source(fault: Fault) -> str:
    """From user code, or from which copy in the kernel, as a phrase."""
    if fault.from_user:
        place = _user_place(fault.rip)
        return f"from user code at {fault.rip:#x}{place}"
    label = labels.at(fault.rip)
    what = f"in {label[0]} (a copy from or to user memory)" if label else f"at {fault.rip:#x}"
    call = _call_name()
    return f"from the kernel, {what}{call}"


def _user_place(rip: int) -> str:
    line = gdb.find_pc_line(rip)
    if line.symtab is None:
        return ""
    block = gdb.block_for_pc(rip)
    while block is not None and block.function is None:
        block = block.superblock
    where = f"{line.symtab.filename}:{line.line}"
    return f" ({block.function.name}, {where})" if block and block.function else f" ({where})"


def _call_name() -> str:
    """The system call that the copy serves."""
    frame: gdb.Frame | None = gdb.newest_frame()
    while frame is not None:
        name = frame.name() or ""
        if name.startswith("sys_"):
            return f" for the system call {name[4:]}"
        frame = frame.older()
    return ""


def none_or(number: int) -> str:
    return "none" if number == NONE else str(number)
