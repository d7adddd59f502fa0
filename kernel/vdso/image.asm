; kernel/vdso/image.asm - the page of code that every program finds in its space.
;
; It is a shared library in one page, with all that a loader looks for: programs ask it by name,
; as they ask any other, and their C library finds it by the auxiliary vector (AT_SYSINFO_EHDR).
; What follows is that file, byte by byte (System V ABI, chapters 4 and 5; Linux's vdso(7) has the
; names): the header, three program headers, the symbols with their names and versions, the table
; by which names are found, the list of where all this is, and the code. It can be executed
; anywhere, and is reentrant: it changes nothing but what the caller hands to it. What it reads,
; the kernel has written before the first program began, into the page below (struct vdso_clock,
; vdso.h).

section .rodata progbits alloc noexec nowrite align=4096

%define PAGE 4096

; The page below: struct vdso_clock.
%define CLOCK (image - PAGE)
%define COUNTS       0                  ; can time be read here?
%define SELECTOR     4                  ; its limit is the number of the processor
%define START        8                  ; the time-stamp counter then
%define NS_PER_TICK 16                  ; 32.32 fixed point
%define REAL        24                  ; ns from 1970 to the start

%define NS_PER_SECOND 1000000000
%define NS_PER_US     1000

; System calls, for what is not known here.
%define SYS_GETTIMEOFDAY  96
%define SYS_TIME          201
%define SYS_CLOCK_GETTIME 228
%define SYS_GETCPU        309

; The clocks that can be read here, a bit each (kernel/linux/time.h): those that begin with the
; start, and those that begin with 1970.
%define CLOCKS_SINCE_START (1 << 1 | 1 << 4 | 1 << 6 | 1 << 7)
%define CLOCKS_SINCE_1970  (1 << 0 | 1 << 5 | 1 << 11)
%define CLOCKS_LAST        11

; --- The file's head ---------------------------------------------------------------------------

%define ET_DYN     3
%define EM_X86_64  62
%define PT_LOAD    1
%define PT_DYNAMIC 2
%define PT_STACK   0x6474e551
%define PF_X       1
%define PF_R       4

%define AT(label) ((label) - image)     ; where it is in the file, and from its first page

; kind, rights, from, to, alignment
%macro SEGMENT 5
    dd %1, %2
    dq AT(%3), AT(%3), AT(%3), (%4) - (%3), (%4) - (%3), %5
%endmacro

global vdso_image
vdso_image:
image:
    db 0x7f, "ELF", 2, 1, 1, 0          ; 64 bits, little-endian, version 1, System V
    dq 0
    dw ET_DYN, EM_X86_64
    dd 1
    dq 0, AT(segments), 0               ; no entry; no sections
    dd 0
    dw 64, 56, 3, 64, 0, 0              ; sizes and numbers: header, program headers, sections
segments:
    SEGMENT PT_LOAD, PF_R | PF_X, image, image_end, PAGE
    SEGMENT PT_DYNAMIC, PF_R, dynamic, dynamic_end, 8
    SEGMENT PT_STACK, PF_R, image, image, 8

; --- Symbols -----------------------------------------------------------------------------------

%define STT_FUNC   2
%define STB_GLOBAL (1 << 4)
%define STB_WEAK   (2 << 4)
%define IN_CODE    1                    ; the section's number: any but 0, which is "not here"

; name, binding, function: it ends at a label .end
%macro SYMBOL 3
    dd name_%1 - names
    db %2 | STT_FUNC, 0
    dw IN_CODE
    dq AT(%3), %3.end - %3
%endmacro

symbols:
    dd 0, 0                             ; the first stands for "none"
    dq 0, 0
    SYMBOL vdso_clock_gettime, STB_GLOBAL, clock_gettime
    SYMBOL vdso_gettimeofday, STB_GLOBAL, gettimeofday
    SYMBOL vdso_time, STB_GLOBAL, time
    SYMBOL vdso_getcpu, STB_GLOBAL, getcpu
    SYMBOL clock_gettime, STB_WEAK, clock_gettime
    SYMBOL gettimeofday, STB_WEAK, gettimeofday
    SYMBOL time, STB_WEAK, time
    SYMBOL getcpu, STB_WEAK, getcpu
symbols_end:
%define SYMBOLS 9
    times (SYMBOLS * 24) - (symbols_end - symbols) db 0

; Found by name: one bucket, and a chain through all of them (DT_HASH). There are eight; whoever
; looks one up compares names until it fits.
found_by_name:
    dd 1, SYMBOLS                       ; buckets, symbols
    dd 1                                ; the bucket begins with symbol 1
    dd 0                                ; nothing follows "none"
%assign next 2
%rep SYMBOLS - 2
    dd next                             ; what follows each
%assign next next + 1
%endrep
    dd 0

; Each symbol's version, as they stand above: 2, of those that follow.
versions:
    dw 0
    times 8 dw 2
    align 8, db 0

