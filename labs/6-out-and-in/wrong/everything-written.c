/* every page that goes is written, changed or not. */

/* file: mm/replacement/harvest.c */

/* without: harvest_protect */

bool harvest_modified_finally(frame_t frame)
{
    frame_get(frame)->dirty = true;
    return true;
}
