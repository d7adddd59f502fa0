"""The tests of the copy-on-write lab, each told from a seed: how many pages, which, in which order.

What is right is the model's business (tools/labbing/memory.py); what each test is worth stands in lab.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from labbing import groups, story
from labbing.memory import WHOLE, Area, AtOnce

PARENT, CHILD, SECOND, THIRD = 0, 1, 2, 3
GROUP = "group"
MANY, FLOOD = 1000, 2304  # pages: of the smallest machine's more than half, and all

# --- another rule for a course: fork copies some pages at once ---

SAMPLE, OF_SAMPLE, OF, RESTS = "variant/sixteenth.c", "16 == 0", (8, 16, 32), range(4)
COPIED = """fork copies each page of a private mapping at once whose number (its address, divided by 4096) leaves the
rest {rest} when it is divided by {of}, if it has a frame of its own: from then on both sides have one of their own,
with the right to write. Pages that hold zeroes because they were only read, pages of files, and pages in the swap area
are not among these. fork copies no other page, and S3 to S8 are about the others. It succeeds where the parent's pages
would not fit into memory a second time."""


def every_use() -> list[dict[str, list[str]]]:
    return [{"fork": [str(of), str(rest)]} for of in OF for rest in RESTS]


def title(uses: dict[str, list[str]]) -> str:
    of, rest = uses["fork"]
    return f"fork copies a page at once if its number leaves {rest} when it is divided by {of}"


def sentences(uses: dict[str, list[str]]) -> dict[str, str]:
    of, rest = uses["fork"]
    return {"S2": COPIED.format(of=of, rest=rest)}


def solution(uses: dict[str, list[str]], title: str) -> str:
    """The sample's, with these numbers."""
    text = (Path(__file__).parent / SAMPLE).read_text("utf-8")
    return text.replace(OF_SAMPLE, " == ".join(uses["fork"]))


class Story(story.Story):
    """With the rule that holds."""


def use(uses: dict[str, list[str]]) -> None:
    """From now on this one does."""
    number, left = map(int, uses["fork"])

    class Model(AtOnce):
        of, rest = number, left

    Story.model = Model


# --- the tests ---


def some(story: Story, area: Area, least: int = 2) -> list[int]:
    """Some of its pages, never all."""
    return sorted(story.random.sample(range(area.pages), story.random.randint(least, area.pages - 1)))


def word(story: Story) -> int:
    """One of a page's words, but not the first."""
    return story.random.randint(1, 511)


def prepared(story: Story, name: str = "private", least: int = 6, most: int = 14) -> tuple[Area, dict[int, int]]:
    """An area whose pages the parent has written: the first word of each, and one more."""
    area = story.area(name, story.random.randint(least, most))
    places = {page: word(story) for page in range(area.pages)}
    story.phase(PARENT, f'writes to each page of "{name}"')
    for page, place in places.items():
        story.write(PARENT, area, page)
        story.write(PARENT, area, page, place)
    return area, places


def read_each(story: Story, who: int, area: Area, pages: Iterable[int], word: int = 0, sentence: str = WHOLE) -> None:
    """One word of each of these pages."""
    for page in pages:
        story.read(who, area, page, word, sentence)


def read_both(story: Story, who: int, area: Area, places: Mapping[int, int], sentence: str = WHOLE) -> None:
    """Of each page the first word, and the other that was written at first."""
    for page, place in places.items():
        story.read(who, area, page, 0, sentence)
        story.read(who, area, page, place, sentence)


def write_each(story: Story, who: int, area: Area, pages: Iterable[int]) -> None:
    """The first word of each of these pages."""
    for page in pages:
        story.write(who, area, page)


def ballast(story: Story, pages: int = 1700) -> Area:
    """More than fits in memory twice: only a fork that copies nothing succeeds."""
    area = story.area("ballast", pages, judged=False)
    story.phase(PARENT, "fills the ballast")
    story.bring_in(PARENT, area)
    story.fill(PARENT, area)
    return area


def contents(seed: str) -> Story:
    """Each side sees what was there at the fork, and its own writes."""
    story = Story("each side sees its own writes only", seed)
    area, places = prepared(story)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    of_parent, of_child = some(story, area), some(story, area)
    for who, pages in ((PARENT, of_parent), (CHILD, of_child)):
        story.phase(who, "writes to some pages")
        write_each(story, who, area, pages)
    for who in (CHILD, PARENT):
        story.phase(who, "reads everything")
        read_both(story, who, area, places)
    story.end(CHILD, PARENT)
    story.phase(PARENT, "writes and reads once more")
    for page in some(story, area):
        story.write(PARENT, area, page, places[page])
    read_both(story, PARENT, area, places)
    return story


