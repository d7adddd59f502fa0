"""What a job has memory do, told in the same words by any machine: faults, pages and victims, in order.

The kernel's own trace is read as text (docs/trace.md), for Bochs has no memory that the host sees. Times are left
out, and so are frames, which lie elsewhere in each machine, and whether a fault was for reading, which for an
instruction that reads and writes is each machine's own (docs/platforms.md). A page is called by when it began.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from support import run_boot

ROOM = ("--ram", "32M", "--swap", "64M", "--frames", "512")
TRACED = '''
echo "command {name}"
echo 1 > /proc/trace
( {job} ) > /dev/null 2>&1
echo 0 > /proc/trace
cat /proc/trace
'''
# Of these the detail says nothing of frames.
TOLD = {
    "fault": "",
    "done": "kind",
    "new": "",
    "free": "",
    "evict": "",
    "rescue": "",
    "page-in": "",
    "written": "failed",
    "fork": "shared",
    "out-of-memory": "",
    "process": "parent",
    "exec": "name",
    "exit": "status",
}
OF_A_PAGE = {"new", "free", "evict", "rescue", "page-in", "written"}
OF_A_PROCESS = {"process", "exec", "exit"}


@dataclass
class Names:
    """Pages by their turn: a number is given again when its page has ended."""

    known: dict[str, str] = field(default_factory=dict)
    begun: int = 0

    def of(self, event: str, number: str) -> str:
        if event == "new" or number not in self.known:
            self.begun += 1
            self.known[number] = f"{'page' if event == 'new' else 'earlier page'} {self.begun}"
        return self.known[number]


def told(text: str, names: Names) -> list[str]:
    """Of a trace's text, what is to be the same."""
    lines = []
    for line in text.splitlines():
        _, event, *rest = line.split()
        assert not line.startswith("lost"), "more than the ring holds"
        if event not in TOLD:
            continue
        place = dict(word.split("=") for word in rest)
        words = [event]
        if event in OF_A_PROCESS:
            words += [place["page"], place["address"]]
        elif event not in OF_A_PAGE:
            words += [f"space {place['space']}", place["address"]]
        elif "page" in place:
            words.append(names.of(event, place["page"]))
        if TOLD[event]:
            words.append(f"{TOLD[event]} {place['detail']}")
        lines.append(" ".join(words))
    return lines


def traced(machine: tuple[str, ...], jobs: dict[str, str]) -> dict[str, list[str]]:
    """What each does on this machine, one after the other."""
    script = "".join(TRACED.format(name=name, job=job) for name, job in jobs.items())
    result = run_boot(*machine, *ROOM, "--", "sh", "-c", script)
    assert result.status == 0 and "panic" not in result.stderr, result.report()
    names = Names()
    parts = [part.split("\n", 1) for part in result.text.split("command ")[1:]]
    return {name: told(text, names) for name, text in parts}
