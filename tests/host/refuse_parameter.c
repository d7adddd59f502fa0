/* refuse_parameter.c - command lines that nobody should write, read by the kernel's own reader.
 *
 *   refuse_parameter PACK     (tests/mutate.py: for each input its length, and its bytes)
 *
 * For each a line: "taken", or why it was refused. A reader that reads outside of its text, or
 * stops in another way than by refuse, ends the program. */
#include "kernel/parameter.c"
#include "lib/text.c"

#include "tests/host/refuse.h"

#include <stdlib.h>

static void read_one(const uint8_t *bytes, size_t length)
{
    char *text = malloc(length + 1); /* exactly as long as it is, for ASan */
    memcpy(text, bytes, length);
    text[length] = 0;
    if (refuse_catch())
        parameter_read(text);
    refuse_tell();
    free(text);
}

int main(int argc, char **argv)
{
    return refuse_all(argc, argv, read_one);
}
