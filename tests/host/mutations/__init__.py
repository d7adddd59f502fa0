"""The changes that mutants.py makes to mm/: what is left out, and where.

`old` must be found exactly once in its file, and what remains must compile. Whoever changes
that text in mm/ changes it here.
"""

from . import allocation, checks, devices, edges, eviction, flushes, processors
from .mutation import Mutation, Outcome, Unusable, WRONG

MUTATIONS = [
    mutation for part in (flushes, checks, eviction, devices, allocation, processors, edges) for mutation in part.MUTATIONS
]

# Changes that change nothing anybody could see, and why. Kept, so that nobody tries them again.
EQUIVALENT: dict[str, str] = {}

__all__ = ["EQUIVALENT", "MUTATIONS", "WRONG", "Mutation", "Outcome", "Unusable"]
