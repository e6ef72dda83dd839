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
	struct fail f;

	(void)compose_check(in, true, answer, NULL, &f);
	(void)compose_scan(in, answer, NULL, &f);
	return 0;
}