def reads(seed: str) -> Story:
    """What is only read is not copied."""
    story = Story("who only reads shares, and takes no fault", seed)
    ballast(story)
    area, places = prepared(story)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    for who in (CHILD, PARENT, CHILD):
        story.phase(who, "reads every page")
        read_both(story, who, area, places)
    story.end(CHILD, PARENT)
    story.phase(PARENT, "reads every page")
    read_each(story, PARENT, area, range(area.pages))
    return story


def first_write(seed: str) -> Story:
    """The first write copies one page, the next ones cost nothing."""
    story = Story("the first write copies one page, at the price of one fault", seed)
    ballast(story)
    area, places = prepared(story)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    pages = some(story, area)
    story.phase(CHILD, "reads every page")
    read_each(story, CHILD, area, range(area.pages))
    story.phase(CHILD, "writes to some pages")
    write_each(story, CHILD, area, pages)
    story.phase(CHILD, "writes to them again, and reads them")
    for page in pages:
        story.write(CHILD, area, page, 5)
        story.read(CHILD, area, page)
        story.read(CHILD, area, page, places[page])
    story.phase(PARENT, "reads every page")
    read_both(story, PARENT, area, places)
    untouched = [page for page in range(area.pages) if page not in pages]
    story.phase(PARENT, "writes to pages that the child has not written to")
    write_each(story, PARENT, area, untouched)
    story.phase(CHILD, "reads those")
    for page in untouched:
        story.read(CHILD, area, page)
        story.read(CHILD, area, page, places[page])
    story.end(CHILD, PARENT)
    return story


def at_once(seed: str) -> Story:
    """The parent writes before anybody else has run: what its processor remembers must be gone."""
    story = Story("the parent writes at once after the fork", seed)
    ballast(story)
    area, places = prepared(story, least=4, most=8)
    story.phase(PARENT, "forks, and writes at once to every page")
    write_each(story, PARENT, area, range(area.pages))
    story.fork(PARENT, CHILD)
    write_each(story, PARENT, area, reversed(range(area.pages)))
    story.phase(CHILD, "reads every page")
    read_both(story, CHILD, area, places)
    story.end(CHILD, PARENT)
    return story


def last_owner(seed: str) -> Story:
    """The child is gone: the parent may write, and at most one fault is due."""
    story = Story("the last owner of a page may have it", seed)
    ballast(story)
    area, places = prepared(story)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    story.phase(CHILD, "writes to some pages")
    of_child = some(story, area)
    write_each(story, CHILD, area, of_child)
    story.phase(PARENT, "writes to the same pages, which are its alone now")
    write_each(story, PARENT, area, of_child)
    story.phase(CHILD, "reads every page, and ends")
    read_each(story, CHILD, area, range(area.pages))
    story.end(CHILD, PARENT)
    story.phase(PARENT, "writes to every page")
    write_each(story, PARENT, area, range(area.pages))
    story.phase(PARENT, "writes to every page again, and reads")
    for page, place in places.items():
        story.write(PARENT, area, page, 7)
        story.read(PARENT, area, page)
        story.read(PARENT, area, page, place)
    return story


def shared(seed: str) -> Story:
    """Shared mappings are shared on, and keep their rights."""
    story = Story("a shared mapping stays shared", seed)
    ballast(story)
    area = story.area("shared", story.random.randint(3, 8), shared=True)
    beside, _ = prepared(story, "private", 3, 6)
    story.phase(PARENT, "writes to each page of the shared mapping")
    write_each(story, PARENT, area, range(area.pages))
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    for who in (PARENT, CHILD, PARENT, CHILD):
        story.phase(who, "reads the shared pages and writes to them")
        for page in range(area.pages):
            story.read(who, area, page)
            story.write(who, area, page)
    story.phase(CHILD, "writes to a private page")
    story.write(CHILD, beside, 0)
    story.end(CHILD, PARENT)
    story.phase(PARENT, "reads both")
    read_each(story, PARENT, area, range(area.pages))
    story.read(PARENT, beside, 0)
    return story


