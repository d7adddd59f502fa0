"""Backtraces through the kernel's assembly: the trap entry, the user copies, the thread switch.

NASM writes no call-frame information, so GDB would stop, or guess, at arch/entry.asm. What is
needed is known: each label is reached with a known distance from RSP to the slot with the
return address (for a trap: the interrupted RIP), and from there every push adds 8 to it, every
pop takes 8 off. A register whose slot lies at or above RSP is saved there; any other is live.

That is written as DWARF call-frame information into a small file that GDB loads beside the
kernel. An unwinder in Python cannot do it: GDB takes such frames for ordinary ones, and an
ordinary frame never continues on a lower stack, as user code's is. A "signal frame" may.
"""

from __future__ import annotations

import atexit
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

import gdb

from vm import kernel, labels
from vm.words import one_word

# struct trap_frame up to RIP, which the distances are measured to.
GENERAL = (
    "r15",
    "r14",
    "r13",
    "r12",
    "rbp",
    "rbx",
    "r11",
    "r10",
    "r9",
    "r8",
    "rax",
    "rcx",
    "rdx",
    "rsi",
    "rdi",
)
RIP = 17 * 8
TRAP_SLOTS = {name: 8 * i - RIP for i, name in enumerate(GENERAL)}
TRAP_SLOTS |= {"rip": 0, "cs": 8, "rflags": 16, "rsp": 24, "ss": 32}
# context_swap pushes these below its return address.
SWAP_SLOTS = {
    name: -8 * (i + 1) for i, name in enumerate(("rbx", "rbp", "r12", "r13", "r14", "r15"))
}

WITH_CODE = {8, 10, 11, 12, 13, 14, 17, 21, 29, 30}  # exceptions that push an error code
DISTANCES = {  # at labels of arch/entry.asm, from RSP to the interrupted RIP
    "page_fault": 8, "exception_common": 16, "interrupt_common": 16, "fatal_common": 16,
    "exception_of_user": 16, "exception_entered": 16, "exception_of_kernel": 16, "shootdown_common": 16,
    "interrupt_timer": 0, "interrupt_serial": 0, "interrupt_ignore": 0,
    "interrupt_shootdown": 0, "interrupt_poke": 0,
    "fault_several": RIP + 8, "fault_several.of_kernel": RIP + 8, "fault_several.no_copy": RIP + 8,
    "enter_several": RIP + 8, "enter_several.wait": RIP + 8, "enter_several.has_it": RIP + 8,
    "trap_iretq": 0, "trap_iretq_fault": 0, "trap_exit": RIP, "trap_leave": RIP, "trap_work": RIP,
    "trap_leave_kernel": RIP,
    "syscall_return": RIP, "syscall_work": RIP,
}  # fmt: skip
COPIES = ("copy", "clear_user", "clear_words", "clear_bytes", "string_")
SYSCALL_PUSHES_BEFORE_RIP = 5

# Numbers of registers in DWARF (System V ABI, AMD64 supplement, 3.36).
NUMBER = {name: i for i, name in enumerate(
    ("rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12",
     "r13", "r14", "r15", "rip"))}  # fmt: skip
NUMBER |= {"rflags": 49, "cs": 51, "ss": 52}
DEF_CFA, OFFSET, REGISTER, EXPRESSION = 0x0C, 0x11, 0x09, 0x10
OP_ADDRESS = 0x03


@dataclass(frozen=True)
class Rule:
    """Where the caller's registers are while `length` bytes of code from `pc` run."""

    pc: int
    length: int
    is_trap: bool
    program: bytes  # DWARF's instructions


def entry_distance(label: str) -> int | None:
    """Bytes from RSP to the interrupted RIP at a label of arch/entry.asm; None: no such label."""
    if label.startswith("exception_") and label[10:].isdigit():
        return 8 if int(label[10:]) in WITH_CODE else 0
    return DISTANCES.get(label)


