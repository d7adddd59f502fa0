; boot/boot.asm - from the loader's 32-bit world into 64-bit C.
;
; Both loaders enter in 32-bit protected mode without paging (boot/headers.asm says where).
; Temporary page tables map the first 4 GiB three times, where they are (we are running
; there), at the direct map, and the first GiB at the top of the address space; and with
; paging on we jump up there. The order of switching on is that of Intel SDM 3A, 10.8.5.
;
; The other processors come the same way later, from boot/other.asm.

PVH_MAGIC equ 0x336ec578

extern boot_start
extern processor_check                  ; boot/check.asm: goes on only with what we need
extern stacks_start
extern timer_entry_tsc
extern processor_begin, other_root, other_stack, other_processor ; arch/processors.c
extern bss_physical, bss_words          ; linker.ld: .bss and .stacks

; ---------------------------------------------------------------- 32 bits

section .boot progbits alloc exec nowrite align=16
bits 32

global boot_multiboot2
global boot_pvh
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
    call memory_clear
    mov [boot_tsc], eax
    mov [boot_tsc + 4], edx
    call tables_build
    call long_mode_enter
    jmp 0x08:boot_64

global other_32                         ; from boot/other.asm, without a stack that is its own
other_32:
    mov eax, 0x10
    mov ds, eax
    mov ss, eax
    mov esp, boot_stack_end             ; one processor at a time
    call long_mode_enter
    jmp 0x08:other_64

long_mode_enter:
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
    and eax, ~(3 << 29)                 ; CD, NW: after INIT the caches are off
    or eax, 1 << 31 | 1 << 16           ; PG, WP
    mov cr0, eax
    lgdt [gdt_pointer]
    ret

; What the file does not fill is zero for C and for the tables here. QEMU does not see to it,
; and memory is not zero after a reset. The stack in use is spared, and all registers are.
memory_clear:
    pushad
    xor eax, eax
    mov edi, root
    mov ecx, (boot_stack - root) / 4
    rep stosd
    mov edi, bss_physical
    mov ecx, bss_words
    rep stosd
    popad
    ret

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

align 8
global gdt
gdt:
    dq 0
    dq 0x00af9b000000ffff               ; 0x08: 64-bit code
    dq 0x00cf93000000ffff               ; 0x10: data
    dq 0x00cf9b000000ffff               ; 0x18: 32-bit code
gdt_end:
gdt_pointer:
    dw gdt_end - gdt - 1
    dd gdt

; ---------------------------------------------------------------- 64 bits

bits 64
%macro SEGMENTS 0
    mov eax, 0x10
    mov ss, eax
    xor eax, eax
    mov ds, eax
    mov es, eax
    mov fs, eax
    mov gs, eax
%endmacro

boot_64:
    SEGMENTS
    mov rax, boot_high
    jmp rax

other_64:
    SEGMENTS
    mov rax, other_high
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

other_high:
    mov rax, [rel other_root]           ; the tables here do not know its stack
    mov cr3, rax
    mov rsp, [rel other_stack]
    mov rdi, [rel other_processor]
    xor ebp, ebp
    push rbp
    jmp processor_begin

; ---------------------------------------------------------------- memory

section .boot_data nobits alloc noexec write align=4096
root:        resb 4096
low_4g:      resb 4096
top_2g:      resb 4096
directories: resb 4 * 4096
boot_stack:  resb 64
boot_stack_end:
boot_tsc:    resq 1                     ; the time-stamp counter at kernel entry

; Five stacks of 16 KiB, each above a guard page: boot and idle, #DF, NMI, #MC, #DB.
section .stacks nobits alloc noexec write align=4096
    resb 5 * 5 * 4096
