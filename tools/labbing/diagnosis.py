"""Which known wrong kernel behaves just so?

A kernel's *profile* says, for each test, whether it was passed, and how the kernel behaved in it: where it took
faults, which values were wrong, how it ended. A kernel is known again by all of its profile; or, if it
differs where it passes (there a right kernel may choose), by the tests that it fails. Where no wrong kernel
fits, the answer is "unknown": a likely guess would send a student the wrong way.

A lab may consist of pieces: each is known again by its own tests, so that one that is not begun hides no other.
"""

from __future__ import annotations

import hashlib
import json
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


def by_piece(seen: Profile, pieces: dict[str, str]) -> list[Profile]:
    """The profile, cut into one for each piece of the lab."""
    found: dict[str, Profile] = {}
    for test, digest in seen.items():
        found.setdefault(pieces.get(test, ""), {})[test] = digest
    return list(found.values())


def named(names: list[str]) -> str:
    """The third line of a report."""
    if not 1 <= len(names) <= MOST:
        return UNKNOWN
    return f"of the known wrong kernels, just so behaves one where {', or one where '.join(names)}"


# --- sealed: what a starter has of the known kernels; a kernel opens what is told of its own behaviour ---

Sealed = dict[str, str]  # a profile's name: the words, hidden by its key


def seal(known: dict[str, Profile], pieces: dict[str, str] | None = None) -> Sealed:
    """The words for each known kernel's profile of each piece, and for the failures alone."""
    sealed = {}
    parts = [part for profile in known.values() for part in by_piece(profile, pieces or {})]
    for profile in (*parts, *map(failures, parts)):
        if failures(profile):
            words = named(known_as(profile, known)).encode()
            sealed[digest("name", profile, 16).hex()] = hidden(words, profile).hex()
    return sealed


def unsealed(seen: Profile, sealed: Sealed) -> str:
    """The third line of a report, in a starter."""
    for profile in (seen, failures(seen)):
        found = sealed.get(digest("name", profile, 16).hex())
        if found:
            return hidden(bytes.fromhex(found), profile).decode()
    return UNKNOWN


def hidden(words: bytes, profile: Profile) -> bytes:
    """To hide them, and to see them again."""
    return bytes(a ^ b for a, b in zip(words, digest("key", profile, len(words)), strict=True))


def digest(what: str, profile: Profile, length: int) -> bytes:
    return hashlib.shake_256(json.dumps([what, sorted(profile.items())]).encode()).digest(length)
