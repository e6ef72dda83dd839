#ifndef CMD_BOUNCE_H
#define CMD_BOUNCE_H
#include "cmd/cmd.h"

/* bounce - what the files of the noun "bounce" share. */

/* "bounce show NUMBER": one that was stored. */
int bounce_show_stored(struct app *app, int64_t number, struct fail *f);
#endif
