"""Screenshots of the page at the moment that each demonstration is about, in three sizes and three looks."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from faultline import project
from faultline.browser import Browser

READY = "window.faultline && faultline.ready"
FLAGS = ("--force-prefers-reduced-motion", "--hide-scrollbars")  # what moves is there at once
SIZES = {"1400": (1400, 900), "800": (800, 900), "projector": (1280, 720)}
LOOKS = ("light", "dark", "grey")
SHOWN = (("1400", "light"), ("800", "dark"), ("projector", "grey"))  # in the docs, of each run


@dataclass(frozen=True)
class Run:
    """`moment`: a script that goes there; `nth(kind, region, part)` goes to the fault so far on among those,
    `shared()` to where both processes may write to one frame."""

    name: str
    machine: tuple[str, ...]
    words: tuple[str, ...]
    moment: str


SMALL = ("--ram", "12M", "--swap", "32M")
THRASHING = ("--ram", "16M", "--swap", "64M", "--swap-latency", "1000")
RUNS = (
    Run("demo-lazy", (), ("demo-lazy",), "nth('zero-fill', 'zeroes', 0.5)"),
    Run("demo-cow", (), ("demo-cow",), "nth('copy', 'zeroes', 0)"),
    Run("demo-share", (), ("demo-share",), "shared()"),
    Run("demo-matrix", SMALL, ("demo-matrix",), "nth('', 'zeroes', 0.6)"),
    Run("demo-thrash", THRASHING, ("demo-thrash", "--short"), "nth('page-in', '', 0.5)"),
    Run("forked-shell", (), ("sh", "-c", "(x=1; echo $x); echo done"), "nth('copy', '', 0.8)"),
)

NTH = """
    const { finder, travel, plot } = faultline.app;
    const nth = (kind, region, part) => {
        const set = (filter, value) => { filter.value = value; filter.dispatchEvent(new Event('change')); };
        set(finder.kind, kind); set(finder.region, region);
        const own = finder.found.filter((fault) => asked(fault)), some = own.length ? own : finder.found;
        faultline.app.goto(travel.faultEnd(some[Math.floor(part * some.length)]) + 1);
        set(finder.kind, ''); set(finder.region, '');
    };
    const asked = (fault) => plot.special.slice(0, 4).some((page) =>
        page === Math.floor(faultline.app.trace.address(travel.faults.start[fault]) / 4096) * 4096);
    const shared = () => {
        for (const end of travel.faults.end) {
            faultline.app.goto(end + 1, true);
            const rows = faultline.app.picture.model.blocks.flatMap((block) => block.rows.flatMap((row) => row.cells));
            const writes = rows.filter((cell) => cell.look.present && cell.look.writable);
            if (writes.some((a) => writes.some((b) => a.side !== b.side && a.look.frame === b.look.frame))) return;
        }
    };
    """


def record(run: Run, folder: Path) -> Path:
    """The run's page."""
    trace, page = folder / f"{run.name}.trace", folder / f"{run.name}.html"
    boot = [str(project.ROOT / "tools/boot"), "--deadline", "600", "--trace", str(trace)]
    boot += [*run.machine, "--", *run.words]
    subprocess.run(boot, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(page, "w", encoding="utf-8") as out:
        subprocess.run([project.ROOT / "tools/trace", "view", trace], stdout=out, check=True)
    return page


def photograph(window: Browser, run: Run, page: Path, wanted: list[tuple[str, str]], folder: Path) -> list[Path]:
    """In these sizes and looks: NAME-SIZE-LOOK.png."""
    made = []
    for size, look in wanted:
        window.room(*SIZES[size])
        window.look(dark=look == "dark", grey=look == "grey")
        window.open(page)
        window.wait(READY)
        if size == "projector":
            window.key("t")
        window.run(NTH + run.moment)
        made.append(folder / f"{run.name}-{size}-{look}.png")
        made[-1].write_bytes(window.screenshot())
    return made


def views(folder: Path, every: bool = False) -> list[Path]:
    """Those that the docs show; or all sizes in all looks."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = list(product(SIZES, LOOKS)) if every else list(SHOWN)
    made = []
    with (
        tempfile.TemporaryDirectory(prefix="faultline-views-") as scratch,
        Browser(*FLAGS) as window,
    ):
        for run in RUNS:
            made += photograph(window, run, record(run, Path(scratch)), wanted, folder)
    return made
