/* script.c - from text to steps: what is meant, whether it can be, and in what words it is told.
 *
 * All of a script is looked at before any of it is played, against a little model of what there
 * would be by then: who lives, and who has which memory. What goes without saying becomes steps
 * too: whoever is waited for ends, and at the end of the script all do. */
#define _GNU_SOURCE
#include "user/lib/refuse.h"
#include "user/play/play.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r"

static const char *const actors[ACTORS] = {"parent", "child",  "child2",
                                           "child3", "child4", "child5"};
static const char *const names[ACTORS] = {"the parent",       "the child",
                                          "the second child", "the third child",
                                          "the fourth child", "the fifth child"};

static struct script *script;
static char statement[64]; /* the one that is read, for who has to be told of it */
static bool of_processes, of_strings;

/* What there would be, after the steps so far. */
static struct {
    bool lives[ACTORS], awaited[ACTORS], has[ACTORS][AREAS];
    int parent[ACTORS], begun;
    int pages[AREAS]; /* 0: there is no such area */
    int frames;
    char policy[sizeof(script->steps->policy)];
} model = {.lives = {true}, .begun = 1, .frames = 3};

/* What a terminal would obey is not printed. */
static void harmless(char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            *text = '?';
}

static _Noreturn void __attribute__((format(printf, 1, 2))) wrong(const char *format, ...)
{
    char why[200];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, sizeof(why), format, arguments);
    va_end(arguments);
    harmless(why);
    refuse("in \"%s\": %s", statement, why);
}

/* --- Words -------------------------------------------------------------------------------- */