%define VERSION_BASE 1                  ; a flag: the file itself

; flags, number, hash of the name, name, bytes to the next
%macro VERSION 5
    dw 1, %1, %2, 1
    dd %3, 20, %5
    dd name_%4 - names, 0
%endmacro

version_names:
    VERSION VERSION_BASE, 1, 0x0deebfa1, itself, 28
    VERSION 0, 2, 0x03ae75f6, linux_2_6, 0

%macro NAME 2
name_%1: db %2, 0
%endmacro

names:
    db 0
    NAME itself, "linux-vdso.so.1"
    NAME linux_2_6, "LINUX_2.6"
    NAME clock_gettime, "clock_gettime"
    NAME vdso_clock_gettime, "__vdso_clock_gettime"
    NAME gettimeofday, "gettimeofday"
    NAME vdso_gettimeofday, "__vdso_gettimeofday"
    NAME time, "time"
    NAME vdso_time, "__vdso_time"
    NAME getcpu, "getcpu"
    NAME vdso_getcpu, "__vdso_getcpu"
names_end:

; --- Where all this is -------------------------------------------------------------------------

    align 8, db 0
dynamic:
    dq 14, name_itself - names          ; DT_SONAME
    dq 4, AT(found_by_name)             ; DT_HASH
    dq 5, AT(names)                     ; DT_STRTAB
    dq 10, names_end - names            ; DT_STRSZ
    dq 6, AT(symbols)                   ; DT_SYMTAB
    dq 11, 24                           ; DT_SYMENT
    dq 0x6ffffff0, AT(versions)         ; DT_VERSYM
    dq 0x6ffffffc, AT(version_names)    ; DT_VERDEF
    dq 0x6ffffffd, 2                    ; DT_VERDEFNUM
    dq 0, 0                             ; DT_NULL
dynamic_end:

; --- The code ----------------------------------------------------------------------------------

    align 16, db 0xcc

; int clock_gettime(clockid_t clock, struct timespec *time)
clock_gettime:
    cmp edi, CLOCKS_LAST
    ja .call
    cmp dword [rel CLOCK + COUNTS], 0
    je .call
    mov eax, CLOCKS_SINCE_START
    xor ecx, ecx
    bt eax, edi
    jc .read
    mov eax, CLOCKS_SINCE_1970
    mov rcx, [rel CLOCK + REAL]
    bt eax, edi
    jnc .call
.read:
    call seconds
    mov [rsi], rax
    mov [rsi + 8], rdx
    xor eax, eax
    ret
.call:
    mov eax, SYS_CLOCK_GETTIME
    syscall
    ret
.end:

; int gettimeofday(struct timeval *time, struct timezone *zone); either may be 0
gettimeofday:
    cmp dword [rel CLOCK + COUNTS], 0
    je .call
    test rdi, rdi
    jz .zone
    mov rcx, [rel CLOCK + REAL]
    call seconds
    mov [rdi], rax
    mov eax, edx
    xor edx, edx
    mov ecx, NS_PER_US
    div ecx
    mov [rdi + 8], rax
.zone:
    xor eax, eax
    test rsi, rsi
    jz .done
    mov [rsi], rax                      ; west of Greenwich by nothing
.done:
    ret
.call:
    mov eax, SYS_GETTIMEOFDAY
    syscall
    ret
.end:

; time_t time(time_t *time), which may be 0
time:
    cmp dword [rel CLOCK + COUNTS], 0
    je .call
    mov rcx, [rel CLOCK + REAL]
    call seconds
    test rdi, rdi
    jz .done
    mov [rdi], rax
.done:
    ret
.call:
    mov eax, SYS_TIME
    syscall
    ret
.end:

; int getcpu(unsigned *processor, unsigned *node, void *unused); each may be 0
getcpu:
    movzx eax, word [rel CLOCK + SELECTOR]
    lsl eax, eax                        ; each processor has its own table of segments
    jnz .call
    test rdi, rdi
    jz .node
    mov [rdi], eax
.node:
    xor eax, eax
    test rsi, rsi
    jz .done
    mov [rsi], eax
.done:
    ret
.call:
    mov eax, SYS_GETCPU
    syscall
    ret
.end:

; Now, in seconds (RAX) and ns (RDX), of a clock that stood at RCX ns at the start: as the kernel
; reckons (timer_at, arch/timer.h). What was loaded before has been loaded when the counter is read.
seconds:
    lfence
    rdtsc
    shl rdx, 32
    or rax, rdx
    sub rax, [rel CLOCK + START]
    mul qword [rel CLOCK + NS_PER_TICK]
    shrd rax, rdx, 32
    add rax, rcx
    xor edx, edx
    mov ecx, NS_PER_SECOND
    div rcx
    ret

    times PAGE - AT($) db 0xcc          ; a page: one byte more, and this is an error
image_end:
