; one-fault.asm - the smallest program worth following: faults /bin/one-fault
;
; Four faults, one a page, in this order:
;   1 execute  _start   the code is in the file: its page is read and mapped r-x
;   2 write    data     a private page of the file: copied, so the file keeps its 1
;   3 write    zeroes   bss is a promise of zeroes: a frame is filled with them
;   4 write    stack    two pages down: the stack grows there, again by zeroes
; The top page of the stack takes none: exec wrote the arguments there already.

global _start

section .data
data:   dq 1                            ; in the file, at the start of a page
        times 4096 - 8 db 0             ; all of it: exec has no tail to clear there

section .bss align=4096                 ; a page of its own, so that it faults by itself
zeroes: resq 1

section .text
_start: mov qword [rel data], 2
        mov qword [rel zeroes], 3
        mov qword [rsp - 8192], 4
        mov edi, 0                      ; exit_group(0)
        mov eax, 231
        syscall
