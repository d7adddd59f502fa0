"""vm page, vm frame, vm free: one page, one frame, and the frames that nobody has."""

from __future__ import annotations

from vm import arrays, entry, kernel, spaces, walking
from vm.kernel import Record
from vm.words import NONE, Command, Complaint, many, number, one, say


def root_of_table(frame: int) -> Record | None:
    """The space whose tree a last-level table hangs in."""
    span = arrays.frames()[frame].span * (512 * 4096)
    for space in spaces.spaces():
        steps = walking.walk(space.table_root, span)
        if steps[-1].level == 1 and steps[-1].table == frame:
            return space
    return None


def mapper_lines(frame: Record) -> list[str]:
    """Who maps a frame: space, address, and what the pte says."""
    told = []
    for mapper in arrays.mappers(frame):
        space = root_of_table(mapper // 512)
        whose = spaces.space_name(space) if space else "a space that is being taken down"
        bits = kernel.read_word(arrays.mapper_entry(mapper))
        told.append(
            f"  mapped at {arrays.mapper_address(mapper):#x} in {whose}:"
            f" {entry.rights(bits)} {entry.flags(bits)} (entry {mapper % 512} of the table in frame"
            f" {mapper // 512})"
        )
    return told


class Page(Command):
    """A page, wherever it is: vm page ID.

    Holders, frame, slot, object; then who maps it."""

    name = "page"

    def run(self, plain: list[str], _named: dict[str, str]) -> None:
        pages = arrays.pages()
        page = number(one(plain, "vm page ID"), "a page", len(pages))
        each = pages[page]
        if not each.holders:
            say(f"page {page}: nobody holds it: the id is not in use, or the page is just ending")
            return
        whose = spaces.page_whose(each)
        say(f"page {page}: {whose}, {many(each.holders, 'holder')}, in {arrays.page_where(each)}")
        if each.frame != NONE:
            frame = arrays.frames()[each.frame]
            say(f"  {frame_line(each.frame, frame)}")
            if arrays.state(frame) == arrays.RESIDENT:
                for line in mapper_lines(frame):
                    say(line)
        elif each.evicted_at:
            say(f"  evicted when its group had brought in {each.evicted_at} pages")


def frame_line(index: int, frame: Record) -> str:
    """A frame in one line."""
    if index == arrays.zero_frame():
        return f"frame {index}: the one zero page; no page, no mappers"
    state = arrays.state(frame)
    words = [f"frame {index}: {arrays.frame_is(index)}"]
    if state in (arrays.RESIDENT, arrays.BUSY):
        words += [f"group {frame.group}"]
        words += [name for name in ("dirty", "referenced") if getattr(frame, name)]
        words += [many(frame.pins, "pin")] if frame.pins else []
        words += [f"wired {frame.wired} times"] if frame.wired else []
        words += [f"history {frame.history:032b}"] if frame.history else []
    elif state == arrays.TABLE and frame.links != NONE:
        words += [
            f"last level, maps from {frame.span * (512 * 4096):#x}, "
            f"{frame.used} entries used, {frame.present} present, links in frame {frame.links}"
        ]
    elif state == arrays.TABLE:
        words += [f"{frame.used} entries used, or the links beside a table"]
    elif state == arrays.FREE and frame.zeroed:
        words += ["all zeroes"]
    return ", ".join(words)


class Frame(Command):
    """A frame, and who maps it: vm frame N.

    Its state, the page it holds, and all mappers: the present ptes that point to it."""

    name = "frame"

    def run(self, plain: list[str], _named: dict[str, str]) -> None:
        frames = arrays.frames()
        index = number(one(plain, "vm frame N"), "a frame", len(frames))
        frame = frames[index]
        say(frame_line(index, frame))
        state = arrays.state(frame)
        if state in (arrays.RESIDENT, arrays.BUSY):
            page = arrays.pages()[frame.page]
            whose = spaces.page_whose(page)
            say(
                f"  page {frame.page}: {whose}, {many(page.holders, 'holder')}, in"
                f" {arrays.page_where(page)}"
            )
        if state == arrays.RESIDENT:
            for line in mapper_lines(frame) or ["  no mapper: nobody has it mapped now"]:
                say(line)


# --- The free-frame list ---------------------------------------------------------------


def free_list(name: str) -> list[int]:
    """The frames of one of the three lists, from its head."""
    names = kernel.enum("frame_list")
    which = next(index for index, text in names.items() if text == f"FRAME_LIST_{name.upper()}")
    found: list[int] = []
    at = kernel.scalar(kernel.file_static("mm/frames/frame.c", "lists")[which]["head"])
    while at != NONE:
        if len(found) > arrays.frame_limit() or at >= arrays.frame_limit():
            raise Complaint(f"the list of {name} free frames is broken at frame {at}")
        found.append(at)
        at = arrays.frames()[at].next
    return found


def runs(numbers: list[int], most: int = 8) -> str:
    """7 8 9 20 as 7-9 20, the first of them."""
    told: list[list[int]] = []
    for each in numbers:
        if told and told[-1][1] + 1 == each:
            told[-1][1] = each
        else:
            told.append([each, each])
    words = [str(a) if a == b else f"{a}-{b}" for a, b in told[:most]]
    return " ".join(words) + (" …" if len(told) > most else "")


class Free(Command):
    """The free-frame list: vm free.

    Its three parts in the order in which frames are taken, and the watermarks."""

    name = "free"
    most = 0

    def run(self, _plain: list[str], _named: dict[str, str]) -> None:
        frames = arrays.frames()
        list(frames)  # all at once
        counts, marks = kernel.value("frame_counts"), kernel.value("frame_watermarks")
        say(
            f"{int(counts['free'])} of {int(counts['total'])} frames are free; reserve"
            f" {int(marks['reserve'])}, pageoutd works below {int(marks['low'])} up to"
            f" {int(marks['high'])}"
        )
        for name, what in (("plain", "contents without meaning"), ("zeroed", "cleared already")):
            numbers = free_list(name)
            say(f"  {name:6} {len(numbers):6}  {what}: {runs(numbers)}".rstrip(" :"))
        kept = free_list("kept")
        say(
            f"  kept   {len(kept):6}  keep their pages, can be rescued: "
            if kept
            else "  kept        0  nothing to rescue"
        )
        for number_ in kept[:16]:
            say(f"    frame {number_} keeps page {frames[number_].page}")
        if len(kept) > 16:
            say(f"    … and {len(kept) - 16} more")
