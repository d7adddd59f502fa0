/* kernel/process/script.h - a program that is text: its first line, `#! interpreter [argument]`. */
#ifndef KERNEL_PROCESS_SCRIPT_H
#define KERNEL_PROCESS_SCRIPT_H

#include "arch/types.h"

#define SCRIPT_LINE 256 /* with the "#!", as in Linux */

/* One such line. */
struct script {
    char interpreter[SCRIPT_LINE]; /* its path */
    const char *argument;          /* into the same buffer, or NULL */
};

/* Does a file that begins with these bytes have one? */
bool script_is(const uint8_t *head, size_t length);
/* What the line says, of a file that has one; of an argument that is too long, its beginning.
 * -ENOEXEC: it names nothing, or the path is too long. */
int script_parse(struct script *script, const uint8_t *head, size_t length);

#endif
