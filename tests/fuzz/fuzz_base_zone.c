#include <assert.h>
#include "base/fail.h"
#include "base/time.h"
#include "base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is read has an offset of a day or so at any moment, and its changes lead on. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t moments[] = {INT64_MIN, -INT64_C(2208988800000), 0,
		INT64_C(1790000000000), INT64_C(7258118400000), INT64_MAX};
	struct zone *z;
	struct fail f;

	if (zone_parse(view_make((const char *)data, size), &z, &f) < 0)
		return 0;
	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
		int64_t next = zone_next(z, moments[i]);
		int offset = zone_offset(z, moments[i]);

		assert(offset > -100000 && offset < 100000);
		assert(next > moments[i] || next == INT64_MAX);
	}
	zone_free(&z);
	return 0;
}
