; arch/user.asm - copying from and to user memory (arch/user.h).
;
; The kernel's loads and stores on user addresses are all here. One that faults for good is
; looked up in the exception table and goes on at its fixup. A word that straddles the end of
; what is accessible is tried again byte by byte, so that the count of what was not copied
; is exact. Ranges are checked first: within user addresses a fault is always #PF.
;
; With user_copies_sleep set each goes by way of the kernel's function that sleeps, and comes
; back at the label that ends in _now.

%include "arch/frame.inc"

%define USER_END     0x00007ffffffff000
%define EFAULT       14
%define ENAMETOOLONG 36

extern copy_several, copied_several
extern user_copies_sleep, kernel_copy_from_user, kernel_copy_to_user, kernel_clear_user
extern kernel_exchange_if, kernel_copy_string

section .text progbits alloc exec nowrite align=64

; To %1 if copies are to sleep.
%macro TO_SLEEP 1
    cmp byte [rel user_copies_sleep], 0
    jne %1
%endmacro

; To the label %2 unless [%1, %1 + RDX) lies in user addresses. Changes RAX.
%macro CHECK_RANGE 2
    mov rax, USER_END
    sub rax, %1
    jb %2
    cmp rdx, rax
    ja %2
%endmacro

; size_t copy_from_user(void *to, const void *from, size_t length)
global copy_from_user
copy_from_user:
    CHECK_RANGE rsi, copy_refused
    TO_SLEEP kernel_copy_from_user
    jmp copy_user_now

; size_t copy_to_user(void *to, const void *from, size_t length)
global copy_to_user
copy_to_user:
    CHECK_RANGE rdi, copy_refused
    TO_SLEEP kernel_copy_to_user
global copy_user_now
copy_user_now:
    mov rcx, rdx
    and edx, 7
    shr rcx, 3
    CALL_SEVERAL copy_several
    USER_OPEN
copy_words:
    rep movsq
    mov ecx, edx
copy_bytes:
    rep movsb
copy_end:
    USER_CLOSE
    CALL_SEVERAL copied_several
    mov rax, rcx
    ret
copy_words_fault:
    lea rcx, [rdx + rcx * 8]
    jmp copy_bytes
copy_refused:
    mov rax, rdx
    ret
    FIXUP copy_words, copy_words_fault
    FIXUP copy_bytes, copy_end

; size_t clear_user(void *to, size_t length)
global clear_user
clear_user:
    mov rdx, rsi
    CHECK_RANGE rdi, copy_refused
    TO_SLEEP kernel_clear_user
global clear_user_now
clear_user_now:
    mov rdx, rsi
    mov rcx, rdx
    and edx, 7
    shr rcx, 3
    xor eax, eax
    CALL_SEVERAL copy_several
    USER_OPEN
clear_words:
    rep stosq
    mov ecx, edx
clear_bytes:
    rep stosb
    jmp copy_end
clear_words_fault:
    lea rcx, [rdx + rcx * 8]
    jmp clear_bytes
    FIXUP clear_words, clear_words_fault
    FIXUP clear_bytes, copy_end

; int user_exchange_if(uint32_t *at, uint32_t *expected, uint32_t value)
global user_exchange_if
user_exchange_if:
    mov ecx, edx
    mov edx, 4
    CHECK_RANGE rdi, exchange_refused
    mov edx, ecx
    TO_SLEEP kernel_exchange_if
global user_exchange_now
user_exchange_now:
    mov eax, [rsi]
    CALL_SEVERAL copy_several
    USER_OPEN
exchange_word:
    lock cmpxchg [rdi], edx
    USER_CLOSE
    CALL_SEVERAL copied_several
    mov [rsi], eax
    xor eax, eax
    ret
exchange_fault:
    USER_CLOSE
    CALL_SEVERAL copied_several
exchange_refused:
    mov eax, -EFAULT
    ret
    FIXUP exchange_word, exchange_fault

; long copy_string_from_user(char *to, const char *from, size_t size)
;
; Eight bytes at a time where the source is aligned, so that no page behind the string is
; touched; a word with a zero byte in it (the borrow of a subtraction shows it) and the
; unaligned beginning go byte by byte.
global copy_string_from_user
copy_string_from_user:
    TO_SLEEP kernel_copy_string
global copy_string_now
copy_string_now:
    mov rax, USER_END
    sub rax, rsi
    jbe string_refused
    mov r9d, ENAMETOOLONG               ; what it means to run out of bytes:
    cmp rdx, rax
    jbe .clipped
    mov rdx, rax                        ; the user's half ends before the buffer does
    mov r9d, EFAULT
.clipped:
    mov r8, rdi
    mov r10, 0x0101010101010101
    mov r11, 0x8080808080808080
    CALL_SEVERAL copy_several
    USER_OPEN
string_next:
    test sil, 7
    jnz string_few
    cmp rdx, 8
    jb string_few
string_word:
    mov rax, [rsi]
    mov rcx, rax
    sub rcx, r10
    not rax
    and rcx, rax
    test rcx, r11
    jnz string_few
    not rax
    mov [rdi], rax
    add rdi, 8
    add rsi, 8
    sub rdx, 8
    jmp string_next
string_few:
    sub rdx, 1
    jb string_too_long
string_byte:
    mov al, [rsi]
    mov [rdi], al
    inc rsi
    inc rdi
    test al, al
    jnz string_next
    USER_CLOSE
    CALL_SEVERAL copied_several
    lea rax, [rdi - 1]
    sub rax, r8
    ret
string_too_long:
    USER_CLOSE
    CALL_SEVERAL copied_several
    mov rax, r9
    neg rax
    ret
string_fault:
    USER_CLOSE
    CALL_SEVERAL copied_several
string_refused:
    mov rax, -EFAULT
    ret
    FIXUP string_word, string_fault
    FIXUP string_byte, string_fault
