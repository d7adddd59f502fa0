"""The same commands give the same faults, pages and victims in the same order, in QEMU and in Bochs."""

from __future__ import annotations

import pytest
from support import LONG, commits
from two_machines import OF_A_PROCESS, traced

QEMU, BOCHS = ("--grub",), ("--machine", "bochs")
POLICIES = "fifo clock clock-rm aging lfu mfu random sieve wsclock clock-pro distance mine".split()
BOOK = "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1"

COMMANDS = {
    "one-fault": "one-fault",
    "demo-cow": "demo-cow",
    "demo-lazy": "demo-lazy",
    "demo-share": "demo-share",
    "demo-segv": "demo-segv",
    "demo-ipc": "demo-ipc",
    "faults": "faults demo-cow",
    "forks": "/test/count-fork write 40 20",
    "shells that fork": 'for i in 1 2; do sh -c "echo $i"; done; ls /bin | wc',
    "the book's string": f"refstring --frames 3 --policy fifo {BOOK}",
    "exact LRU": f"refstring --frames 3 --policy lru {BOOK}",
    "a cycle": "refstring --frames 5 --policy aging --generate cyclic 9 4",
    "pages written and read": "refstring --frames 4 --policy lru 1w 2 3w 4 5w 1 2 6 3w 4 1 5 2w 6",
    "a few pages often": "refstring --frames 12 --policy sieve --generate zipf 20 4",
    # A race: the same string under each policy, more pages than frames.
    **{
        f"swapping by {policy}": f"refstring --frames 24 --policy {policy} --generate loop_hot 30 3"
        for policy in POLICIES
    },
}
FEW = 3  # at each commit, others in turn
TURNS = [list(COMMANDS)[(commits() * FEW + more) % len(COMMANDS)] for more in range(FEW)]
CHOSEN = {name: job for name, job in COMMANDS.items() if LONG or name in TURNS}


@pytest.fixture(scope="module")
def seen() -> list[dict[str, list[str]]]:
    return [traced(machine, CHOSEN) for machine in (QEMU, BOCHS)]


@pytest.mark.parametrize("name", CHOSEN)
def test_the_same_faults_pages_and_victims(seen, name: str):
    qemu, bochs = (each[name] for each in seen)
    if name.startswith("shells"):  # a libc that has other code for each processor: other pages of it
        qemu, bochs = ([line for line in told if line.split()[0] in OF_A_PROCESS] for told in (qemu, bochs))
    assert len(qemu) > 5 and bochs == qemu
