#ifndef CMD_ALARM_H
#define CMD_ALARM_H
#include "store/later.h"

/* alarm - what is wrong with a campaign, and what to do, in plain words: a line or two, each
 * given to `say` (out_line(), out_warn()). */
void alarm_print(const struct store_alarm *alarm, void (*say)(const char *fmt, ...));
#endif
