/* Challenges of any kind, from a server that does not know the secret. Whatever it says,
 * each response fits a line, the secret stands only in responses of those kinds that
 * show it, and no SCRAM server is believed. */
#include <assert.h>
#include "base/base64.h"
#include "base/fail.h"
#include "smtp/blot.h"
#include "smtp/sasl.h"
#include "smtp/saslprep.h"

#define SECRET "S3cret-canary"

/* SCRAM's hashing is the price of a login, and would be all that is fuzzed. */
static bool costs_much(struct view challenge)
{
	ptrdiff_t at = view_find(challenge, VIEW(",i="));
	uint64_t rounds = 0;
	struct view rest = view_from(challenge, (size_t)at + 3), digits;

	return at >= 0 && view_split(&rest, ',', &digits) &&
	       view_u64(digits, UINT32_MAX, &rounds) && rounds > 5000;
}

static void answer(struct smtp_sasl *s, enum smtp_sasl_kind kind, struct view challenge)
{
	struct smtp_blot blot;
	struct str out;
	struct fail f = {0};

	str_init(&out, SMTP_SASL_RESPONSE_MAX);
	smtp_blot_init(&blot, VIEW(SECRET));
	if (smtp_sasl_step(s, challenge, &out, &f) == 0)
		assert(out.len <= SMTP_SASL_RESPONSE_MAX);
	else
		assert(f.kind == FAIL_PERM && !smtp_sasl_may_succeed(s));
	assert(smtp_sasl_is_bare(kind) || !smtp_blot_finds(&blot, str_view(&out)));
	assert(!smtp_blot_finds(&blot, view_of(f.text)));
	smtp_blot_free(&blot);
	str_free(&out);
}

static void prepare(struct view in)
{
	struct str out;
	struct fail f;

	str_init(&out, in.len * SMTP_SASLPREP_GROWTH);
	(void)smtp_saslprep(in, "x", &out, &f);
	str_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size), challenge;
	struct smtp_login login = {.username = VIEW("user"),
		.secret = VIEW(SECRET),
		.nonce = VIEW("fyko+d2lbbFgONRv9qkxdawL")};
	enum smtp_sasl_kind kind;
	struct smtp_sasl *s;

	if (size < 1)
		return 0;
	kind = (enum smtp_sasl_kind)(data[0] % SMTP_SASL_KINDS);
	in = view_from(in, 1);
	prepare(in);
	(void)smtp_sasl_read(in);
	s = smtp_sasl_new(kind, &login);
	if (smtp_sasl_speaks_first(s))
		answer(s, kind, view_make(NULL, 0));
	while (view_split(&in, '\xff', &challenge))
		if (!costs_much(challenge))
			answer(s, kind, challenge);
	assert(kind > SMTP_SASL_SCRAM_SHA_1 || !smtp_sasl_may_succeed(s));
	smtp_sasl_free(&s);
	return 0;
}
