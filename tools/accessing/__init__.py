"""Every access of a run, seen from outside: strings of references, and a modelled TLB (docs/tlb.md)."""
