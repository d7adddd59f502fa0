"""arch/pte.h says what each bit of a pte means; GDB's commands, the trace's reader and its page repeat
that, each in its own language. What they repeat is what stands there."""

import re

import pytest
from support import ROOT

from exercising import tables
from tracing import words

HEADER = (ROOT / "arch/pte.h").read_text("utf-8")
BIT = {name: int(bit) for name, bit in re.findall(r"#define PTE_(\w+) +\(1ull << (\d+)\)", HEADER)}
ADDRESS = int(re.findall(r"#define PTE_ADDRESS +(0x[0-9a-f]+)ull", HEADER)[0], 16)
AGE_SHIFT = int(re.findall(r"#define PTE_AGE_SHIFT +(\d+)", HEADER)[0])
AGE_MAX = int(re.findall(r"#define AGE_MAX +(\d+)u", HEADER)[0])
TABLES_ONLY = {"LARGE", "GLOBAL", "LENT"}  # no pte of a user's page has them: a trace cannot tell of them

PAGE = "\n".join((ROOT / f"tools/tracing/page/{name}.js").read_text("utf-8") for name in ("trace", "words"))


def constants(text: str) -> dict[str, int]:
    """NAME = value, of Python and of JavaScript; also several in one line."""
    found: dict[str, int] = {}
    for names, values in re.findall(r"^(?:export const )?([A-Z_, ]+) = ([^\[({#;\n]+)", text, re.MULTILINE):
        parts = values.split(",")
        if len(parts) == len(names.split(",")) and all(re.fullmatch(r"[\s\dA-Fa-fx<]+", part) for part in parts):
            for name, part in zip(names.split(","), parts, strict=True):
                found[name.strip()] = eval(part)  # noqa: S307
    return found


@pytest.mark.parametrize("path", ["tools/gdb/vm/entry.py", "tools/tracing/words.py"])
def test_python_repeats_it(path):
    told = constants((ROOT / path).read_text("utf-8"))
    flags = {name: value for name, value in told.items() if name in BIT}
    assert {"PRESENT", "WRITABLE", "REFERENCED", "DIRTY", "NO_EXECUTE"} <= set(flags)
    assert flags == {name: 1 << BIT[name] for name in flags}
    assert (told["AGE_SHIFT"], told["AGE_MAX"], told["ADDRESS"]) == (AGE_SHIFT, AGE_MAX, ADDRESS)


def test_worksheets_repeat_it():
    assert tables.LARGE == 1 << BIT["LARGE"] and tables.LENT == 1 << BIT["LENT"]


def test_gdb_explains_every_bit():
    text = (ROOT / "tools/gdb/vm/entry.py").read_text("utf-8")
    listed = {name.upper(): int(bit) for bit, name in re.findall(r'^    \((\d+), "(\w+)", "', text, re.MULTILINE)}
    assert listed == BIT


def test_the_trace_explains_every_bit():
    assert {bit for bit, _, _ in words.BITS} == {bit for name, bit in BIT.items() if name not in TABLES_ONLY}


def test_the_page_explains_every_bit():
    listed = re.findall(r"\[(\d+), \"(\w+)\", \"([^\"]+)\"\]", PAGE.split("const PTE_BITS")[1].split("];")[0])
    assert [(int(bit), name) for bit, name, _ in listed] == [(bit, name) for bit, name, _ in words.BITS]


def test_the_page_repeats_it():
    named = re.findall(r"(\w+): (\d+)", re.findall(r"const PTE = \{(.*?)\}", PAGE)[0])
    assert {name: int(value) for name, value in named} == {name: 1 << BIT[name] for name, _ in named}
    told = constants(PAGE)
    assert told["PTE_NO_EXECUTE_HIGH"] == 1 << BIT["NO_EXECUTE"] - 32
    assert re.search(rf"AGE_SHIFT_HIGH = {AGE_SHIFT - 32}, AGE_MAX = {AGE_MAX}\b", PAGE)
