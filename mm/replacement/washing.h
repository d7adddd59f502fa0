/* mm/replacement/washing.h - dirty pages are written before anybody needs their frames. */
#ifndef MM_WASHING_H
#define MM_WASHING_H

#include "mm/replacement/laundry.h"

/* The processor and the swap device are idle: write one modified page ahead of need, leaving
 * it where it is, so that it can go at once when it must. True: something was done. Takes
 * the lock. */
bool washing_idle(void) EXCLUDES(mm);

#endif
