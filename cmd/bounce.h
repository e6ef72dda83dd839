#ifndef CMD_BOUNCE_H
#define CMD_BOUNCE_H
#include "cmd/cmd.h"

/* bounce - what the files of the noun "bounce" share. */

/* "bounce show FILE": whatever lies there. */
int bounce_show_path(struct app *app, const char *path, struct fail *f);
/* "bounce show NUMBER": one that was stored. The store must be open. */
int bounce_show_stored(struct app *app, int64_t number, struct fail *f);
#endif
