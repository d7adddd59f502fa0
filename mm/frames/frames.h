/* mm/frames/frames.h - physical memory.
 *
 * Physical memory is an array of frames of 4 KiB. Those that nobody uses are on the free-frame
 * list; some of them have been cleared ahead of need. The kernel's own objects lie in frames,
 * too (slab.h), and all that is taken is on somebody's account (account.h): so it is known who
 * holds how much when memory is out.
 *
 * May use: trace points. What it must tell the rooms behind it goes through mm/hooks.h. */
#ifndef MM_FRAMES_ROOM_H
#define MM_FRAMES_ROOM_H

#include "mm/frames/account.h"
#include "mm/frames/frame.h"
#include "mm/frames/heap.h"
#include "mm/frames/queue.h"
#include "mm/frames/ready.h"
#include "mm/frames/record.h"
#include "mm/frames/slab.h"
#include "mm/lock.h"

#endif
