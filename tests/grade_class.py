"""A class that hands in what a class hands in, and what it should not: each submission with the verdict that is due."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support import ROOT

from grading import somebody
from labbing import bodies
from labbing.description import Lab

FULL, BELOW, REFUSED, NOT_COMPILED = "full points", "fewer points", "refused", "does not compile"
FORK, KILL, OPEN, EXIT, UNLINK = 57, 62, 2, 231, 87

# A function that asks this machine's kernel for things, from where the lab's own functions run. In Faultline's kernel
# it is an instruction that leads nowhere good.
CALL = """
static long ask(long number, long one, long two, long three)
{
    long answer;
    __asm__ volatile("syscall" : "=a"(answer) : "a"(number), "D"(one), "S"(two), "d"(three) : "rcx", "r11", "memory");
    return answer;
}
"""

# What the kernel has for its own use, as a function may declare it.
SAYING = "void host_output(const char *, size_t); void host_status(const char *); _Noreturn void machine_off(int);"
REACHED = ("/tree/LAB", "/tmp/kernel/faultline.elf", "/tmp/tests")
# Code that changes itself: an emulator translates it anew each time.
SLOW = """__asm__ volatile("mov %cr0, %rax; btr $16, %rax; mov %rax, %cr0; 1: incb 2f(%rip); jmp 1b; 2: nop");"""
# An exception whose handler goes back to where it was raised, without end: the witness's log is full of it.
AGAIN = """static unsigned long table[512]; unsigned long at; unsigned short code;
    __asm__ volatile("lea 1f(%%rip), %0; mov %%cs, %1; jmp 2f; 1: iretq; 2:" : "=r"(at), "=r"(code));
    for (int i = 0; i < 256; i++) {
        table[2 * i] = (at & 0xffff) | (unsigned long)code << 16 | 0x8eul << 40 | (at >> 16 & 0xffff) << 48;
        table[2 * i + 1] = at >> 32;
    }
    struct { unsigned short size; unsigned long at; } __attribute__((packed)) all = { 4095, (unsigned long)table };
    __asm__ volatile("lidt %0; ud2" : : "m"(all));"""
TWICE = """
#if __INCLUDE_LEVEL__ < 150
#include __FILE__
#include __FILE__
#endif
"""

# Ports of the chipset, by its configuration space.
CONFIGURE = """
    static const struct { unsigned at, size, value; } steps[] = { %s };
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        unsigned at = steps[i].at, port = at < 0x100 ? 0xcfc + at %% 4 : at;
        if (at < 0x100)
            __asm__ volatile("outl %%%%eax, %%%%dx" : : "a"(0x80000b00 | (at & ~3u)), "d"(0xcf8));
        if (steps[i].size == 1)
            __asm__ volatile("outb %%%%al, %%%%dx" : : "a"(steps[i].value), "d"(port));
        else if (steps[i].size == 2)
            __asm__ volatile("outw %%%%ax, %%%%dx" : : "a"(steps[i].value), "d"(port));
        else
            __asm__ volatile("outl %%%%eax, %%%%dx" : : "a"(steps[i].value), "d"(port));
    }
