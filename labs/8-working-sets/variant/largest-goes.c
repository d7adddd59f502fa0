/* a page that was used has age 3; the load is too high when faults take 4 % of the time;
 * the one whose working set is the largest is suspended. */

/* file: mm/working_sets/working_set.c */

enum { AGE_FROM_USE = 3 };

static void entry_used(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    struct frame *frame = frame_get(pte_frame(position_read(at)));
    position_clear_bits(at, PTE_REFERENCED | PTE_AGE);
    position_set_bits(at, (uint64_t)AGE_FROM_USE << PTE_AGE_SHIFT);
    frame->referenced = frame->recent = true;
    flush_add(flush, position_address(at));
}

/* file: kernel/thrashing/load_criteria.c */

static bool sets_overloaded(const struct load_sample *sample)
{
    return sample->faults * sample->service * 25 > sample->elapsed &&
           (sample->working_sets > sample->frames || !allocation_fits(NULL));
}

/* file: kernel/thrashing/load_control.c */

/* Should it be chosen rather than the one that was met before? */
static bool goes_rather(const struct process *p, const struct process *chosen)
{
    return p->load_set > chosen->load_set;
}

static struct process *victim(const struct load_sample *sample, bool last, uint64_t latest)
{
    struct process *chosen = NULL;
    for (struct process *p = process_first; p; p = p->next) {
        if (!is_candidate(p, sample) || in_since(p) > latest)
            continue;
        if (!chosen || (last ? goes_rather(p, chosen) : in_since(p) < in_since(chosen)))
            chosen = p;
    }
    return chosen;
}
