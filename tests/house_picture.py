"""The picture at the top of docs/tour.md, from the calls of the house: each room, and whom it calls.

`python3 tests/house_picture.py` draws it into the page anew."""

from __future__ import annotations

import re
from string import ascii_uppercase

import walls
from house import House, house, room_of
from support import ROOT

PAGE = ROOT / "docs/tour.md"
BEGIN, END = "<!-- the house, drawn by tests/house_picture.py -->\n", "<!-- the end of the house -->\n"


def storey(file: str) -> str:
    """The rooms of mm/ one by one; what lies outside them is its face, or lies lowest. Else the floor."""
    room = room_of(file)
    if not file.startswith("mm/"):
        return file.split("/")[0]
    if room in walls.HEIGHT:
        return room
    return "mm/check" if file in walls.LOOKERS else ""


def calls(known: House) -> dict[str, set[str]]:
    """Room -> the rooms of which it uses a name."""
    found: dict[str, set[str]] = {}
    for file, _, name in known.calls:
        here, there = storey(file), storey(known.defined.get(name, "mm/none"))
        if here and there and here != there:
            found.setdefault(here, set()).add(there)
    return found


def storeys() -> list[list[str]]:
    """From the roof down: rooms side by side are of one height."""
    rooms = [sorted(row) for row in reversed(walls.ROOMS)]
    return [["kernel"], *rooms, ["arch", "boot"], ["lib"]]


def sign(here: str, there: str, level: dict[str, int], used: dict[str, set[str]]) -> str:
    """What stands in the row of one room, in the column of another."""
    if here == there:
        return "o"
    if there not in used.get(here, set()):
        return " "
    return "^" if level[there] < level[here] else "x"


def draw(known: House) -> str:
    used = calls(known)
    level = {room: number for number, row in enumerate(storeys()) for room in row}
    letters = dict(zip(level, ascii_uppercase, strict=False))
    edge = "+" + "-" * 26 + "+" + "-" * (2 * len(level) + 1) + "+"
    picture = [f"  {'':<26} {' '.join(letters.values())}", edge]
    for row in storeys():
        for room in row:
            signs = " ".join(sign(room, other, level, used) for other in level)
            picture.append(f"| {letters[room]}  {room + '/':<22}| {signs} |")
        picture.append(edge)
    return "\n".join(picture) + "\n"


def page_with(picture: str) -> str:
    text = PAGE.read_text("utf-8")
    block = f"{BEGIN}\n```text\n{picture}```\n\n{END}"
    return re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: block, text, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(page_with(draw(house())), "utf-8")
