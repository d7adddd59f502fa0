/* exec-entry.c - the processor as a new program finds it: nothing of the old one's is left.
 *
 * A C program cannot see this: its start code has run before main. So the program that is
 * executed is a few instructions in an ELF file made here; they write down every register,
 * and send that through a pipe. The old program leaves behind all that it can: registers,
 * flags, segments and their bases, the FPU's state and modes, an alternate stack. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROGRAM      "exec-entry-program"
#define ADDRESS      0x10000000ul
#define ARCH_SET_GS  0x1001
#define FLAG_TF      0x100ul
#define FLAGS_ALWAYS 0x202ul /* IF, and the bit that is always set */

enum { RSP = 7, GENERAL = 16, SEGMENTS = 4 };

/* Known to the assembly below by its offsets. */
struct entry {
    uint64_t general[GENERAL];   /*   0 rax rbx rcx rdx rsi rdi rbp rsp r8 … r15 */
    uint64_t flags;              /* 128 */
    uint64_t segments[SEGMENTS]; /* 136 ds es fs gs */
    uint64_t fs_base, gs_base;   /* 168 */
    uint64_t alternate[3];       /* 184 as sigaltstack tells */
    uint64_t unused[6];          /* FXSAVE wants 16 */
    uint8_t fpu[512];            /* 256 */
};

extern const char program_start[], program_end[];
__asm__(
    ".pushsection .rodata\n"
    ".balign 64\n"
    "program_start:\n"
    "    mov %rax, state+0(%rip); mov %rbx, state+8(%rip); mov %rcx, state+16(%rip)\n"
    "    mov %rdx, state+24(%rip); mov %rsi, state+32(%rip); mov %rdi, state+40(%rip)\n"
    "    mov %rbp, state+48(%rip); mov %rsp, state+56(%rip); mov %r8, state+64(%rip)\n"
    "    mov %r9, state+72(%rip); mov %r10, state+80(%rip); mov %r11, state+88(%rip)\n"
    "    mov %r12, state+96(%rip); mov %r13, state+104(%rip); mov %r14, state+112(%rip)\n"
    "    mov %r15, state+120(%rip)\n"
    "    pushfq; popq state+128(%rip); cld\n"
    "    xor %eax, %eax\n"
    "    mov %ds, %eax; mov %rax, state+136(%rip)\n"
    "    mov %es, %eax; mov %rax, state+144(%rip)\n"
    "    mov %fs, %eax; mov %rax, state+152(%rip)\n"
    "    mov %gs, %eax; mov %rax, state+160(%rip)\n"
    "    fxsave64 state+256(%rip)\n"
    "    mov $158, %eax; mov $0x1003, %edi; lea state+168(%rip), %rsi; syscall\n"
    "    mov $158, %eax; mov $0x1004, %edi; lea state+176(%rip), %rsi; syscall\n"
    "    mov $131, %eax; xor %edi, %edi; lea state+184(%rip), %rsi; syscall\n"
    "    mov $1, %eax; mov $1, %edi; lea state(%rip), %rsi; mov $768, %edx; syscall\n"
    "    mov $60, %eax; xor %edi, %edi; syscall\n"
    ".balign 64\n"
    "state:\n"
    "    .skip 768\n"
    "program_end:\n"
    ".popsection\n");

static void program_make(void)
{
    size_t length = program_end - program_start;
    Elf64_Ehdr header = {
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = ADDRESS,
        .e_phoff = sizeof(header),
        .e_ehsize = sizeof(header),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 1,
    };
    Elf64_Phdr segment = {
        .p_type = PT_LOAD,
        .p_flags = PF_R | PF_W | PF_X,
        .p_offset = 4096,
        .p_vaddr = ADDRESS,
        .p_filesz = length,
        .p_memsz = length,
        .p_align = 4096,
    };
    int fd = open(PROGRAM, O_WRONLY | O_CREAT | O_TRUNC, 0755);

    if (fd < 0 || write(fd, &header, sizeof(header)) != sizeof(header) ||
        write(fd, &segment, sizeof(segment)) != sizeof(segment) ||
        pwrite(fd, program_start, length, 4096) != (ssize_t)length)
        bail(PROGRAM);
    fchmod(fd, 0755);
    close(fd);
}

/* --- What is left behind ------------------------------------------------------------- */

static void fpu_disarrange(void)
{
    uint32_t mxcsr = 0x7f80 | 0x3f;
    uint16_t control = 0x27f;

    __asm__ volatile(
        "ldmxcsr %0; fldcw %1; fldpi; fldpi\n"
        "pcmpeqd %%xmm0, %%xmm0; movaps %%xmm0, %%xmm1; movaps %%xmm0, %%xmm7\n"
        "movaps %%xmm0, %%xmm8; movaps %%xmm0, %%xmm15"
        :
        : "m"(mxcsr), "m"(control)
        : "xmm0", "xmm1", "xmm7", "xmm8", "xmm15");
}

