#ifndef CMD_REASON_H
#define CMD_REASON_H
#include "base/view.h"

/* reason - the codes of send/reason.h and of the store in words that a reader of a report
 * knows. Programs get the codes. */

/* Translated; a code that is not known as it is, none at all as "-". */
struct view reason_words(struct view code);
#endif
