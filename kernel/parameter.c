/* kernel/parameter.c - what the command line may say.
 *
 * One line of the table for each parameter, from which everything follows: the check, the
 * default, and the list that is shown when a word is not understood. A mistyped parameter
 * stops the boot: an experiment run with other settings than one thinks is worse than none. */
#include "kernel/parameter.h"
#include "arch/processor.h"
#include "kernel/report/log.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "lib/text.h"

#define WORD_SIZE 128

struct parameters parameters;

static const struct parameter {
    const char *name;
    uint64_t *value; /* of a number; NULL: it is a word… */
    char *word;      /* …of so many characters: */
    uint64_t minimum, maximum, standard;
    const char *meaning;
} known[] = {
    {"job", &parameters.job, NULL, 0, 1, 0, "1: init runs /etc/job, no shell"},
    {"cpus", &parameters.cpus, NULL, 1, PROCESSORS_MOST, PROCESSORS_MOST,
     "processors that are started, at most"},
    {"turn", &parameters.turn, NULL, 5, 10000, 200,
     "microseconds after which a processor interrupts itself while others run, too"},
    {"interleave", &parameters.interleave, NULL, 0, UINT32_MAX, 0,
     "the processors take turns as this seed has it; 0: in the shortest way"},
    {"shootdown", &parameters.shootdown, NULL, 0, 1, 1,
     "0: no processor tells another what to forget, to see what comes of it"},
    {"vdso", &parameters.vdso, NULL, 0, 1, 1,
     "1: programs find code in their space that tells the time without a call"},
    {"image_latency", &parameters.image_latency, NULL, 0, 10000000, 0,
     "microseconds a read of the image takes"},
    {"image_fail_read", &parameters.image_fail_read, NULL, 0, UINT32_MAX, 0,
     "the Nth read of the image fails; 0: none"},
    {"frames", &parameters.frames, NULL, 0, UINT32_MAX, 0,
     "frames for pages of programs; 0: all"},
    {"policy", NULL, parameters.policy, 1, sizeof(parameters.policy) - 1, 0,
     "which page goes when memory is short (default: clock)"},
    {"alloc", NULL, parameters.alloc, 1, sizeof(parameters.alloc) - 1, 0,
     "how frames are allocated to processes (default: global)"},
    {"swap", &parameters.swap, NULL, 0, 1ull << 36, 0, "bytes of swap area"},
    {"swap_latency", &parameters.swap_latency, NULL, 0, 10000000, 0,
     "microseconds a read or write of the swap area takes"},
    {"swap_fail_read", &parameters.swap_fail_read, NULL, 0, UINT32_MAX, 0,
     "the Nth read of the swap area fails; 0: none"},
    {"swap_fail_write", &parameters.swap_fail_write, NULL, 0, UINT32_MAX, 0,
     "the Nth write to the swap area fails; 0: none"},
    {"swap_fail_percent", &parameters.swap_fail_percent, NULL, 0, 100, 0,
     "of all reads and writes of the swap area, so many percent fail"},
    {"working_set_window", &parameters.working_set_window, NULL, 0, 3600000, 400,
     "milliseconds of a process's running that its working set looks back; 0: none"},
    {"load_control", NULL, parameters.load_control, 1, sizeof(parameters.load_control) - 1,
     0,
     "who decides how many may run: working-set (default), fault-frequency, "
     "fault-interval, off"},
    {"prepaging", &parameters.prepaging, NULL, 0, 1, 1,
     "1: a process that is resumed has its working set brought back first"},
    {"audit", &parameters.audit, NULL, 0, UINT32_MAX, 0,
     "audit every so many faults; 0: never"},
    {"copy_sleep", &parameters.copy_sleep, NULL, 0, UINT32_MAX, 0,
     "every copy from and to user memory sleeps, as this seed has it; 0: none"},
    {"stack_junk", &parameters.stack_junk, NULL, 0, 1, 0,
     "1: fill the kernel's stack with junk before each call"},
    {"junk", &parameters.junk, NULL, 0, 1, 0, "1: fill free frames with junk"},
    {"trace", &parameters.trace, NULL, 0, 1, 0,
     "1: trace from the start, into /proc/trace"},
    {"trace_area", &parameters.trace_area, NULL, 0, 1ull << 40, 0,
     "physical address of memory for the trace; 0: none"},
    {"trace_size", &parameters.trace_size, NULL, 0, 1ull << 38, 0, "bytes of that memory"},
};

/* The reason before the list, which fills a screen, and after it, where the host's reader looks. */
static _Noreturn void parameter_refuse(const char *word, const char *why)
{
    log_line("parameter \"%s\": %s; known are:", word, why);
    for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
        if (known[i].word)
            log_line("  %s=name  %s", known[i].name, known[i].meaning);
        else
            log_line("  %s=%lu..%lu  %s", known[i].name, known[i].minimum, known[i].maximum,
                     known[i].meaning);
    }
    refuse("parameter \"%s\": %s", word, why);
}

static const struct parameter *find(const char *name, size_t length)
{
    for (unsigned i = 0; i < ARRAY_SIZE(known); i++)
        if (strlen(known[i].name) == length && strncmp(known[i].name, name, length) == 0)
            return &known[i];
    return NULL;
}

static void read_number(const char *word, const struct parameter *parameter,
                        const char *text)
{
    uint64_t value;
    if (!text || !text_number(text, &value))
        parameter_refuse(word, "needs a number: key=number");
    if (value < parameter->minimum || value > parameter->maximum)
        parameter_refuse(word, "the value is out of range");
    *parameter->value = value;
}

static void read_name(const char *word, const struct parameter *parameter, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    if (length < parameter->minimum || length > parameter->maximum)
        parameter_refuse(word, "needs a name: key=name");
    text_copy(parameter->word, text, parameter->maximum + 1);
}

/* It is shown on a screen as it is. */
static void check_letters(char *word, bool whole)
{
    bool text = true;
    for (char *letter = word; *letter; letter++)
        if (*letter < '!' || *letter > '~') {
            *letter = '?';
            text = false;
        }
    if (!text)
        parameter_refuse(word, "letters that no parameter has");
    if (!whole)
        parameter_refuse(word, "too long for a parameter");
}

static void read_word(const char *word)
{
    const char *equals = strchr(word, '=');
    const struct parameter *parameter =
        find(word, equals ? (size_t)(equals - word) : strlen(word));
    if (!parameter)
        parameter_refuse(word, "not known");
    if (parameter->value)
        read_number(word, parameter, equals ? equals + 1 : NULL);
    else
        read_name(word, parameter, equals ? equals + 1 : NULL);
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\n';
}

void parameter_read(const char *command_line)
{
    char word[WORD_SIZE];
    for (unsigned i = 0; i < ARRAY_SIZE(known); i++)
        if (known[i].value)
            *known[i].value = known[i].standard;
    for (;;) {
        while (is_blank(*command_line))
            command_line++;
        if (!*command_line)
            return;
        const char *end = command_line;
        while (*end && !is_blank(*end))
            end++;
        size_t length = (size_t)(end - command_line);
        text_copy(word, command_line, length + 1 < WORD_SIZE ? length + 1 : WORD_SIZE);
        check_letters(word, length < WORD_SIZE);
        read_word(word);
        command_line = end;
    }
}
