"""The tests of the demand-paging lab, each told from a seed: which mappings, which pages, in which order.

What is right is the model's business (tools/labbing/promises.py); what each test is worth stands in lab.toml.
"""

from __future__ import annotations

from pathlib import Path

from labbing import demand
from labbing.demand import READ_WRITE
from labbing.demand_parts import HALF, HUGE, PROGRAM
from labbing.demand_parts import give_back, load_each, load_word, needs_memory, some, store_each, word
from labbing.promises import EXECUTE, READ, WRITE, Together
from labbing.touching import PAGE

PARENT, CHILD = 0, 1

# --- another rule for a course: new memory comes so many pages at a time ---

SAMPLE, OF_SAMPLE, COUNTS = "variant/pairs.c", "TOGETHER = 2", (2, 4, 8)
TOGETHER = """The first touch of a page by a process takes exactly one fault, whatever was touched beside it; but new
private memory that is no file's comes {count} pages at a time: with the page that is touched come those of the same
{count} (they begin at an address that {count} times 4096 divides) that are of the same region and are new for this
process. They come as the page that is touched: after a read as if each had been read, after a write as if each had been
written, so later touches of them take no other faults than of that. Where memory is short they may stay away. Later
touches that are allowed take none, until the page is evicted, its rights change, or the process forks."""
TAKEN = """Memory is taken by what is touched, with what comes together with it (S0), and by nothing else: a program may
map several times what there is. What is unmapped is free for others again. Who only reads new anonymous memory, private
or shared, may read more of it than there is: what nobody has written need not be kept."""


def every_use() -> list[dict[str, list[str]]]:
    return [{"fault": [str(count)]} for count in COUNTS]


def title(uses: dict[str, list[str]]) -> str:
    return f"new memory comes {uses['fault'][0]} pages at a time"


def sentences(uses: dict[str, list[str]]) -> dict[str, str]:
    return {"S0": TOGETHER.format(count=uses["fault"][0]), "S2": TAKEN}


def solution(uses: dict[str, list[str]], title: str) -> str:
    """The sample's, with this number."""
    text = (Path(__file__).parent / SAMPLE).read_text("utf-8")
    return text.replace(OF_SAMPLE, f"TOGETHER = {uses['fault'][0]}")


class DemandStory(demand.DemandStory):
    """With the rule that holds."""


def use(uses: dict[str, list[str]]) -> None:
    """From now on this one does."""
    many = int(uses["fault"][0])

    class Model(Together):
        count = many

    DemandStory.promised = Model


# --- the tests ---


