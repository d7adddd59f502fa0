"""The tests of the page-table lab, each told from a seed: which tables there are, and what is asked of the functions.

The first eight run on this machine, each with addresses taken apart in three ways (tools/labbing/host/); what is right
is the model's business there. The others are programs in the booted kernel, as in the other labs.
"""

from __future__ import annotations

from collections.abc import Iterable

from labbing import table_rules
from labbing.demand import DemandStory
from labbing.host import story as host
from labbing.host.bench import NAME, PAGE, ZERO_PAGE
from labbing.promises import READ, WRITE, Mapping
from labbing.scattered import ScatteredStory

PROGRAM, PARENT, CHILD = 0, 0, 1
READ_WRITE = READ | WRITE
OTHER = 1  # the other tree

# --- another rule for a course ---

every_use, sentences = table_rules.every_use, table_rules.sentences
title, solution = table_rules.title, table_rules.solution


class TablesStory(host.TablesStory):
    """With the rule that holds."""


def use(uses: dict[str, list[str]]) -> None:
    """From now on this one does."""
    TablesStory.rules = tuple(uses["tables"])


# --- without a machine ---


def found(seed: str) -> TablesStory:
    """Entries that are there."""
    story = TablesStory("the entry of a page is found, wherever it is", seed)
    for geometry in story.geometries:
        story.run(geometry)
        pages = story.apart(4)
        pages += [other for page in pages[:2] for other in story.beside(page)]
        pages += story.neighbours()
        story.phase("finds pages at the ends of tables, and beside each other")
        story.enter_all(pages)
        for page in story.random.sample(pages, len(pages)):
            story.random.choice((story.find, story.seek))(page)
        story.phase("finds them after the processor has used them, and entries that are zero")
        for page in pages[:4]:
            story.use(page)
            story.leave(page)
        for page in pages:
            story.find(page)
            story.seek(page)
        story.phase("finds the same pages in another tree")
        for page in pages[2:6]:
            story.enter(page, OTHER)
            story.find(page, OTHER)
            story.find(page)
            story.seek(page, OTHER)
    return story


def missing(seed: str) -> TablesStory:
    """Entries that are not: how far it is to the next."""
    story = TablesStory("where a table is missing there is no entry, and it is told how much is missing", seed)
    for geometry in story.geometries:
        story.run(geometry)
        pages = story.apart(3)
        nobodies = [other for page in pages for other in story.beside(page)] + story.apart(4)
        story.phase("looks where there is no table at all")
        for page in nobodies[:3]:
            story.seek(page)
            story.find(page)
        story.phase("looks beside tables that are there")
        story.enter_all(pages)
        for page in nobodies:
            story.seek(page)
            story.find(page)
        story.phase("looks in another tree, which has less")
        story.enter(pages[0], OTHER)
        for page in (*pages, *nobodies[:4]):
            story.seek(page, OTHER)
        story.phase("looks where tables were taken away, and others came to their place")
        for page in pages:
            story.find(page)
            story.leave(page)
            story.fell(page)
            story.seek(page)
            story.enter(story.anywhere(), OTHER)
            story.find(page)
    return story


def built(seed: str) -> TablesStory:
    """With frames enough."""
    story = TablesStory("tables that are missing are built, and counted", seed)
    for geometry in story.geometries:
        story.run(geometry)
        pages = story.apart(4)
        story.phase("builds the first tables of a tree")
        story.build(pages[0])
        story.phase("builds for a page that has its table")
        story.enter(pages[0])
        story.build(pages[0])
        beside = story.beside(pages[0])
        story.build(beside[-1])
        story.phase("builds for pages that differ in one level")
        for page in beside:
            story.build(page)
            story.use(page)
            story.enter(page)
        story.phase("builds for pages far apart, in two trees in turn")
        for page in (*pages, *story.neighbours()):
            story.build(page)
            story.build(page, OTHER)
        story.phase("builds where tables were taken away")
        for page in beside:
            story.leave(page)
            story.fell(page)
            story.build(page)
            story.enter(page)
    return story


def no_frame(seed: str) -> TablesStory:
    """Frames run out on the way."""
    story = TablesStory("where a frame is missing, all is as before", seed)
    for geometry in story.geometries:
        story.run(geometry)
        pages = story.apart(5)
        story.phase("builds the first tables, and no frame is there for one of them")
        for frames in range(geometry.levels):
            story.build(pages[0], frames=frames)
        story.phase("has frames enough at last")
        story.build(pages[0])
        story.enter(pages[0])
        story.phase("builds beside tables that are there, with a frame too few")
        for page in (*story.beside(pages[0]), *pages[1:]):
            for frames in story.random.sample(range(geometry.levels + 1), 2):
                story.build(page, frames=frames)
            story.build(page)
            story.enter(page)
        story.phase("builds beside an empty table, with a frame too few")
        for page in story.apart(4):
            story.build(page)
            for other in story.beside(page)[:-1]:
                story.build(other, frames=story.random.randrange(geometry.levels))
    return story


