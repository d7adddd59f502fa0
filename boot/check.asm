; boot/check.asm - can this processor do it? If not, say so and stop.
;
; Before anything else, still in 32 bits without paging: a kernel that needs long mode and
; no-execute must not try without them, or the machine resets for ever. The message goes to
; the serial line and the screen directly; nothing else works yet.

COM1       equ 0x3f8
VGA        equ 0xb8000
DEBUG_EXIT equ 0xf4

section .boot progbits alloc exec nowrite align=16
bits 32

global processor_check

; Go on only with CPUID, long mode and no-execute.
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
    mov ebp, text_no_long_mode
    je refuse
    mov eax, 0x80000000
    cpuid
    cmp eax, 0x80000001
    jb refuse
    mov eax, 0x80000001
    cpuid
    test edx, 1 << 29                   ; LM
    jz refuse
    mov ebp, text_no_nx
    test edx, 1 << 20                   ; NX
    jz refuse
    ret

; Say the text at EBP on the serial line and the screen, and stop for good.
refuse:
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
    mov edi, VGA
    mov ah, 0x4f                        ; white on red
.next:
    mov dx, COM1 + 5
    mov ecx, 100000                     ; a line that nobody has is never ready
.wait:
    in al, dx
    test al, 0x20
    loopz .wait
    mov al, [ebp]
    inc ebp
    test al, al
    jz .stop
    mov dx, COM1
    out dx, al
    cmp al, 10
    je .next
    mov [edi], ax
    add edi, 2
    jmp .next
.stop:
    mov al, 1                           ; ends QEMU like a panic
    out DEBUG_EXIT, al
.halt:
    cli
    hlt
    jmp .halt

text_no_long_mode:
    db "faultline: this processor has no 64-bit mode (long mode); stopped", 10, 0
text_no_nx:
    db "faultline: this processor cannot forbid execution (no NX); stopped", 10, 0
