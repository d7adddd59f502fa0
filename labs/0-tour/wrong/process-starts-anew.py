"""the child inherits no entry, and its first touch of each page is a fault."""

from touring.asking import Sheet
from touring.facts import FILE, NONE
from touring.questions import Answers
from touring.tale import CHILD


def answers(sheet: Sheet) -> Answers:
    """Where the child really takes none, it finds the page as one finds a file's."""
    found, touched, more = sheet.under(), set(), 0
    for step in sheet.tale.steps:
        key = f"step-{step.number}"
        if step.who == CHILD and step.page not in touched and found["kinds-behind"][key] == NONE:
            found["kinds-behind"][key] = FILE
            more += 1
        if step.who == CHILD:
            touched.add(step.page)
    child = found["counts"]["child"]
    assert isinstance(child, int)
    found["counts"]["child"] = child + more
    return found
