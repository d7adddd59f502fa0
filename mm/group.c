/* mm/group.c - the groups.  See mm/group.h for the idea. */
#include "mm/group.h"

struct group groups[GROUPS_MAX] = {[GROUP_ALL] = {.in_use = true, .limit = UINT32_MAX}};
uint16_t group_current = GROUP_ALL;
