"""A test of what another processor remembers, told as a story: a thread there uses a page all the time, while the
process takes it away.

Only what must come after something is judged, so it does not matter who runs when: the thread says behind each of its
accesses what it had been told before, and the process waits until it has said so. If its processor still remembers the
page of before, what it reads is old, or what it writes goes where it must not.
"""

from __future__ import annotations

from labbing.assembly import ANONYMOUS, DESK, DONT_NEED, MADVISE, PRIVATE
from labbing.memory import WHOLE
from labbing.story import ELSEWHERE, Story

CLONE, GETPPID, AFFINITY = 56, 110, 203
THREAD_FLAGS = 0x10F00  # it shares memory, files, signals; a thread of the same process
FOUND = "S0"
TOLD, SEEN, HEARD = (DESK + 0x3800 + 64 * number for number in range(3))
NAMES = ("the process", "the thread", "the child", "the next child", "the last child")


class BesideStory(Story):
    """One test: the process is 0, its thread 1, children come behind."""

    def __init__(self, title: str, seed: str, children: int = 0):
        super().__init__(title, seed, 2 + children, NAMES)
        self.page = ELSEWHERE + self.random.randrange(1, 512) * 4096
        self.number = 0
        self.children = 0

    # --- pieces of the program ---

    def on_processor(self, who: int, processor: int) -> None:
        mask = "\\00" + str(1 << processor) + "\\000" * 6  # and what .asciz adds
        self.code.call(who, AFFINITY, 0, 8, self.code.string(mask))

    def map_page(self) -> None:
        self.code.map(0, self.page, 4096, PRIVATE | ANONYMOUS)

    def begin(self, writes: bool, calls: bool) -> None:
        """The thread begins. `writes`: what it is told goes to the page. `calls`: it is in the kernel all the time."""
        self.phase(0, "starts a thread on the other processor")
        self.on_processor(0, 0)
        self.map_page()
        self.code.write(0, self.page)
        self.next_value(0)
        for word in (TOLD, SEEN, HEARD):
            self.code.say(0, f"movabs rax, {word:#x}", "mov qword ptr [rax], 0")
        self.code.call(0, CLONE, THREAD_FLAGS, 0, 0, 0, 0)
        self.code.say(0, "test rax, rax", "jz process1")
        self.on_processor(1, 1)
        self.thread(writes, calls)

    def thread(self, writes: bool, calls: bool) -> None:
        """It goes on for ever; the process ends it."""
        code, again = self.code, self.code.label()
        code.say(1, f"movabs rdi, {TOLD:#x}", f"movabs rsi, {self.page:#x}")
        code.code[1].append(f"{again}:")
        if calls:
            code.say(1, f"mov eax, {GETPPID}", "syscall")
        code.say(1, "mov rax, [rdi]")
        if writes:
            code.say(1, "mov [rsi], rax")
        code.say(1, "mov rdx, [rsi]", f"mov [rdi + {SEEN - TOLD}], rdx", f"mov [rdi + {HEARD - TOLD}], rax")
        code.say(1, "pause", f"jmp {again}")

    def tell_thread(self) -> int:
        """A number, and wait until the thread has used the page behind that."""
        self.number += 1
        again, code = self.code.label(), self.code
        code.say(0, f"movabs rdi, {TOLD:#x}", f"mov eax, {self.number}", "mov [rdi], rax")
        code.code[0].append(f"{again}:")
        code.say(0, "pause", f"cmp [rdi + {HEARD - TOLD}], rax", f"jne {again}", f"mov rdx, [rdi + {SEEN - TOLD}]")
        return self.number

    def finds(self, who: int, value: int, what: str, sentence: str = FOUND) -> None:
        """What it has read, which is in rdx. For the thread the process tells it."""
        self.tell(0 if who == 1 else who, value, f"{self.names[who]} {what}", sentence, "rdx")

    def write_page(self) -> int:
        self.code.write(0, self.page)
        value = self.next_value(0)
        self.origins[f"{value:x}"] = "what was in the page that has been taken away"
        return value

    # --- rounds ---

    def take_away(self, how: str) -> None:
        """The page goes, and another is in its place, or none yet: it is all zeroes."""
        self.phase(0, f"{how} a page that the thread reads")
        value = self.write_page()
        self.tell_thread()
        self.finds(1, value, "finds what the process has written", WHOLE)
        if how == "gives up":
            self.code.call(0, MADVISE, self.page, 4096, DONT_NEED)
        else:
            self.map_page()
        self.tell_thread()
        self.finds(1, 0, "finds zeroes behind that")

    def fork_beside(self) -> None:
        """A child is born; what the thread writes behind that, the child does not see."""
        self.children += 1
        child = 1 + self.children
        self.phase(0, "forks while the thread writes to a page")
        before = self.tell_thread()
        self.finds(1, before, "finds what it has written", WHOLE)
        self.fork(0, child)
        after = self.tell_thread()
        self.finds(1, after, "finds what it has written behind the fork", WHOLE)
        self.origins[f"{after:x}"] = "what the thread has written behind the fork"
        self.phase(child, "reads the page")
        self.code.read(child, self.page)
        self.finds(child, before, "finds what was there when it was born")
        self.end(child, 0)
