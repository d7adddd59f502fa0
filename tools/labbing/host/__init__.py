"""Tests of the page tables without a machine: a student's functions run in a process of their own, in which
addresses are taken apart otherwise than by the processor, and the judge looks at what they left in memory."""
