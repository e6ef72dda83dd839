/* Any bytes as a message that came back: each fact lies where the header says it does, and a
 * failure has a reason and evidence. */
#include <assert.h>
#include "bounce/verdict.h"

static void check_evidence(const struct bounce_evidence *e)
{
	assert(e->confidence <= 255);
	assert(e->words.len == 0 || e->words.p != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bounce_verdict v;
	struct arena a;

	arena_init(&a);
	bounce_read(view_make((const char *)data, size), &a, &v);
	assert((unsigned)v.kind < BOUNCE_KINDS && bounce_kind_name(v.kind) != NULL);
	assert(v.recipient_count <= BOUNCE_RECIPIENTS_MAX && v.token_count <= BOUNCE_TOKENS_MAX);
	check_evidence(&v.kind_why);
	for (size_t i = 0; i < v.recipient_count; i++) {
		const struct bounce_recipient *to = &v.recipients[i];

		check_evidence(&to->address_why);
		check_evidence(&to->reason_why);
		assert((unsigned)to->reason < REASON_COUNT);
		assert(v.kind != BOUNCE_FAILED || (to->action.len > 0 && to->status.len >= 5));
		for (size_t j = 0; j < i; j++)
			assert(to->address.len == 0 ||
				!view_eq_nocase(to->address, v.recipients[j].address));
	}
	arena_free(&a);
	return 0;
}
