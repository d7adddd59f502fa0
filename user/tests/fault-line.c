/* fault-line.c - what `faults` makes of the kernel's lines: every kind has its sentence,
 * no line of it is wider than the screen, and nonsense is not taken for a fault. */
#include "user/lib/fault_line.h"
#include "user/lib/tap.h"

#include <stdio.h>
#include <string.h>

static const char copy[] =
    "n=3 address=0x402010 access=write ip=0x401012 kind=copy major=0 page=812 "
    "frame=3991 from=3977 region=0x402000-0x403000 rights=rw- "
    "backing=file:/bin/one-fault+0x1000 cost=1402\n";

static int widest(const char *text)
{
    size_t most = 0;

    for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
        if (strcspn(text, "\n") > most)
            most = strcspn(text, "\n");
    return most;
}

static void test_reading(void)
{
    struct fault_line line;

    check(fault_line_read(copy, &line), "a line of the kernel's is read");
    check(line.n == 3 && line.address == 0x402010 && line.ip == 0x401012,
          "number, address and instruction");
    check(line.kind == KIND_COPY && !line.major && strcmp(line.access, "write") == 0,
          "kind, major and access");
    check(line.page == 812 && line.frame == 3991 && line.from == 3977, "page and frames");
    check(strcmp(line.rights, "rw-") == 0 &&
              strcmp(line.backing, "file:/bin/one-fault+0x1000") == 0,
          "rights and backing");
    check_equal(line.cost, 1402, "cost");
    check(!fault_line_read("hello\n", &line) && !fault_line_read("", &line),
          "other text is no fault");
    check(fault_line_read("n=1 address=0x10 access=read kind=invalid page=none frame=none "
                          "region=none\n",
                          &line) &&
              line.page == -1 && line.frame == -1 && line.kind == KIND_INVALID,
          "a refused access has no page and no frame");
    check(fault_line_read("n=1 access=read kind=novelty\n", &line) &&
              line.kind == KIND_UNKNOWN,
          "a new kind is read as unknown");
}

static void test_telling(void)
{
    struct fault_line line;
    char sentence[1024];

    fault_line_read(copy, &line);
    fault_line_tell(&line, "instructions", sentence, sizeof(sentence));
    check(strcmp(sentence,
                 "  3  write to 0x402010 (data of one-fault, rw-): private page still "
                 "shared with the file\n     -> copied: frame 3977 -> 3991, page 812 "
                 "(1402 instructions)") == 0,
          "a copy is told in words");
    for (enum fault_kind kind = 0; kind < KIND_UNKNOWN; kind++) {
        char text[400];

        snprintf(text, sizeof(text),
                 "n=100 address=0x7fffffffe000 access=execute ip=0x401000 kind=%s major=1 "
                 "page=16000 frame=16001 from=16002 region=0x7fffffffd000-0x7ffffffff000 "
                 "rights=rw- backing=stack cost=100000",
                 fault_kind_name(kind));
        check(fault_line_read(text, &line) && line.kind == kind, "%s is read",
              fault_kind_name(kind));
        fault_line_tell(&line, "instructions", sentence, sizeof(sentence));
        check(widest(sentence) <= 80, "%s is told within 80 columns",
              fault_kind_name(kind));
    }
}

int main(void)
{
    test_reading();
    test_telling();
    return tap_end();
}
