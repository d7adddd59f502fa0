"""Page replacement beside Linux's: the same strings of references, as many frames.

tests/bench/linux-swap.tsv holds what Linux's two policies took for the strings of
tests/bench/swapbench.c, and what a simulator says of the textbook's. Faults are compared, of the
live kernel, under the policy that docs/replacement.md names as the strongest.
"""

from __future__ import annotations

import math
import subprocess

import pytest
import support

STRONGEST = "distance"
FRAMES = 4090  # what Linux's group had for the array
MADE_FOR = 4096  # what the strings that depend on it were made for
SHARE_OF_LINUX = 1.10
MEAN_OVER_OPT = 2.0


def rows() -> list[dict[str, str]]:
    lines = (support.ROOT / "tests/bench/linux-swap.tsv").read_text("utf-8").splitlines()
    table = [line.split("\t") for line in lines if not line.startswith("#")]
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


ROWS = {f"{row['workload']}-{row['pages']}": row for row in rows()}


def command(row: dict[str, str]) -> str:
    pages, references = int(row["pages"]), int(row["refs"])
    generate = f"--generate {row['workload']} {pages} {references // pages}"
    return (
        f"refstring --frames {FRAMES} --policy {STRONGEST} --count --warm --for {MADE_FOR} {generate}"
    )


@pytest.fixture(scope="module")
def faults() -> dict[str, int]:
    """Of each row, all in one boot."""
    script = "\n".join(f"echo row {name}; {command(row)}" for name, row in ROWS.items())
    options = ("--ram", "64M", "--swap", "64M")
    result = support.run_boot(*options, "--", "sh", "-c", script)
    found, name = {}, ""
    for line in result.text.splitlines():
        words = line.split()
        if words[0] == "row":
            name = words[1]
        elif words[0] == "faults":
            found[name] = int(words[1])
    assert list(found) == list(ROWS), result.report()[-3000:]
    write_table(found)
    return found


def better_of_linux(row: dict[str, str]) -> int:
    return min(int(row["linux_classic"]), int(row["linux_mglru"]))


def write_table(found: dict[str, int]) -> None:
    lines = [f"{'':16} {'Faultline':>10} {'Linux':>8} {'ratio':>6} {'/ OPT':>6}\n"]
    for name, row in ROWS.items():
        ours, linux = found[name], better_of_linux(row)
        ratios = f"{ours / linux:6.2f} {ours / int(row['opt']):6.2f}"
        lines.append(f"{name:16} {ours:10} {linux:8} {ratios}\n")
    lines.append(f"{'geometric mean':16} {'':26} {mean_over_opt(found):6.2f}\n")
    folder = support.run_folder("test-tables")
    (folder / "swapbench (faults).txt").write_text("".join(lines), encoding="utf-8")


def mean_over_opt(found: dict[str, int]) -> float:
    logarithms = [math.log(found[name] / int(row["opt"])) for name, row in ROWS.items()]
    return math.exp(sum(logarithms) / len(logarithms))


@pytest.mark.parametrize("name", ROWS)
def test_beside_linux(faults, name):
    assert faults[name] <= SHARE_OF_LINUX * better_of_linux(ROWS[name])


def test_mean_over_opt(faults):
    assert mean_over_opt(faults) <= MEAN_OVER_OPT


@pytest.mark.parametrize("kind", sorted({row["workload"] for row in ROWS.values()}))
def test_the_strings_are_the_benchmarks(compile_static, boot, kind):
    """refstring's generators and those of tests/bench/refstr.h: as many faults under FIFO."""
    program = compile_static(
        f"strings-{kind}",
        f"""
#include "{support.ROOT}/tests/bench/refstr.h"
#include <stdio.h>
int main(void) {{
    static struct ref from;
    if (ref_init(&from, "{kind}", 300, 200, 10)) return 1;
    for (unsigned page; (page = ref_next(&from)) != REF_END;) printf("%u\\n", page);
}}""",
        "gcc",
    )
    string = program.parent / "string"
    string.write_bytes(subprocess.run([program], stdout=subprocess.PIPE, check=True).stdout)
    options = ("--ram", "32M", "--swap", "16M", "--add", f"{string}:/string")
    run = "refstring --frames 200 --policy fifo"
    script = f"{run} --file /string; {run} --generate {kind} 300 10"
    lines = boot(*options, "--", "sh", "-c", script).text.splitlines()
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