"""
# Power management at port 0xb000, and on; then the state of sleep in which memory is kept. Nothing wakes it.
ASLEEP = CONFIGURE % "{0x40, 4, 0xb001}, {0x80, 1, 1}, {0xb004, 2, 1 << 13 | 1 << 10}"
ASLEEP += 'for (;;) __asm__ volatile("");'
# The mode below the kernel's, of which QEMU's log has forty lines each time: its code goes back at once.
MANAGED = """volatile unsigned char *code = (void *)0xffff800000038000ul; code[0] = 0x0f; code[1] = 0xaa;
""" + CONFIGURE % "{0x5b, 1, 2}" + """for (;;) __asm__ volatile("outb %%al, %%dx" : : "a"(1), "d"(0xb2));"""


def often(depth: int) -> str:
    """A file that includes itself twice, to that depth, and warns each time."""
    return TWICE.replace("150", str(depth)).replace("#include", "#warning all passed\n#include", 1)


@contextlib.contextmanager
def open_folder(prefix: str) -> Iterator[Path]:
    """A folder that everybody can come to and look into, whatever TMPDIR and the umask are."""
    usual = Path(tempfile.gettempdir())
    place = usual if somebody.closed(usual) is None else Path("/var/tmp")
    with tempfile.TemporaryDirectory(prefix=prefix, dir=place, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@dataclass(frozen=True)
class Handed:
    """A submission: files by their names, as text or bytes; what is due."""

    name: str
    files: dict[str, str | bytes]
    due: str


def solution(lab: Lab) -> dict[str, str | bytes]:
    return {file: (ROOT / file).read_text("utf-8") for file in lab.submit}


def with_bodies(lab: Lab, given: bodies.Bodies) -> dict[str, str | bytes]:
    return {**solution(lab), **bodies.overlay(ROOT, given)}


def begun_by(lab: Lab, statements: str) -> dict[str, str | bytes]:
    """The solution, in which the first hole does this at its beginning."""
    files, hole = solution(lab), lab.holes[0]
    text = files[hole.file]
    assert isinstance(text, str)
    at = text.index("\n{\n", text.index(f"{hole.function}(")) + len("\n{\n")
    start = text.rindex("\n\n", 0, at)
    files[hole.file] = text[:start] + "\n" + CALL + text[start:at] + f"    {statements}\n" + text[at:]
    return files


def hostile(lab: Lab) -> Iterator[Handed]:
    """One of each kind."""
    first, whole = lab.submit[0], solution(lab)
    text = str(whole[first])
    yield Handed("no-c", {**whole, first: "this is no C\n"}, NOT_COMPILED)
    yield Handed("includes-secret", {**whole, first: '#include "/etc/passwd"\n' + text}, NOT_COMPILED)
    yield Handed("endless-include", {**whole, first: '#include __FILE__\n' + text}, NOT_COMPILED)
    yield Handed("large-at-build", {**whole, first: text + "\nchar much[1ull << 40] = {1};\n"}, NOT_COMPILED)
    yield Handed("hangs", begun_by(lab, "for (;;) __asm__ volatile(\"\");"), BELOW)
    yield Handed("halts", begun_by(lab, "__asm__ volatile(\"cli; hlt\");"), BELOW)
    yield Handed("panics", begun_by(lab, "__builtin_trap();"), BELOW)
    yield Handed("forks", begun_by(lab, f"for (;;) ask({FORK}, 0, 0, 0);"), BELOW)
    yield Handed("kills", begun_by(lab, f"ask({KILL}, -1, 9, 0);"), BELOW)
    forge = f'ask({OPEN}, (long)"/tmp/forged", 0x241, 0666); ask({EXIT}, 0, 0, 0);'
    yield Handed("forges-files", begun_by(lab, forge), BELOW)
    yield Handed("deletes", begun_by(lab, "".join(f'ask({UNLINK}, (long)"{name}", 0, 0);' for name in REACHED)), BELOW)
    said = 'static const char all[] = "1..1\\nok 1 - all passed\\n"; host_output(all, sizeof(all) - 1);'
    forge = f'{said} host_status("status 0\\n"); machine_off(0);'
    yield Handed("forges-console", begun_by(lab, f"{SAYING} {forge}"), BELOW)
    yield Handed("floods", begun_by(lab, f'{SAYING} for (;;) host_output("all passed\\n", 11);'), BELOW)
    yield Handed("fills-disk", {**whole, first: text + '\n__asm__(".data; .skip 1 << 36; .text");\n'}, NOT_COMPILED)
    endless = '\n__asm__(".data; .incbin \\"/dev/zero\\"; .text");\n'
    yield Handed("endless-data", {**whole, first: text + endless}, NOT_COMPILED)
    odd = '#line 1 "/etc/passwd"\n#error "\x1b[31m<script>alert(1)</script>\u202e"\n'
    yield Handed("quotes", {**whole, first: odd + text}, NOT_COMPILED)
    large = '\n__asm__(".data; .rept 1024; .skip 40000, 7; .endr; .text");\n'
    yield Handed("large-kernel", {**whole, first: text + large}, NOT_COMPILED)
    reset = '__asm__ volatile("outb %%al, %%dx" : : "a"(6), "d"(0xcf9));'
    yield Handed("resets", begun_by(lab, f"for (;;) {reset}"), BELOW)
    yield Handed("too-large-to-load", begun_by(lab, "static volatile char much[600 << 20]; much[5]++;"), BELOW)
    yield Handed("empty", {**whole, first: ""}, REFUSED)
    yield Handed("large", {**whole, first: b" " * (200 << 20)}, REFUSED)
    yield Handed("zeroes", {**whole, first: text + "\0"}, REFUSED)
    yield Handed("nothing", {"README": "my dog ate it\n"}, REFUSED)
    yield Handed("new\nline", whole, REFUSED)


def stranger(lab: Lab) -> Iterator[Handed]:
    """More of those who try something, at build and at run time; and who are odd, and right."""
    first, whole = lab.submit[0], solution(lab)
    text = str(whole[first])

    def before(words: str) -> dict[str, str | bytes]:
        return {**whole, first: f"{words}\n{text}"}

    def behind(assembly: str) -> dict[str, str | bytes]:
        return {**whole, first: f'{text}\n__asm__("{assembly}");\n'}

    yield Handed("looks-for-files", before('#if __has_include("/etc/passwd")\n#error it is\n#endif'), FULL)
    yield Handed("strange-symbol", behind(r'.text; odd\303: nop'), FULL)
    yield Handed("warns", before(r'_Pragma("message \"\\033[31m\\377\"")'), FULL)
    yield Handed("latin", {**whole, first: "/* Zoë */\n".encode("latin-1") + text.encode()}, FULL)
    early = '__asm__ volatile("outb %%al, %%dx" : : "a"(48), "d"({port}));'
    said = "".join(early.format(port=port) for port in ("0xf4", "0xe9", "0xea"))
    yield Handed("writes-to-ports", begun_by(lab, said), FULL)
    yield Handed("quotes-no-text", behind(r'.text; call odd\304'), NOT_COMPILED)
    yield Handed("asks-for-files", before(r'_Pragma("GCC dependency \"/etc/passwd\"")'), NOT_COMPILED)
    yield Handed("includes-its-input", before('#include "/dev/stdin"'), NOT_COMPILED)
    yield Handed("nests", before(f"int deep = {'(' * 100_000}1{')' * 100_000};"), NOT_COMPILED)
    laughs = "".join(f"#define L{number} {f'L{number - 1} ' * 10}\n" for number in range(1, 12))
    yield Handed("laughs", before(f"#define L0 +1\n{laughs}int much = L11;"), NOT_COMPILED)
    none = 'static const unsigned short none[5]; __asm__ volatile("lidt %0; int3" : : "m"(none));'
    yield Handed("triple-faults", begun_by(lab, none), BELOW)
    yield Handed("sleeps", begun_by(lab, '__asm__ volatile("1: sti; hlt; jmp 1b");'), BELOW)
    unwatched = '__asm__ volatile("outb %%al, %%dx" : : "a"(0), "d"(0x441));'
    yield Handed("unwatched", begun_by(lab, unwatched + 'for (;;) __asm__ volatile("");'), BELOW)
    talk = 'for (;;) host_output("all passed\\n", 11);'
    yield Handed("unwatched-and-talks", begun_by(lab, SAYING + unwatched + talk), BELOW)
    yield Handed("faults-without-end", begun_by(lab, AGAIN), BELOW)
    yield Handed("falls-asleep", begun_by(lab, ASLEEP), BELOW)
    ring = '__asm__ volatile("outb %%al, %%dx" : : "a"(15), "d"(0x443));'
    yield Handed("rings-the-watchdog", begun_by(lab, f"for (;;) {ring}"), BELOW)
    yield Handed("interrupts-below-all", begun_by(lab, MANAGED), BELOW)
    once = f"#if __INCLUDE_LEVEL__ == 0\n{text}\n#endif\n"
    yield Handed("warns-often", {**whole, first: often(10) + once}, FULL)


def slow(lab: Lab) -> Iterator[Handed]:
    """What is ended after a minute, or after many."""
    first, whole = lab.submit[0], solution(lab)
    text = str(whole[first])
    yield Handed("multiplies-at-build", {**whole, first: TWICE + text}, NOT_COMPILED)
    yield Handed("warns-without-end", {**whole, first: often(150) + text}, NOT_COMPILED)
    yield Handed("waits-at-build", {**whole, first: '#include "/dev/ptmx"\n' + text}, NOT_COMPILED)
    yield Handed("slow-for-qemu", begun_by(lab, SLOW), BELOW)


def hand_in(folder: Path, handed: Handed) -> None:
    place = folder / handed.name
    for file, data in handed.files.items():
        (place / file).parent.mkdir(parents=True, exist_ok=True)
        (place / file).write_bytes(data.encode() if isinstance(data, str) else data)


def hand_in_links(folder: Path, lab: Lab, secret: Path) -> list[Handed]:
    """Links to what nobody may read: as a file, as a folder on the way, as a submission, under a second name."""
    first = lab.submit[0]
    for name in ("link", "hard-link"):
        (folder / name / first).parent.mkdir(parents=True)
    (folder / "link" / first).symlink_to(secret)
    os.link(secret, folder / "hard-link" / first)
    (folder / "link-on-the-way").mkdir()
    (folder / "link-on-the-way" / first.split("/")[0]).symlink_to(ROOT / first.split("/")[0])
    (folder / "link-to-all").symlink_to(secret.parent)
    names = ("link", "hard-link", "link-on-the-way", "link-to-all")
    return [Handed(name, {}, REFUSED) for name in names]


def verdict_of(row: dict) -> str:
    """In the words above."""
    if row["verdict"] != "graded":
        return row["verdict"]
    return FULL if row["points"] == row["of"] else BELOW
