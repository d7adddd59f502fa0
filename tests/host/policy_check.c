/* tests/host/policy_check.c - does a policy keep the rules of mm/replacement/policy.h?
 *
 *     policy_check POLICY [FRAMES EXACT TICK REFERENCE…]
 *
 * The policy is asked for victims over policy_stand.c, in thousands of short cases made by dice,
 * the shortest first, in which pages end and are pinned; or in the one case that is given. Each
 * call is looked at when it comes back. The first rule that is broken is told, for
 * tools/check-policy to put into words: the call, the place in the program, the rule, what
 * happened, the case. */
#define _GNU_SOURCE
#include "mm/demand_paging/page.h"
#include "tests/host/policy_stand.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    FRAMES_MOST = 12, /* of a short case */
    OTHERS = 2,
    SHORT_CASES = 6000,
    WORDS_MOST = 120,
    LONG_FRAMES = 1000,
    LONG_WORDS = 40000,
    ROUNDS_MOST = 16, /* of all frames, that one victim() may ask about */
    SECONDS_MOST = 2, /* of processor time, that one call may take */
};

/* The case so far. */
static struct {
    uint32_t frames, exact, tick, length;
    char text[8 * WORDS_MOST];
} now;

/* The call that is being made. */
static struct {
    const char *name; /* NULL: none */
    const void *function;
    uint64_t asked;
    struct group group, other;
    struct frame frames[FRAMES_MOST + OTHERS];
} call;

static uint64_t victims, cases;
static bool aloud; /* each event is told */

/* --- What is told ---------------------------------------------------------------------------- */

static _Noreturn void tell(const void *place, const char *rule, const char *format,
                           va_list arguments)
{
    printf("call\t%s\nplace\t%p\nrule\t%s\nhappened\t", call.name ? call.name : "", place,
           rule);
    vprintf(format, arguments);
    printf("\ncase\t%u %u %u%s\n", now.frames, now.exact, now.tick, now.text);
    fflush(stdout);
    _exit(1);
}

static _Noreturn __attribute__((format(printf, 3, 4))) void broken_at(const void *place,
                                                                      const char *rule,
                                                                      const char *format,
                                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell(place, rule, format, arguments);
}

void stand_broken(const char *rule, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell(call.function, rule, format, arguments);
}

/* In the middle of the call that comes back to there. */
static const void *before(const void *place)
{
    return (const char *)place - 1;
}

/* An ASSERT of what the policy calls: the queues'. */
void panic(const char *format, ...)
{
    (void)format;
    broken_at(before(__builtin_return_address(0)),
              "admit() puts a frame into a queue, and remove() alone takes it out",
              "%s() took a frame out of a queue in which nothing is", call.name);
}

static void crashed(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *at = context;
#ifdef __x86_64__
    const void *place = (const void *)at->uc_mcontext.gregs[REG_RIP];
#else
    const void *place = (const void *)at->uc_mcontext.pc;
#endif
    if (signal == SIGVTALRM)
        broken_at(place, "every call comes to its end", "%s() does not come back",
                  call.name ? call.name : "a call");
    broken_at(place, "a policy touches its group's state and its frames only",
              "it touched address %p, where nothing is", info->si_addr);
}

/* --- What is looked at ------------------------------------------------------------------------ */

static void time_begin(long seconds)
{
    const struct itimerval left = {.it_value = {.tv_sec = seconds}};
    setitimer(ITIMER_VIRTUAL, &left, NULL);
}

static bool is_short(void)
{
    return nframes <= FRAMES_MOST + OTHERS;
}

void stand_calls(const char *name, const void *function)
{
    call.name = name;
    call.function = function;
    call.asked = 0;
    if (function == NULL)
        broken_at((const void *)stand_group->policy,
                  "open, admit, remove and victim are there; referenced may be NULL",
                  "%s is NULL", name);
    if (!is_short())
        return;
    call.group = *stand_group;
    call.other = groups[STAND_OTHER];
    memcpy(call.frames, frames, nframes * sizeof *frames);
}

/* What is not the policy's is as it was. */
static void check_group(void)
{
    size_t ours = offsetof(struct group, state);
    if (memcmp(&call.group, stand_group, ours) != 0)
        stand_broken("of the group only state is the policy's",
                     "%s() wrote to another field of it", call.name);
    if (memcmp(&call.other, &groups[STAND_OTHER], sizeof call.other) != 0)
        stand_broken("of the group only state is the policy's, 256 bytes",
                     "%s() wrote behind it", call.name);
}

static void check_frame(uint32_t number)
{
    struct frame was = call.frames[number], is = frames[number];
    bool foreign = is.group != STAND_GROUP;
    if (!foreign) {
        was.next = is.next;
        was.previous = is.previous;
        was.policy = is.policy;
        was.history = is.history;
    }
    if (memcmp(&was, &is, sizeof was) != 0)
        stand_broken(
            "of a frame of its group next, previous, history and policy are the policy's",
            foreign ? "%s() wrote to frame %u, which another group has"
                    : "%s() wrote to another field of frame %u",
            call.name, number);
}

/* Nothing leads to a frame that has left. */
static void check_link(uint32_t number, frame_t to)
{
    if (frames[number].admitted && frame_is(to) && to.number < stand_group->limit &&
        !frames[to.number].admitted)
        stand_broken("a frame is the policy's no more once remove() was called",
                     "frame %u has left, and frame %u is still linked to it", to.number,
                     number);
}

