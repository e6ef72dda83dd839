#include <assert.h>
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read, written and read again is the same moment; any eight bytes are
 * a moment that can be written. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t at = 0, again;
	char iso[TIME_ISO_SIZE];

	if (time_parse(view_make((const char *)data, size), &at) &&
		at >= -INT64_C(62167219200000) && at <= INT64_C(253402300799999)) {
		time_iso(at, iso);
		assert(time_parse(view_of(iso), &again) && again == at);
	}
	if (size >= sizeof at) {
		memcpy(&at, data, sizeof at);
		time_iso(at, iso);
		assert(time_parse(view_of(iso), &again));
		(void)time_zone_offset(at);
	}
	return 0;
}
