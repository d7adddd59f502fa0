"""a fault counts for both, since both have the page."""

from touring.asking import Sheet
from touring.questions import Answers


def answers(sheet: Sheet) -> Answers:
    """Behind the fork both are told what both take together."""
    found = sheet.under()
    parent, child = found["counts"]["parent-after"], found["counts"]["child"]
    assert isinstance(parent, int) and isinstance(child, int)
    found["counts"] |= {"parent-after": parent + child, "child": parent + child}
    return found
