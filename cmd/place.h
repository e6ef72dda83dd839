#ifndef CMD_PLACE_H
#define CMD_PLACE_H
#include <stdbool.h>
struct str;

/* place - what belongs to the program and lies beside it, so that an installation
 * can be moved: PREFIX/bin/facteur finds PREFIX/share. */

/* Sets out to that path below the parent of the program's folder. False, and out
 * empty, when nothing is there. */
bool place_beside(struct str *out, const char *path);
#endif
