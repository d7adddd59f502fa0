"""Mutations of what tells which pages were written: mm/address_spaces/space_written.c, and who has to think of it."""

from mutations.mutation import Mutation

SEEN = ("soft-dirty",)
SWAPPED = ("--swap 128M soft-dirty",)

MUTATIONS = [
    Mutation("mm/address_spaces/space_written.c", "who asked may write on unnoticed", "        position_clear_bits(at, PTE_WRITABLE);\n", "", SEEN),
    Mutation("mm/address_spaces/space_written.c", "nothing is tracked", "region->tracked = true;", "region->tracked = false;", SEEN),
    Mutation("mm/address_spaces/space_written.c", "the processor remembers that it could write", "        flush_add(flush, position_address(at));\n", "", SEEN),
    Mutation("mm/demand_paging/fault.c", "reading gives the right to write", "unwritten ? access & ~ACCESS_WRITE : access", "access", SEEN),
    Mutation("mm/demand_paging/fault.c", "what is read for the first time counts as written", "(pte_is_zero(fault->old) || pte_is_unwritten(fault->old));", "pte_is_unwritten(fault->old);", SEEN),
    Mutation("mm/address_spaces/space_map.c", "mprotect gives the right to write", "    if (__builtin_expect(region->tracked, false) && access != 0)", "    if (false)", SEEN),
    Mutation("mm/page_tables/mapper.c", "what moved counts as unwritten", "    old.bits &= ~PTE_UNWRITTEN;\n", "", SEEN),
    Mutation("mm/page_tables/mapper.h", "a name forgets that its page is unwritten", "PTE_UNWRITTEN : PTE_UNWRITTEN | PTE_AGE", "0 : PTE_AGE", SWAPPED),
    Mutation("mm/address_spaces/region_layout.c", "what is new beside the old is not", "        region->tracked = next->tracked;\n", "        (void)0;\n", SEEN),
    Mutation("kernel/procfs/frames.c", "the zero page is a page as any", "    if (n == zero_frame.number)\n        return FLAG(FLAG_ZERO_PAGE) | FLAG(FLAG_MMAP);\n", "", ("proc-memory",)),
    Mutation("kernel/procfs/frames.c", "a free frame is nobody's word", "return FLAG(FLAG_BUDDY);", "return 0;", ("proc-memory",)),
    Mutation("kernel/procfs/frames.c", "a table is not told as one", "return FLAG(FLAG_PGTABLE);", "return 0;", ("proc-memory",)),
    Mutation("kernel/procfs/frames.c", "the kernel's frames are told as none", "return FLAG(FLAG_RESERVED);", "return FLAG(FLAG_NOPAGE);", ("proc-memory",)),
    Mutation("kernel/procfs/frames.c", "what is wired is told to be evictable", "view->wired ? FLAG_UNEVICTABLE : FLAG_LRU", "FLAG_LRU", ("proc-memory",)),
    Mutation("kernel/procfs/frames.c", "shared pages are told to be private", "view->of_object ? 0 : FLAG(FLAG_ANON)", "FLAG(FLAG_ANON)", ("proc-memory",)),
    Mutation("kernel/procfs/frames.c", "a page is mapped and not told so", "view->mapped ? FLAG(FLAG_MMAP) : 0", "0", ("proc-memory",)),
    Mutation("kernel/procfs/frames.c", "private pages are told to have no swap", "view->of_device ? 0 : FLAG(FLAG_SWAPBACKED)", "view->of_device ? FLAG(FLAG_SWAPBACKED) : 0", ("proc-memory",)),
    Mutation("kernel/procfs/frames.c", "kpagecount counts one mapper", "    return view_mappers(n);", "    return view_mappers(n) != 0;", ("proc-memory",)),
    Mutation("kernel/procfs/frames.c", "a page of one entry is not exclusive", "(view->alone ? MAP_EXCLUSIVE : 0)", "0", ("proc-memory",)),
    Mutation("kernel/procfs/frames.c", "a page of an object is told as private", "(view->of_object ? MAP_FILE : 0)", "0", ("proc-memory",)),
    Mutation("kernel/procfs/frames.c", "half a word can be read", "    if (*position % WORD || length % WORD)\n        return -EINVAL;\n", "", ("proc-memory",)),
]
