#ifndef CMD_COPY_H
#define CMD_COPY_H
#include "cmd/cmd.h"

/* copy - an old copy of the database, put back, has forgotten who was sent to since
 * (store/witness.h). Before anything is sent to people. */

/* 0, or -1 with FAIL_GUARD: why this is such a copy, and what to do. With `meant` (--restored)
 * it only says so. `begun`: where nothing can be told of a campaign that was sending already,
 * a sentence says that. */
int copy_check(struct app *app, bool begun, bool meant, struct fail *f);
#endif
