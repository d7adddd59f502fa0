"""every number in decimal, addresses too, without quotes."""

from touring.asking import Sheet
from touring.marking import Raw
from touring.questions import Answers
from touring.rules import as_raw


def written(sheet: Sheet, right: Answers) -> Raw:
    return as_raw(right)
