"""Screens of a terminal, one after the other, as one SVG that moves by itself.

The screens stand side by side, and a window goes over them, in steps. Lines that stay the same
are in it once. The first screen is the one that is worth seeing alone: whoever has asked for reduced
motion, and every viewer that does not move pictures, sees it and no other.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from picturing.terminal import Screen

WIDTH, HEIGHT, MARGIN = 8.4, 17, 10  # of a letter, of a line, around all
FONT = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"
PAPER, INK = "#1b1d23", "#d8dbe2"
COLOURS = {
    "black": "#1b1d23", "red": "#c8504b", "green": "#4e9a5b", "brown": "#c9a23f", "blue": "#4a78c2",
    "magenta": "#a868b0", "cyan": "#3f9ca8", "white": "#c5c8cf", "brightblack": "#7d828e",
    "brightred": "#e8807a", "brightgreen": "#8fce96", "brightbrown": "#e6cc7a",
    "brightblue": "#8db4ee", "brightmagenta": "#d3a3d8", "brightcyan": "#8bd3dc",
    "brightwhite": "#ffffff",
}  # fmt: skip


def colour(name: str, default: str) -> str:
    return default if name == "default" else COLOURS.get(name, f"#{name}")


def line_svg(screen: Screen, row: int) -> str:
    """A line: rectangles for backgrounds, then runs of letters that look the same."""
    cells = [screen.buffer[row][column] for column in range(screen.columns)]
    looks = []
    for cell in cells:
        front, back = colour(cell.fg, INK), colour(cell.bg, "")
        looks.append((back or PAPER, front or INK) if cell.reverse else (front, back))
    at_cursor = row == screen.cursor.y and not screen.cursor.hidden
    if at_cursor and screen.cursor.x < screen.columns:
        looks[screen.cursor.x] = (PAPER, INK)
    parts, begin = [], 0
    for column in range(1, screen.columns + 1):
        if column < screen.columns and looks[column] == looks[begin]:
            continue
        parts.append(_run("".join(cell.data for cell in cells[begin:column]), begin, *looks[begin]))
        begin = column
    return "".join(parts)


def _run(letters: str, column: int, front: str, back: str) -> str:
    x, wide = column * WIDTH, len(letters) * WIDTH
    box = f'<rect x="{x:g}" width="{wide:g}" height="{HEIGHT}" fill="{back}"/>' if back else ""
    shown = letters.rstrip()
    if not shown:
        return box
    fill = "" if front == INK else f' fill="{front}"'
    wide = len(shown) * WIDTH
    return f'{box}<text x="{x:g}" y="13" textLength="{wide:g}"{fill}>{escape(shown)}</text>'


class Film:
    """Screens, and how long each is shown."""

    def __init__(self, columns: int, lines: int):
        self.columns, self.rows = columns, lines
        self.frames: list[tuple[list[int], float]] = []  # the numbers of its lines; seconds
        self.lines: dict[str, int] = {}

    def take(self, screen: Screen, seconds: float) -> None:
        """One more screen; the same as before is shown longer."""
        numbers = []
        for row in range(self.rows):
            text = line_svg(screen, row)
            numbers.append(self.lines.setdefault(text, len(self.lines)) if text else -1)
        if self.frames and self.frames[-1][0] == numbers:
            self.frames[-1] = (numbers, self.frames[-1][1] + seconds)
        else:
            self.frames.append((numbers, seconds))

    def begin_with(self, place: int, seconds: float) -> None:
        """The screen of that place is shown first, too."""
        self.frames.insert(0, (self.frames[place][0], seconds))

    def svg(self, title: str) -> str:
        wide, high = self.columns * WIDTH + 2 * MARGIN, self.rows * HEIGHT + 2 * MARGIN
        total = sum(seconds for _, seconds in self.frames)
        steps, time = [], 0.0
        for place, (_, seconds) in enumerate(self.frames):
            steps.append(f"{100 * time / total:.3f}%{{transform:translateX({-place * wide:g}px)}}")
            time += seconds
        last = (len(self.frames) - 1) * wide
        steps.append(f"to{{transform:translateX({-last:g}px)}}")
        symbols = "".join(f'<g id="l{number}">{text}</g>' for text, number in self.lines.items())
        screens = "".join(self._screen(numbers, place * wide) for place, (numbers, _) in enumerate(self.frames))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" width="{wide:g}"'
            f' height="{high:g}" role="img" aria-label="{escape(title)}">\n<title>{escape(title)}</title>\n'
            f"<style>text{{font:14px {FONT};white-space:pre}}"
            f"@keyframes film{{{''.join(steps)}}}"
            f"#film{{animation:film {total:.2f}s steps(1,end) infinite}}"
            "@media (prefers-reduced-motion:reduce){#film{animation:none}}</style>\n"
            f'<rect width="{wide:g}" height="{high:g}" rx="6" fill="{PAPER}"/>\n'
            f'<defs>{symbols}</defs>\n<g id="film" fill="{INK}">{screens}</g>\n</svg>\n'
        )

    def _screen(self, numbers: list[int], x: float) -> str:
        uses = "".join(
            f'<use href="#l{number}" x="{x + MARGIN:g}" y="{MARGIN + row * HEIGHT}"/>'
            for row, number in enumerate(numbers)
            if number >= 0
        )
        return f"<g>{uses}</g>\n"
