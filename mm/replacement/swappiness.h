/* mm/replacement/swappiness.h - pages of programs against pages of files (vm.swappiness).
 *
 * A policy names one victim of all pages of its group, whatever is behind them. A page of a file
 * that a device holds can go for nothing and is read again; all other memory has to go to a slot
 * first. Who minds one more than the other says so by a number from 0 to 200. Below 100 so many of
 * 100 victims that need a slot do go; the others are passed over, as long as the policy can name a
 * page of a file instead. Above 100 the same holds the other way round. At 100 the policy's word is
 * the last.
 *
 * Passed over are victims as evenly spread as the number allows (error diffusion): what has been
 * granted and not been used yet is carried on to the next. The policy is asked again, and while it
 * is, what is not to go may not go (policy_may_evict): so each policy goes on by its own rule. */
#ifndef MM_SWAPPINESS_H
#define MM_SWAPPINESS_H

#include "mm/replacement/policy.h"

#define SWAPPINESS_ALIKE 100u
#define SWAPPINESS_MOST  (2 * SWAPPINESS_ALIKE)

extern uint32_t swappiness;
/* From now on, for all groups. At most SWAPPINESS_MOST. */
void swappiness_set(uint32_t weight) REQUIRES(mm);

/* The victim that goes, after the policy has named `victim`. */
frame_t swappiness_weigh(struct group *group, frame_t victim) REQUIRES(mm);

/* While a policy is asked again: which frames are not meant? */
enum swappiness_only { ONLY_ANY, ONLY_FILES, ONLY_OTHERS };
extern enum swappiness_only swappiness_only GUARDED_BY(mm);
/* Is it a page of a file that a device holds? */
bool swappiness_is_file(frame_t frame) REQUIRES(mm);
/* If it is not ONLY_ANY: is the frame meant? */
bool swappiness_means(frame_t frame) REQUIRES(mm);

#endif
