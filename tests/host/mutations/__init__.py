"""The changes that mutants.py makes to mm/: what is left out, and where.

`old` must be found exactly once in its file, and what remains must compile. Whoever changes
that text in mm/ changes it here.
"""

from . import allocation, checks, devices, edges, eviction, flushes, processors, shootdowns
from .equivalent import EQUIVALENT, GENERATED
from .mutation import Mutation, Outcome, Unusable, WRONG

CLASSIC = shootdowns.CLASSIC
PARTS = (flushes, checks, eviction, devices, allocation, processors, shootdowns, edges)
MUTATIONS = [mutation for part in PARTS for mutation in part.MUTATIONS]

__all__ = ["CLASSIC", "EQUIVALENT", "GENERATED", "MUTATIONS", "WRONG", "Mutation", "Outcome", "Unusable"]
