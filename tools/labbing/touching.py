"""The parts of a program that touches what it may not, and tells what came of it.

A signal for a touch brings the program to the place behind it: the handler writes the signal and its code
into RDX as it was saved, and goes on where R10 says. Contents of a file come from the program's own: a row of
whole pages at its end, which it maps from /proc/self/exe.

    r10   where to go on if the touch is refused     rdx   what came of it
"""

from __future__ import annotations

from labbing.assembly import (
    DATA,
    FILE_ENDS,
    FIXED,
    FTRUNCATE,
    INCREMENT,
    MASK,
    MMAP,
    MULTIPLIER,
    OPEN,
    SA_NODEFER,
    SA_ONSTACK,
    SA_RESTORER,
    SA_SIGINFO,
    SI_CODE,
    SIGACTION,
    Assembly,
)

MPROTECT, MUNMAP = 10, 11
SIGBUS, SIGSEGV = 7, 11
READ_AND_WRITE = 2  # O_RDWR
SAVED_R10, SAVED_RDX, SAVED_RIP = 56, 136, 168  # offsets in ucontext
LINKED_AT = 0x400000  # where the linker puts the file's first byte
PAGE, WORDS = 4096, 512
WRITTEN = 1  # in RDX: the write was not refused

HANDLER = """    .balign 8
no_touch:                               # rdi: the signal, rsi: siginfo, rdx: ucontext
    shl edi, 8
    add edi, [rsi + {code}]
    mov [rdx + {saved_rdx}], rdi
    mov rcx, [rdx + {saved_r10}]
    mov [rdx + {saved_rip}], rcx
    ret
    .balign 8
refusal: .quad no_touch, {flags:#x}, restore, 0
"""
CONTENTS = """    .balign 4096
contents:                               # the file's pages, up to its end: code, then values of a stream
    .set value, {start:#x}
"""
CONTENTS_PAGE = """    .quad {code:#x}
    .rept {words}
    .quad value
    .set value, value * {multiplier} + {increment}
    .endr
"""


def refused(signal: int, code: int) -> int:
    """What RDX says then."""
    return signal << 8 | code


def code_word(answer: int) -> int:
    """A word that, executed, leaves this 32-bit number in RDX and goes on where R10 says."""
    return int.from_bytes(b"\xba" + answer.to_bytes(4, "little") + b"\x41\xff\xe2", "little")


class Contents:
    """Of the file's pages, each with a word that can be executed; so many words are in the last."""

    def __init__(self, nonce: int, pages: int, in_last: int):
        self.start = nonce ^ 0x5A5A5A5A5A5A
        self.answers = [(nonce >> 8) % 0x3FFFFFFF + page for page in range(pages)]
        self.pages: list[list[int]] = []
        value = self.start
        for page, answer in enumerate(self.answers):
            words = [code_word(answer)]
            for _ in range((in_last if page == pages - 1 else WORDS) - 1):
                words.append(value)
                value = (value * MULTIPLIER + INCREMENT) & MASK
            self.pages.append(words)

    @property
    def size(self) -> int:
        return sum(len(words) * 8 for words in self.pages)

    def text(self) -> str:
        text = CONTENTS.format(start=self.start)
        for words in self.pages:
            text += CONTENTS_PAGE.format(
                code=words[0], words=len(words) - 1, multiplier=MULTIPLIER, increment=INCREMENT
            )
        return f"{text}{FILE_ENDS}:\n"


class Touching(Assembly):
    """With the contents of a file, if there are any."""

    contents: Contents | None = None

    def text(self) -> str:
        flags = SA_SIGINFO | SA_RESTORER | SA_ONSTACK | SA_NODEFER
        handler = HANDLER.format(
            code=SI_CODE, saved_rdx=SAVED_RDX, saved_r10=SAVED_R10, saved_rip=SAVED_RIP, flags=flags
        )
        return super().text() + handler + (self.contents.text() if self.contents else "")

    def begin(self, nonce: int) -> None:
        super().begin(nonce)
        for signal in (SIGSEGV, SIGBUS):
            self.call(0, SIGACTION, signal, "refusal", 0, 8)

    # --- mappings ---

    def open_data(self) -> int:
        """The image's file, to be read and written; its descriptor."""
        descriptor = self.next_descriptor()
        self.call(0, OPEN, self.string(f"/{DATA}"), READ_AND_WRITE, 0)
        return descriptor

    def open_itself(self) -> int:
        """The program's file; its descriptor."""
        descriptor = self.next_descriptor()
        self.call(0, OPEN, self.string("/proc/self/exe"), 0, 0)
        return descriptor

    def map_contents(self, process: int, address: int, size: int, rights: int, how: int, file: int, page: int) -> None:
        """From a page of the contents on."""
        self.say(process, f"movabs rdi, {address:#x}", f"mov esi, {size:#x}", f"mov edx, {rights}")
        self.say(process, f"mov r10d, {how | FIXED:#x}", f"mov r8d, {file}")
        self.say(process, f"mov r9, offset contents + {page * PAGE - LINKED_AT}")
        self.say(process, f"mov eax, {MMAP}", "syscall", "cmp rax, -4095", "jae refused")

    def protect(self, process: int, address: int, size: int, rights: int) -> None:
        self.call(process, MPROTECT, address, size, rights)

    def unmap(self, process: int, address: int, size: int) -> None:
        self.call(process, MUNMAP, address, size)

    def resize(self, process: int, file: int, size: int) -> None:
        self.call(process, FTRUNCATE, file, size)

    # --- touches: what came of each is in RDX ---

    def touch(self, process: int, address: int, *lines: str) -> None:
        behind = self.label()
        self.say(process, f"lea r10, [rip + {behind}]", f"movabs rdi, {address:#x}", *lines)
        self.code[process].append(f"{behind}:")

    def read(self, process: int, address: int) -> None:
        self.touch(process, address, "mov rdx, [rdi]")

    def write(self, process: int, address: int) -> None:
        self.next_value(process)
        self.touch(process, address, f"mov edx, {WRITTEN}", "mov [rdi], r13")

    def write_code(self, process: int, address: int, answer: int) -> None:
        self.say(process, f"movabs rsi, {code_word(answer):#x}")
        self.touch(process, address, f"mov edx, {WRITTEN}", "mov [rdi], rsi")

    def execute(self, process: int, address: int) -> None:
        self.touch(process, address, "xor edx, edx", "jmp rdi")

    def sum_page(self, process: int, address: int) -> None:
        """Of all its words."""
        again = self.label()
        lines = (f"mov ecx, {WORDS}", "xor edx, edx", f"{again}: add rdx, [rdi]", "add rdi, 8", "dec ecx")
        self.touch(process, address, *lines, f"jnz {again}")

    def fill(self, process: int, address: int, pages: int) -> None:
        behind = self.label()
        self.say(process, f"lea r10, [rip + {behind}]", f"mov edx, {WRITTEN}")
        super().fill(process, address, pages)
        self.code[process].append(f"{behind}:")

    def fill_up(self, process: int, address: int, pages: int) -> None:
        """To each page its address, until one is refused."""
        again = self.label()
        lines = (f"mov ecx, {pages}", f"mov edx, {WRITTEN}", f"{again}: mov [rdi], rdi", "add rdi, 4096", "dec ecx")
        self.touch(process, address, *lines, f"jnz {again}")

    def sum(self, process: int, address: int, pages: int) -> None:
        behind = self.label()
        self.say(process, f"lea r10, [rip + {behind}]")
        super().sum(process, address, pages)
        self.code[process].append(f"{behind}:")
