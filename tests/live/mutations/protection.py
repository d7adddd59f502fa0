"""Mutations of what protects: control registers, and the kernel's half of every space."""

from mutations.mutation import Mutation

PROBE = ("tests/test_protection.py",)

MUTATIONS = [
    Mutation("arch/trap.c", "NMI comes on the stack that it finds", "    idt[VECTOR_NMI].ist = STACK_NMI;\n", "", ("tests/test_protection.py",)),
    Mutation("arch/trap.c", "#MC comes on the stack that it finds", "    idt[VECTOR_MACHINE_CHECK].ist = STACK_MACHINE_CHECK;\n", "", ("tests/test_protection.py",)),
    Mutation("arch/paging.c", "the kernel's text is writable through the direct map", "return overlaps(start, end, image_physical(kernel_start), image_physical(rodata_end));", "return (void)start, (void)end, false;", PROBE),
    Mutation("arch/paging.c", "constants are writable through the direct map", "image_physical(kernel_start), image_physical(rodata_end)", "image_physical(kernel_start), image_physical(text_end)", PROBE),
    Mutation("arch/paging.c", "text is writable", "#define TEXT_RIGHTS     (PTE_PRESENT | PTE_GLOBAL)", "#define TEXT_RIGHTS     (PTE_PRESENT | PTE_GLOBAL | PTE_WRITABLE)", PROBE),
    Mutation("arch/paging.c", "constants are writable", "#define CONSTANT_RIGHTS (PTE_PRESENT |", "#define CONSTANT_RIGHTS (PTE_PRESENT | PTE_WRITABLE |", PROBE),
    Mutation("arch/paging.c", "constants are executable", "#define CONSTANT_RIGHTS (PTE_PRESENT | PTE_GLOBAL | PTE_NO_EXECUTE)", "#define CONSTANT_RIGHTS (PTE_PRESENT | PTE_GLOBAL)", PROBE),
    Mutation("arch/paging.c", "data is executable", "PTE_GLOBAL | PTE_WRITABLE | PTE_NO_EXECUTE)", "PTE_GLOBAL | PTE_WRITABLE)", PROBE),
    Mutation("arch/paging.c", "the kernel's pages are user code's", "#define DATA_RIGHTS     (PTE_PRESENT |", "#define DATA_RIGHTS     (PTE_PRESENT | PTE_USER |", PROBE),
    Mutation("arch/paging.c", "the kernel's text is user code's", "#define TEXT_RIGHTS     (PTE_PRESENT |", "#define TEXT_RIGHTS     (PTE_PRESENT | PTE_USER |", PROBE),
    Mutation("arch/paging.c", "text is not global", "#define TEXT_RIGHTS     (PTE_PRESENT | PTE_GLOBAL)", "#define TEXT_RIGHTS     (PTE_PRESENT)", PROBE),
    Mutation("arch/paging.c", "devices are cached", "(DATA_RIGHTS | PTE_UNCACHED)", "(DATA_RIGHTS)", PROBE),
    Mutation("arch/paging.c", "fixed stacks have no guard", "        if (!stack_guard_contains((uintptr_t)start))\n            map(", "            map(", PROBE),
    Mutation("arch/paging.c", "threads' stacks touch each other", "STACK_AREA + place * STACK_STRIDE + PAGE_SIZE;", "STACK_AREA + place * KERNEL_STACK_SIZE + PAGE_SIZE;", PROBE),
    *(
        Mutation("arch/cpu.c", f"{name} stays off", f"CR4_{name}, ", "0, ", PROBE)
        for name in ("SMEP", "SMAP", "UMIP")
    ),
    Mutation("arch/cpu.c", "WP is off", "(cr0_read() | CR0_WP |", "(cr0_read() & ~CR0_WP |", (*PROBE, "cow")),
    Mutation("arch/cpu.c", "x87 errors are interrupts", "CR0_WP | CR0_NE | CR0_MP)", "CR0_WP | CR0_MP)", ("exceptions",)),
    Mutation("arch/cpu.c", "SMAP's window is never closed", "patch->place[2] = (uint8_t)patch->last_byte;", "patch->place[2] = 0xcb;", ("flags",)),
]
