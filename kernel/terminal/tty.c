/* kernel/terminal/tty.c - line editing: what happens between a key and a line.
 *
 * A person makes mistakes, so a program normally gets input by the line, after ^H, ^W and ^U
 * have been obeyed ("canonical" input). Some keys are no input at all but signals to the
 * programs in the foreground. A program that edits lines itself (the shell) switches all
 * that off and gets every key at once. */
#include "kernel/terminal/tty.h"
#include "arch/cpu.h"
#include "kernel/file/owner.h"
#include "kernel/process/process.h"
#include "kernel/terminal/tty_input.h"
#include "lib/string.h"

struct tty tty_console = {
    .settings = {.input = ICRNL,
                 .output = OPOST | ONLCR,
                 .control = B38400 | CS8 | CREAD | HUPCL,
                 .local = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
                 .character = {[VINTR] = 3,
                               [VQUIT] = 28,
                               [VERASE] = 127,
                               [VKILL] = 21,
                               [VEOF] = 4,
                               [VMIN] = 1,
                               [VSTART] = 17,
                               [VSTOP] = 19,
                               [VSUSP] = 26,
                               [VREPRINT] = 18,
                               [VDISCARD] = 15,
                               [VWERASE] = 23,
                               [VLNEXT] = 22}},
    .size = {.rows = 24, .columns = 80},
};

void tty_interrupt(void)
{
    unsigned rows, columns;
    int character;

    while ((character = serial_read()) >= 0)
        tty_type(&tty_console, character);
    serial_interrupt();
    while (window_changed(&rows, &columns))
        tty_resize(&tty_console, &(struct linux_winsize){.rows = rows, .columns = columns});
}

void tty_set_raw(bool raw)
{
    tty_console.settings.output = raw ? 0 : OPOST | ONLCR;
}

/* --- Output ------------------------------------------------------------------------- */

void tty_put(const struct tty *tty, const char *bytes, size_t length)
{
    uint32_t both = OPOST | ONLCR;

    if ((tty->settings.output & both) != both) {
        serial_write(bytes, length);
        return;
    }
    while (length) {
        const char *newline = memchr(bytes, '\n', length);
        size_t part = newline ? (size_t)(newline - bytes) : length;

        serial_write(bytes, part);
        if (newline) {
            serial_write("\r\n", 2);
            part++;
        }
        bytes += part;
        length -= part;
    }
}

static bool is_control(uint8_t character)
{
    return character < 32 || character == 127;
}

/* Control characters are shown as ^X. */
static void tty_echo(const struct tty *tty, uint8_t character)
{
    char text[2] = {character};

    if (!tty_local(tty, ECHO) && !(character == '\n' && tty_local(tty, ECHONL)))
        return;
    if (is_control(character) && character != '\n' && character != '\t' &&
        tty_local(tty, ECHOCTL)) {
        text[0] = '^';
        text[1] = character ^ 0x40;
        tty_put(tty, text, 2);
    } else {
        tty_put(tty, text, 1);
    }
}

/* Take a character's picture off the screen. */
static void tty_echo_erase(const struct tty *tty, uint8_t character)
{
    if (!tty_local(tty, ECHO))
        return;
    tty_put(tty, "\b \b", 3);
    if (is_control(character) && tty_local(tty, ECHOCTL))
        tty_put(tty, "\b \b", 3);
}

/* --- The line being typed -------------------------------------------------------------- */

static void tty_store(struct tty *tty, uint16_t character)
{
    tty->input[tty->end++ % TTY_INPUT] = character;
}

void tty_commit(struct tty *tty)
{
    news_note(&tty->news, tty->committed != tty->read);
    tty->committed = tty->end;
    thread_wake(tty);
    poll_wake();
    owner_tell(tty->listeners, true, false, tty->foreground);
}

void tty_flush_input(struct tty *tty)
{
    tty->read = tty->committed = tty->end;
}

