#ifndef CMD_QUESTION_H
#define CMD_QUESTION_H
#include "cmd/cmd.h"
struct returns;
struct token_keys;

/* question - sends what returns/question.h asks of members who want to leave a list, through the
 * default relay; where nobody may be mailed it is only said. A question that does not get out is
 * told and not tried again: the wish waits in "bounce review" all the same. */
void question_send_all(struct app *app, const struct returns *r, const struct token_keys *keys);
#endif
