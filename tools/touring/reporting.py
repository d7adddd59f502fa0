"""What is said of answers: a line for each question, four more for each that was failed."""

from __future__ import annotations

from collections.abc import Sequence

from touring.evidence import against
from touring.marking import Marked, diagnoses, total
from touring.questions import Answers, Known

NOT_ANSWERED = "no answer, no belief"


def report(
    marked: list[Marked],
    predicted: list[Marked] | None,
    key: Answers,
    known: Known,
    beliefs: dict[str, Answers],
    names: Sequence[str] = (),
) -> list[str]:
    """`predicted`: the sealed predictions, marked; `beliefs`: what follows from each that is known; `names`: of these
    questions only."""
    before = {each.question.id: each for each in predicted or []}
    words = diagnoses(marked, beliefs)
    lines = []
    marked = [each for each in marked if not names or each.question.id in names]
    for each in marked:
        lines.append(head(each, before.get(each.question.id)))
        if not each.passed:
            lines += four_lines(each, words.get(each.question.id, NOT_ANSWERED), key, known)
    whole = sum(each.question.points for each in marked)
    lines.append(f"{total(marked)} of {whole} points")
    return lines


def head(marked: Marked, predicted: Marked | None) -> str:
    question = marked.question
    points = f"{marked.points} of {question.points} points"
    if predicted and question.predicted:
        points += f"; predicted: {len(predicted.right)} of {len(question.items)} right"
    return f"{'passed' if marked.passed else 'FAILED'}  {question.id}: {question.title} ({points})"


def four_lines(marked: Marked, so: str, key: Answers, known: Known) -> list[str]:
    question, wrong = marked.question, marked.wrong()
    item = wrong[0]
    happened = against(question, item, marked.given[item.key], key[question.id][item.key], known)
    more = len(wrong) - 1
    rest = f"; {more} more {'is' if more == 1 else 'are'} not right or missing" if more else ""
    see = question.see.format(step=item.steps[0], behind=item.steps[0] + 1)
    return [
        f"  due       {item.key}: {item.text} (what holds: {', '.join(question.sentences)})",
        f"  happened  {happened}{rest}",
        f"  so        {so}",
        f"  see       {see}",
    ]
