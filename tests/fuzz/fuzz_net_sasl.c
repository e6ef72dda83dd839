/* Challenges of any kind, from a server that does not know the secret. Whatever it says,
 * each response fits a line, the secret stands only in responses of those kinds that
 * show it, and no SCRAM server is believed. */
#include <assert.h>
#include "base/base64.h"
#include "base/fail.h"
#include "net/blot.h"
#include "net/sasl.h"
#include "net/saslprep.h"

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

static void answer(struct net_sasl *s, enum net_sasl_kind kind, struct view challenge)
{
	struct net_blot blot;
	struct str out;
	struct fail f = {0};

	str_init(&out, NET_SASL_RESPONSE_MAX);
	net_blot_init(&blot, VIEW(SECRET));
	if (net_sasl_step(s, challenge, &out, &f) == 0)
		assert(out.len <= NET_SASL_RESPONSE_MAX);
	else
		assert(f.kind == FAIL_PERM && !net_sasl_may_succeed(s));
	assert(net_sasl_is_bare(kind) || !net_blot_finds(&blot, str_view(&out)));
	assert(!net_blot_finds(&blot, view_of(f.text)));
	net_blot_free(&blot);
	str_free(&out);
}

static void prepare(struct view in)
{
	struct str out;
	struct fail f;

	str_init(&out, in.len * NET_SASLPREP_GROWTH);
	(void)net_saslprep(in, "x", &out, &f);
	str_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size), challenge;
	struct net_login login = {.username = VIEW("user"),
		.secret = VIEW(SECRET),
		.nonce = VIEW("fyko+d2lbbFgONRv9qkxdawL")};
	enum net_sasl_kind kind;
	struct net_sasl *s;

	if (size < 1)
		return 0;
	kind = (enum net_sasl_kind)(data[0] % NET_SASL_KINDS);
	in = view_from(in, 1);
	prepare(in);
	(void)net_sasl_read(in);
	s = net_sasl_new(kind, &login);
	if (net_sasl_speaks_first(s))
		answer(s, kind, view_make(NULL, 0));
	while (view_split(&in, '\xff', &challenge))
		if (!costs_much(challenge))
			answer(s, kind, challenge);
	assert(kind > NET_SASL_SCRAM_SHA_1 || !net_sasl_may_succeed(s));
	net_sasl_free(&s);
	return 0;
}
