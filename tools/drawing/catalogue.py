"""All figures, in the order of the chapter."""

from drawing.figures import (
    access_time,
    copy_on_write,
    faults_frames,
    fault_frequency,
    fork_time,
    free_list,
    global_local,
    grids,
    locality,
    matrix,
    page_table,
    pageout,
    sampled_set,
    six_steps,
    thrashing,
    working_set,
)

FIGURES = (
    page_table.FIGURE,
    six_steps.FIGURE,
    free_list.FIGURE,
    access_time.FIGURE,
    copy_on_write.FIGURE,
    fork_time.FIGURE,
    *grids.FIGURES,
    faults_frames.FIGURE,
    pageout.FIGURE,
    global_local.FIGURE,
    thrashing.FIGURE,
    locality.FIGURE,
    working_set.FIGURE,
    sampled_set.FIGURE,
    fault_frequency.FIGURE,
    matrix.FIGURE,
)
