"""there is the same frame behind a page only as long as nobody has written to it."""

from touring.asking import Sheet
from touring.questions import Answers
from touring.tale import WRITE


def answers(sheet: Sheet) -> Answers:
    """Also what was written before the fork."""
    found, tale = sheet.under(), sheet.tale
    written = {step.page for step in tale.steps[: tale.ended - 1] if step.access == WRITE}
    heap = tale.areas["heap"]
    pages = found["same"]["pages"]
    assert isinstance(pages, frozenset)
    found["same"]["pages"] = frozenset(page for page in pages if heap.page(page) not in written)
    return found
