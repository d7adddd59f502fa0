"""vm why: the current fault in words."""

from __future__ import annotations

from vm import cpus, faulting, foretell
from vm.faulting import Fault
from vm.words import Command, rights, say

STEP_SAYS = {
    "region": "is the reference valid?",
    "pte": "find the entry, building the tables above it",
    "page": "which page is meant, and where is it now?",
    "fill": "a page without a frame gets one, filled",
    "unshare": "a page that is written must be the writer's alone",
    "install": "set the entry; the instruction runs again",
}


def headline(fault: Fault) -> str:
    """Who, what, where, from where."""
    who = str(fault.process) if fault.process else "the kernel, for no process"
    return f"{who}: {fault.verb} at {fault.address:#x}, {faulting.source(fault)}"


def step_line(step: str) -> str:
    place = faulting.STEPS.index(step) + 1
    return f"step {place} of 6, {step}: {STEP_SAYS[step]}"


def code_words(code: int) -> str:
    """The processor's error code (SDM 3A, 4.7)."""
    words = ["the entry was present" if code & faulting.CODE_PRESENT else "no present entry"]
    words.append(
        "fetch" if code & faulting.CODE_FETCH else "write" if code & faulting.CODE_WRITE else "read"
    )
    words.append("user mode" if code & faulting.CODE_USER else "kernel mode")
    if code & faulting.CODE_RESERVED:
        words.append("a reserved bit was set")
    return ", ".join(words)


def done_so_far(fault: Fault) -> list[str]:
    """What the steps before this one have left in the fault's own record."""
    if fault.handled is None or fault.step is None:
        return []
    at = faulting.STEPS.index(fault.step)
    handled = fault.handled
    told = []
    if at >= 1 and int(handled["region"]):
        region = handled["region"].dereference()
        told.append(
            "region found:"
            f" {int(region['start']):#x}-{int(region['end']):#x} {rights(int(region['access']))}"
        )
    if at >= 2:
        told.append(f"pte at {int(handled['at']['entry']):#x}: {int(handled['old']['bits']):#018x}")
    if at >= 3:
        page, frame = (
            int(handled[name][key]) for name, key in (("page", "id"), ("frame", "number"))
        )
        told.append(f"page {faulting.none_or(page)}, frame {faulting.none_or(frame)}")
    return told


class Why(Command):
    """The current page fault in words, or the shootdown that this processor asks for: vm why.

    What the access is, from user code or from a copy in the kernel; what the processor says;
    what the pte and the region say; and what will be done. Works anywhere between the trap's
    entry and the return. In a shootdown (arch/shootdown.c): who is asked, who is waited for, and why."""

    name = "why"
    most = 0

    def run(self, _plain: list[str], _named: dict[str, str]) -> None:
        asks = cpus.current()
        if asks:
            cpus.tell(asks)
            return
        fault = faulting.current()
        say(headline(fault))
        say(f"  the processor says: {code_words(fault.code)} (error code {fault.code})")
        if fault.step:
            say(f"  now in {step_line(fault.step)}")
            done = done_so_far(fault)
            if done:
                say(f"  so far: {'; '.join(done)}")
        if fault.step == "install":
            say(f"  {becomes(fault)}")
            return
        story = foretell.tell(fault)
        for sentence in story.told:
            say(f"  {sentence}")
        say(
            f"  so this is: {story.kind}, {'a major' if story.major else 'a minor'} fault"
            if story.kind != "invalid"
            else "  so this is: invalid, refused"
        )


def becomes(fault: Fault) -> str:
    """At the last step: the kind is known for sure."""
    report = fault.handled["report"] if fault.handled is not None else None
    if report is None:
        return "the kind is in the report"
    kind = faulting.kind_name(int(report["kind"]))
    return f"it has become: {kind}, {'a major' if int(report['major']) else 'a minor'} fault"
