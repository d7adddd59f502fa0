"""The changes that mutants.py makes to mm/: what is left out, and where.

`old` must be found exactly once in its file, and what remains must compile. Whoever changes
that text in mm/ changes it here.
"""

from . import allocation, checks, devices, edges, eviction, flushes, processors
from .equivalent import EQUIVALENT, GENERATED
from .mutation import Mutation, Outcome, Unusable, WRONG

MUTATIONS = [
    mutation for part in (flushes, checks, eviction, devices, allocation, processors, edges) for mutation in part.MUTATIONS
]

__all__ = ["EQUIVALENT", "GENERATED", "MUTATIONS", "WRONG", "Mutation", "Outcome", "Unusable"]