static void traced(int signal)
{
    (void)signal;
}

/* execve with every segment loaded, every flag of `flags` set, and the registers full. From
 * the segments on nothing of C runs here: FS held what it needs. */
__attribute__((noreturn)) static void exec_with(uint64_t flags)
{
    static char *argv[] = {"program", NULL}, *envp[] = {NULL};

    __asm__ volatile(
        "mov %%ss, %%eax; mov %%eax, %%ds; mov %%eax, %%es; mov %%eax, %%fs\n"
        "mov %%eax, %%gs\n"
        "mov $-1, %%rbx; mov %%rbx, %%r8; mov %%rbx, %%r9; mov %%rbx, %%r10\n"
        "mov %%rbx, %%r12; mov %%rbx, %%r13; mov %%rbx, %%r14; mov %%rbx, %%r15\n"
        "pushfq; or %%rcx, (%%rsp); mov $59, %%eax; popfq; syscall; ud2"
        :
        : "D"(PROGRAM), "S"(argv), "d"(envp), "c"(flags)
        : "rax", "rbx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory");
    __builtin_unreachable();
}

struct leaving {
    int pipe;
    uint64_t flags;
    bool segments; /* loaded after the bases were set; else the bases are what is left */
};

static int leave(void *argument)
{
    static char alternate[16384], *argv[] = {"program", NULL}, *envp[] = {NULL};
    const struct leaving *leaving = argument;
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
    struct sigaction trap = {.sa_handler = traced};

    dup2(leaving->pipe, 1);
    sigaltstack(&stack, NULL);
    sigaction(SIGTRAP, &trap, NULL);
    raw3(SYS_arch_prctl, ARCH_SET_GS, 0x123456789000, 0);
    fpu_disarrange();
    if (leaving->segments)
        exec_with(leaving->flags);
    raw3(SYS_execve, (long)PROGRAM, (long)argv, (long)envp);
    return 1;
}

/* --- What is found ------------------------------------------------------------------- */

static bool all_zero(const void *bytes, size_t length)
{
    const uint8_t *byte = bytes;

    for (size_t i = 0; i < length; i++)
        if (byte[i])
            return false;
    return true;
}

static void entry_check(const struct entry *entry, const char *how)
{
    bool clean = true;

    for (int i = 0; i < GENERAL; i++)
        clean = clean && (i == RSP || entry->general[i] == 0);
    check(clean, "%s: the general registers are zero", how);
    check(entry->general[RSP] != 0 && entry->general[RSP] % 16 == 0,
          "%s: but for the stack pointer, which is aligned", how);
    check_equal(entry->flags, FLAGS_ALWAYS, "%s: the flags are clear", how);
    check(all_zero(entry->segments, sizeof(entry->segments)), "%s: the segments too", how);
    check_equal(entry->fs_base, 0, "%s: no FS base", how);
    check_equal(entry->gs_base, 0, "%s: no GS base", how);
    check(entry->alternate[0] == 0 && (uint32_t)entry->alternate[1] == SS_DISABLE &&
              entry->alternate[2] == 0,
          "%s: no alternate stack", how);
}

static void fpu_check(const uint8_t fpu[512], const char *how)
{
    uint16_t control, status;
    uint32_t mxcsr;

    memcpy(&control, fpu, 2), memcpy(&status, fpu + 2, 2), memcpy(&mxcsr, fpu + 24, 4);
    check_equal(control, 0x37f, "%s: x87 control word", how);
    check_equal(status, 0, "%s: x87 status word", how);
    check_equal(fpu[4], 0, "%s: the x87 stack is empty", how);
    check_equal(mxcsr, 0x1f80, "%s: MXCSR", how);
    check(all_zero(fpu + 8, 16), "%s: no instruction and operand of before", how);
    check(all_zero(fpu + 32, 128), "%s: ST0 to ST7 are zero", how);
    check(all_zero(fpu + 160, 256), "%s: XMM0 to XMM15 are zero", how);
}

static void entry_try(uint64_t flags, bool segments, const char *how)
{
    struct entry entry;
    int ends[2];

    if (pipe(ends) != 0)
        bail("pipe");
    struct leaving leaving = {ends[1], flags, segments};
    int status = child_run(leave, &leaving);
    close(ends[1]);
    check_equal(status, 0, "%s: the new program runs", how);
    if (check(read(ends[0], &entry, sizeof(entry)) == sizeof(entry), "%s: and reports",
              how)) {
        entry_check(&entry, how);
        fpu_check(entry.fpu, how);
    }
    close(ends[0]);
}

int main(void)
{
    program_make();
    entry_try(0, false, "bases");
    entry_try(0, true, "segments");
    entry_try(0x400 | 0x4000 | 0x40000 | 0x200000 | 0x8d5, true, "DF NT AC ID");
    entry_try(FLAG_TF, true, "TF");
    unlink(PROGRAM);
    return tap_end();
}
