/* mm/demand_paging/cluster.h - requests that continue each other on the device, in one
 * service time.
 *
 * Slots beside each other are reached together: a chain of up to CLUSTER_MAX requests is
 * handed to the device as one. So they are held back until one does not continue the others,
 * or whoever gathers them has no more. */
#ifndef MM_CLUSTER_H
#define MM_CLUSTER_H

#include "mm/above.h"

#define CLUSTER_MAX 8

/* Begins empty: all zero. */
struct cluster {
    struct block_request *first, *last;
    unsigned count;
};

/* Hand to the device what is held back. True: there was something. */
bool cluster_send(struct cluster *cluster) REQUIRES(mm);
/* Hold back one more, sending first what it does not continue. True: something was sent. */
bool cluster_add(struct cluster *cluster, struct block_request *request) REQUIRES(mm);

#endif