def moves(word: str) -> int:
    """How much further below the slot RSP is after an instruction."""
    name = word.split()[0]
    if name.startswith("push"):
        return 8
    if name.startswith("pop"):
        return -8
    if name == "add" and word.endswith(",%rsp"):
        return -int(word.split("$")[1].split(",")[0], 16)
    return 0


def code(start: int, end: int) -> list[tuple[int, int, str]]:
    """(address, length, instruction) of what lies there."""
    found = gdb.selected_inferior().architecture().disassemble(start, end - 1)
    return [(each["addr"], each["length"], each["asm"]) for each in found]


# --- Rules -----------------------------------------------------------------------------------


def leb(number: int) -> bytes:
    """SLEB128, which serves for small positive ULEB128 too (below 64)."""
    out = bytearray()
    while True:
        byte, number = number & 0x7F, number >> 7
        done = number == (-1 if byte & 0x40 else 0)
        out.append(byte | (0 if done else 0x80))
        if done:
            return bytes(out)


def uleb(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def at_slots(distance: int, slots: dict[str, int], cfa: int) -> bytes:
    """The slot is `distance` above RSP; the frame's address is `cfa` above the slot."""
    program = bytes([DEF_CFA]) + uleb(NUMBER["rsp"]) + uleb(distance + cfa)
    for name, offset in slots.items():
        if offset >= -distance:
            program += bytes([OFFSET]) + uleb(NUMBER[name]) + leb(offset - cfa)
    return program


def trap_rules(distance: int, start: int, end: int) -> list[Rule]:
    """An entry of arch/entry.asm, where RSP begins `distance` below the interrupted RIP."""
    rules = []
    for pc, length, word in code(start, end):
        if word.startswith("sysret"):
            rules.append(Rule(pc, length, True, in_registers(None)))
            continue
        rules.append(Rule(pc, length, True, at_slots(distance, TRAP_SLOTS, 0)))
        distance += moves(word)
    return rules


def in_registers(rsp_at: int | None) -> bytes:
    """Around SYSCALL and SYSRET: RIP is in RCX, RFLAGS in R11, RSP in place or set aside."""
    program = bytes([DEF_CFA]) + uleb(NUMBER["rsp"]) + uleb(0)
    program += bytes([REGISTER]) + uleb(NUMBER["rip"]) + uleb(NUMBER["rcx"])
    program += bytes([REGISTER]) + uleb(NUMBER["rflags"]) + uleb(NUMBER["r11"])
    if rsp_at is not None:
        address = bytes([OP_ADDRESS]) + struct.pack("<Q", rsp_at)
        program += bytes([EXPRESSION]) + uleb(NUMBER["rsp"]) + uleb(len(address)) + address
    return program


def syscall_rules(start: int, end: int) -> list[Rule]:
    """syscall_entry: RSP is set aside, exchanged, and then the frame is built from the top."""
    aside = int(kernel.value("processors")[0]["user_rsp"].address)
    rules = []
    pushes = 0
    for place, (pc, length, word) in enumerate(code(start, end)):
        if pushes >= SYSCALL_PUSHES_BEFORE_RIP:
            program = at_slots(8 * (pushes - SYSCALL_PUSHES_BEFORE_RIP), TRAP_SLOTS, 0)
        else:
            program = in_registers(aside if place >= 3 else None)
        rules.append(Rule(pc, length, True, program))
        pushes += word.startswith("push")
    return rules


def call_rules(start: int, end: int, slots: dict[str, int]) -> list[Rule]:
    """What is called by C: the return address is where it was pushed."""
    rules = []
    distance = 0
    for pc, length, word in code(start, end):
        rules.append(Rule(pc, length, False, at_slots(distance, slots | {"rip": 0}, 8)))
        distance += moves(word)
    return rules


def is_assembly(pc: int) -> bool:
    symtab = gdb.find_pc_line(pc).symtab
    return symtab is not None and symtab.filename.endswith(".asm")


def all_rules() -> list[Rule]:
    """For every instruction of our assembly that backtraces can meet."""
    rules: list[Rule] = []
    for label, start, end in labels.ranges():
        if label == "syscall_entry":
            rules += syscall_rules(start, end)
        elif (distance := entry_distance(label)) is not None:
            rules += trap_rules(distance, start, end)
        elif label == "context_swap":
            rules += call_rules(start, end, SWAP_SLOTS)
        elif label.startswith(COPIES) and is_assembly(start):
            rules += call_rules(start, end, {})
    return rules


# --- The file --------------------------------------------------------------------------------


def frame_information(rules: list[Rule]) -> bytes:
    """A .debug_frame section: one entry for each kind, one for each rule (DWARF 4, 6.4.1)."""
    section = bytearray()
    kinds = {}
    for is_trap in (False, True):
        kinds[is_trap] = len(section)
        body = struct.pack("<IB", 0xFFFFFFFF, 1) + (b"zS\0" if is_trap else b"z\0")
        body += uleb(1) + leb(1) + bytes([NUMBER["rip"]]) + uleb(0)
        body += bytes(-(4 + len(body)) % 8)
        section += struct.pack("<I", len(body)) + body
    for rule in rules:
        body = (
            struct.pack("<IQQ", kinds[rule.is_trap], rule.pc, rule.length) + uleb(0) + rule.program
        )
        body += bytes(-(4 + len(body)) % 8)
        section += struct.pack("<I", len(body)) + body
    return bytes(section)


def elf_file(frames: bytes, text: int) -> bytes:
    """An ELF64 with that section and next to nothing else; its own text would be at `text`."""
    names = b"\0.text\0.debug_frame\0.shstrtab\0"
    at = 64
    table = at + len(frames) + len(names)
    table += -table % 8
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, table, 0, 64, 0, 0, 64, 4, 3)
    sections = [
        struct.pack("<IIQQQQIIQQ", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        struct.pack("<IIQQQQIIQQ", 1, 8, 6, text, at, 1, 0, 0, 1, 0),  # NOBITS, ALLOC | EXECINSTR
        struct.pack("<IIQQQQIIQQ", 7, 1, 0, 0, at, len(frames), 0, 0, 8, 0),
        struct.pack("<IIQQQQIIQQ", 20, 3, 0, 0, at + len(frames), len(names), 0, 0, 1, 0),
    ]
    whole = header + frames + names
    return whole + bytes(table - len(whole)) + b"".join(sections)


def load() -> None:
    """Give GDB the rules; the kernel's symbols are loaded."""
    unused = 0xFFFFFFFFFFFFE000
    folder = tempfile.TemporaryDirectory(prefix="faultline-")  # GDB reads it when it needs it
    atexit.register(folder.cleanup)
    file = Path(folder.name) / "assembly-frames"
    file.write_bytes(elf_file(frame_information(all_rules()), unused))
    gdb.execute(f"add-symbol-file {one_word(file)}", to_string=True)


_distances: dict[int, int | None] = {}  # text does not change


def distance_at(pc: int) -> int | None:
    """From RSP to RIP's slot at an instruction of arch/entry.asm; None: it is none of those, or
    RIP has not been pushed yet."""
    label = labels.at(pc)
    if label is None:
        return None
    name, start = label
    words = [word for at, _, word in code(start, pc) if at < pc] if pc > start else []
    if name == "syscall_entry":
        pushes = sum(word.startswith("push") for word in words)
        enough = pushes >= SYSCALL_PUSHES_BEFORE_RIP
        return 8 * (pushes - SYSCALL_PUSHES_BEFORE_RIP) if enough else None
    distance = entry_distance(name)
    return None if distance is None else distance + sum(map(moves, words))


def trap_frame(pc: int, sp: int) -> int | None:
    """Where the struct trap_frame is, or is being built, that code of arch/entry.asm at `pc`
    works on; None for any other code."""
    if pc not in _distances:
        _distances[pc] = distance_at(pc)
    distance = _distances[pc]
    return None if distance is None else sp + distance - RIP
