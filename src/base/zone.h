#ifndef BASE_ZONE_H
#define BASE_ZONE_H
#include "base/str.h"
struct fail;

/* zone - the clock of a place, by its name in the time zone database:
 * "Pacific/Noumea". It reads the files of that database itself (TZif, RFC 8536),
 * for the C library knows one zone at a time, that of TZ, and changing TZ changes it
 * for everything else in the process. Moments are those of base/time.h; what
 * lies outside of the years 0 to 9999 counts as their first or last moment. */
struct zone;
#define ZONE_FOLDER "/usr/share/zoneinfo"
enum {
	ZONE_NAME_MAX = 64,
	ZONE_FILE_MAX = 262144, /* bytes; the largest of 2025 has 3,700 */
};

/* Reads the whole of a file of the database. Returns 0 with *out yours, or -1 with
 * FAIL_DATA. A file that counts leap seconds is refused: no clock here does. */
int zone_parse(struct view bytes, struct zone **out, struct fail *f);
/* The zone of that name in `folder` (ZONE_FOLDER but in tests); "UTC" is known without
 * one. FAIL_NOINPUT when there is none, with the nearest name there is; FAIL_DATA. */
int zone_open(const char *folder, struct view name, struct zone **out, struct fail *f);
void zone_free(struct zone **z);

/* Seconds east of UTC at that moment. */
int zone_offset(const struct zone *z, int64_t at);
/* The first moment after `at` at which the clock may be set; INT64_MAX: none. */
int64_t zone_next(const struct zone *z, int64_t at);
#endif
