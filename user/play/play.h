/* play.h - the parts of play, for each other. */
#ifndef USER_PLAY_PLAY_H
#define USER_PLAY_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCRIPT_MOST = 4096, /* bytes */
    STEPS_MOST = 512,   /* what is done of itself counts too */
    ACTORS = 6,         /* the parent and five children */
    AREAS = 26,         /* A to Z */
    AREA_MOST = 1024,   /* pages of one */
    RANGES = 16,        /* of pages that one statement uses */
    REFERENCES_MOST = 1000,
    FRAMES_MOST = 100,
    NAMES = 1000, /* pages of a string are called 0 to 999 */
};

enum what { MAP, SHARE, WRITE, READ, FORK, SETTLE, WAIT, EXIT, STRING };

/* Pages of an area, first to last. */
struct range {
    int area, first, last;
};

/* One thing that one process does. */
struct step {
    enum what what;
    int who;                     /* 0: the parent */
    int other;                   /* FORK, WAIT: which child */
    struct range ranges[RANGES]; /* MAP, SHARE, WRITE, READ */
    int range_count;
    size_t first, count; /* STRING: of script.references */
    int frames;
    char policy[32]; /* "": the kernel's */
    char words[160]; /* what happens, for people */
};

/* One reference of a string. */
struct reference {
    uint16_t page;
    bool read;
};

struct script {
    struct step steps[STEPS_MOST];
    int step_count;
    struct reference references[REFERENCES_MOST];
    size_t reference_count;
};

/* Make a script of its text, which is changed. If it is none, the program ends with a word why. */
void script_read(struct script *script, char *text);
/* "the parent", "the child", "child 2", … */
const char *actor_name(int who);

/* Play what processes do, one after the other, each in its process. */
void processes_run(const struct script *script);
/* Play a reference string. */
void string_run(const struct script *script, const struct step *step);
/* Is there such a policy? */
bool policy_is_there(const char *name);

#endif
