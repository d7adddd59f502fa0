/* mm/replacement/swappiness.c - pages of programs against pages of files.  See swappiness.h for the
 * idea. */
#include "mm/replacement/swappiness.h"

#include "mm/demand_paging/demand_paging.h"
#include "mm/frame_allocation/frame_allocation.h"

uint32_t swappiness = SWAPPINESS_ALIKE;
enum swappiness_only swappiness_only;

void swappiness_set(uint32_t weight)
{
    swappiness = weight;
    for (unsigned i = 0; i < group_count; i++)
        groups[i].granted = groups[i].in_vain = 0;
}

bool swappiness_is_file(frame_t frame)
{
    const struct object *object = page_get(frame_get(frame)->page)->object;
    return object != NULL && object->device != NULL;
}

bool swappiness_means(frame_t frame)
{
    return swappiness_is_file(frame) == (swappiness_only == ONLY_FILES);
}

/* To search in vain costs a look at every frame. So it is done again after a 64th as many victims
 * (255 at most), or when a page of a file has come (group_file_came). */
#define SEARCH_SHARE 64

frame_t swappiness_weigh(struct group *group, frame_t victim)
{
    bool file = swappiness_is_file(victim);
    uint32_t weight = file ? SWAPPINESS_MOST - swappiness : swappiness;
    if (weight >= SWAPPINESS_ALIKE)
        return victim;
    uint32_t granted = group->granted + weight;
    group->granted = (uint8_t)(granted % SWAPPINESS_ALIKE);
    if (granted >= SWAPPINESS_ALIKE)
        return victim;
    if (group->in_vain > 0) {
        group->in_vain--;
        return victim;
    }
    swappiness_only = file ? ONLY_OTHERS : ONLY_FILES;
    frame_t other = policy_victim(group->policy, group);
    swappiness_only = ONLY_ANY;
    if (frame_is(other))
        return other;
    uint32_t share = group->charged / SEARCH_SHARE;
    group->in_vain = share < UINT8_MAX ? (uint8_t)share : UINT8_MAX;
    return victim;
}