def zeroes(seed: str) -> DemandStory:
    """Whatever was in a frame before: in new memory there are zeroes."""
    story = DemandStory("new memory is all zeroes", seed)
    before = story.anonymous("before", 300, judged=False)
    story.phase(PROGRAM, "writes to memory, and gives it back")
    story.store_all(PROGRAM, before)
    story.unmap(PROGRAM, before, range(before.pages))
    kinds = [
        story.anonymous("private", story.random.randint(6, 12)),
        story.anonymous("shared", story.random.randint(6, 12), shared=True),
    ]
    file = story.new_file("new file", story.random.randint(6, 12) * PAGE)
    kinds.append(story.view("file", file, 0, file.size // PAGE, READ_WRITE, shared=True))
    for mapping in kinds:
        written = some(story, range(mapping.pages))
        story.phase(PROGRAM, f'writes a word to some pages of "{mapping.name}"')
        store_each(story, PROGRAM, mapping, written)
        story.phase(PROGRAM, f'reads all pages of "{mapping.name}", each word')
        for page in range(mapping.pages):
            story.load_page(PROGRAM, mapping, page)
    return story


def one_fault(seed: str) -> DemandStory:
    """What is mapped may be more than there is; what is touched comes, page by page."""
    story = DemandStory("the first touch of a page brings this page, and no other", seed)
    mapping = story.anonymous("huge", HUGE)
    pages = some(story, range(mapping.pages), story.random.randint(20, 30))
    story.phase(PROGRAM, "touches some pages of a huge mapping")
    for page in pages:
        (story.load if story.random.random() < 0.4 else story.store)(PROGRAM, mapping, page, word(story))
    story.phase(PROGRAM, "reads them again")
    load_each(story, PROGRAM, mapping, reversed(pages))
    beside = sorted({page + 1 for page in pages if page + 1 < mapping.pages} - set(pages))
    story.phase(PROGRAM, "touches the pages just behind those")
    store_each(story, PROGRAM, mapping, beside)
    story.phase(PROGRAM, "reads these, and the others")
    load_each(story, PROGRAM, mapping, [*beside, *pages])
    give_back(story)
    needs_memory(story)
    return story


def read_first(seed: str) -> DemandStory:
    """What was only read holds zeroes, and is the program's own once it is written to."""
    story = DemandStory("new memory that is read before it is written", seed)
    mapping = story.anonymous("private", story.random.randint(10, 16))
    other = story.anonymous("other", 6)
    story.phase(PROGRAM, "reads every page")
    load_each(story, PROGRAM, mapping, range(mapping.pages))
    load_each(story, PROGRAM, other, range(other.pages))
    written = some(story, range(mapping.pages))
    story.phase(PROGRAM, "writes to some of them")
    for page in written:
        story.store(PROGRAM, mapping, page, 9)
    story.phase(PROGRAM, "reads every page again")
    load_word(story, PROGRAM, mapping, range(mapping.pages), 9)
    load_word(story, PROGRAM, other, range(other.pages), 9)
    story.phase(PROGRAM, "writes to all, and reads")
    for page in range(mapping.pages):
        story.store(PROGRAM, mapping, page, 10)
        story.load(PROGRAM, mapping, page, 9)
    many = story.anonymous("many", HUGE // 2, judged=False)
    story.phase(PROGRAM, "reads more new pages than there is memory")
    story.load_all(PROGRAM, many, "S2")
    common = story.anonymous("many shared", HUGE // 2, shared=True, judged=False)
    story.phase(PROGRAM, "reads more new shared pages than there is memory")
    story.load_all(PROGRAM, common, "S2")
    return story


def file(seed: str) -> DemandStory:
    """Of a file, from any of its pages on."""
    story = DemandStory("pages of a file, mapped from any page on", seed)
    file = story.program_file(story.random.randint(20, 28))
    count = -(-file.size // PAGE)
    views = [
        story.view("whole", file, 0, count),
        story.view("middle", file, story.random.randint(3, 8), 8),
        story.view("shared", file, story.random.randint(9, 12), 8, shared=True),
        story.view("executable", file, count - 6, 6, READ | EXECUTE),
    ]
    for view in views:
        pages = some(story, range(view.pages))
        story.phase(PROGRAM, f'reads some pages of "{view.name}"')
        load_each(story, PROGRAM, view, pages)
        story.phase(PROGRAM, "reads them again, and those that are left")
        load_each(story, PROGRAM, view, pages)
        load_each(story, PROGRAM, view, [page for page in range(view.pages) if page not in pages])
    story.phase(PROGRAM, "executes what it has read")
    for page in range(views[3].pages):
        story.execute(PROGRAM, views[3], page)
    story.phase(PROGRAM, "reads the last page, of which the file has a part")
    for view in (views[0], views[3]):
        story.load_page(PROGRAM, view, view.pages - 1)
        story.load(PROGRAM, view, view.pages - 1, 511)
    return story


def only_touched(seed: str) -> DemandStory:
    """Shared memory and files come page by page, too."""
    story = DemandStory("of shared memory and files only what is touched takes memory", seed)
    file = story.new_file("new file", 1800 * PAGE)
    views = [story.anonymous("shared", 1800, shared=True), story.view("file", file, 0, 1800, READ_WRITE, shared=True)]
    views.append(story.view("private file", file, 700, 900, READ_WRITE))
    for view in views:
        pages = some(story, range(view.pages), story.random.randint(6, 12))
        story.phase(PROGRAM, f'touches some pages of "{view.name}"')
        store_each(story, PROGRAM, view, pages)
        story.phase(PROGRAM, "reads them")
        load_each(story, PROGRAM, view, pages)
    give_back(story, shared=True)
    needs_memory(story)
    return story


def file_end(seed: str) -> DemandStory:
    """Behind the last byte there are zeroes, behind the last page there is nothing."""
    story = DemandStory("the end of a file", seed, counts=False)
    pages = story.random.randint(3, 6)
    whole = story.new_file("whole", pages * PAGE)
    part = story.new_file("part", pages * PAGE + story.random.randint(1, 9))
    views = [
        story.view("whole pages", whole, 0, pages + 4, READ_WRITE, shared=True),
        story.view("part of a page", part, 0, pages + 4, READ_WRITE, shared=True),
        story.view("from a page on", part, 2, pages + 4, READ_WRITE),
        story.view("of the disk", story.program_file(6), 3, 8, READ_WRITE),
    ]
    for view in views:
        assert view.object
        end = -(-view.object.size // PAGE) - view.first
        story.phase(PROGRAM, f'reads "{view.name}" up to its last page')
        for page in (end - 2, end - 1, 0):
            if page >= 0:
                story.load_page(PROGRAM, view, page)
        story.phase(PROGRAM, f'touches what lies behind the end of "{view.name}"')
        for page in (end, end + 1):
            story.load(PROGRAM, view, page, word(story))
            story.store(PROGRAM, view, page, 0)
        story.phase(PROGRAM, "reads the last page again")
        story.load(PROGRAM, view, end - 1, 511)
    story.phase(PROGRAM, "makes a file longer, and touches what was behind its end")
    story.resize(PROGRAM, part, (pages + 2) * PAGE)
    for page in (pages + 1, pages + 2):
        story.store(PROGRAM, views[1], page, 5)
    story.load(PROGRAM, views[1], pages + 1, 5)
    many = story.new_file("endless", 1800 * PAGE)
    endless = story.view("endless", many, 0, 1800, READ_WRITE, shared=True, judged=False)
    again = story.view("the same file", many, 0, HALF // 4, READ_WRITE, shared=True)
    story.phase(PROGRAM, 'writes to one page of "endless" after the other, until there is no room for more of it')
    story.store_until_full(PROGRAM, endless)
    story.phase(PROGRAM, "reads pages that the file has, where they are new to it, and writes to them")
    for page in some(story, range(again.pages), 6):
        story.load(PROGRAM, again, page)
        story.store(PROGRAM, again, page, 5)
        story.load(PROGRAM, again, page, 5)
    return story


def refused(seed: str) -> DemandStory:
    """What was not promised, and what is not allowed."""
    story = DemandStory("touches that must be refused, at once and with the right word", seed, counts=False)
    plain = story.anonymous("plain", 8)
    closed = story.anonymous("no rights", 4, 0)
    file = story.program_file(6)
    read_only = [story.anonymous("read-only", 6, READ), story.view("read-only file", file, 0, 6)]
    code = story.view("code", file, 1, 5, EXECUTE)
    story.phase(PROGRAM, "touches what lies beside a mapping")
    for page in (-1, plain.pages, plain.pages + 1):
        story.load(PROGRAM, plain, page, word(story))
        story.store(PROGRAM, plain, page, word(story))
    story.phase(PROGRAM, "touches memory without rights")
    for page in some(story, range(closed.pages)):
        story.load(PROGRAM, closed, page)
        story.store(PROGRAM, closed, page)
        story.execute(PROGRAM, closed, page)
    for mapping in read_only:
        pages = some(story, range(mapping.pages))
        for what in ("that are new", "that were read"):
            story.phase(PROGRAM, f'writes to pages of "{mapping.name}" {what}, and executes them')
            for page in pages:
                story.store(PROGRAM, mapping, page)
                story.execute(PROGRAM, mapping, page)
            story.phase(PROGRAM, "reads them")
            load_each(story, PROGRAM, mapping, pages)
    pages = some(story, range(code.pages))
    for what in ("is new", "was touched"):
        story.phase(PROGRAM, f"writes to what may only be executed, and {what}")
        store_each(story, PROGRAM, code, pages)
        story.phase(PROGRAM, "executes it, and reads it")
        for page in pages:
            story.execute(PROGRAM, code, page)
            story.load(PROGRAM, code, page, word(story))
    story.phase(PROGRAM, "reads pages of it that were not executed")
    load_each(story, PROGRAM, code, [page for page in range(code.pages) if page not in pages])
    story.phase(PROGRAM, "writes code")
    for page in range(4):
        story.store_code(PROGRAM, plain, page)
    story.phase(PROGRAM, "executes what may be read and written, touched or not")
    for page in range(8):
        story.execute(PROGRAM, plain, page)
    story.phase(PROGRAM, "gives a part back, and touches it")
    story.unmap(PROGRAM, plain, range(2, 4))
    for page in (2, 3):
        story.load(PROGRAM, plain, page)
        story.store(PROGRAM, plain, page, 3)
    story.phase(PROGRAM, "touches what is left")
    for page in (1, 4):
        story.load(PROGRAM, plain, page)
        story.store(PROGRAM, plain, page, 3)
    return story


def rights(seed: str) -> DemandStory:
    """Rights that change, on pages that are there and on others."""
    story = DemandStory("rights that are taken away, and given back", seed, counts=False)
    file = story.new_file("new file", 8 * PAGE)
    mappings = [
        story.anonymous("private", 8),
        story.anonymous("shared", 8, shared=True),
        story.view("private file", file, 0, 8, READ_WRITE),
    ]
    for mapping in mappings:
        story.phase(PROGRAM, f'writes to half of "{mapping.name}"')
        for page in range(4):
            story.store_code(PROGRAM, mapping, page)
        story.phase(PROGRAM, "makes all of it read-only, and writes to it")
        story.protect(PROGRAM, mapping, range(8), READ)
        for page in some(story, range(8), 5):
            story.store(PROGRAM, mapping, page, 4)
        story.phase(PROGRAM, "reads it")
        load_word(story, PROGRAM, mapping, range(8), 4)
        story.phase(PROGRAM, "takes all rights away, and touches it")
        story.protect(PROGRAM, mapping, range(8), 0)
        for page in some(story, range(8), 5):
            story.load(PROGRAM, mapping, page, 4)
            story.store(PROGRAM, mapping, page, 4)
            story.execute(PROGRAM, mapping, page)
        story.phase(PROGRAM, "may read and execute it again, and does")
        story.protect(PROGRAM, mapping, range(8), READ | EXECUTE)
        for page in range(4):
            story.execute(PROGRAM, mapping, page)
            story.load(PROGRAM, mapping, page, 0)
        story.phase(PROGRAM, "writes to it")
        store_each(story, PROGRAM, mapping, some(story, range(8), 5))
        story.phase(PROGRAM, "may write to it again, and does")
        story.protect(PROGRAM, mapping, range(8), READ | WRITE)
        for page in range(8):
            story.store(PROGRAM, mapping, page, 7)
            story.load(PROGRAM, mapping, page, 7)
        story.phase(PROGRAM, "executes it, which it may not any more")
        for page in some(story, range(4), 3):
            story.execute(PROGRAM, mapping, page)
    return story


def stack(seed: str) -> DemandStory:
    """Down to what is touched; between, page by page."""
    story = DemandStory("a stack grows down to what is touched", seed)
    stack = story.stack("stack", 60, 2)
    story.phase(PROGRAM, "touches what there is of the stack, and just above it")
    store_each(story, PROGRAM, stack, (59, 58))
    story.load(PROGRAM, stack, 60, 3)
    below = 58
    for _ in range(4):
        page = below - story.random.randint(2, 9)
        story.phase(PROGRAM, f"touches {below - page} pages below the stack")
        (story.load if story.random.random() < 0.5 else story.store)(PROGRAM, stack, page, word(story))
        story.phase(PROGRAM, "touches what lies between")
        store_each(story, PROGRAM, stack, some(story, range(page, below)))
        below = page
    story.phase(PROGRAM, "reads the stack")
    for page in range(below, 60):
        story.load_page(PROGRAM, stack, page)
    return story


def shared(seed: str) -> DemandStory:
    """A page of a file is one page, whoever maps it."""
    story = DemandStory("a file's page is the same for all, until it is written to privately", seed, 2)
    file = story.program_file(10)
    new = story.new_file("new file", 10 * PAGE)
    own = story.view("private", file, 2, 8, READ_WRITE)
    both = story.view("shared new file", new, 0, 10, READ_WRITE, shared=True)
    aside = story.view("private new file", new, 3, 6, READ_WRITE)
    first = story.view("written first", file, 1, 8, READ_WRITE)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    pages = some(story, range(8), 5)
    for who in (PARENT, CHILD):
        story.phase(who, "reads pages of the file")
        load_each(story, who, own, pages)
    of_new = some(story, range(10), 6)
    story.phase(PARENT, "writes to the shared new file")
    store_each(story, PARENT, both, of_new)
    story.phase(CHILD, "reads it, and writes")
    for page in of_new:
        story.load(CHILD, both, page, 1)
        story.store(CHILD, both, page, 1)
    story.phase(PARENT, "reads that, and through its private mapping, too")
    for page in of_new:
        story.load(PARENT, both, page, 1)
        if 3 <= page < 9:
            story.load(PARENT, aside, page - 3, 1)
    written = pages[:3]
    story.phase(CHILD, "writes to its private mappings")
    store_each(story, CHILD, own, written)
    for page in range(6):
        story.store(CHILD, aside, page, 2)
    for who in (CHILD, PARENT):
        story.phase(who, "writes to pages of the file that it has not read")
        of_first = some(story, range(8))
        store_each(story, who, first, of_first)
        story.phase(who, "reads them, all of each")
        for page in of_first:
            story.load_page(who, first, page)
    for who in (PARENT, CHILD):
        story.phase(who, "reads everything")
        load_each(story, who, own, range(8))
        load_word(story, who, both, range(10), 2)
        load_word(story, who, aside, range(6), 2)
    story.phase(PARENT, "writes to its private mapping")
    store_each(story, PARENT, own, range(8))
    story.phase(CHILD, "reads its own")
    load_each(story, CHILD, own, range(8))
    story.end(CHILD, PARENT)
    return story


def inherited(seed: str) -> DemandStory:
    """A promise is inherited; who touches first, does so for himself."""
    story = DemandStory("mappings that are inherited, and touched afterwards", seed, 2)
    private = story.anonymous("private", 12)
    common = story.anonymous("shared", 12, shared=True)
    before = some(story, range(12), 4)
    story.phase(PARENT, "writes to some pages")
    store_each(story, PARENT, private, before)
    store_each(story, PARENT, common, before)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    after = [page for page in range(12) if page not in before]
    for who in (CHILD, PARENT):
        story.phase(who, "touches the other pages")
        for page in after:
            story.store(who, private, page, 1)
            story.load(who, common, page, 1)
            story.store(who, common, page, 2)
    for who in (CHILD, PARENT):
        story.phase(who, "reads all pages")
        for page in range(12):
            story.load(who, private, page, 1)
            story.load(who, common, page, 1)
            story.load(who, common, page, 2)
    story.end(CHILD, PARENT)
    return story


def on_its_way(seed: str) -> DemandStory:
    """The disk takes its time, and two want the same page; or one wants it, and the other takes it away."""
    story = DemandStory("others run while a page is read", seed, 2)
    file = story.program_file(12)
    view = story.view("file pages", file, 1, 11, READ_WRITE)
    of_data = story.data_file(12)
    data = story.view("data", of_data, 0, 12, READ_WRITE, shared=True)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    for pages in (some(story, range(11), 3), some(story, range(11), 3)):
        story.phase(PARENT, "reads pages of the file, while the child does")
        story.together(PARENT, CHILD)
        for who in (PARENT, CHILD):
            load_each(story, who, view, pages)
        story.meet(PARENT, CHILD)
    common = some(story, range(6), 3)
    story.phase(PARENT, "reads pages of the data, while the child does")
    story.together(PARENT, CHILD)
    for who in (PARENT, CHILD):
        load_word(story, who, data, common)
    story.meet(PARENT, CHILD)
    for writer, reader in ((CHILD, PARENT), (PARENT, CHILD)):
        story.phase(writer, "writes to them")
        for page in common:
            story.store(writer, data, page)
        story.phase(reader, "reads what was written")
        load_word(story, reader, data, common)
    for first, end in ((9, 12), (6, 9)):
        story.phase(PARENT, "reads a page of the data, while the child cuts them short before it")
        story.together(PARENT, CHILD)
        story.resize(CHILD, of_data, first * PAGE)
        story.load(PARENT, data, story.random.randrange(first, end))
        story.meet(PARENT, CHILD)
    for who in (CHILD, PARENT):
        story.phase(who, "reads all pages")
        load_each(story, who, view, range(11))
        load_word(story, who, data, range(6))
    story.end(CHILD, PARENT)
    return story


def swapped(seed: str) -> DemandStory:
    """What lost its frame comes back, whoever names it, while there is no frame to spare."""
    story = DemandStory("pages that lost their frames come back", seed, 2)
    file = story.program_file(12)
    kinds = [
        story.anonymous("private", story.random.randint(12, 20)),
        story.anonymous("shared", story.random.randint(12, 20), shared=True),
        story.view("private file", file, 1, 11, READ_WRITE),
    ]
    many = story.anonymous("many", 3300, judged=False)
    for mapping in kinds:
        story.phase(PARENT, f'writes to some pages of "{mapping.name}", reads the others')
        written = some(story, range(mapping.pages))
        store_each(story, PARENT, mapping, written)
        load_each(story, PARENT, mapping, [page for page in range(mapping.pages) if page not in written])
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    story.phase(PARENT, "fills more than there is memory")
    story.store_all(PARENT, many, sentence="S13")
    for who in (CHILD, PARENT):
        story.phase(who, "reads everything, while pages come and go")
        for mapping in kinds:
            for page in range(mapping.pages):
                story.load_page(who, mapping, page)
    story.phase(PARENT, "adds up the many")
    story.load_all(PARENT, many, "S11")
    for who in (PARENT, CHILD):
        story.phase(who, "writes, and reads")
        for mapping in kinds:
            for page in range(mapping.pages):
                story.store(who, mapping, page, 3 + who)
                story.load_page(who, mapping, page)
    story.end(CHILD, PARENT)
    return story
