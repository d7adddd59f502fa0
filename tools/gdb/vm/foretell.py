"""What will a fault be? The cases of mm/demand_paging/fault.c, told in words before they happen.

The state that is read is that of the moment: when a fault sleeps, everything is looked up
again, here too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vm import arrays, entry, groups, kernel, spaces, walking
from vm.faulting import WRITE, Fault
from vm.kernel import Record
from vm.words import NONE, rights


@dataclass
class Story:
    """Sentences, in the order of the steps, and the kind that comes of it."""

    kind: str = "invalid"
    major: bool = False
    page: int = NONE
    frame: int = NONE
    told: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        self.told.append(sentence)


def tell(fault: Fault) -> Story:
    """The whole story of a fault, from the first step on."""
    story = Story()
    space = fault.space
    if space is None:
        story.say("no process: the kernel has a bug, and will panic")
        return story
    if fault.address >= spaces.USER_END:
        story.say(
            "the address is the kernel's: nobody can be given it; SIGSEGV, or a panic if the kernel"
            " did it"
        )
        return story
    region = _region(story, fault, space)
    if region is None:
        return story
    bits = _pte(story, fault, space)
    _page(story, fault, space, region, bits)
    if fault.kind_so_far and story.kind not in ("copy", "reuse", "invalid"):
        story.kind, story.major = fault.kind_so_far, True
        story.say(
            f"this fault has slept already, reading a device: it stays a {story.kind}, and major"
        )
    return story


def _region(story: Story, fault: Fault, space: Record) -> Record | None:
    """Step 1: is the reference valid?"""
    region = spaces.region_at(space, fault.page_address)
    if region is None and spaces.stack_would_grow(space, fault.page_address):
        region = spaces.region_at_or_above(space, fault.page_address)
        story.say("region: none holds the address, but the stack above may grow down to it")
    if region is None:
        story.say("region: none holds the address: nothing was promised here; SIGSEGV")
        return None
    allowed = region.access if fault.access == 1 else region.access & fault.access
    if not allowed:
        story.say(
            f"region: {spaces.region_line(space, region).strip()}: only {rights(region.access)}, "
            f"so the {fault.verb} is refused; SIGSEGV"
        )
        return None
    story.say(
        f"region: {' '.join(spaces.region_line(space, region).split())}: the {fault.verb} is"
        " allowed"
    )
    return region


def _pte(story: Story, fault: Fault, space: Record) -> int:
    """Step 2: the entry."""
    last = walking.walk(space.table_root, fault.page_address)[-1]
    if last.level > 1:
        missing = last.level - 1
        story.say(
            f"pte: {missing} {'table is' if missing == 1 else 'tables are'} missing on the way: "
            "built now; the entry is zero then"
        )
        return 0
    words = entry.describe(last.bits)
    if entry.is_present(last.bits) and entry.frame_of(last.bits) == arrays.zero_frame():
        words = f"the zero page, {entry.rights(last.bits)}"
    story.say(f"pte: {words}")
    return last.bits


def _page(story: Story, fault: Fault, space: Record, region: Record, bits: int) -> None:
    """Step 3 on, by what the entry says."""
    if entry.is_present(bits):
        story.frame = entry.frame_of(bits)
        story.page = entry.page_meant(bits)
        story.kind = "spurious"
    elif bits:
        story.page = entry.page_of(bits)
        _bring(story, "resident", fault, region)
    elif region.object:
        _object(story, fault, region)
    else:
        _zeroes(story, fault, space)
        return
    if story.kind != "invalid":
        _unshare(story, fault, region, bits)


def _zeroes(story: Story, fault: Fault, space: Record) -> None:
    limited = groups.groups()[space.group].limit != NONE
    if fault.access == WRITE or limited:
        why = "" if fault.access == WRITE else ", since in a group with a limit every page counts"
        story.kind = "zero-fill"
        story.say(
            "page: none yet, private memory never written; fill: a new page, a frame of"
            f" zeroes{why}"
        )
    else:
        story.kind, story.frame = "zero-page", arrays.zero_frame()
        story.say("page: none yet, and it is only read; fill: the one zero page will do, read-only")


def _bring(story: Story, kind: str, fault: Fault, region: Record) -> None:
    """A page that exists: where is it?"""
    page = arrays.pages()[story.page]
    story.kind, story.frame = kind, page.frame
    if page.frame == NONE:
        story.kind, story.major = "page-in", True
        story.say(
            f"page: {story.page}, which was evicted; fill: a free frame, read from slot {page.slot}"
        )
        return
    state = arrays.state(arrays.frames()[page.frame])
    if state == arrays.FREE and not _wants_copy(story, fault, region):
        story.kind = "rescue"
        story.say(
            f"page: {story.page}, which was evicted, but frame {page.frame} on the free list still "
            "keeps it; fill: taken back without reading"
        )
    elif state == arrays.BUSY:
        story.say(
            f"page: {story.page} in frame {page.frame}, which is on its way; fill: wait, then look"
            " again"
        )
    else:
        story.say(f"page: {story.page}, in frame {page.frame} already; fill: nothing to do")


def _object(story: Story, fault: Fault, region: Record) -> None:
    thing = kernel.record("struct object", region.object, "space_first")
    index = spaces.region_index(region, fault.page_address)
    name = spaces.object_name(region.object)
    if index * 4096 >= thing.size:
        story.say(f"page: {name} has no page {index}, it ends before; SIGBUS")
        return
    story.page = object_find(region.object, index)
    if story.page != NONE:
        story.say(f"page: page {index} of {name}")
        _bring(story, "file", fault, region)
        return
    story.kind, story.major = "file", bool(thing.device) and index * 4096 < thing.backed
    how = "read from the image's disk" if story.major else "zeroes"
    story.say(
        f"page: page {index} of {name}, which nobody has touched yet; fill: a free frame, {how}"
    )


def object_find(thing: int, index: int) -> int:
    """The object's page at `index` (object_find of mm/demand_paging/object.c: the same hash)."""
    key = ((thing >> 4) + index * 0x9E3779B97F4A7C15) & (1 << 64) - 1
    bucket = key >> 7 & kernel.number("object_hash_mask")
    at = int.from_bytes(kernel.read(kernel.number("object_hash") + 4 * bucket, 4), "little")
    left = len(arrays.pages())
    while at != NONE and left:
        page = arrays.pages()[at]
        if page.object == thing and page.index == index:
            break
        at, left = page.hash_next, left - 1
    return at


def _wants_copy(story: Story, fault: Fault, region: Record) -> bool:
    if fault.access != WRITE or region.shared:
        return False
    if story.page == NONE:
        return True
    page = arrays.pages()[story.page]
    return bool(page.object) or page.holders > 1


def _unshare(story: Story, fault: Fault, region: Record, bits: int) -> None:
    """Step 5: a page that is written must be the writer's alone."""
    if (
        story.page == NONE
        and fault.access == WRITE
        and not region.shared
        and entry.is_present(bits)
    ):
        story.kind = "zero-fill"
        story.say(
            "unshare: a write to what was the zero page so far: a new page, a frame of zeroes"
        )
    elif _wants_copy(story, fault, region):
        story.kind = "copy"
        page = arrays.pages()[story.page] if story.page != NONE else None
        why = (
            f"{page.holders} hold page {story.page}"
            if page and not page.object
            else "the page is the file's"
        )
        story.say(f"unshare: a write to private memory, and {why}: copied into a frame of its own")
    elif fault.access == WRITE and entry.is_present(bits) and not bits & entry.WRITABLE:
        story.kind = "reuse"
        story.say(
            f"unshare: nobody else holds page {story.page} any more: no copy, just made writable"
        )
    elif story.kind == "spurious":
        story.say(
            "unshare: nothing to do: the entry allows it already; somebody was faster, or the"
            " TLB old"
        )
