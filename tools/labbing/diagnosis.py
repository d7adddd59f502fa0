"""Which known wrong kernel behaves just so?

A kernel's *profile* says, for each test, whether it was passed, and how the kernel behaved in it: where it took
faults, which values were wrong, how it ended. A kernel is known again by all of its profile; or, if it
differs where it passes (there a right kernel may choose), by the tests that it fails. Where no wrong kernel
fits, the answer is "unknown": a likely guess would send a student the wrong way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from labbing.testing import Verdict

MOST = 2  # kernels that behave alike and are named; more say nothing
UNKNOWN = "unknown: no wrong kernel that is known behaves just so"
FAILED = "!"
Profile = dict[str, str]


def profile(verdicts: Iterable[Verdict]) -> Profile:
    """Of each test, how it went."""
    found = {}
    for verdict in verdicts:
        digest = hashlib.sha256(verdict.signature.encode()).hexdigest()[:16]
        found[verdict.due.id] = ("" if verdict.passed else FAILED) + digest
    return found


def failures(seen: Profile) -> Profile:
    return {test: digest for test, digest in seen.items() if digest.startswith(FAILED)}


def known_as(seen: Profile, known: dict[str, Profile]) -> list[str]:
    """Behaviours of the kernels that behave just so."""
    failed = failures(seen)
    if not failed:
        return []
    among = {name: {test: each[test] for test in seen if test in each} for name, each in known.items()}
    alike = [name for name, each in among.items() if each == seen]
    return alike or [name for name, each in among.items() if failures(each) == failed]


def words(seen: Profile, known: dict[str, Profile]) -> str:
    """The third line of a report."""
    names = known_as(seen, known)
    if not 1 <= len(names) <= MOST:
        return UNKNOWN
    return "just so behaves a kernel where " + ", or one where ".join(names)