def trimmed(seed: str) -> TablesStory:
    """All goes that is empty."""
    story = TablesStory("empty tables go, with those above that become empty", seed)
    for geometry in story.geometries:
        story.run(geometry)
        pages = story.apart(5)
        story.phase("empties a tree that has one page")
        story.enter(pages[0])
        story.leave(pages[0])
        story.trim([pages[0]])
        story.phase("empties a tree with a few pages, one after the other")
        story.enter_all(pages)
        for page in story.random.sample(pages, len(pages)):
            story.use(page)
            story.leave(page)
            story.trim([page])
        story.phase("empties tables beside each other, several in a batch")
        many = sorted({page for first in pages[:3] for page in (first, *story.beside(first))})
        story.enter_all(many)
        for page in many:
            story.leave(page)
        half = len(many) // 2
        story.trim(many[:half])
        story.trim(many[half:])
    return story


def kept(seed: str) -> TablesStory:
    """What is not empty stays."""
    story = TablesStory("tables stay as long as an entry in them is not zero", seed)
    for geometry in story.geometries:
        story.run(geometry)
        pages = story.apart(3)
        last = [story.beside(page)[-1] for page in pages]  # in the same table
        for page, other, says in zip(pages, last, (PAGE, NAME, ZERO_PAGE), strict=False):
            story.phase(f"leaves one page of a table in which another entry is {says}")
            story.enter(page)
            story.enter(other, says=says)
            story.use(other)
            story.leave(page)
            story.trim([page])
        story.phase("trims where nothing is empty, and where no table is")
        for page in (*pages, *last):
            story.trim([page])
        for other in story.apart(3):
            story.trim([other])
        story.phase("takes pages beside others, in each level")
        for page in story.beside(last[0])[:-1]:
            if page in last:
                continue  # its table stays
            story.enter(page)
            story.enter(page, OTHER)
            story.leave(page)
            story.trim([page])
        story.phase("empties the one tree, and the other stays")
        for page in sorted(set(last)):
            story.leave(page)
            story.trim([page])
        story.trim([last[0]])
    return story


def forgotten(seed: str) -> TablesStory:
    """The processor remembers tables."""
    story = TablesStory("a table goes only when the processor has forgotten it", seed)
    for geometry in story.geometries:
        story.run(geometry)
        pages = story.apart(5)
        for loaded in (True, False):
            story.phase(f"empties tables of a tree that is {'' if loaded else 'not '}loaded")
            story.enter_all(pages)
            for page in pages:
                story.use(page)
                story.leave(page)
            story.trim(pages[:1], loaded=loaded)
            story.trim(pages[1:], loaded=loaded)
        story.phase("builds in vain while the processor looks")
        story.enter(pages[0])
        for page in story.beside(pages[0])[:-1]:
            for frames in range(1, geometry.levels):
                story.build(page, frames=frames)
    return story


def together(seed: str) -> TablesStory:
    """All functions in turn, for long."""
    story = TablesStory("all of it together", seed)
    for geometry in story.geometries:
        story.run(geometry)
        there: dict[tuple[int, int], None] = {}
        every = story.apart(5)
        every += [other for page in every[:3] for other in story.beside(page)] + list(story.neighbours())
        for count in range(4):
            story.phase(f"builds, finds, leaves and trims, part {count + 1}")
            for _ in range(12):
                page, tree = story.random.choice(every), story.random.randrange(2)
                chance = story.random.random()
                if (page, tree) in there and chance < 0.6:
                    story.use(page, tree)
                    story.leave(page, tree)
                    del there[page, tree]
                    story.trim([page], tree, loaded=story.random.random() < 0.7)
                elif (page, tree) not in there and chance < 0.8:
                    if chance < 0.2:
                        story.build(page, tree, frames=story.random.randrange(geometry.levels))
                    story.build(page, tree)
                    story.enter(page, tree)
                    there[page, tree] = None
                story.find(story.random.choice(every), tree)
                story.seek(story.random.choice(every), tree)
    return story


# --- in the booted kernel ---


def some(story: DemandStory, pages: Iterable[int]) -> list[int]:
    """Some of these pages, at least one and never all, in any order."""
    among = list(pages)
    return story.random.sample(among, story.random.randint(1, len(among) - 1))


