; boot/other.asm - the first instructions of the other processors.
;
; The message that starts a processor names a page below 1 MiB, and it begins there in real mode
; (SDM 3A, 8.4.3). These bytes are copied to such a page (arch/processors.c); all they do is to get
; to the 32-bit code in boot.asm, which the first processor has gone through, too.

PAGE_16 equ 0x8000                      ; arch/processors.c: OTHER_PAGE

extern other_32
extern gdt                              ; boot.asm

section .rodata progbits alloc noexec nowrite align=16
bits 16

global other_16, other_16_end
other_16:
    cli
    cld
    xor ax, ax
    mov ds, ax
    o32 lgdt [PAGE_16 + .pointer - other_16]
    mov eax, cr0
    or eax, 1                           ; PE
    mov cr0, eax
    jmp dword 0x18:other_32
align 4
.pointer:
    dw 4 * 8 - 1
    dd gdt
other_16_end:
