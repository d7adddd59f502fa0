/* mm/replacement/policy/fifo.c - first in, first out: the page that has been in memory
 * longest goes.
 *
 * "The simplest page-replacement algorithm. A FIFO replacement algorithm associates with
 * each page the time when that page was brought into memory. When a page must be replaced,
 * the oldest page is chosen." (Silberschatz, Galvin, Gagne: Operating System Concepts, 10th
 * ed., 10.4.2.) No times are needed, a queue is enough. It asks nobody whether a page is in
 * use, so a page in constant use goes like any other; and more frames can mean more faults
 * (Belady, Nelson, Shedler: An anomaly in space-time characteristics of certain programs
 * running in a paging machine, CACM 1969). */
#include "mm/policy.h"

static struct frame_queue *fifo_queue(struct group *group)
{
    return (struct frame_queue *)group->state;
}

static void fifo_open(struct group *group)
{
    queue_init(fifo_queue(group));
}

static void fifo_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_append(fifo_queue(group), frame);
}

static void fifo_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(fifo_queue(group), frame);
}

static frame_t fifo_victim(struct group *group) REQUIRES(mm)
{
    return policy_first(fifo_queue(group));
}

const struct policy policy_fifo = {
    .name = "fifo",
    .description = "first in, first out",
    .open = fifo_open,
    .admit = fifo_admit,
    .remove = fifo_remove,
    .victim = fifo_victim,
};
