"""A test program as text for an assembler: code that uses registers and the test's own pages only.

It has no stack, no data and no C library, so a kernel that breaks those pages breaks nothing else of
it; the frames of its signals lie in a shared mapping, the *desk*. Its processes take turns: who does not
have the baton waits in a read from a pipe of its own.

    r13   the stream of values that it writes     r14, r15   multiplier and increment of that stream
    rbx   what a mark tells the host
"""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

from witnessing.seen import LAST_MARK, MAGIC

MARK = MAGIC << 32
REFUSED = 0xFFFF  # number of the mark of who was refused a system call; its value: the errno, above it the call
KILLED = 0xFFFE  # of the mark of a parent whose child a signal has ended; its value is the signal
LAST = LAST_MARK
MULTIPLIER, INCREMENT = 6364136223846793005, 1442695040888963407
DESK, DESK_EACH = 0x600000000000, 0x4000  # of each process: its signals' stack, its end of the baton
READ, WRITE, OPEN, CLOSE, MMAP, SIGACTION, MADVISE, FORK, WAIT4, MKDIR = 0, 1, 2, 3, 9, 13, 28, 57, 61, 83
FTRUNCATE, SIGALTSTACK, MLOCK, MLOCKALL, EXIT_GROUP, PIPE2, MEMFD_CREATE = 77, 131, 149, 151, 231, 293, 319
CALLS = {
    **{READ: "read", WRITE: "write", OPEN: "open", CLOSE: "close", MMAP: "mmap", SIGACTION: "rt_sigaction"},
    **{MADVISE: "madvise", FORK: "fork", WAIT4: "wait4", MKDIR: "mkdir", FTRUNCATE: "ftruncate"},
    **{SIGALTSTACK: "sigaltstack", MLOCK: "mlock", MLOCKALL: "mlockall", PIPE2: "pipe2"},
    **{MEMFD_CREATE: "memfd_create", 10: "mprotect", 11: "munmap"},
}
WRITE_ONLY, DONT_NEED, POPULATE_WRITE, WIRE_CURRENT = 1, 4, 23, 1
SIGRETURN, SIGTRAP, SIGCHLD = 15, 5, 17
SA_SIGINFO, SA_RESTORER, SA_ONSTACK, SA_RESTART, SA_NODEFER = 4, 0x4000000, 0x8000000, 0x10000000, 0x40000000
CLD_EXITED, SI_CODE, SI_STATUS = 1, 8, 24  # the latter two: offsets in siginfo
PRIVATE, SHARED, FIXED, ANONYMOUS = 2, 1, 0x10, 0x20
READ_ONLY, READ_WRITE = 1, 3
DATA = "data"
MASK = (1 << 64) - 1
FILE_ENDS = "file_ends"  # a label in a program's text, its last: the file has no more than what is loaded

BEGIN = """    .intel_syntax noprefix
    .text
    .globl _start
trap:   ret
restore:
    mov eax, {sigreturn}
    syscall
child:                                  # a child has ended; rsi: siginfo
    cmp dword ptr [rsi + {code}], {exited}
    je trap
    mov ebx, [rsi + {status}]
    movabs rax, {killed:#x}
    jmp tell
refused:                                # rax: the errno, negative; rcx: behind mov eax, CALL; syscall
    neg rax
    mov ebx, [rcx - 6]
    shl rbx, 32
    or rbx, rax
    movabs rax, {refused:#x}
tell:                                   # rax: a mark, rbx: its value; then no more
    int3
    movabs rax, {last:#x}
    int3
    mov edi, 1
    mov eax, {exit_group}
    syscall
    .balign 8
trapped: .quad trap, {on_trap:#x}, restore, 0
ended: .quad child, {on_child:#x}, restore, 0
"""


def data_word(page: int) -> int:
    """The first word of each page of the image's file DATA, which some tests want."""
    return (page + 1) * MULTIPLIER & MASK


