"""vm last-write, last-change, goto: back to the cause, in a recorded run."""

from __future__ import annotations

import gdb

from vm import arrays, entry, kernel, replay, spaces, walking, why
from vm.kernel import Record
from vm.words import Command, Complaint, address, number, one, say

HITS_MOST = 100


def search(places: list[int], size: int, root: int | None) -> bool:
    """Back to the instruction that wrote to one of the places last, before it runs; False: nobody
    did since the beginning. `root`: of the space that a user address is meant in."""
    for _ in range(HITS_MOST):
        if not replay.back_to_write(places, size):
            return False
        replay.back_one()
        by_user = gdb.newest_frame().pc() >> 47 == 0
        if root is None or spaces.root_loaded() == root or not by_user:
            return True
    raise Complaint(
        "other programs write to that address of theirs too often to look past them all"
    )


def read(place: int, size: int) -> bytes | None:
    try:
        return bytes(gdb.selected_inferior().read_memory(place, size))
    except gdb.MemoryError:
        return None


def shown(data: bytes | None) -> str:
    if data is None:
        return "nothing: no frame was there"
    if len(data) <= 8:
        return f"{int.from_bytes(data, 'little'):#x}"
    return data.hex(" ")


def here() -> str:
    """The instruction that GDB stands at, and for whom it runs."""
    pc = gdb.newest_frame().pc()
    word = gdb.selected_inferior().architecture().disassemble(pc)[0]["asm"]
    line = gdb.find_pc_line(pc)
    name = gdb.newest_frame().name()
    where = f"{name or 'code'} at {pc:#x}"
    if line.symtab is not None:
        where += f" ({line.symtab.filename}:{line.line})"
    process = spaces.current_process() if kernel.running() else None
    return f"{process or 'the kernel'}: {word}  in {where}"


def width_of(text: str) -> int:
    """How many bytes an expression means: what its type points to, if that is 1, 2, 4 or 8."""
    kind = gdb.parse_and_eval(text).type.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_PTR and kind.target().sizeof in (1, 2, 4):
        return kind.target().sizeof
    return 8


def alias(at: int, space: Record | None) -> list[int]:
    """The same bytes in the direct map, through which the kernel fills and copies frames."""
    step = walking.leaf(space.table_root, at) if space else None
    if step is None or not entry.is_present(step.bits):
        return []
    return [arrays.frame_data(entry.frame_of(step.bits)) + at % 4096]


class LastWrite(Command):
    """Back to the instruction that wrote to an address last: vm last-write ADDR [size=N].

    Stops before the store runs (stepi does it again) and tells what was there before and after.
    A user address is meant in the space that is loaded now, and what the kernel writes to its
    frame counts too. Needs a replay (make record, make replay)."""

    name = "last-write"
    keys = ("size",)

    def run(self, plain: list[str], named: dict[str, str]) -> None:
        text = one(plain, "vm last-write ADDR [size=N]")
        at = address(text)
        size = number(named["size"], "a size", 4097) if "size" in named else width_of(text)
        replay.monitor()
        if not size or at % 4096 + size > 4096:
            raise Complaint(f"{size} bytes at {at:#x}: at least one, and all in one page")
        space = spaces.space_loaded() if at >> 47 == 0 else None
        if at >> 47 == 0 and space is None:
            raise Complaint("no space is loaded: a user address means nothing now")
        self.go(at, size, [at, *alias(at, space)], space.table_root if space else None)

    @staticmethod
    def go(at: int, size: int, places: list[int], root: int | None) -> None:
        """There, and tell."""
        began = replay.count_now()
        after = read(at, size)
        if not search(places, size, root):
            say(f"nobody has written to {at:#x} since the recording began; this is the beginning")
            return
        say(f"{began - replay.count_now()} instructions back, {here()}")
        before = next(
            (found for place in reversed(places) if (found := read(place, size)) is not None), None
        )
        say(f"  about to change {shown(before)} to what became {shown(after)}")


class LastChange(Command):
    """Back to the instruction that changed a pte last: vm last-change ADDR.

    ADDR is a user address, whose pte in the loaded space is meant, or where a pte lies
    (&$pte(ADDR)). The processor's own setting of A and D is no instruction and is not found.
    Needs a replay."""

    name = "last-change"

    def run(self, plain: list[str], _named: dict[str, str]) -> None:
        text = one(plain, "vm last-change ADDR")
        at = self.entry_address(text)
        replay.monitor()
        began = replay.count_now()
        after = kernel.read_word(at)
        if not search([at], 8, None):
            say(
                f"nothing has changed the pte at {at:#x} since the recording began; this is the"
                " beginning"
            )
            return
        before = kernel.read_word(at)
        say(f"{began - replay.count_now()} instructions back, {here()}")
        say(f"  the pte before: {before:#018x} {entry.describe(before)}")
        say(f"  now, later:     {after:#018x} {entry.describe(after)}")
        try:
            say(f"  in a fault: {why.headline(why.faulting.current())}")
        except gdb.GdbError:
            pass

    @staticmethod
    def entry_address(text: str) -> int:
        """Where the pte lies."""
        try:
            found = gdb.parse_and_eval(text)
        except gdb.error as error:
            raise Complaint(f"{text!r} is not an address: {error}") from None
        if found.type.name == "pte_t":
            if found.address is None:
                raise Complaint(f"{text} is a copy of a pte, which lies nowhere: say $pte(ADDR)")
            return int(found.address) & (1 << 64) - 1
        at = address(text)
        if at >> 47:
            return at
        step = walking.leaf(spaces.root_loaded(), at)
        if step is None:
            raise Complaint(
                f"{at:#x} has no pte now: a table on the way is missing (vm walk {at:#x})"
            )
        return step.address


class Goto(Command):
    """To a moment of the recorded run: vm goto TIME, vm goto instruction=N.

    TIME is that of a trace record: ns since the kernel was entered. Without words: where the run
    stands now. The machine stands then before the instruction that read that time. Needs a
    replay."""

    name = "goto"
    keys = ("instruction",)

    def run(self, plain: list[str], named: dict[str, str]) -> None:
        replay.monitor()
        if "instruction" in named:
            replay.go(number(named["instruction"], "an instruction"))
        elif plain:
            time = number(plain[0], "a time")
            replay.go(replay.find(time + replay.entry_time()))
        self.tell()

    @staticmethod
    def tell() -> None:
        """Where, in both measures."""
        place = replay.snapshot()
        kernel.forget()
        if not replay.clock_runs():
            say(f"instruction {place.count}, before the kernel has a clock")
            return
        say(
            f"instruction {place.count}, {place.time - replay.entry_time()} ns since the kernel's"
            f" entry: {here()}"
        )