void stand_called(void)
{
    if (!is_short())
        return;
    check_group();
    for (uint32_t number = 0; number < nframes; number++)
        check_frame(number);
    for (uint32_t number = 0; number < stand_group->limit; number++) {
        check_link(number, frames[number].next);
        check_link(number, frames[number].previous);
    }
}

void stand_asked(frame_t frame, const char *what, const void *return_place)
{
    const void *place = before(return_place);
    if (!frame_is(frame))
        broken_at(place, "only a frame of its group is asked about", "%s(FRAME_NONE)",
                  what);
    if (frame.number >= nframes)
        broken_at(place, "only a frame of its group is asked about",
                  "%s() of frame %u, of %u that there are", what, frame.number, nframes);
    if (frames[frame.number].group != STAND_GROUP)
        broken_at(place, "only a frame of its group is asked about",
                  "%s() of frame %u, which another group has", what, frame.number);
    if (strcmp(what, "policy_test_referenced") == 0 && strcmp(call.name, "victim") != 0 &&
        strcmp(call.name, "referenced") != 0)
        broken_at(place, "R is asked in victim() and referenced() only", "%s() asked it",
                  call.name);
    if (++call.asked > (uint64_t)ROUNDS_MOST * nframes + 64)
        broken_at(place, "no loop is longer than a few rounds of the frames",
                  "%s() has asked %lu times about %u frames", call.name,
                  (unsigned long)call.asked, stand_group->limit);
}

void stand_victim(uint32_t page)
{
    victims++;
    if (aloud)
        printf("victim\t%u\n", page);
}

/* --- Cases ----------------------------------------------------------------------------------- */

static uint32_t dice_state;

static uint32_t dice(uint32_t sides)
{
    dice_state = dice_state * 1103515245 + 12345;
    return (dice_state >> 8) % sides;
}

static void case_begin(const struct policy *policy, uint32_t frame_count, uint32_t exact,
                       uint32_t tick)
{
    now.frames = frame_count;
    now.exact = exact;
    now.tick = tick;
    now.length = 0;
    now.text[0] = '\0';
    time_begin(SECONDS_MOST);
    stand_begin(policy, frame_count, OTHERS, exact, tick);
    cases++;
}

static void case_step(uint32_t page, char what)
{
    if (now.length < WORDS_MOST) {
        size_t at = strlen(now.text);
        snprintf(now.text + at, sizeof now.text - at, " %u%c", page, what);
        now.length++;
    }
    if (aloud)
        printf("event\t%u%c\n", page, what);
    stand_obey(page, what);
}

/* All pages end: whoever has counted wrongly, or kept what had left, is found out. */
static void case_end(uint32_t page_count)
{
    for (uint32_t page = 0; page < page_count; page++)
        case_step(page, 'x');
    call.name = NULL;
    stand_end();
}

static void case_by_dice(const struct policy *policy, uint32_t seed)
{
    dice_state = seed;
    uint32_t steps = 2 + seed * (WORDS_MOST - 40) / SHORT_CASES;
    uint32_t frame_count = 1 + dice(steps / 3 + 1) % FRAMES_MOST;
    uint32_t page_count = frame_count + 1 + dice(4);
    bool exact = policy->wants_exact || dice(2) == 0;
    case_begin(policy, frame_count, exact, dice(3) == 0 ? 0 : 1 + dice(5));
    for (uint32_t step = 0; step < steps; step++)
        case_step(dice(page_count), dice(5) == 0 ? "xpu"[dice(3)] : "rw"[dice(2)]);
    case_end(page_count);
}

/* A large group: a loop that is short in a small one is not here. */
static void case_of_many(const struct policy *policy)
{
    dice_state = 1;
    case_begin(policy, LONG_FRAMES, policy->wants_exact, LONG_FRAMES / 8);
    for (uint32_t step = 0; step < LONG_WORDS; step++)
        case_step(dice(2 * LONG_FRAMES), "rw"[dice(2)]);
    case_end(2 * LONG_FRAMES);
}

/* FRAMES EXACT TICK REFERENCE… */
static void case_given(const struct policy *policy, char **words)
{
    uint32_t most = 0;
    aloud = true;
    case_begin(policy, (uint32_t)strtoul(words[0], NULL, 10),
               (uint32_t)strtoul(words[1], NULL, 10),
               (uint32_t)strtoul(words[2], NULL, 10));
    for (char **word = words + 3; *word != NULL; word++) {
        char *what;
        uint32_t page = (uint32_t)strtoul(*word, &what, 10);
        most = page > most ? page : most;
        case_step(page, *what ? *what : 'w');
    }
    case_end(most + 1);
}

int main(int argc, char **argv)
{
    const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGVTALRM};
    static char stack[1 << 16];
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    for (unsigned i = 0; i < sizeof deadly / sizeof *deadly; i++)
        sigaction(deadly[i],
                  &(struct sigaction){.sa_sigaction = crashed,
                                      .sa_flags = SA_SIGINFO | SA_ONSTACK},
                  NULL);
    const struct policy *policy = argc > 1 ? policy_find(argv[1]) : NULL;
    if (policy == NULL) {
        fprintf(stderr, "policy_check: no such policy\n");
        return 2;
    }
    npages = 2 * LONG_FRAMES;
    if (argc > 4) {
        case_given(policy, argv + 2);
    } else {
        for (uint32_t seed = 0; seed < SHORT_CASES; seed++)
            case_by_dice(policy, seed);
        case_of_many(policy);
    }
    printf("cases\t%lu\nvictims\t%lu\n", (unsigned long)cases, (unsigned long)victims);
    return 0;
}
