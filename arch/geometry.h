/* arch/geometry.h - how the processor takes an address apart (SDM 3A, 4.5).
 *
 * From the lowest bit up: so many for the byte within a page, then, for each level of tables,
 * so many for the entry in a table. Nowhere else do these numbers stand. */
#ifndef ARCH_GEOMETRY_H
#define ARCH_GEOMETRY_H

#define PAGE_SHIFT   12
#define TABLE_BITS   9
#define TABLE_LEVELS 4

#endif
