/* terminal.h - take the terminal for a picture, and wait for what is pressed. */
#ifndef USER_VMTOP_TERMINAL_H
#define USER_VMTOP_TERMINAL_H

#include <stdbool.h>
#include <time.h>

/* Keys come without Enter, and the cursor is hidden, until we end: by a signal, too, and while we
 * are stopped by one. Signals come in only while terminal_wait waits. */
void terminal_take(void);

/* Wait for so long, or until the terminal's size changes; then the screen is cleared. False: a key
 * was pressed. It is taken, and no more: what is typed behind it is for whoever reads next. */
bool terminal_wait(const struct timespec *rest);

#endif
