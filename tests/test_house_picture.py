"""The picture of the house is the one that its calls make."""

from __future__ import annotations

import house_picture
import walls
from house import House, house


def test_the_tour_shows_the_house_as_it_is():
    drawn = house_picture.draw(house())
    assert drawn in house_picture.PAGE.read_text("utf-8"), "python3 tests/house_picture.py draws it anew"


def test_every_room_is_in_it():
    drawn = house_picture.draw(house())
    assert all(f"{room}/ " in drawn for room in [*walls.HEIGHT, "kernel", "arch", "boot", "lib"])


def test_a_new_call_changes_it():
    call = ("mm/frames/frame.c", "frame_take", "reclaim")
    more = House(house().defined, house().declared, [*house().calls, call])
    less = House(house().defined, house().declared, [c for c in house().calls if not c[0].startswith("mm/check/")])
    assert house_picture.draw(less) != house_picture.draw(house())
    assert house_picture.calls(more)["mm/frames"] >= {"mm/replacement"}
