; boot/headers.asm - what makes a loader take the kernel, and where it enters.
;
; GRUB looks for the multiboot2 header in the file's first 32 KiB, `qemu -kernel` for the PVH
; note (a Xen ELF note). One file has both, so people boot it with GRUB, and tests without.

extern boot_pvh                         ; the entry by PVH; that by multiboot2 is the ELF's

section .multiboot2 progbits alloc noexec nowrite align=8
header:
    dd 0xe85250d6                       ; magic (Multiboot2 3.1.1)
    dd 0                                ; architecture: i386, 32-bit protected mode
    dd header_end - header
    dd -(0xe85250d6 + (header_end - header))
    dw 4, 1                             ; console flags, optional
    dd 12
    dd 2                                ; a text screen suits us
    align 8
    dw 6, 0                             ; modules on page boundaries
    dd 8
    dw 0, 0                             ; end
    dd 8
header_end:

section .note.pvh note alloc noexec nowrite align=4
    dd 4, 4, 18                         ; name size, value size, XEN_ELFNOTE_PHYS32_ENTRY
    db "Xen", 0
    dd boot_pvh