/* The last character of the line; call only if there is one. */
static uint8_t tty_last(const struct tty *tty)
{
    return tty->input[(tty->end - 1) % TTY_INPUT];
}

static void tty_erase(struct tty *tty)
{
    if (tty->end == tty->committed)
        return;
    uint8_t character = tty_last(tty);
    tty->end--;
    tty_echo_erase(tty, character);
    /* the bytes of a UTF-8 character go together, but show as one */
    while ((character & 0xc0) == 0x80 && tty->end != tty->committed) {
        character = tty_last(tty);
        tty->end--;
    }
}

static void tty_erase_word(struct tty *tty)
{
    while (tty->end != tty->committed && tty_last(tty) == ' ')
        tty_erase(tty);
    while (tty->end != tty->committed && tty_last(tty) != ' ')
        tty_erase(tty);
}

static void tty_reprint(const struct tty *tty)
{
    tty_echo(tty, '\n');
    for (uint32_t i = tty->committed; i != tty->end; i++)
        tty_echo(tty, tty->input[i % TTY_INPUT]);
}

/* A key that edits. false: it is an ordinary character. */
static bool tty_edit(struct tty *tty, uint8_t character)
{
    const uint8_t *key = tty->settings.character;

    if (!character)
        return false; /* a key that is switched off is 0 */
    if (character == key[VERASE]) {
        tty_erase(tty);
    } else if (character == key[VKILL]) {
        while (tty->end != tty->committed)
            tty_erase(tty);
    } else if (character == key[VEOF]) {
        tty_store(tty, INPUT_FILE_END | INPUT_LINE_END);
        tty_commit(tty);
    } else if (!tty_local(tty, IEXTEN)) {
        return false;
    } else if (character == key[VWERASE]) {
        tty_erase_word(tty);
    } else if (character == key[VREPRINT]) {
        tty_reprint(tty);
    } else if (character == key[VLNEXT]) {
        tty->literal = true;
    } else {
        return false;
    }
    return true;
}

/* --- Keys that are signals --------------------------------------------------------------- */

static int tty_signal_of(const struct tty *tty, uint8_t character)
{
    const uint8_t *key = tty->settings.character;

    if (!character || !tty_local(tty, ISIG))
        return 0;
    if (character == key[VINTR])
        return SIGINT;
    if (character == key[VQUIT])
        return SIGQUIT;
    return character == key[VSUSP] ? SIGTSTP : 0;
}

static void tty_signal(struct tty *tty, int signal, uint8_t character)
{
    if (!tty_local(tty, NOFLSH))
        tty_flush_input(tty);
    tty_echo(tty, character);
    if (tty->foreground)
        signal_group(tty->foreground, signal);
}

/* --- One key ---------------------------------------------------------------------------- */

static void tty_take(struct tty *tty, uint8_t character)
{
    bool canonical = tty_local(tty, ICANON);
    bool ends =
        canonical && (character == '\n' || (character && !tty->literal &&
                                            character == tty->settings.character[VEOL]));
    /* in a line that has grown too long, there is still room for its end */
    uint32_t room = TTY_INPUT - (tty->end - tty->read);

    if (room < (canonical && !ends ? 3 : 2))
        return;
    tty_echo(tty, character);
    tty_store(tty, character | (ends ? INPUT_LINE_END : 0));
    if (ends || !canonical)
        tty_commit(tty);
}

void tty_type(struct tty *tty, uint8_t character)
{
    uint32_t input = tty->settings.input;

    if (tty->literal) {
        tty_take(tty, character);
        tty->literal = false;
        return;
    }
    if (character == '\r' && (input & IGNCR))
        return;
    if (character == '\r' && (input & ICRNL))
        character = '\n';
    else if (character == '\n' && (input & INLCR))
        character = '\r';
    int signal = tty_signal_of(tty, character);
    if (signal)
        tty_signal(tty, signal, character);
    else if (!tty_local(tty, ICANON) || !tty_edit(tty, character))
        tty_take(tty, character);
}
