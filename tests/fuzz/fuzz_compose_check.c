#include <assert.h>
#include "base/fail.h"
#include "compose/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum compose_whose answer(void *ctx, struct view key)
{
	(void)ctx;
	return key.len % 7 == 0 ? COMPOSE_OWN : key.len % 11 == 0 ? COMPOSE_OTHER : COMPOSE_NOBODY;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size);
	struct compose_memo *memo = compose_memo_new();
	struct fail f;
	int ret = compose_check(in, true, NULL, answer, NULL, &f);

	/* What is remembered of the message before, the same one, changes nothing. */
	for (int i = 0; i < 2; i++)
		assert(compose_check(in, true, memo, answer, NULL, &f) == ret);
	compose_memo_free(&memo);
	(void)compose_scan(in, answer, NULL, &f);
	return 0;
}
