; boot/boot.asm - from the loader's 32-bit world into 64-bit C.
;
; Both loaders enter in 32-bit protected mode without paging: GRUB by the multiboot2 header,
; `qemu -kernel` by the PVH note. Here the processor is asked whether it can do what we need
; (long mode, no-execute); then temporary page tables map the first 4 GiB three times, where
; they are (we are running there), at the direct map, and the first GiB at KERNEL_BASE; and
; with paging on we jump to the top of the address space. The order of switching on is
; that of Intel SDM 3A, 10.8.5.

KERNEL_BASE equ 0xffffffff80000000
COM1        equ 0x3f8
VGA         equ 0xb8000
DEBUG_EXIT  equ 0xf4
PVH_MAGIC   equ 0x336ec578

extern boot_start
extern stacks_start
extern timer_entry_tsc

; ---------------------------------------------------------------- headers

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

; ---------------------------------------------------------------- 32 bits

section .boot progbits alloc exec nowrite align=16
bits 32

global boot_multiboot2
boot_pvh:
    mov eax, PVH_MAGIC
boot_multiboot2:
    cli
    cld
    mov esp, boot_stack_end
    mov edi, eax                        ; EDI, ESI: what the loader says; CPUID spares them
    mov esi, ebx

    call processor_check
    rdtsc
    mov [boot_tsc], eax
    mov [boot_tsc + 4], edx
    call tables_build

    mov eax, cr4
    or eax, 1 << 5                      ; PAE
    mov cr4, eax
    mov eax, root
    mov cr3, eax
    mov ecx, 0xc0000080                 ; EFER
    rdmsr
    or eax, 1 << 8 | 1 << 11            ; LME, NXE
    wrmsr
    mov eax, cr0
    or eax, 1 << 31 | 1 << 16           ; PG, WP
    mov cr0, eax
    lgdt [gdt_pointer]
    jmp 0x08:boot_64

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

; The memory at `root` and behind is zero: the loader clears what the file does not fill.
tables_build:
    mov dword [root], low_4g + 3                   ; 3: present, writable
    mov dword [root + 256 * 8], low_4g + 3         ; the direct map
    mov dword [root + 511 * 8], top_2g + 3
    mov dword [top_2g + 510 * 8], directories + 3
    xor ecx, ecx
.directory:
    mov eax, ecx
    shl eax, 12
    lea eax, [eax + directories + 3]
    mov [low_4g + ecx * 8], eax
    inc ecx
    cmp ecx, 4
    jb .directory
    xor ecx, ecx
    mov eax, 0x83                                  ; present, writable, 2 MiB
.entry:
    mov [directories + ecx * 8], eax
    add eax, 0x200000
    inc ecx
    cmp ecx, 4 * 512
    jb .entry
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

align 8
gdt:
    dq 0
    dq 0x00af9b000000ffff               ; 0x08: 64-bit code
    dq 0x00cf93000000ffff               ; 0x10: data
gdt_pointer:
    dw gdt_pointer - gdt - 1
    dd gdt

; ---------------------------------------------------------------- 64 bits

bits 64
boot_64:
    mov eax, 0x10
    mov ss, eax
    xor eax, eax
    mov ds, eax
    mov es, eax
    mov fs, eax
    mov gs, eax
    mov rax, boot_high
    jmp rax

section .text progbits alloc exec nowrite align=16
boot_high:
    mov rsp, stacks_start + 5 * 4096    ; the first fixed stack (arch/layout.h)
    mov rax, [boot_tsc]                 ; still mapped where it lies
    mov [rel timer_entry_tsc], rax
    mov edi, edi                        ; only the lower halves are ours
    mov esi, esi
    xor ebp, ebp                        ; backtraces end here
    push rbp
    jmp boot_start

; ---------------------------------------------------------------- memory

section .boot_data nobits alloc noexec write align=4096
root:        resb 4096
low_4g:      resb 4096
top_2g:      resb 4096
directories: resb 4 * 4096
             resb 64
boot_stack_end:
boot_tsc:    resq 1                     ; the time-stamp counter at kernel entry

; Four stacks of 16 KiB, each above a guard page: boot and idle, #DF, NMI, #MC.
section .stacks nobits alloc noexec write align=4096
    resb 4 * 5 * 4096
