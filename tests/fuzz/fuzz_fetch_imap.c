/* What a server says, in two pieces, cut where the first byte says: the responses found must
 * not depend on the cut, and what is read of them lies within them. */
#include <assert.h>
#include "base/digest.h"
#include "base/fail.h"
#include "base/utf8.h"
#include "fetch/imap_reply.h"
#include "fetch/utf7.h"

enum { BODY_MAX = 300 };

static void look(struct digest *d, const struct imap_reader *reader, struct arena *a)
{
	struct imap_response r;
	struct fail f;
	struct str name;

	arena_reset(a);
	digest_piece(d, str_view(&reader->text));
	digest_piece(d, str_view(&reader->body));
	assert(reader->body.len <= BODY_MAX);
	if (imap_parse(reader, a, &r, &f) < 0) {
		assert(f.kind == FAIL_TEMP);
		return;
	}
	digest_number(d, (int64_t)r.kind);
	digest_number(d, (int64_t)r.uid);
	digest_piece(d, r.body);
	digest_piece(d, r.words);
	assert(r.name.len <= IMAP_FOLDER_MAX);
	str_init(&name, (size_t)4 * IMAP_FOLDER_MAX);
	assert(utf7_decode(&name, r.name) == 0 && utf8_valid(str_view(&name), NULL));
	str_free(&name);
}

static void read_all(struct view in, size_t cut, unsigned char out[DIGEST_SIZE])
{
	struct view pieces[] = {view_sub(in, 0, cut), view_from(in, cut)};
	struct digest *d = digest_new();
	struct imap_reader reader;
	struct arena a;
	struct fail f;
	int got = 0;

	imap_reader_init(&reader, BODY_MAX);
	arena_init(&a);
	for (size_t i = 0; i < 2 && got >= 0; i++)
		while ((got = imap_reader_take(&reader, &pieces[i], &f)) == 1)
			look(d, &reader, &a);
	digest_number(d, got);
	arena_free(&a);
	imap_reader_free(&reader);
	digest_end(d, out);
	digest_free(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char one[DIGEST_SIZE], two[DIGEST_SIZE];
	struct view in = view_make((const char *)data, size);

	if (size == 0)
		return 0;
	read_all(view_from(in, 1), data[0], one);
	read_all(view_from(in, 1), 0, two);
	assert(digest_same(one, two, DIGEST_SIZE));
	return 0;
}
