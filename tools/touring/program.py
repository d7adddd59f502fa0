"""The tour's program as text for an assembler: short enough to be read from top to bottom.

Each touch has a label, `step_N`, on the instruction that makes it, and stands in the order of the tale within
its process. Behind each touch the program rests, so that whoever wants to can look at memory then. It uses
registers only, beside the pages that it touches: no C library, no handler, no stack of its own making.

    r12   the child's process number, in the parent
    r14   the notes: the first word of "board", which holds the number of the step that was done last
    r15   where to go on after a rest
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from labbing.assembly import ANONYMOUS, EXIT_GROUP, FORK, MARK, MASK, PRIVATE, SHARED, WAIT4, Assembly
from touring.tale import CHILD, CODE_AT, EXECUTE, FILE_PAGES, PARENT, READ, Step, Tale

NANOSLEEP, GETPID, KILL = 35, 39, 62
SIGCONT, SIGSTOP, WUNTRACED = 18, 19, 2
REST = 8  # virtual seconds: twice as long as the witness lets the machine run at a stretch (measuring.BUDGET)
SURVIVED = 0xFFFD  # of the mark of a child that went on after a touch that should have ended it
RESTING = f"""
# What both use.
rest:                                   # sleep for {REST} seconds of the machine's own time, then go on at r15
    lea rdi, [rip + rest_time]
    xor esi, esi
    mov eax, {NANOSLEEP}                         # nanosleep
    syscall
    jmp r15
refused:                                # a system call was refused: end
    mov edi, 1
    mov eax, {EXIT_GROUP}                        # exit_group
    syscall
    .balign 8
rest_time: .quad {REST}, 0
"""


def data_value(page: int) -> int:
    """What stands in every word of a page of "data" in the file."""
    return 0xDA7A00 + page


class Program(Assembly):
    """Of a tale."""

    def __init__(self, tale: Tale):
        self.tale = tale
        super().__init__(0, 2)
        self.acts()

    def begin(self, nonce: int) -> None:
        """Nothing is needed beforehand."""

    def text(self) -> str:
        head = [f"# The program of lab 0, made from the seed {self.tale.seed}.", "#"]
        head += [
            f'# "{a.name}": {a.pages} pages at {a.base:#x}, {a.rights}: {a.what}' for a in self.tale.areas.values()
        ]
        head += ["    .intel_syntax noprefix", "    .text", "    .globl _start", "_start:"]
        data = ["    .balign 4096", "", "    .data"]
        data += [f"    .fill 512, 8, {data_value(page):#x}      # page {page}" for page in range(FILE_PAGES)]
        parent, child = self.code
        return "\n".join([*head, *parent, RESTING, "    .balign 4096", *child, *data]) + "\n"

    # --- what happens ---

    def acts(self) -> None:
        holder = PARENT
        for step in self.tale.steps:
            if step.number == self.tale.forked + 1:
                self.forks()
                holder = CHILD
            elif step.who != holder:
                self.turn(holder)
                holder = step.who
            self.touch(step)
            if step.number == 1:
                self.maps()
            if step.ends:  # and the parent, who waits for that, goes on
                holder = PARENT
                self.rest(PARENT, step)
        self.say_what(PARENT, "the parent ends")
        self.call(PARENT, EXIT_GROUP, 0)

    def say_what(self, process: int, words: str) -> None:
        self.code[process].append("")
        self.comment(process, words)

    def maps(self) -> None:
        for area in self.tale.areas.values():
            if area.name in ("heap", "board"):
                self.say_what(PARENT, f'the parent maps "{area.name}": {area.pages} pages')
                kind = SHARED if area.shared else PRIVATE
                self.map(PARENT, area.base, area.pages * 4096, kind | ANONYMOUS)
        self.say(PARENT, f"movabs r14, {self.tale.areas['board'].base:#x}")

    def forks(self) -> None:
        self.say_what(PARENT, "the parent forks, and waits until the child stops or ends")
        self.call(PARENT, FORK)
        self.say(PARENT, "test rax, rax", "jz child", "mov r12, rax")
        self.await_child()
        self.code[CHILD].append("child:")

    def await_child(self) -> None:
        self.call(PARENT, WAIT4, MASK, 0, WUNTRACED, 0)

    def turn(self, holder: int) -> None:
        if holder == PARENT:
            self.say_what(PARENT, "the parent lets the child go on, and waits until it stops or ends")
            self.say(PARENT, "mov rdi, r12", f"mov esi, {SIGCONT}", f"mov eax, {KILL}", "syscall")
            self.await_child()
        else:
            self.say_what(CHILD, "the child stops, until the parent lets it go on")
            self.say(CHILD, f"mov eax, {GETPID}", "syscall", "mov edi, eax", f"mov esi, {SIGSTOP}")
            self.say(CHILD, f"mov eax, {KILL}", "syscall")

    def touch(self, step: Step) -> None:
        who = step.who
        self.say_what(who, f"step {step.number}: {step.told()}")
        begins = step.access == EXECUTE and not step.ends
        if not begins:
            self.say(who, f"movabs rdi, {step.address:#x}")
        if step.value:
            self.say(who, f"mov eax, {step.value:#x}")
        self.code[who].append(f"{step.label}:")
        if not begins:
            self.say(who, {READ: "mov rax, [rdi]", EXECUTE: "jmp rdi"}.get(step.access, "mov [rdi], rax"))
        if step.ends:
            self.survived()
        elif step.number > 1:
            self.rest(who, step)

    def rest(self, who: int, step: Step) -> None:
        """Its number goes to the notes before."""
        self.say(who, f"mov dword ptr [r14], {step.number}", f"lea r15, [rip + after_{step.number}]", "jmp rest")
        self.code[who].append(f"after_{step.number}:")

    def survived(self) -> None:
        """No instruction behind the child's last touch is ever reached."""
        self.comment(CHILD, "not reached: the touch is refused, and ends the child")
        self.say(CHILD, f"movabs rax, {MARK + SURVIVED:#x}", "int3")


def assemble(tale: Tale, folder: Path) -> Path:
    """folder/tour, beside its text folder/tour.s, whose lines GDB knows as lab/tour.s."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "tour"
    (folder / "tour.s").write_text(Program(tale).text(), "utf-8")
    assembler = ["as", "-g", "--debug-prefix-map", f"{folder.resolve()}=lab", "-o", "tour.o", "tour.s"]
    subprocess.run(assembler, cwd=folder, check=True)
    words = ["-nostdlib", "-static", "-z", "noexecstack", "-z", "max-page-size=4096", "-z", "separate-code"]
    words += ["--build-id=none", f"-Ttext-segment={CODE_AT:#x}"]
    subprocess.run(["ld", *words, "-o", "tour", "tour.o"], cwd=folder, check=True)
    (folder / "tour.o").unlink()
    return program


def labels(program: Path) -> dict[str, int]:
    """Addresses of the program's labels."""
    listed = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout
    return {name: int(address, 16) for address, _, name in map(str.split, listed.splitlines())}
