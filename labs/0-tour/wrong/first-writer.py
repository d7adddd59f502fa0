"""what made a page what it is was the first write to it."""

from touring.asking import Sheet
from touring.questions import Answers
from touring.tale import WRITE


def answers(sheet: Sheet) -> Answers:
    """By that process."""
    found, tale = sheet.under(), sheet.tale
    for item in sheet.question("history").items:
        writes = (s for s in tale.steps if (s.who, s.page, s.access) == (item.who, item.page, WRITE))
        found["history"][item.key] = next(writes).number
    return found