def zeroes(seed: str) -> Story:
    """Pages that were only read are zeroes, whoever writes beside them."""
    story = Story("zeroes stay zeroes", seed)
    ballast(story)
    area = story.area("private", story.random.randint(6, 12))
    other = story.area("other", 4)
    read = some(story, area, 4)
    story.phase(PARENT, "reads some new pages")
    read_each(story, PARENT, area, read)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    of_child = read[: len(read) // 2]
    story.phase(CHILD, "writes to some of them")
    for page in of_child:
        story.write(CHILD, area, page, word(story))
    story.phase(CHILD, "reads all of them")
    read_each(story, CHILD, area, read, 3)
    for who in (PARENT, CHILD):
        story.phase(who, "reads pages that nobody has touched")
        for page in range(other.pages):
            story.read(who, other, page, word(story), "S8")
    story.phase(PARENT, "reads what the child wrote to")
    for page in of_child:
        for place in range(0, 512, 37):
            story.read(PARENT, area, page, place, "S8")
    story.phase(PARENT, "writes to others of them")
    write_each(story, PARENT, area, read[len(read) // 2 :])
    story.phase(CHILD, "reads those")
    read_each(story, CHILD, area, read[len(read) // 2 :], 0, "S8")
    story.end(CHILD, PARENT)
    return story


def family(seed: str) -> Story:
    """Three generations hold a page."""
    names = ("the parent", "the first child", "the second child", "the grandchild")
    story = Story("children, and a child's child", seed, len(names), names)
    ballast(story)
    area, places = prepared(story, least=8)
    half = area.pages // 2
    story.phase(PARENT, "forks twice")
    story.fork(PARENT, CHILD)
    story.fork(PARENT, SECOND)
    story.phase(CHILD, "forks, too")
    story.fork(CHILD, THIRD)
    for who in (CHILD, THIRD):
        story.phase(who, "writes to the first half")
        write_each(story, who, area, range(half))
    for who in (PARENT, SECOND, THIRD, CHILD):
        story.phase(who, "reads every page")
        read_both(story, who, area, places)
    story.end(THIRD, CHILD)
    story.phase(SECOND, "writes to every page")
    write_each(story, SECOND, area, range(area.pages))
    for who in (PARENT, CHILD):
        story.phase(who, "reads every page")
        read_each(story, who, area, range(area.pages))
    story.end(CHILD, PARENT)
    story.end(SECOND, PARENT)
    story.phase(PARENT, "writes to every page, and reads")
    for page, place in places.items():
        story.write(PARENT, area, page)
        story.read(PARENT, area, page, place)
    return story


def given_back(seed: str) -> Story:
    """Child after child: no frame is lost."""
    story = Story("what nobody holds any more is given back", seed)
    ballast(story, 1150)
    area, places = prepared(story, least=36, most=48)
    story.phase(PARENT, "has many children, each of which writes to every page, and does the same after each")
    story.rounds(PARENT, story.random.randint(46, 50), area)
    story.phase(PARENT, "reads every page")
    read_both(story, PARENT, area, places, "S9")
    return story


def files(seed: str) -> Story:
    """A private mapping of a file: the file's own page for who only reads, a copy for who writes."""
    story = Story("private mappings of a file", seed)
    file, private = story.file("file", story.random.randint(6, 12))
    shown = some(story, file)  # the others only the file holds, beside the private mappings
    story.phase(PARENT, "writes to some pages of the file")
    write_each(story, PARENT, file, shown)
    story.phase(PARENT, "reads every page of the private mapping")
    read_each(story, PARENT, private, range(private.pages))
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    of_child = some(story, private)
    of_child += [page for page in range(private.pages) if page not in of_child + shown][:1]
    for who in (CHILD, PARENT):
        story.phase(who, "reads every page of the private mapping")
        read_each(story, who, private, range(private.pages))
    story.phase(CHILD, "writes to some pages of it")
    write_each(story, CHILD, private, of_child)
    for who in (CHILD, PARENT):
        story.phase(who, "reads both mappings")
        read_each(story, who, private, range(private.pages))
        read_each(story, who, file, shown, sentence="S7")
    story.phase(PARENT, "writes to every page of the private mapping")  # also to those that only the file holds, too
    write_each(story, PARENT, private, range(private.pages))
    story.phase(CHILD, "reads every page of it")
    read_each(story, CHILD, private, range(private.pages))
    story.end(CHILD, PARENT)
    story.phase(PARENT, "reads both mappings")
    read_each(story, PARENT, private, range(private.pages))
    read_each(story, PARENT, file, range(file.pages), sentence="S7")
    return story


def taken_out(story: Story, *areas: Area) -> None:
    """All that the group has goes, and these areas are all that it has. For a while frames still hold it, and no one
    else's."""
    story.phase(PARENT, "has all that its group holds taken out")
    groups.take(story.code, PARENT, GROUP)
    for area in areas:
        story.memory.leave(area)
        story.evicted(area)


def swapped(seed: str) -> Story:
    """Pages that have no frame at the fork are shared all the same. Some went before their frames were used by others,
    so that a slot alone has them; of these some were read again, or written again; others went just before the fork."""
    story = Story("pages that are in the swap area at the fork", seed)
    story.phase(PARENT, "wires all that it is made of")
    story.code.wire_all(PARENT)
    many = story.area("many", MANY, judged=False)
    flood = story.area("flood", FLOOD, judged=False)
    wired, _ = prepared(story, "wired", 4, 6)
    story.phase(PARENT, "wires some pages (mlock), and joins a group")
    story.wire(PARENT, wired)
    groups.make(story.code, PARENT, GROUP)
    groups.join(story.code, PARENT, GROUP)
    area, places = prepared(story, "private", 18, 24)
    taken_out(story, area)
    story.phase(PARENT, "fills more than there is memory, outside of the group, and gives it up; then half as much")
    groups.join(story.code, PARENT, "")
    story.fill(PARENT, flood)
    story.end_pages(PARENT, flood)
    story.fill(PARENT, many)
    groups.join(story.code, PARENT, GROUP)
    late, late_places = prepared(story, "late", 6, 9)
    taken_out(story, late)
    mixed = story.random.sample(range(area.pages), area.pages)
    story.phase(PARENT, "reads some pages, which stay in the swap area, too; and writes to others")
    for page in mixed[:4]:
        story.read(PARENT, area, page, places[page], "S10")
    write_each(story, PARENT, area, mixed[4:8])
    story.phase(PARENT, "forks, outside of the group")
    groups.join(story.code, PARENT, "")
    story.fork(PARENT, CHILD)
    # One of them brings a page in, by a read or a write; then it is the other's turn, for whom it is still away.
    for who, read, written in ((CHILD, mixed[6:11], mixed[2:6]), (PARENT, mixed[12:16], mixed[3:12:2])):
        story.phase(who, "reads some pages, most of which have no frame, and writes to others")
        read_each(story, who, area, read, sentence="S10")
        write_each(story, who, area, written)
        read_each(story, who, late, [who], sentence="S10")
        write_each(story, who, late, [2, 3 + who])
    story.phase(CHILD, "writes to pages that its parent has read")
    write_each(story, CHILD, area, mixed[13:17])
    write_each(story, CHILD, late, [PARENT])
    for who in (CHILD, PARENT):
        story.phase(who, "reads every page")
        read_both(story, who, area, places, "S10")
        read_both(story, who, late, late_places, "S10")
    for who, pages in ((CHILD, some(story, area)), (PARENT, some(story, area))):
        story.phase(who, "writes to some pages")
        write_each(story, who, area, pages)
    story.phase(CHILD, "fills more than there is memory")
    story.fill(CHILD, flood)
    for each in (area, late):
        story.evicted(each)
    for who in (CHILD, PARENT):
        story.phase(who, "reads every page, and the many")
        read_both(story, who, area, places, "S10")
        read_both(story, who, late, late_places, "S10")
        story.sum(who, many, "S10")
        story.evicted(area)
        story.evicted(late)
    story.phase(CHILD, "writes to the pages that are wired for its parent")
    for page in range(wired.pages):
        story.read(CHILD, wired, page)
        story.write(CHILD, wired, page)
    story.phase(CHILD, "fills the many anew")
    story.fill(CHILD, many)
    story.phase(PARENT, "adds them up")
    story.sum(PARENT, many, "S10")
    story.end(CHILD, PARENT)
    story.phase(PARENT, "reads every page")
    read_both(story, PARENT, area, places, "S10")
    read_both(story, PARENT, late, late_places, "S10")
    story.phase(PARENT, "reads the wired pages, and writes to them")
    for page in range(wired.pages):
        story.read(PARENT, wired, page)
        story.write(PARENT, wired, page)
    return story
