"""The textbook's grids: references across, frames down, for FIFO, OPT and LRU."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table
from drawing.source import run
from drawing.style import BLUE, ORANGE, Canvas, blank, box

STRING = "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1"
FRAMES = 3


def parse(text: str) -> dict[str, list[str]]:
    """The rows of `--grid`, by their heads; a column is two characters wide."""
    width = len(STRING.split()[0]) + 1
    grid = {}
    for line in text.splitlines():
        head, cells = line[:10].strip(), line[10:]
        if head in ("reference", "fault") or head.startswith("frame "):
            grid[head] = [cells[i : i + width].strip() for i in range(0, width * len(STRING.split()), width)]
    return grid


def gather(commands: Commands) -> Table:
    grid = parse(run(commands[0]))
    rows: Table = [("reference", "page", *(f"frame_{n}" for n in range(FRAMES)), "fault")]
    for n, page in enumerate(grid["reference"]):
        cells = [grid[f"frame {f}"][n] for f in range(FRAMES)]
        rows.append((n, page, *cells, int(grid["fault"][n] == "*")))
    return rows


def draw(canvas: Canvas, rows: list[Row]) -> None:
    axes = blank(canvas, len(rows) + 2.2, FRAMES + 2.1)
    axes.text(1.9, 0.5, "reference", ha="right", va="center")
    for f in range(FRAMES):
        axes.text(1.9, 1.5 + f, f"frame {f}", ha="right", va="center")
    axes.text(1.9, FRAMES + 1.5, "fault", ha="right", va="center")
    held = [""] * FRAMES
    for n, row in enumerate(rows):
        x = n + 2.1
        axes.text(x + 0.5, 0.5, row["page"], ha="center", va="center", size=14, weight="bold")
        for f in range(FRAMES):
            page = row[f"frame_{f}"]
            new = row["fault"] == "1" and page != held[f]
            box(axes, x, 1 + f, 1, 1, page, size=13, weight="bold" if new else "normal",
                facecolor=ORANGE if new else "white", edgecolor="#777777")
            held[f] = page
        if row["fault"] == "1":
            axes.plot(x + 0.5, FRAMES + 1.5, "o", color=BLUE, markersize=9)
    faults = sum(row["fault"] == "1" for row in rows)
    axes.text(2.1, FRAMES + 2.1, f"{faults} faults", va="center", size=12)


def grid(name: str, title: str, command: str) -> Figure:
    return Figure(name, title, (command,), gather, draw, size=(9.6, 3.2))


REFSTRING = f"tools/boot --ram 64M --swap 16M -- refstring --grid --frames {FRAMES} --policy"
FIGURES = (
    grid("fifo-grid", "FIFO: who came first goes first", f"{REFSTRING} fifo {STRING}"),
    grid("opt-grid", "OPT: who is used again last goes first; nobody can do better",
         f"tools/policysim --grid --frames {FRAMES} --policy opt {STRING}"),
    grid("lru-grid", "LRU: who has not been used for longest goes first",
         f"{REFSTRING} lru {STRING}"),
)
