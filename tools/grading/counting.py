"""What a class has in common: how each test went, and which known wrong kernels several behave like."""

from __future__ import annotations

from typing import Any


def statistics(all_of: dict[str, Any]) -> list[dict[str, Any]]:
    """Of each test: how many passed it, of those that compile."""
    tried = [row for row in all_of["rows"] if row["tests"]]
    passed = [{test["id"] for test in row["tests"] if test["passed"]} for row in tried]
    ids = [test["id"] for test in all_of["tests"]]
    return [{"id": test, "passed": sum(test in own for own in passed), "tried": len(tried)} for test in ids]


def in_common(all_of: dict[str, Any]) -> list[tuple[str, int]]:
    """Known wrong kernels that two submissions or more behave like, the most frequent first."""
    count: dict[str, int] = {}
    for row in all_of["rows"]:
        for words in {test["so"] for test in row["tests"] if not test["passed"] and "unknown" not in test["so"]}:
            count[words] = count.get(words, 0) + 1
    return sorted(((words, n) for words, n in count.items() if n > 1), key=lambda each: (-each[1], each[0]))
