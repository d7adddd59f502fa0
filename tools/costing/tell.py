"""The tree as text, as a flame graph and for programs; and a function's lines with what each took."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from costing.names import Line
from costing.tree import Node

COLUMNS = 80
HEAD = f"{'own':>9} {'all':>10} {'share':>6}  "


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def text(root: Node, least: float = 0.0) -> str:
    """A row a node, indented by its depth; what takes less than `least` percent is told in one row for each node."""
    whole = root.all
    rows = [HEAD + "function"]

    def add(node: Node, depth: int) -> None:
        total = node.all
        times = f" ({node.calls} times)" if node.calls > 1 else ""
        name = "  " * min(depth, 16) + node.name + times
        row = f"{node.own:>9,} {total:>10,} {share(total, whole):>6}  {name}"
        rows.append(row if len(row) <= COLUMNS else row[: COLUMNS - 1] + "…")
        small = [each for each in node.below.values() if 100 * each.all < least * whole]
        for each in node.below.values():
            if each not in small:
                add(each, depth + 1)
        if small:
            left = sum(each.all for each in small)
            less = "  " * min(depth + 1, 16) + f"{len(small)} smaller"
            rows.append(f"{'':>9} {left:>10,} {share(left, whole):>6}  {less}")

    for each in root.below.values():
        add(each, 0)
    return "\n".join(rows)


def as_dict(node: Node) -> dict:
    """For programs."""
    below = [as_dict(each) for each in node.below.values()]
    return {"name": node.name, "calls": node.calls, "own": node.own, "all": node.all, "below": below}


def flame(root: Node) -> str:
    """In speedscope's format (speedscope.app/file-format-schema.json): a sample for each node, as heavy as its own
    instructions."""
    frames: dict[str, int] = {}
    samples, weights = [], []
    for path, node in root.walk():
        if node.own:
            samples.append([frames.setdefault(name, len(frames)) for name in path[1:]])
            weights.append(node.own)
    profile = {
        "type": "sampled",
        "name": root.name,
        "unit": "none",
        "startValue": 0,
        "endValue": sum(weights),
        "samples": samples,
        "weights": weights,
    }
    return json.dumps(
        {
            "$schema": "https://www.speedscope.app/file-format-schema.json",
            "name": root.name,
            "exporter": "Faultline's tools/cost",
            "activeProfileIndex": 0,
            "shared": {"frames": [{"name": name} for name in frames]},
            "profiles": [profile],
        },
        indent=1,
    )


def lines(function: str, counts: Counter[int], known: dict[int, list[Line]], root: Path) -> str:
    """The source of a function, each line with the instructions that were of it, or of what is inlined there."""
    taken: Counter[int] = Counter()
    file = ""
    for address, times in counts.items():
        for line in known.get(address, []):
            if line.function == function:
                taken[line.line] += times
                file = line.file
                break
    if not taken:
        raise ValueError(f"no instruction of {function} was executed")
    source = (root / file).read_text("utf-8").splitlines()
    first, last = min(taken), max(taken)
    rows = [f"{file}, {function}: {sum(taken.values()):,} instructions"]
    for number in range(max(first, 1), min(last, len(source)) + 1):
        took = f"{taken[number]:,}" if taken[number] else ""
        rows.append(f"{took:>9} {number:>5}  {source[number - 1]}"[: COLUMNS + 20])
    return "\n".join(rows)
