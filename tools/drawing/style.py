"""How figures look: for a slide, readable from the last row, in colours everybody can tell apart.

The colours are Okabe's and Ito's; lines differ in their markers too. SVG comes out the same, byte
for byte, from the same data: fixed identifiers, no dates.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import matplotlib

matplotlib.use("svg")

from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure as Canvas  # noqa: E402
from matplotlib.patches import FancyArrowPatch, Rectangle  # noqa: E402

from drawing.figure import Figure, Row  # noqa: E402

BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PINK, SKY, BLACK, GREY, PALE = "#CC79A7", "#56B4E9", "#000000", "#7F7F7F", "#EDEDED"
SERIES = ((BLUE, "o"), (RED, "s"), (GREEN, "^"), (ORANGE, "D"), (PINK, "v"), (BLACK, "x"))

matplotlib.rcParams.update(
    {
        "svg.hashsalt": "faultline",
        "svg.fonttype": "none",
        "font.family": ["DejaVu Sans"],
        "font.size": 12,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 12,
        "lines.linewidth": 2,
        "lines.markersize": 6,
        "legend.frameon": False,
        "path.simplify": True,
    }
)

MOST_COMMANDS = 4
CAPTION_WIDTH = 118  # characters


def caption(commands: tuple[str, ...]) -> list[str]:
    """The lines under the drawing."""
    lines = []
    for command in commands[:MOST_COMMANDS]:
        lines += textwrap.wrap(f"$ {command}", CAPTION_WIDTH, subsequent_indent="      ")
    if len(commands) > MOST_COMMANDS:
        lines.append(f"  … and {len(commands) - MOST_COMMANDS} more, which differ in their numbers")
    return lines


def draw(figure: Figure, rows: list[Row]) -> Canvas:
    """Title, drawing and caption."""
    lines = caption(figure.commands)
    width, height = figure.size
    canvas = Canvas(figsize=(width, height + 0.2 * len(lines)))
    total = height + 0.2 * len(lines)
    bottom = (0.2 * len(lines) + 0.15) / total
    canvas.subplots_adjust(
        left=0.1, right=0.97, bottom=bottom + 0.6 / total, top=1 - 0.95 / total, wspace=0.25
    )
    canvas.text(0.02, 1 - 0.33 / total, figure.title, size=15, weight="bold", va="center")
    figure.draw(canvas, rows)
    for n, line in enumerate(reversed(lines)):
        canvas.text(
            0.02, (0.1 + 0.2 * n) / total, line, family="monospace", size=8.5, color="#444444",
            parse_math=False
        )
    return canvas


def save(canvas: Canvas, file: Path) -> None:
    """As SVG, which is the same every time, or whatever the file's name says."""
    if file.suffix == ".svg":
        canvas.savefig(file, format="svg", metadata={"Date": None, "Creator": "Faultline"})
        text = file.read_text("utf-8")
        file.write_text(re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE), "utf-8")
    else:
        canvas.savefig(file, dpi=110)


def blank(canvas: Canvas, width: float, height: float) -> Axes:
    """The whole place, without axes, for boxes and arrows; y grows downwards."""
    axes = canvas.add_subplot()
    axes.set_xlim(-0.05, width + 0.05)
    axes.set_ylim(height, 0)
    axes.axis("off")
    axes.set_position([0.02, axes.get_position().y0 - 0.06, 0.96, axes.get_position().height + 0.12])
    return axes


def box(axes: Axes, x: float, y: float, w: float, h: float, text: str = "", **how: object) -> None:
    """A box with a text in its middle."""
    size, weight = how.pop("size", 11), how.pop("weight", "normal")
    look = {"facecolor": "white", "edgecolor": BLACK, "linewidth": 1.2, **how}
    axes.add_patch(Rectangle((x, y), w, h, **look))
    axes.text(x + w / 2, y + h / 2, text, ha="center", va="center", size=size, weight=weight)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], **how: object) -> None:
    """From start to end."""
    look = {"arrowstyle": "-|>", "mutation_scale": 14, "linewidth": 1.4, "color": BLACK, **how}
    axes.add_patch(FancyArrowPatch(start, end, shrinkA=0, shrinkB=0, **look))


def numbers(rows: list[Row], column: str) -> list[float]:
    """A column."""
    return [float(row[column]) for row in rows]
