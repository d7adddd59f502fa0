; boot/check.asm - can this processor do it? If not, say so and stop.
;
; Before anything else, still in 32 bits without paging: a kernel that uses what the processor
; does not have resets the machine for ever, or stops somewhere later for no visible reason.
; Beside long mode and no-execute that is what programs for x86-64 may use without asking. The
; message goes to the serial line and the screen directly; nothing else works yet.

COM1       equ 0x3f8
VGA        equ 0xb8000
DEBUG_EXIT equ 0xf4

section .boot progbits alloc exec nowrite align=16
bits 32

global processor_check

; Go on only with CPUID, and with all of the table `features`.
processor_check:
    pushfd                              ; CPUID is there if EFLAGS.ID can be changed
    pop eax
    mov ecx, eax
    xor eax, 1 << 21
    push eax
    popfd
    pushfd
    pop eax
    cmp eax, ecx
    mov ebp, name_lm
    je refuse
    push edi
    push esi
    mov esi, features
.next:
    mov ebp, [esi + 8]                  ; its name, should it be missing
    mov eax, [esi]
    mov edi, eax
    and eax, 0x80000000
    cpuid                               ; the highest leaf of this kind
    cmp eax, edi
    jb refuse
    mov eax, edi
    cpuid
    test edx, [esi + 4]
    jz refuse
    add esi, 12
    cmp esi, features_end
    jb .next
    pop esi
    pop edi
    ret

; CPUID's leaf, bit of EDX in it (SDM 2A, CPUID; AMD's manual 3, E.4), and how it is called.
; SYSCALL is not among them: Intel's processors say only in 64-bit mode that they have it, and
; kernel/main.c asks there.
features:
    dd 0x80000001, 1 << 29, name_lm
    dd 0x80000001, 1 << 20, name_nx
    dd 1, 1 << 0, name_fpu
    dd 1, 1 << 3, name_pse
    dd 1, 1 << 4, name_tsc
    dd 1, 1 << 5, name_msr
    dd 1, 1 << 6, name_pae
    dd 1, 1 << 8, name_cx8
    dd 1, 1 << 9, name_apic
    dd 1, 1 << 13, name_pge
    dd 1, 1 << 15, name_cmov
    dd 1, 1 << 24, name_fxsr
    dd 1, 1 << 25, name_sse
    dd 1, 1 << 26, name_sse2
features_end:

; Say that the feature with the name at EBP is missing, and stop for good.
refuse:
    call line_set_up
    mov edi, VGA
    mov esi, text_lacks
    call write
    mov esi, ebp
    call write
    mov esi, text_wanted
    call write
    mov al, 2                           ; ends QEMU: it was refused (arch/cpu.h)
    out DEBUG_EXIT, al
.halt:
    cli
    hlt
    jmp .halt

line_set_up:
    mov dx, COM1 + 3                    ; 115,200 baud, 8 bits
    mov al, 0x80
    out dx, al
    mov dx, COM1
    mov al, 1
    out dx, al
    inc dx
    xor al, al
    out dx, al
    mov dx, COM1 + 3
    mov al, 3
    out dx, al
    ret

; The text at ESI, to the line and to the screen at EDI, which moves on.
write:
    mov dx, COM1 + 5
    mov ecx, 100000                     ; a line that nobody has is never ready
.wait:
    in al, dx
    test al, 0x20
    loopz .wait
    lodsb
    test al, al
    jz .end
    mov dx, COM1
    out dx, al
    cmp al, 10
    je write
    mov ah, 0x4f                        ; white on red
    stosw
    jmp write
.end:
    ret

text_lacks:   db "faultline: this processor lacks ", 0
text_wanted:  db "; it must be one for x86-64 (QEMU: -cpu qemu64); stopped", 10, 0
name_lm:      db "the 64-bit mode (long mode)", 0
name_nx:      db "no-execute (NX)", 0
name_fpu:     db "floating point (FPU)", 0
name_pse:     db "large pages (PSE)", 0
name_tsc:     db "a time-stamp counter (TSC)", 0
name_msr:     db "model-specific registers (MSR)", 0
name_pae:     db "PAE", 0
name_cx8:     db "CMPXCHG8B (CX8)", 0
name_apic:    db "a local interrupt controller (APIC)", 0
name_pge:     db "global pages (PGE)", 0
name_cmov:    db "CMOV", 0
name_fxsr:    db "FXSAVE (FXSR)", 0
name_sse:     db "SSE", 0
name_sse2:    db "SSE2", 0
