"""vm swap: the swap area, and whose pages lie in its slots."""

from __future__ import annotations

from vm import arrays, holding, kernel
from vm.words import NONE, Command, number, say


def owners() -> dict[int, int]:
    """Slot → page."""
    return {
        page.slot: index
        for index, page in enumerate(arrays.pages())
        if page.holders and page.slot != NONE
    }


class Swap(Command):
    """The swap area: vm swap [SLOT].

    How many slots are taken, by pages that are only there and by those of the swap cache, which
    are in a frame too; what was read and written; with SLOT: what lies there."""

    name = "swap"

    def run(self, plain: list[str], _named: dict[str, str]) -> None:
        arrays.frames()
        counts = kernel.value("swap_counts")
        total = int(counts["total"])
        if not total:
            say("there is no swap area: boot with --swap 64M")
            return
        pages = owners()
        if plain:
            slot = number(plain[0], "a slot", total)
            page = pages.get(slot)
            where = arrays.page_where(arrays.pages()[page]) if page is not None else ""
            say(f"slot {slot}: " + (f"page {page}, which is in {where}" if where else "no page's"))
            return
        list(arrays.frames())
        also = [slot for slot, page in pages.items() if arrays.is_resident(arrays.pages()[page])]
        alone = sorted(set(pages) - set(also))
        say(
            f"{int(counts['used'])} of {total} slots are taken, {int(counts['retired'])} retired"
            " after errors"
        )
        say(
            f"  {len(alone):6} by pages without a frame of theirs: slots {holding.runs(alone)}"
            .removesuffix(": slots ")
        )
        say(f"  {len(also):6} by pages in a frame, clean: the swap cache, taken back when slots run low")
        say(
            f"  {int(counts['read'])} pages read, {int(counts['written'])} written; errors: "
            f"{int(counts['read_errors'])} reading, {int(counts['write_errors'])} writing"
        )
        say(f"  {kernel.number('laundry_count')} writes are under way")
