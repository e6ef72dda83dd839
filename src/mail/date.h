#ifndef MAIL_DATE_H
#define MAIL_DATE_H
#include <stdint.h>
struct fail;

/* date - RFC 5322 3.3: "Sun, 01 Mar 2026 20:30:00 +1100". */
enum { DATE_SIZE = 48 };

/* `at` is ms since 1970 UTC; `offset` the minutes east of UTC to show it in.
 * Returns 0, or -1 with f (FAIL_DATA): a year outside 1900-9999 or an offset
 * of a day and more. */
int date_format(int64_t at, int offset, char out[DATE_SIZE], struct fail *f);
#endif
