/* What a server says, in two pieces, cut where the first byte says: the responses found must
 * not depend on the cut, and what is read of them lies within them. */
#include <assert.h>
#include "base/fail.h"
#include "base/utf8.h"
#include "fetch/imap_reply.h"
#include "fetch/utf7.h"

enum { BODY_MAX = 300 };

static void mix_number(uint64_t *sum, int64_t n)
{
	*sum = (*sum ^ (uint64_t)n) * 1099511628211u;
}

static void mix(uint64_t *sum, struct view v)
{
	mix_number(sum, (int64_t)v.len);
	for (size_t i = 0; i < v.len; i++)
		mix_number(sum, (unsigned char)v.p[i]);
}

static void look(uint64_t *d, const struct imap_reader *reader, struct arena *a)
{
	struct imap_response r;
	static struct str name; /* kept, for making it takes longer than all else */
	struct fail f;

	arena_reset(a);
	mix(d, str_view(&reader->text));
	mix(d, str_view(&reader->body));
	assert(reader->body.len <= BODY_MAX);
	if (imap_parse(reader, a, &r, &f) < 0) {
		assert(f.kind == FAIL_TEMP);
		return;
	}
	mix_number(d, (int64_t)r.kind);
	mix_number(d, (int64_t)r.uid);
	mix(d, r.body);
	mix(d, r.words);
	assert(r.name.len <= IMAP_FOLDER_MAX);
	if (name.max == 0)
		str_init(&name, (size_t)4 * IMAP_FOLDER_MAX);
	str_clear(&name);
	assert(utf7_decode(&name, r.name) == 0 && utf8_valid(str_view(&name), NULL));
}

static uint64_t read_all(struct view in, size_t cut)
{
	struct view pieces[] = {view_sub(in, 0, cut), view_from(in, cut)};
	uint64_t sum = 0, *d = &sum;
	static struct arena a;
	struct imap_reader reader;
	struct fail f;
	int got = 0;

	imap_reader_init(&reader, BODY_MAX);
	for (size_t i = 0; i < 2 && got >= 0; i++)
		while ((got = imap_reader_take(&reader, &pieces[i], &f)) == 1)
			look(d, &reader, &a);
	mix_number(d, got);
	imap_reader_free(&reader);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size);

	if (size > 0)
		assert(read_all(view_from(in, 1), data[0]) == read_all(view_from(in, 1), 0));
	return 0;
}