def store_each(story: DemandStory, who: int, mapping: Mapping, pages: Iterable[int]) -> None:
    for page in pages:
        story.store(who, mapping, page, story.random.randint(1, 511))


def load_each(story: DemandStory, who: int, mapping: Mapping, pages: Iterable[int]) -> None:
    for page in pages:
        story.load(who, mapping, page)


def apart(seed: str) -> ScatteredStory:
    """One index at a time."""
    story = ScatteredStory("pages whose addresses differ in one level alone, in two processes", seed)
    mappings = [story.mapped_at(address, 2) for address in story.beside_each_other()]
    story.phase(PARENT, "writes to pages far apart")
    for mapping in mappings:
        store_each(story, PARENT, mapping, range(2))
    story.phase(PARENT, "reads them")
    for mapping in story.random.sample(mappings, len(mappings)):
        load_each(story, PARENT, mapping, range(2))
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    story.phase(CHILD, "reads them, and writes to half of them")
    for mapping in mappings:
        load_each(story, CHILD, mapping, range(2))
        store_each(story, CHILD, mapping, [1])
    story.phase(PARENT, "reads its own")
    for mapping in mappings:
        load_each(story, PARENT, mapping, range(2))
    story.phase(CHILD, "ends")
    story.end(CHILD, PARENT)
    story.phase(PARENT, "reads its own again")
    for mapping in mappings:
        load_each(story, PARENT, mapping, range(2))
    return story


def borders(seed: str) -> ScatteredStory:
    """Where one table ends and the next begins."""
    story = ScatteredStory("mappings across the ends of tables, of which parts go", seed, processes=1)
    mappings = [story.mapped_at(end - 3 * 4096, 6) for end in story.ends_of_tables()]
    for mapping in mappings:
        pages = range(mapping.pages)
        story.phase(PROGRAM, f'writes to "{mapping.name}"')
        store_each(story, PROGRAM, mapping, pages)
        story.phase(PROGRAM, "gives one side back, and touches both")
        side = story.random.choice((range(3), range(3, 6)))
        story.unmap(PROGRAM, mapping, side)
        for page in pages:
            story.load(PROGRAM, mapping, page)
        rest = [page for page in pages if page not in side]
        story.phase(PROGRAM, "takes the right to write from what is left, and writes")
        story.protect(PROGRAM, mapping, range(rest[0], rest[-1] + 1), READ)
        store_each(story, PROGRAM, mapping, some(story, rest))
        story.phase(PROGRAM, "reads what is left")
        load_each(story, PROGRAM, mapping, rest)
    return story


def sparse(seed: str) -> ScatteredStory:
    """Much is promised, and little is there."""
    story = ScatteredStory("a few pages in a mapping of many terabytes", seed)
    wide = story.wide()
    pages = story.scattered(wide, 12)
    story.phase(PARENT, "writes to a few pages of it")
    store_each(story, PARENT, wide, pages)
    story.phase(PARENT, "takes the right to write from all of it, and writes")
    story.protect_all(PARENT, wide, READ)
    store_each(story, PARENT, wide, some(story, pages))
    load_each(story, PARENT, wide, pages)
    story.phase(PARENT, "gives the right back, and writes")
    story.protect_all(PARENT, wide, READ_WRITE)
    store_each(story, PARENT, wide, pages)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    story.phase(CHILD, "reads, and gives all of it back")
    load_each(story, CHILD, wide, pages)
    story.unmap_all(CHILD, wide)
    load_each(story, CHILD, wide, some(story, pages))
    story.phase(CHILD, "ends")
    story.end(CHILD, PARENT)
    story.phase(PARENT, "reads its own")
    load_each(story, PARENT, wide, pages)
    return story


def returned(seed: str) -> ScatteredStory:
    """More tables than there are frames, one after the other."""
    story = ScatteredStory("a program that was in more places than there is memory for tables", seed, processes=1)
    stay = [story.mapped_at(address, 2) for address in story.beside_each_other()[:4]]
    story.phase(PROGRAM, "writes to pages that stay")
    for mapping in stay:
        store_each(story, PROGRAM, mapping, range(2))
    story.phase(PROGRAM, "maps a page, touches it and gives it back, in very many places")
    story.visit(PROGRAM, unmap=True)
    story.phase(PROGRAM, "does the same in a mapping that stays")
    story.visit(PROGRAM, unmap=False)
    story.phase(PROGRAM, "reads the pages that stayed")
    for mapping in stay:
        load_each(story, PROGRAM, mapping, range(2))
    return story
