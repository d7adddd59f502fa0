/* callfuzz.h - the parts of callfuzz, for each other. */
#ifndef USER_CALLFUZZ_H
#define USER_CALLFUZZ_H

#include <stdint.h>

#define ARENA_PAGES 24
#define ARENA       (ARENA_PAGES * 4096ul)

/* A worker's memory for arguments: some pages of it are gone, some may not be written. Its
 * first page is 64 places of 64 bytes that mean something to some call. */
extern char *arena;

/* What a worker tells who looks after it. */
struct slot {
    long done;
    long number, argument[6]; /* the call under way, for who looks at a failure */
};

struct random {
    uint64_t state;
};

/* The next number; one below `limit`. */
uint64_t draw(struct random *random);
uint64_t below(struct random *random, uint64_t limit);
uint64_t any_address(struct random *random);
uint64_t any_value(struct random *random);
/* Arguments that make some sense for some call: its number. */
long draw_sensible(struct random *random, uint64_t arguments[6]);

/* Make calls until slot->done is `quota`. Does not return. */
_Noreturn void work(struct slot *slot, long quota, uint64_t seed);

#endif
