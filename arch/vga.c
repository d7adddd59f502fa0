/* arch/vga.c - the text screen: 80 columns, 25 lines, two bytes a character.
 *
 * Text memory holds more lines than the screen shows. So scrolling only moves the first line
 * that is shown (a register of the CRT controller) down by one; when the end is reached, the
 * lines on the screen are copied back to the beginning. A machine without a screen is told
 * by a controller that does not remember. */
#include "arch/cpu.h"
#include "arch/machine.h"
#include "arch/mmu.h"
#include "lib/string.h"

#define TEXT_MEMORY  ((uint16_t *)(DIRECT_MAP + 0xb8000))
#define COLUMNS      80u
#define LINES        25u
#define MEMORY_LINES 204u    /* in 32 KiB */
#define BLANK        0x0720u /* a space, grey on black */

#define CRTC_INDEX  0x3d4
#define CRTC_DATA   0x3d5
#define CRTC_START  0x0c /* two registers each, high byte first */
#define CRTC_CURSOR 0x0e

static bool present;
static unsigned top; /* the first line shown */
static unsigned line,
    column; /* of the next character; line counts from text memory's start */

static uint16_t *line_cells(unsigned which)
{
    return TEXT_MEMORY + which * COLUMNS;
}

static void line_clear(unsigned which)
{
    uint16_t *cells = line_cells(which);
    for (unsigned i = 0; i < COLUMNS; i++)
        cells[i] = BLANK;
}

static void crtc_write(uint8_t reg, unsigned value)
{
    port_write8(CRTC_INDEX, reg);
    port_write8(CRTC_DATA, (uint8_t)(value >> 8));
    port_write8(CRTC_INDEX, reg + 1);
    port_write8(CRTC_DATA, (uint8_t)value);
}

static bool crtc_remembers(uint8_t value)
{
    port_write8(CRTC_INDEX, CRTC_CURSOR + 1);
    port_write8(CRTC_DATA, value);
    return port_read8(CRTC_DATA) == value;
}

void vga_init(void)
{
    present = crtc_remembers(0x55) && crtc_remembers(0xaa);
    if (!present)
        return;
    for (unsigned i = 0; i < LINES; i++)
        line_clear(i);
    crtc_write(CRTC_START, 0);
}

static void scroll(void)
{
    if (top + LINES == MEMORY_LINES) {
        memcpy(line_cells(0), line_cells(top + 1),
               (LINES - 1) * COLUMNS * sizeof(uint16_t));
        top = 0;
        line = LINES - 1;
    } else {
        top++;
    }
    line_clear(line);
    crtc_write(CRTC_START, top * COLUMNS);
}

static void next_line(void)
{
    column = 0;
    line++;
    if (line == top + LINES)
        scroll();
}

static void put(char character)
{
    if (character == '\n')
        next_line();
    else if (character == '\r')
        column = 0;
    else if (character == '\b')
        column -= column > 0;
    else if ((unsigned char)character >= ' ') {
        if (column == COLUMNS)
            next_line();
        line_cells(line)[column++] = (uint16_t)(0x0700u | (uint8_t)character);
    }
}

void vga_write(const char *text, size_t length)
{
    if (!present)
        return;
    for (size_t i = 0; i < length; i++)
        put(text[i]);
    crtc_write(CRTC_CURSOR, line * COLUMNS + column);
}
