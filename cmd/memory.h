#ifndef CMD_MEMORY_H
#define CMD_MEMORY_H

/* memory - what holds for our own allocations (base/mem.h) holds for those of the libraries
 * that do not all survive it, or that make "no memory" look like "no such value": running out
 * ends the program. Call it before any of them is used. */
void memory_guard(void);
/* No core file with addresses and passwords in it: none at all from a crash, and in one that the
 * administrator takes (gcore) no memory but what is in files anyway. */
void memory_hide(void);
#endif
