"""The plugin's account of a run: locks held, by the functions that took them."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from pathlib import Path

from faultline import elf, plugin
from symbols import text_symbols

SOURCE = Path(__file__).with_name("plugin.c")
# What the plugin is told of the kernel, by its words.
CODE = {"take": "mm_take_several", "enter": "processor_enter", "have": "kernel_catch_up"}
CODE |= {"poll": "cpu_poll_interrupts", "woken": "idle_woken"}
DATA = {"held": "mm", "lock": "kernel_lock"}
LINE = re.compile(r"^locks (\w+) ([0-9a-f]+) (\d+) (\d+) (\d+)$", re.MULTILINE)


@dataclass
class Hold:
    """A lock, taken by one function: how often, and for how many instructions."""

    times: int = 0
    sum: int = 0
    longest: int = 0

    def add(self, times: int, total: int, longest: int) -> None:
        self.times += times
        self.sum += total
        self.longest = max(self.longest, longest)

    @property
    def mean(self) -> float:
        return self.sum / self.times if self.times else 0.0


@dataclass(frozen=True)
class Processor:
    """Its instructions: of user code, of the kernel's, and, of these, while it waits for a lock."""

    user: int
    kernel: int
    waiting: int


@dataclass
class Account:
    """A whole run's."""

    processors: dict[int, Processor]
    mm: dict[str, Hold]  # by function
    kernel: Hold
    stretches: dict[str, Hold]  # long ones of the kernel's, in which no interrupt comes in: by where they were
    inside: dict[str, int]  # instructions with the mm lock held, by the function that they are of

    @property
    def mm_all(self) -> Hold:
        sum_of = Hold()
        for hold in self.mm.values():
            sum_of.add(hold.times, hold.sum, hold.longest)
        return sum_of


class Names:
    """Addresses of a program's code, as functions."""

    def __init__(self, symbols: dict[str, elf.Symbol]):
        self._sorted = sorted((symbol.address, symbol.address + symbol.bytes, name) for name, symbol in symbols.items())

    def of(self, address: int) -> str:
        at = bisect.bisect(self._sorted, (address, 1 << 64, "")) - 1
        if at >= 0 and self._sorted[at][0] <= address < self._sorted[at][1]:
            return self._sorted[at][2].partition(".")[0]
        return f"{address:#x}"


def words(kernel: bytes, log: Path) -> list[str]:
    """For QEMU. ValueError: it takes no plugin of ours, or this is another kernel."""
    code = {name: address for address, name in text_symbols(kernel)}
    data = {name: symbol.address for name, symbol in elf.symbols(kernel).items()}
    try:
        places = {word: code[name] for word, name in CODE.items()} | {word: data[name] for word, name in DATA.items()}
    except KeyError as missing:
        raise ValueError(f"the kernel has no {missing.args[0]}") from None
    return [*plugin.words(SOURCE, **places), "-d", "plugin", "-D", str(log)]


def read(log: str, kernel: bytes) -> Account:
    """What the plugin has told. ValueError: nothing."""
    names, account = Names(elf.symbols(kernel)), Account({}, {}, Hold(), {}, {})
    for what, place, *numbers in LINE.findall(log):
        first, second, third = map(int, numbers)
        if what == "processor":
            account.processors[int(place, 16)] = Processor(first, second, third)
        elif what == "mm":
            account.mm.setdefault(names.of(int(place, 16)), Hold()).add(first, second, third)
        elif what == "stretch":
            account.stretches.setdefault(names.of(int(place, 16)), Hold()).add(first, second, third)
        elif what == "inside":
            name = names.of(int(place, 16))
            account.inside[name] = account.inside.get(name, 0) + first
        else:
            account.kernel.add(first, second, third)
    if not account.processors:
        raise ValueError("the plugin told nothing: the machine has not come to its end")
    return account
