/* kernel/signal/signal_frame.c - the picture a handler finds on its stack, bit for bit Linux's.
 *
 * To run a handler, everything the interrupted program had in registers is written to its
 * own stack (rt_sigframe: return address, ucontext, siginfo; the FPU's state above), and the
 * program is pointed at the handler. rt_sigreturn reads it back. Between the two the program
 * may write there what it likes, so nothing is loaded unchecked: flags and segments are
 * masked, MXCSR too, and a wild RIP faults in user mode like any other. */
#include "arch/user.h"
#include "kernel/process/process.h"
#include "lib/errno.h"
#include "lib/string.h"

#define RED_ZONE      128 /* below RSP the program may keep data (psABI 3.2.2) */
#define FPU_BYTES     512
#define FPU_SOFTWARE  464 /* in an FXSAVE image: bytes the processor leaves to software */
#define FPU_MXCSR     24
#define FPU_MAGIC     0x46505853u
#define CONTEXT_FLAGS 6 /* UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS */

struct user_context {
    uint64_t flags, link;
    uint64_t stack;
    uint32_t stack_flags, stack_padding;
    uint64_t stack_size;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
    uint16_t cs, gs, fs, ss;
    uint64_t error, vector, old_mask, cr2;
    uint64_t fpu; /* user address of the FXSAVE image; 0: none */
    uint64_t reserved[8];
    uint64_t mask;
};

struct user_frame {
    uint64_t return_address;
    struct user_context context;
    uint8_t info[128];
};

_Static_assert(sizeof(struct user_context) == 304, "Linux's struct ucontext");

static void put32(uint8_t *to, uint32_t value)
{
    memcpy(to, &value, sizeof(value));
}

static void put64(uint8_t *to, uint64_t value)
{
    memcpy(to, &value, sizeof(value));
}

void signal_info_encode(const struct signal_info *info, uint8_t encoded[128])
{
    memset(encoded, 0, 128);
    put32(encoded, info->signal);
    put32(encoded + 4, info->error);
    put32(encoded + 8, info->code);
    bool fault =
        info->code > 0 && info->code < SI_KERNEL &&
        (info->signal == SIGSEGV || info->signal == SIGBUS || info->signal == SIGILL ||
         info->signal == SIGFPE || info->signal == SIGTRAP);
    if (fault) {
        put64(encoded + 16, info->value);
        return;
    }
    put32(encoded + 16, info->sender);
    put32(encoded + 20, info->user);
    put64(encoded + 24, info->value);
}

/* --- The alternate stack ------------------------------------------------------------ */

/* RSP alone says so: the stack may have been left by longjmp. With SS_AUTODISARM nobody asks:
 * it is off while a handler runs, and on again when that returns. */
static bool on_alternate(uint64_t rsp)
{
    return !(current->alternate_flags & SS_AUTODISARM) && rsp > current->alternate_stack &&
           rsp - current->alternate_stack <= current->alternate_size;
}

bool signal_stack_is_on(uint64_t rsp)
{
    return !(current->alternate_flags & SS_DISABLE) && on_alternate(rsp);
}

static void stack_reset(void)
{
    current->alternate_stack = current->alternate_size = 0;
    current->alternate_flags = SS_DISABLE;
}

int signal_stack_set(uint64_t rsp, uint64_t start, uint32_t flags, uint64_t size)
{
    uint32_t mode = flags & ~SS_AUTODISARM;
    if (signal_stack_is_on(rsp))
        return -EPERM;
    if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE)
        return -EINVAL;
    if (mode == SS_DISABLE) {
        stack_reset();
        return 0;
    }
    if (size < MINSIGSTKSZ)
        return -ENOMEM;
    current->alternate_stack = start;
    current->alternate_size = size;
    current->alternate_flags = flags & SS_AUTODISARM;
    return 0;
}

/* Where the stack for the handler ends, or 0: it has left the alternate stack. */
static uint64_t stack_choose(uint64_t rsp, const struct signal_action *action, size_t need)
{
    bool nested = !(current->alternate_flags & SS_DISABLE) && on_alternate(rsp);
    if (nested)
        return on_alternate(rsp - RED_ZONE - need) ? rsp - RED_ZONE : 0;
    if ((action->flags & SA_ONSTACK) && !(current->alternate_flags & SS_DISABLE))
        return current->alternate_stack + current->alternate_size;
    return rsp - RED_ZONE;
}

/* --- Push --------------------------------------------------------------------------- */