class Assembly:
    """The text, process by process; each has code of its own."""

    def __init__(self, nonce: int, processes: int):
        self.processes = processes
        self.code: list[list[str]] = [[] for _ in range(processes)]
        self.labels = self.files = 0
        self.strings: dict[str, str] = {}  # text: its label
        self.begin(nonce)

    def text(self) -> str:
        own_stack = SA_RESTORER | SA_ONSTACK
        head = BEGIN.format(
            refused=MARK + REFUSED,
            killed=MARK + KILLED,
            last=MARK + LAST,
            code=SI_CODE,
            status=SI_STATUS,
            exited=CLD_EXITED,
            on_trap=own_stack | SA_NODEFER,
            on_child=own_stack | SA_SIGINFO | SA_RESTART,
            sigreturn=SIGRETURN,
            exit_group=EXIT_GROUP,
        )
        for process in range(self.processes):
            head += f"stack{process}: .quad {self.desk(process):#x}, 0, 0x3000\n"
        for string, label in self.strings.items():
            head += f'{label}: .asciz "{string}"\n'
        names = ["_start", *(f"process{number}" for number in range(1, self.processes))]
        parts = [f"{name}:\n" + "\n".join(lines) for name, lines in zip(names, self.code, strict=True)]
        return head + "\n".join(parts) + "\n"

    def desk(self, process: int) -> int:
        return DESK + process * DESK_EACH

    def say(self, process: int, *lines: str) -> None:
        self.code[process] += [f"    {line}" for line in lines]

    def label(self) -> str:
        self.labels += 1
        return f"l{self.labels}"

    def string(self, text: str) -> str:
        """Its label; it stands among the code."""
        return self.strings.setdefault(text, f"string{len(self.strings)}")

    def comment(self, process: int, words: str) -> None:
        self.code[process].append(f"    # {words}")

    def call(self, process: int, number: int, *arguments: int | str) -> None:
        """A system call; if it is refused the program ends, and tells so."""
        registers = ("rdi", "rsi", "rdx", "r10", "r8", "r9")
        for register, value in zip(registers, arguments, strict=False):
            if isinstance(value, str):
                self.say(process, f"lea {register}, [rip + {value}]")
            else:
                self.say(process, f"movabs {register}, {value:#x}" if value else f"xor {register}, {register}")
        self.say(process, f"mov eax, {number}", "syscall", "cmp rax, -4095", "jae refused")

    # --- the parts of a program ---

    def begin(self, nonce: int) -> None:
        self.say(0, f"movabs r13, {nonce:#x}", f"movabs r14, {MULTIPLIER}", f"movabs r15, {INCREMENT}")
        size = self.processes * DESK_EACH
        self.map(0, DESK, size, SHARED | ANONYMOUS)
        for page in range(DESK, DESK + size, 4096):
            self.say(0, f"movabs rax, {page:#x}", "mov qword ptr [rax], 0")
        self.call(0, SIGACTION, SIGTRAP, "trapped", 0, 8)
        self.call(0, SIGACTION, SIGCHLD, "ended", 0, 8)
        self.call(0, SIGALTSTACK, "stack0", 0)
        for process in range(self.processes):  # process P reads descriptor 3 + 2P
            self.call(0, PIPE2, self.desk(0) + 0x3F00, 0)

    def map(
        self, process: int, address: int, size: int, how: int, file: int = -1,
        rights: int = READ_WRITE, offset: int = 0,
    ) -> None:  # fmt: skip
        self.call(process, MMAP, address, size, rights, how | FIXED, file & MASK, offset)

    def next_descriptor(self) -> int:
        """What the next file that is opened, and stays open, will have: those of the batons come before."""
        self.files += 1
        return 2 + 2 * self.processes + self.files

    def make_file(self, process: int, size: int) -> int:
        """Of zeroes, without a name; its descriptor."""
        descriptor = self.next_descriptor()
        self.call(process, MEMFD_CREATE, self.string("file"), 0)
        self.call(process, FTRUNCATE, descriptor, size)
        return descriptor

    def map_data(self, process: int, address: int, size: int) -> None:
        """The image's file, to be read. Its descriptor stays."""
        self.call(process, OPEN, self.string(f"/{DATA}"), 0, 0)
        self.say(process, "mov r8, rax", "xor r9d, r9d")
        self.call(process, MMAP, address, size, READ_ONLY, PRIVATE | FIXED)

    def wire(self, process: int, address: int, size: int) -> None:
        self.call(process, MLOCK, address, size)

    def wire_all(self, process: int) -> None:
        """All that is mapped now."""
        self.call(process, MLOCKALL, WIRE_CURRENT)

    def forget(self, process: int, address: int, size: int) -> None:
        """The pages end, and their mapping stays."""
        self.call(process, MADVISE, address, size, DONT_NEED)

    def make_folder(self, process: int, path: str) -> None:
        self.call(process, MKDIR, self.string(path), 0o755)

    def write_file(self, process: int, path: str, text: str, may_fail: bool = False) -> None:
        """To a file that is there, in one piece."""
        self.call(process, OPEN, self.string(path), WRITE_ONLY, 0)
        self.say(process, "mov r12, rax", "mov rdi, rax", f"lea rsi, [rip + {self.string(text)}]")
        self.say(process, f"mov edx, {len(text)}", f"mov eax, {WRITE}", "syscall")
        if not may_fail:
            self.say(process, "cmp rax, -4095", "jae refused")
        self.say(process, "mov rdi, r12", f"mov eax, {CLOSE}", "syscall")

    def mark(self, process: int, number: int, register: str = "r13") -> None:
        """Tell the host a register."""
        self.say(process, f"mov rbx, {register}", f"movabs rax, {MARK + number:#x}", "int3")

    def next_value(self, process: int) -> None:
        self.say(process, "imul r13, r14", "add r13, r15")

    def write(self, process: int, address: int) -> None:
        self.next_value(process)
        self.say(process, f"movabs rdi, {address:#x}", "mov [rdi], r13")

    def read(self, process: int, address: int) -> None:
        """Into rdx."""
        self.say(process, f"movabs rdi, {address:#x}", "mov rdx, [rdi]")

    def fill(self, process: int, address: int, pages: int) -> None:
        """The first word of each page: another value."""
        again = self.label()
        self.say(process, f"movabs rdi, {address:#x}", f"mov ecx, {pages}")
        self.code[process].append(f"{again}:")
        self.next_value(process)
        self.say(process, "mov [rdi], r13", "add rdi, 4096", "dec ecx", f"jnz {again}")

    def sum(self, process: int, address: int, pages: int) -> None:
        """Of the first words, into rdx."""
        again = self.label()
        self.say(process, f"movabs rdi, {address:#x}", f"mov ecx, {pages}", "xor edx, edx")
        self.code[process].append(f"{again}:")
        self.say(process, "add rdx, [rdi]", "add rdi, 4096", "dec ecx", f"jnz {again}")

    def count(self, process: int, address: int, pages: int, rounds: int) -> None:
        """Add 1 to that word and to those of the pages behind, so often."""
        again, page = self.label(), self.label()
        self.say(process, f"mov r12d, {rounds}")
        self.code[process].append(f"{again}:")
        self.say(process, f"movabs rdi, {address:#x}", f"mov ecx, {pages}")
        self.code[process].append(f"{page}:")
        self.say(process, "inc qword ptr [rdi]", "add rdi, 4096", "dec ecx", f"jnz {page}", "dec r12d")
        self.say(process, f"jnz {again}")

    def fork(self, parent: int, child: int, salt: int) -> None:
        self.call(parent, FORK)
        self.say(parent, "test rax, rax", f"jz process{child}")
        self.call(child, SIGALTSTACK, f"stack{child}", 0)
        self.say(child, f"movabs rax, {salt:#x}", "xor r13, rax")
        self.await_baton(child)

    def rounds(self, process: int, count: int, address: int, pages: int) -> None:
        """So often: a child that writes the first word of each page, and ends; then the parent does."""
        again, child = self.label(), self.label()
        self.say(process, f"mov r12d, {count}")
        self.code[process].append(f"{again}:")
        self.call(process, FORK)
        self.say(process, "test rax, rax", f"jz {child}")
        self.call(process, WAIT4, MASK, 0, 0, 0)
        self.write_all(process, address, pages)
        self.say(process, "dec r12d", f"jnz {again}", f"jmp {child}end")
        self.code[process].append(f"{child}:")
        self.write_all(process, address, pages)
        self.call(process, EXIT_GROUP, 0)
        self.code[process].append(f"{child}end:")

    def write_all(self, process: int, address: int, pages: int) -> None:
        """The number of the round, which counts down to 1, to the first word of each page."""
        again = self.label()
        self.say(process, f"movabs rdi, {address:#x}", f"mov ecx, {pages}")
        self.code[process].append(f"{again}:")
        self.say(process, "mov [rdi], r12", "add rdi, 4096", "dec ecx", f"jnz {again}")

    def give_baton(self, process: int, to: int) -> None:
        self.call(process, WRITE, 4 + 2 * to, self.desk(process) + 0x3F10, 1)

    def await_baton(self, process: int) -> None:
        self.call(process, READ, 3 + 2 * process, self.desk(process) + 0x3F10, 1)

    def wait(self, process: int) -> None:
        """Until a child has ended."""
        self.call(process, WAIT4, MASK, 0, 0, 0)

    def end(self, process: int) -> None:
        self.call(process, EXIT_GROUP, 0)


def assemble(text: str, out: Path) -> None:
    """A program file: one segment, which can be read and executed."""
    source, made = out.with_suffix(".s"), out.with_suffix(".o")
    source.write_text(text, "utf-8")
    subprocess.run(["as", "-o", made, source], check=True)
    words = ["-nostdlib", "-static", "-z", "noexecstack", "-z", "max-page-size=4096", "--build-id=none"]
    subprocess.run(["ld", *words, "-o", out, made], check=True)
    made.unlink()
    if f"\n{FILE_ENDS}:" in text:
        cut(out)


def cut(program: Path) -> None:
    """Off the file goes all that is not loaded: names, and the table of sections."""
    data = bytearray(program.read_bytes())
    first, each, count = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<HH", data, 54)
    ends = []
    for at in range(first, first + each * count, each):
        offset, size = struct.unpack_from("<Q", data, at + 8)[0], struct.unpack_from("<Q", data, at + 32)[0]
        ends.append(offset + size)
    struct.pack_into("<Q", data, 40, 0)
    struct.pack_into("<HHH", data, 58, 0, 0, 0)
    program.write_bytes(data[: max(ends)])
