"""Workloads made by rule: the same string for the live kernel and for OPT in the simulator."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

from faultline import project
from faultline.race import boot

FRAMES = [64, 256, 1024]
EXACT = {"lru"}  # live on being told of every reference
REFERENCES = 40_000  # at least, where a workload is as long as one likes


@dataclass
class Result:
    """What a policy took for a workload in so many frames."""

    policy: str
    workload: str
    frames: int
    faults: int
    ended: bool = True  # False: it was stopped, there would have been more


def factor(pages: int) -> int:
    return -(-REFERENCES // pages)


# Name: (what it is, the generator, and for F frames: pages, references a page).
WORKLOADS = {
    "sweep": ("twice through four times the frames", "cyclic", lambda f: (4 * f, 2)),
    "loop": ("round a loop a tenth larger", "cyclic", lambda f: (f + f // 10, factor(f))),
    "uniform": ("any of twice as many pages", "uniform", lambda f: (2 * f, factor(2 * f))),
    "zipf": ("few pages much, many little", "zipf", lambda f: (4 * f, factor(4 * f))),
    "hotscan": ("a hot set, now and then a scan", "scan_hot", lambda f: (2 * f, factor(2 * f))),
    "hotloop": ("a hot set within a long loop", "loop_hot", lambda f: (2 * f, factor(2 * f))),
    "rows": ("a matrix by rows", "matrix_row", lambda f: (2 * f, 1)),
    "columns": ("the same by columns", "matrix_col", lambda f: (2 * f, 1)),
}


def policies() -> list[str]:
    """In the kernel's order."""
    table = (project.ROOT / "mm/replacement/policy.c").read_text("utf-8")
    table = table[table.index("policies[] =") :]
    sources = [path.read_text("utf-8") for path in (project.ROOT / "mm/replacement/policy").glob("*.c")]
    name_of = {
        variable: name
        for text in sources
        for variable, name in re.findall(r'policy (policy_\w+) = \{\s*\.name = "(.*)"', text)
    }
    return [name_of[variable] for variable in re.findall(r"&(policy_\w+)", table)]


def opt(workload: str, frames: int) -> Result:
    _, kind, size = WORKLOADS[workload]
    pages, times = size(frames)
    words = ["--policy", "opt", "--frames", str(frames), "--tsv"]
    words += ["--generate", kind, str(pages), str(frames), str(times)]
    command = [str(project.BUILD / "policysim"), *words]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    head, row = (line.split("\t") for line in text.splitlines()[:2])
    return Result("opt", workload, frames, int(row[head.index("faults")]))


def race(policy: str, heats: list[tuple[str, int]]) -> list[Result]:
    """All heats of one policy, in one boot."""
    lines = []
    for workload, frames in heats:
        _, kind, size = WORKLOADS[workload]
        pages, times = size(frames)
        lines.append(
            f"echo heat {workload} {frames}; refstring --count --policy {policy} "
            f"--frames {frames} --generate {kind} {pages} {times}"
        )
    results, heat = [], ("", 0)
    for line in boot.run("\n".join(lines)).splitlines():
        words = line.split()
        if words[0] == "heat":
            heat = (words[1], int(words[2]))
        elif words[0] == "faults":
            results.append(Result(policy, *heat, int(words[1])))
    return results