static void context_fill(struct user_context *to, const struct trap_frame *frame,
                         uint64_t mask)
{
    *to = (struct user_context){
        .flags = CONTEXT_FLAGS,
        .stack = current->alternate_stack,
        .stack_flags = current->alternate_flags,
        .stack_size = current->alternate_size,
        .r8 = frame->r8,
        .r9 = frame->r9,
        .r10 = frame->r10,
        .r11 = frame->r11,
        .r12 = frame->r12,
        .r13 = frame->r13,
        .r14 = frame->r14,
        .r15 = frame->r15,
        .rdi = frame->rdi,
        .rsi = frame->rsi,
        .rbp = frame->rbp,
        .rbx = frame->rbx,
        .rdx = frame->rdx,
        .rax = frame->rax,
        .rcx = frame->rcx,
        .rsp = frame->rsp,
        .rip = frame->rip,
        .rflags = frame->rflags,
        .cs = frame->cs,
        .ss = frame->ss,
        .error = current->fault_code,
        .vector = current->fault_vector,
        .old_mask = mask,
        .cr2 = current->fault_address,
        .mask = mask,
    };
}

/* FXSAVE leaves its reserved bytes as they are: so not into an array that was something else
 * before, but where the thread's state is kept while others run, which was cleared once. */
static bool fpu_push(uint64_t address)
{
    uint8_t *image = current->context.fpu;
    fpu_save(image);
    put32(image + FPU_SOFTWARE, FPU_MAGIC);
    put32(image + FPU_SOFTWARE + 4, FPU_BYTES); /* extended size */
    put64(image + FPU_SOFTWARE + 8, 3);         /* features: x87, SSE */
    put32(image + FPU_SOFTWARE + 16, FPU_BYTES);
    return copy_to_user((void __user *)address, image, FPU_BYTES) == 0;
}

bool signal_frame_push(struct trap_frame *frame, const struct signal_action *action,
                       const struct signal_info *info, uint64_t mask)
{
    struct user_frame pushed FILLED_WHOLE;
    uint64_t top = stack_choose(frame->rsp, action, FPU_BYTES + 64 + sizeof(pushed) + 16);
    if (top == 0 || !(action->flags & SA_RESTORER))
        return false;
    uint64_t fpu = (top - FPU_BYTES) & ~63ull;
    uint64_t rsp = ((fpu - sizeof(pushed)) & ~15ull) - 8;
    if (!fpu_push(fpu))
        return false;
    pushed.return_address = action->restorer;
    context_fill(&pushed.context, frame, mask);
    pushed.context.fpu = fpu;
    signal_info_encode(info, pushed.info);
    if (copy_to_user((void __user *)rsp, &pushed, sizeof(pushed)) != 0)
        return false;
    fpu_reset();
    frame->rdi = info->signal;
    frame->rsi = rsp + offsetof(struct user_frame, info);
    frame->rdx = rsp + offsetof(struct user_frame, context);
    frame->rax = 0;
    frame->rsp = rsp;
    frame->rip = action->handler;
    frame->rflags &= ~(uint64_t)(RFLAGS_DF | RFLAGS_TF);
    if (current->alternate_flags & SS_AUTODISARM)
        stack_reset();
    return true;
}

/* --- Pop ---------------------------------------------------------------------------- */

static bool fpu_pop(uint64_t address)
{
    _Alignas(16) uint8_t image[FPU_BYTES] FILLED_WHOLE;
    if (address == 0) {
        fpu_reset();
        return true;
    }
    if (copy_from_user(image, (const void __user *)address, sizeof(image)) != 0)
        return false;
    image[FPU_MXCSR + 2] = image[FPU_MXCSR + 3] = 0; /* reserved bits would fault */
    fpu_load(image);
    return true;
}

static void registers_load(struct trap_frame *frame, const struct user_context *from)
{
    frame->r8 = from->r8;
    frame->r9 = from->r9;
    frame->r10 = from->r10;
    frame->r11 = from->r11;
    frame->r12 = from->r12;
    frame->r13 = from->r13;
    frame->r14 = from->r14;
    frame->r15 = from->r15;
    frame->rdi = from->rdi;
    frame->rsi = from->rsi;
    frame->rbp = from->rbp;
    frame->rbx = from->rbx;
    frame->rdx = from->rdx;
    frame->rax = from->rax;
    frame->rcx = from->rcx;
    frame->rsp = from->rsp;
    frame->rip = from->rip;
    frame->rflags = (frame->rflags & ~(uint64_t)RFLAGS_USER) | (from->rflags & RFLAGS_USER);
    frame->cs = SELECTOR_USER_CODE;
    frame->ss = SELECTOR_USER_DATA;
    frame->vector = 0; /* its result is no call's: nothing to begin again */
}

bool signal_frame_pop(struct trap_frame *frame)
{
    struct user_context context FILLED_WHOLE;
    uint64_t address = frame->rsp - sizeof(uint64_t) + offsetof(struct user_frame, context);
    if (copy_from_user(&context, (const void __user *)address, sizeof(context)) != 0)
        return false;
    if (context.rip >> 47 || !fpu_pop(context.fpu))
        return false;
    registers_load(frame, &context);
    signal_stack_set(frame->rsp, context.stack, context.stack_flags, context.stack_size);
    signal_set_mask(context.mask);
    return true;
}
