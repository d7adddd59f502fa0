"""Mutations of what tells which pages were written: mm/address_spaces/space_written.c, and who has to think of it."""

from mutations.mutation import Mutation

SEEN = ("soft-dirty",)
SWAPPED = ("--swap 128M soft-dirty",)

MUTATIONS = [
    Mutation("mm/address_spaces/space_written.c", "who asked may write on unnoticed", "            pte_clear_bits(entry, PTE_WRITABLE);\n", "", SEEN),
    Mutation("mm/address_spaces/space_written.c", "nothing is tracked", "region->tracked = true;", "region->tracked = false;", SEEN),
    Mutation("mm/address_spaces/space_written.c", "the processor remembers that it could write", "            flush_add(flush, run->address + i * PAGE_SIZE);\n", "", SEEN),
    Mutation("mm/demand_paging/fault.c", "reading gives the right to write", "unwritten ? access & ~ACCESS_WRITE : access", "access", SEEN),
    Mutation("mm/demand_paging/fault.c", "what is read for the first time counts as written", "(pte_is_zero(fault->old) || pte_is_unwritten(fault->old));", "pte_is_unwritten(fault->old);", SEEN),
    Mutation("mm/address_spaces/space_map.c", "mprotect gives the right to write", "        if (__builtin_expect(region->tracked, false))\n            region->access =", "        if (false)\n            region->access =", SEEN),
    Mutation("mm/page_tables/mapper.c", "what moved counts as unwritten", "    old.bits &= ~PTE_UNWRITTEN;\n", "", SEEN),
    Mutation("mm/page_tables/mapper.h", "a name forgets that its page is unwritten", "PTE_UNWRITTEN : PTE_UNWRITTEN | PTE_AGE", "0 : PTE_AGE", SWAPPED),
    Mutation("mm/address_spaces/region_layout.c", "what is new beside the old is not", "        region->tracked = next->tracked;\n", "        (void)0;\n", SEEN),
]
