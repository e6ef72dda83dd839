#include <assert.h>
#include "mail/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct token_keys keys = {.count = 2, .key = {{1, 2, 3}, {4, 5, 6}}};

/* What is taken is what we would write, up to its case. */
static void same_again(struct view text, const struct token *t)
{
	struct token_keys one = keys;
	struct token again;
	struct str out;
	bool same = false;

	str_init(&out, TOKEN_SIZE_MAX);
	for (size_t i = 0; i < keys.count && !same; i++) {
		memcpy(one.key[0], keys.key[i], TOKEN_KEY_SIZE);
		str_clear(&out);
		assert(token_write(&out, &one, t) == 0);
		same = view_eq_nocase(str_view(&out), text);
	}
	assert(same && out.len == token_size(t->campaign, t->contact));
	assert(token_read(str_view(&out), &keys, t->purpose, &again) == 1);
	assert(again.campaign == t->campaign && again.contact == t->contact);
	str_free(&out);
}

/* Eight octets each of campaign and contact: what we write we read. */
static void own(const uint8_t *data)
{
	uint64_t n[2];
	struct token t = {.purpose = (enum token_purpose)(1 + data[0] % 4)};
	struct str out;

	memcpy(n, data, sizeof n);
	t.campaign = (int64_t)(n[0] >> (12 + data[1] % 52));
	t.contact = (int64_t)(n[1] >> (12 + data[2] % 52));
	str_init(&out, TOKEN_SIZE_MAX);
	assert(token_write(&out, &keys, &t) == 0 && token_looks(str_view(&out)));
	same_again(str_view(&out), &t);
	/* One bit of it changed. */
	out.p[data[3] % out.len] = (char)(out.p[data[3] % out.len] ^ 1 << data[4] % 5);
	assert(token_read(str_view(&out), &keys, t.purpose, &t) == 0);
	str_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size), found;
	struct token t;

	for (enum token_purpose p = TOKEN_RETURN; p <= TOKEN_MESSAGE; p++) {
		int read = token_read(in, &keys, p, &t);

		assert(read == 0 || token_looks(in));
		if (read == 1)
			same_again(in, &t);
	}
	found = token_in_local_part(in);
	assert(found.len == 0 || (view_ends(in, found) && token_looks(found)));
	found = token_in_message_id(in);
	assert(found.len == 0 || (view_starts(in, found) && token_looks(found)));
	if (size >= 16)
		own(data);
	return 0;
}
