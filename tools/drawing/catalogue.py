"""All figures, in the order of the chapter."""

from drawing.figures import (
    access_time,
    copy_on_write,
    faults_frames,
    fork_time,
    free_list,
    grids,
    locality,
    matrix,
    page_table,
    pageout,
    sampled_set,
    six_steps,
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
    locality.FIGURE,
    working_set.FIGURE,
    sampled_set.FIGURE,
    matrix.FIGURE,
)
