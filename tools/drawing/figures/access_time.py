"""Effective access time by the rate of faults: measured, and the formula."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table, table_of
from drawing.source import run
from drawing.style import BLACK, BLUE, Canvas, numbers


def gather(commands: Commands) -> Table:
    return table_of(run(commands[0]))


def draw(canvas: Canvas, rows: list[Row]) -> None:
    axes = canvas.add_subplot()
    rate = [1 / every for every in numbers(rows, "one_in")]
    axes.loglog(rate, numbers(rows, "formula_ns"), "-", color=BLACK,
                label="(1 − p) × memory access + p × fault service")
    axes.loglog(rate, numbers(rows, "measured_ns"), "o", color=BLUE, markersize=9, label="measured")
    access, service = float(rows[0]["memory_access_ns"]), float(rows[0]["fault_service_ns"])
    axes.axhline(access, color="#999999", linewidth=1, linestyle="--")
    axes.text(1, access * 1.15, f"without faults: {access:.0f} ns", ha="right", va="bottom", size=11)
    axes.text(1, 150e3, f"the disk serves a fault in {service / 1e6:.1f} ms", size=11, ha="right")
    axes.set_xlabel("fault rate p, faults per reference")
    axes.set_ylabel("effective access time, ns")
    axes.grid(color="#E5E5E5")
    axes.legend(loc="upper left")


FIGURE = Figure(
    "effective-access-time",
    "Effective access time: one fault in 1,000 references is felt",
    ("tools/boot --ram 64M --swap 16M --swap-latency 8000 -- demo-eat --csv",),
    gather,
    draw,
)
