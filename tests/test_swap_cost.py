"""What replacement costs, in instructions: one is one tick."""

import re

import agreement
import support

FAULT_LIMIT = 5000
CHOICE_LIMIT = 400
MACHINE = ("--shift", "0", "--ram", "32M", "--swap", "64M")


def run(boot, *words: str, **how: bool) -> tuple[dict[str, int], support.Seen]:
    result = boot(*MACHINE, "--", "/test/fault-cost", *words, **how)
    assert result.status == 0, result.report()
    return {key: int(number) for key, number in re.findall(r"(\w+) (\d+)", result.text)}, result.seen


def table_add(line: str) -> None:
    folder = support.run_folder("test-tables")
    with open(folder / "replacement (instructions).txt", "a", encoding="utf-8") as table:
        table.write(line + "\n")


def check_fault(boot, where: str) -> None:
    """Major faults with latency 0, each evicting a page that has to be written."""
    cost, seen = run(boot, where, witness=True)
    assert cost["majors"] == cost["faults"] == cost["pages"]
    rounds = len(agreement.of_a_region(seen, cost["pages"] // 2))
    assert rounds == 2 * cost["pages"], "two rounds of the four are counted"
    table_add(f"a major fault that evicts a modified page, {where:6}  {cost['a_fault']:6}")
    assert cost["a_fault"] <= FAULT_LIMIT


def test_a_major_fault_in_a_group_at_its_limit(boot):
    check_fault(boot, "limit")


def test_a_major_fault_when_memory_is_short(boot):
    check_fault(boot, "global")


def test_choosing_a_victim_under_clock(boot):
    """Half of the frames are referenced. FIFO, which takes the head of its queue, is the yardstick."""
    clock, fifo = (run(boot, "victim", policy)[0]["a_victim"] for policy in ("clock", "fifo"))
    table_add(f"choosing a victim under CLOCK, beyond FIFO's choice  {clock - fifo:6}")
    assert 0 < clock - fifo <= CHOICE_LIMIT - 50
