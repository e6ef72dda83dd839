#ifndef RETURNS_ALARM_H
#define RETURNS_ALARM_H
#include "base/view.h"

/* alarm - what a refusal speaks of, for whoever has to do something about it: "SPF", "DKIM",
 * "DMARC", "PTR", or the name of a block list; empty where it names none that is known. */
struct view returns_detail(struct view text);
#endif
