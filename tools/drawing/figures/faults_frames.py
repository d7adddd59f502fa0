"""Faults by number of frames: Belady's anomaly, and what more memory is worth."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table
from drawing.source import run
from drawing.style import SERIES, Canvas, numbers

BELADY = "1 2 3 4 1 2 5 1 2 3 4 5"
SMALL, LARGE = (1, 2, 3, 4, 5, 6), (4, 8, 16, 24, 32, 48, 64, 80, 100)
POLICIES = ("fifo", "lru", "clock")
ZIPF = "--generate zipf 100 10"
LOOP = "for n in {sizes}; do for p in fifo lru clock; do refstring --count --frames $n --policy $p {of}; done; done"


def boot(sizes: tuple[int, ...], of: str) -> str:
    inner = LOOP.format(sizes=" ".join(map(str, sizes)), of=of)
    return f"tools/boot --ram 64M --swap 16M -- sh -c '{inner}'"


COMMANDS = (
    boot(SMALL, BELADY),
    f"tools/policysim --policy opt --table --tsv --frames {','.join(map(str, SMALL))} {BELADY}",
    boot(LARGE, f"--for 20 {ZIPF}"),
    f"tools/policysim --policy opt --table --tsv --frames {','.join(map(str, LARGE))} --generate zipf 100 20 10",
)


def live(text: str, sizes: tuple[int, ...]) -> dict[tuple[int, str], int]:
    """Faults by (frames, policy), in the order of the loop."""
    faults = [int(line.split()[1]) for line in text.splitlines() if line.startswith("faults")]
    pairs = [(n, policy) for n in sizes for policy in POLICIES]
    return dict(zip(pairs, faults, strict=True))


def gather(commands: Commands) -> Table:
    rows: Table = [("string", "frames", "fifo", "lru", "clock", "opt")]
    for string, sizes, of, paper in (
        ("belady", SMALL, commands[0], commands[1]), ("zipf", LARGE, commands[2], commands[3])
    ):
        faults = live(run(of), sizes)
        opt = optimal(run(paper))
        for n in sizes:
            rows.append((string, n, *(faults[n, policy] for policy in POLICIES), opt[n]))
    return rows


def optimal(text: str) -> dict[int, str]:
    """Faults of OPT by frames, from the simulator's table."""
    head, faults = (line.split("\t") for line in text.splitlines()[:2])
    return {int(n): count for n, count in zip(head, faults, strict=True) if n.isdigit()}


def draw(canvas: Canvas, rows: list[Row]) -> None:
    both = canvas.subplots(1, 2)
    titles = {"belady": f"{BELADY}", "zipf": "Zipf over 100 pages, 1,000 references"}
    for axes, (string, title) in zip(both, titles.items(), strict=True):
        mine = [row for row in rows if row["string"] == string]
        for policy, (colour, marker) in zip((*POLICIES, "opt"), SERIES, strict=False):
            axes.plot(numbers(mine, "frames"), numbers(mine, policy), marker, color=colour,
                      linestyle="--" if policy == "clock" else "-",
                      label=policy.upper(), alpha=0.9)
        axes.set_title(title)
        axes.set_xlabel("frames")
        axes.set_ylim(0)
        axes.grid(axis="y", color="#E5E5E5")
    both[0].set_ylabel("page faults")
    fifo = {row["frames"]: int(row["fifo"]) for row in rows if row["string"] == "belady"}
    both[0].annotate("Belady's anomaly:\na frame more, a fault more", (4, fifo["4"]), (3.4, fifo["4"] + 1.1),
                     size=10.5, arrowprops={"arrowstyle": "-"})
    both[1].legend()


FIGURE = Figure(
    "faults-by-frames",
    "Page faults by number of frames",
    COMMANDS,
    gather,
    draw,
)