/* The next word of what is left; NULL: there is none. */
static char *word_next(char **rest)
{
    char *word = *rest + strspn(*rest, BLANKS);

    if (!*word)
        return NULL;
    char *end = word + strcspn(word, BLANKS);
    *rest = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

static void nothing_more(char **rest)
{
    const char *word = word_next(rest);

    if (word)
        wrong("\"%.20s\" is one word too many", word);
}

/* A number at the beginning of a text, and what is behind it. */
static int number_begins(const char *text, int most, const char *what, char **behind)
{
    long value = isdigit((unsigned char)*text) ? strtol(text, behind, 10) : -1;

    if (value < 0 || value > most)
        wrong("%s is a number, %d at most", what, most);
    return (int)value;
}

static int number(const char *word, int most, const char *what)
{
    char *behind = "";
    int value = number_begins(word ? word : "", most, what, &behind);

    if (*behind || value == 0)
        wrong("%s is a number from 1 to %d", what, most);
    return value;
}

static int area_named(const char *word)
{
    if (!word || *word < 'A' || *word > 'Z' || word[1])
        wrong("an area is called by one letter, A to Z");
    return *word - 'A';
}

/* --- Steps -------------------------------------------------------------------------------- */

static struct step *__attribute__((format(printf, 3, 4)))
step_add(enum what what, int who, const char *format, ...)
{
    va_list arguments;

    if (script->step_count == STEPS_MOST)
        refuse("the script is too long: what is done in it comes to more than %d steps",
               STEPS_MOST);
    struct step *step = &script->steps[script->step_count++];
    step->what = what;
    step->who = who;
    va_start(arguments, format);
    vsnprintf(step->words, sizeof(step->words), format, arguments);
    va_end(arguments);
    return step;
}

/* A0, A2-4, or all of B. */
static void range_add(struct step *step, const char *word)
{
    char *behind = "";
    int area = *word - 'A';

    if (*word < 'A' || *word > 'Z')
        wrong("\"%.20s\" is no page: they are called A0, A2-4, or B for all of B", word);
    if (!model.has[step->who][area])
        wrong("%s has no memory called %c", names[step->who], *word);
    if (step->range_count == RANGES)
        wrong("more than %d words with pages in one statement", RANGES);
    struct range range = {area, 0, model.pages[area] - 1};
    if (word[1]) {
        range.first = number_begins(word + 1, range.last, "the page", &behind);
        range.last = *behind == '-'
                         ? number_begins(behind + 1, range.last, "the last page", &behind)
                         : range.first;
    }
    if (*behind || range.last < range.first)
        wrong("\"%.20s\" is no page: they are called A0, A2-4, or B for all of B", word);
    size_t used = strlen(step->words), room = sizeof(step->words) - used;
    const char *before = step->range_count ? ", " : " ";
    if (range.first == range.last)
        snprintf(step->words + used, room, "%s%c%d", before, *word, range.first);
    else
        snprintf(step->words + used, room, "%s%c%d to %c%d", before, *word, range.first,
                 *word, range.last);
    step->ranges[step->range_count++] = range;
}

static void map_read(int who, bool shared, char **rest)
{
    int pages = number(word_next(rest), AREA_MOST, "how many pages");
    int area = area_named(word_next(rest));

    if (model.pages[area])
        wrong("there is an area called %c already", 'A' + area);
    model.pages[area] = pages;
    model.has[who][area] = true;
    struct step *step =
        step_add(shared ? SHARE : MAP, who, "%s maps %d %spage%s, called %c", names[who],
                 pages, shared ? "shared " : "", pages == 1 ? "" : "s", 'A' + area);
    step->ranges[step->range_count++] = (struct range){area, 0, pages - 1};
}

static void use_read(int who, bool write, char **rest)
{
    struct step *step = step_add(write ? WRITE : READ, who, "%s %s", names[who],
                                 write ? "writes" : "reads");

    for (const char *word; (word = word_next(rest));)
        range_add(step, word);
    if (!step->range_count)
        wrong("which pages? They are called A0, A2-4, or B for all of B");
}

/* The program's own pages are shared by then, too. Whoever prints a line writes to all that are
 * written to later: each does so at once, so that it does not come between what the script is
 * about. */
static void fork_read(int who)
{
    int child = model.begun;

    if (child == ACTORS)
        wrong("there are %d children at most", ACTORS - 1);
    model.begun++;
    model.lives[child] = true;
    model.parent[child] = who;
    memcpy(model.has[child], model.has[who], sizeof(model.has[child]));
    step_add(FORK, who, "fork: %s begins, and shares what %s has", names[child], names[who])
        ->other = child;
    step_add(SETTLE, child, "%s prints a line: the program's stack and data are copied",
             names[child]);
    step_add(SETTLE, who, "%s prints a line: it is alone with its stack and data by now",
             names[who]);
}

static void actor_ends(int who)
{
    step_add(EXIT, who, "%s ends", names[who]);
    model.lives[who] = false;
}

static void actor_awaits(int who, int child)
{
    step_add(WAIT, who, "%s waits for %s", names[who], names[child])->other = child;
    model.awaited[child] = true;
}

static void wait_read(int who)
{
    bool any = false;

    for (int child = 1; child < model.begun; child++) {
        if (model.parent[child] != who || model.awaited[child])
            continue;
        any = true;
        if (model.lives[child])
            actor_ends(child);
        actor_awaits(who, child);
    }
    if (!any)
        wrong("%s has no child to wait for", names[who]);
}

/* All end, those that began last first, and the parent last of all. */
static void all_end(void)
{
    for (int who = model.begun - 1; who > 0; who--) {
        if (model.lives[who])
            actor_ends(who);
        if (model.lives[model.parent[who]] && !model.awaited[who])
            actor_awaits(model.parent[who], who);
    }
    actor_ends(0);
}

/* --- Reference strings ------------------------------------------------------------------------ */

static void reference_add(struct step *step, const char *word)
{
    char *behind = "";
    bool digit = isdigit((unsigned char)*word);
    int page =
        digit ? number_begins(word, NAMES - 1, "a page of a reference string", &behind) : 0;
    bool read = strcmp(behind, "r") == 0;

    if (!digit || (*behind && !read && strcmp(behind, "w") != 0))
        wrong("\"%.20s\" is no reference: a page's number, with r or w behind it or not",
              word);
    if (script->reference_count == REFERENCES_MOST)
        refuse("more than %d references", REFERENCES_MOST);
    script->references[script->reference_count++] = (struct reference){page, read};
    step->count++;
}

static void string_read(const char *word, char **rest)
{
    struct step *step = step_add(STRING, 0, "a reference string in %d frame%s",
                                 model.frames, model.frames == 1 ? "" : "s");

    step->first = script->reference_count;
    step->frames = model.frames;
    strcpy(step->policy, model.policy);
    for (; word; word = word_next(rest))
        reference_add(step, word);
}

static void policy_read(const char *word)
{
    size_t length = word ? strlen(word) : 0;

    if (length == 0 || length >= sizeof(model.policy) ||
        strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-_") != length ||
        !policy_is_there(word))
        wrong("there is no such policy; fifo, lru and clock are some that there are");
    strcpy(model.policy, word);
}

/* --- Statements ----------------------------------------------------------------------------- */

static bool string_statement(const char *word, char **rest)
{
    if (isdigit((unsigned char)*word))
        string_read(word, rest);
    else if (strcmp(word, "frames") == 0)
        model.frames = number(word_next(rest), FRAMES_MOST, "how many frames");
    else if (strcmp(word, "policy") == 0)
        policy_read(word_next(rest));
    else
        return false;
    of_strings = true;
    return true;
}

static bool process_statement(int who, const char *word, char **rest)
{
    if (strcmp(word, "map") == 0 || strcmp(word, "share") == 0)
        map_read(who, *word == 's', rest);
    else if (strcmp(word, "write") == 0 || strcmp(word, "read") == 0)
        use_read(who, *word == 'w', rest);
    else if (strcmp(word, "fork") == 0)
        fork_read(who);
    else if (strcmp(word, "wait") == 0)
        wait_read(who);
    else if (strcmp(word, "exit") == 0 && who > 0)
        actor_ends(who);
    else if (strcmp(word, "exit") == 0)
        all_end();
    else
        return false;
    of_processes = true;
    return true;
}

/* Who is named before the colon. */
static int actor_read(char *name)
{
    const char *word = word_next(&name);

    nothing_more(&name);
    for (int who = 0; word && who < model.begun; who++)
        if (strcmp(word, actors[who]) == 0)
            return who;
    wrong("before the colon stands who does it: parent, or a child that has begun "
          "(child, child2, …)");
}

static void statement_keep(const char *text)
{
    snprintf(statement, sizeof(statement), "%s", text + strspn(text, BLANKS));
    harmless(statement);
}

static void statement_read(char *text)
{
    char *colon = strchr(text, ':'), *rest = colon ? colon + 1 : text;
    int who = 0;

    statement_keep(text);
    if (colon) {
        *colon = '\0';
        who = actor_read(text);
    }
    const char *word = word_next(&rest);
    if (!word && colon)
        wrong("who is named, but not what is done");
    if (!word)
        return;
    if (!model.lives[who])
        wrong("%s has ended", names[who]);
    if (!(colon ? false : string_statement(word, &rest)) &&
        !process_statement(who, word, &rest))
        wrong("\"%.20s\" is nothing that can be done%s", word,
              colon ? " by a process" : "");
    nothing_more(&rest);
    if (of_strings && of_processes)
        wrong("reference strings and processes do not go together in one script");
}

void script_read(struct script *to, char *text)
{
    script = to;
    for (char *next; text; text = next) {
        next = text + strcspn(text, ";\n#");
        bool comment = *next == '#', last = !*next;
        *next = '\0';
        if (comment) {
            next = strchr(next + 1, '\n');
            last = !next;
        }
        statement_read(text);
        next = last ? NULL : next + 1;
    }
    if (of_processes && model.lives[0])
        all_end();
    if (!script->step_count)
        refuse("there is nothing to play");
}
