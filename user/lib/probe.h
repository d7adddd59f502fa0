/* probe.h - do one access that may be refused, and report how it was.
 *
 * The access is made in a child with a handler on an alternate stack (so that even a stack
 * that cannot grow can be probed). The handler notes what the kernel told it and ends the
 * child: what killed nobody but the child is exactly what we want to know. */
#ifndef USER_LIB_PROBE_H
#define USER_LIB_PROBE_H

#include <stdbool.h>
#include <stdint.h>

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_EXECUTE };

struct refusal {
    bool refused;      /* a signal came; else the access went through */
    int signal;        /* SIGSEGV, SIGBUS, ... */
    int code;          /* si_code */
    uintptr_t address; /* si_addr */
};

/* One access to one address in a child. */
struct refusal probe(enum access how, uintptr_t address);

/* Any code in a child; the refusal it met, if any. */
struct refusal probe_step(void (*step)(uintptr_t argument), uintptr_t argument);

/* "read", "write", "execute"; "SEGV_MAPERR" and the like. */
const char *access_name(enum access how);
const char *code_name(int signal, int code);

#endif
