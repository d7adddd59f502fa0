"""The race's results as tables of 80 columns, as TSV, and in docs/."""

from __future__ import annotations

from faultline import project
from faultline.race.strings import WORKLOADS, Result

BEGIN, END = "<!-- the tables: tools/race writes them -->", "<!-- the end of the tables -->"


def tsv(results: list[Result]) -> str:
    best = {(r.workload, r.frames): r.faults for r in results if r.policy == "opt"}
    lines = ["policy\tworkload\tframes\tfaults\topt\tratio\n"]
    for r in results:
        opt = best.get((r.workload, r.frames))
        ratio = f"{opt}\t{r.faults / opt:.3f}" if opt else "-\t-"
        faults = r.faults if r.ended else f">{r.faults}"
        lines.append(f"{r.policy}\t{r.workload}\t{r.frames}\t{faults}\t{ratio}\n")
    return "".join(lines)


def row(head: str, cells: list[str], width: int = 8) -> str:
    return (f"{head:12}" + "".join(f" {cell:>{width - 1}}" for cell in cells)).rstrip() + "\n"


def table_of_strings(results: list[Result], policies: list[str], frames: int) -> str:
    faults = {(r.policy, r.workload): r.faults for r in results if r.frames == frames}
    columns = [name for name in WORKLOADS if ("opt", name) in faults]
    text = row(f"{frames} frames", columns)
    text += row("OPT", [str(faults["opt", name]) for name in columns])
    for policy in policies:
        cells = []
        for name in columns:
            known = (policy, name) in faults
            cells.append(f"{faults[policy, name] / faults['opt', name]:.2f}" if known else "-")
        text += row(policy, cells)
    return text


def table_of_programs(results: list[Result], policies: list[str]) -> str:
    real = [r for r in results if r.workload not in WORKLOADS]
    columns = list(dict.fromkeys((r.workload, r.frames) for r in real))
    faults = {(r.policy, r.workload): f"{r.faults}" if r.ended else "lost" for r in real}
    text = row("faults", [name for name, _ in columns], 10)
    text += row("frames", [str(frames) for _, frames in columns], 10)
    for policy in policies:
        text += row(policy, [faults.get((policy, name), "-") for name, _ in columns], 10)
    return text


def tables(results: list[Result], policies: list[str]) -> str:
    """For each number of frames: OPT's faults, and how many times as many each policy took."""
    strings = [r for r in results if r.workload in WORKLOADS]
    parts = [
        table_of_strings(strings, policies, frames)
        for frames in sorted({r.frames for r in strings})
    ]
    if len(strings) < len(results):
        parts.append(table_of_programs(results, policies))
    return "\n".join(parts)


def write_docs(results: list[Result], policies: list[str]) -> None:
    docs = project.ROOT / "docs"
    (docs / "race.tsv").write_text(tsv(results), encoding="utf-8")
    page = docs / "race.md"
    text = page.read_text("utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    body = f"\n\n```\n{tables(results, policies)}```\n\n"
    page.write_text(before + BEGIN + body + END + after, encoding="utf-8")
