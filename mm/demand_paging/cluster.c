/* mm/demand_paging/cluster.c - see mm/demand_paging/cluster.h. */
#include "mm/demand_paging/cluster.h"

bool cluster_send(struct cluster *cluster)
{
    struct block_request *first = cluster->first;
    *cluster = (struct cluster){.count = 0};
    if (first == NULL)
        return false;
    block_submit(first);
    return true;
}

bool cluster_add(struct cluster *cluster, struct block_request *request)
{
    bool follows = cluster->first != NULL && cluster->count < CLUSTER_MAX &&
                   cluster->last->position + PAGE_SIZE == request->position;
    bool sent = !follows && cluster_send(cluster);
    if (cluster->first == NULL)
        cluster->first = request;
    else
        cluster->last->together = request;
    cluster->last = request;
    cluster->count++;
    return sent;
}
