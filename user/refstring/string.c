/* string.c - strings of references, from words and texts. */
#include "user/lib/refuse.h"
#include "user/refstring/refstring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void string_clear(struct string *string)
{
    string->count = string->warm = 0;
    string->pages = 0;
    if (string->table)
        memset(string->table, 0xff, string->table_size * sizeof(*string->table));
}

/* Where the name is in the table, or would go. */
static uint32_t table_place(const struct string *string, uint64_t name)
{
    uint32_t at = (uint32_t)((name * 0x9e3779b97f4a7c15ull) >> 32) % string->table_size;

    while (string->table[at] >= 0 && string->name[string->table[at]] != name)
        at = at + 1 < string->table_size ? at + 1 : 0;
    return at;
}

static void pages_grow(struct string *string)
{
    string->pages_room = string->pages_room ? 2 * string->pages_room : 64;
    string->name = memory(string->name, string->pages_room * sizeof(*string->name));
    string->table_size = 3 * string->pages_room;
    string->table = memory(string->table, string->table_size * sizeof(*string->table));
    memset(string->table, 0xff, string->table_size * sizeof(*string->table));
    for (uint32_t page = 0; page < string->pages; page++)
        string->table[table_place(string, string->name[page])] = (int32_t)page;
}

void string_add(struct string *string, uint64_t name, bool write)
{
    if (string->count == REFERENCES_MOST)
        refuse("a string has at most %d references", REFERENCES_MOST);
    if (string->count == string->room) {
        string->room = string->room ? 2 * string->room : 1024;
        string->reference =
            memory(string->reference, string->room * sizeof(*string->reference));
    }
    if (string->pages == string->pages_room)
        pages_grow(string);
    uint32_t at = table_place(string, name);
    if (string->table[at] < 0) {
        string->name[string->pages] = name;
        string->table[at] = (int32_t)string->pages++;
    }
    string->reference[string->count++] = (uint32_t)string->table[at] << 1 | write;
}

bool string_add_word(struct string *string, const char *word)
{
    char *end;

    errno = 0;
    uint64_t name = strtoull(word, &end, 0);
    if (*word < '0' || *word > '9' || errno)
        return false;
    if (*end && strcmp(end, "r") != 0 && strcmp(end, "w") != 0)
        return false;
    string_add(string, name, *end != 'r');
    return true;
}

static bool is_kind(const char *word)
{
    return (*word == 'r' || *word == 'w') && !word[1];
}

bool string_add_text(struct string *string, char *text, const char **word)
{
    while (*text) {
        text += strspn(text, " \t\r\n");
        char *end = text + strcspn(text, *text == '#' ? "\n" : " \t\r\n");
        bool last = !*end, comment = *text == '#';

        *end = '\0';
        *word = text;
        if (!comment && is_kind(text) && string->count)
            string->reference[string->count - 1] =
                (string->reference[string->count - 1] & ~1u) | (*text == 'w');
        else if (!comment && *text && !string_add_word(string, text))
            return false;
        text = last ? end : end + 1;
    }
    return true;
}
