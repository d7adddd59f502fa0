"""Several processors: the others are started, set up as the first, and halt."""

from __future__ import annotations

import re

import pytest
from support import BUILD, RawMachine

COUNTS = (2, 4, 8)
SAME = ("CR0", "CR4", "EFER", "IDT")  # how it protects, and where it enters
OWN = ("GS", "GDT", "TR")
INTERRUPTS = 0x200  # in RFLAGS: they are on


def with_processors(count: int) -> tuple[str, ...]:
    return ("--qemu-arg=-smp", f"--qemu-arg={count}")


@pytest.mark.parametrize("count", COUNTS)
def test_they_are_counted(boot, count):
    assert f"faultline: {count} processors\n" in boot(*with_processors(count), "--", "true").stderr


def test_one_is_not_worth_a_word(boot):
    assert "processors" not in boot("--", "true").stderr


@pytest.mark.parametrize("firmware", ["--grub", "--uefi"])
def test_other_firmware_tells_of_them_too(boot, firmware):
    result = boot(firmware, "--realtime", *with_processors(2), "--", "true")
    assert "faultline: 2 processors\n" in result.stderr and result.status == 0, result.report()


def test_fewer_are_started_when_that_is_asked_for(boot):
    result = boot(*with_processors(4), "--param", "cpus=3", "--", "true")
    assert "faultline: 3 processors\n" in result.stderr
    assert "processors" not in boot(*with_processors(4), "--param", "cpus=1", "--", "true").stderr


@pytest.mark.parametrize("number", ["0", "9", "two"])
def test_a_number_that_cannot_be(boot, number):
    result = boot("--param", f"cpus={number}", "--", "true")
    assert "cpus" in result.stderr and result.status == 125, result.report()


@pytest.mark.parametrize("count", COUNTS)
def test_programs_run_as_with_one(boot, count):
    """The first does all the work: the same faults in the same order."""
    job = "faults demo-lazy; /test/fork; /test/exceptions"
    alone, beside = (boot(*words, "--", "sh", "-c", job) for words in ((), with_processors(count)))
    texts = {re.sub(r"\b\d{4,}\b", "…", result.text) for result in (alone, beside)}  # frames; instructions
    assert len(texts) == 1 and "-> zeroed: frame …" in texts.pop(), beside.report()


def registers(said: str) -> dict[str, str]:
    """Of one processor, as QEMU's `info registers` has them: of segments and tables where they lie."""
    found = dict(re.findall(r"\b(CR0|CR3|CR4|EFER|HLT|RFL)=([0-9a-f]+)", said))
    found |= dict(re.findall(r"^(GDT|IDT)= +([0-9a-f]+)", said, re.M))
    return found | dict(re.findall(r"^(GS|TR) =[0-9a-f]{4} ([0-9a-f]+)", said, re.M))


def test_each_is_set_up(tmp_path):
    """Their guards, tables and entries are the first one's; their GDT, TSS and GS are nobody else's."""
    image = (BUILD / "image.cpio").read_bytes()
    with RawMachine(image, extra=("-smp", "4")) as machine:
        machine.wait_for("/ # ")
        said = re.split(r"^CPU#\d+", machine.ask("info registers -a").replace("\r", ""), flags=re.M)[1:]
    first, *others = map(registers, said)
    assert len(others) == 3
    for other in others:
        assert other["HLT"] == "1" and not int(other["RFL"], 16) & INTERRUPTS
        assert {name: other[name] for name in SAME} == {name: first[name] for name in SAME}
    assert len({other["CR3"] for other in others}) == 1, "all have the kernel's own tables"
    for name in OWN:
        assert len({one[name] for one in [first, *others]}) == 4
    assert all(int(other["GS"], 16) >> 47 for other in others)
