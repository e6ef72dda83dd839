/* Any bytes in two pieces, cut where the first byte says: the messages found must not depend
 * on the cut, and none is longer than the file. */
#include <assert.h>
#include "base/digest.h"
#include "fetch/mbox.h"

enum { BODY_MAX = 4096 };

static void add(struct digest *d, const struct mbox *m, size_t size)
{
	assert(m->body.len <= m->size && m->size <= size);
	assert(m->cut == (m->size > m->body.len));
	digest_piece(d, str_view(&m->from));
	digest_piece(d, str_view(&m->body));
}

static void read_all(struct view in, size_t cut, unsigned char out[DIGEST_SIZE])
{
	struct view pieces[] = {view_sub(in, 0, cut), view_from(in, cut)};
	struct digest *d = digest_new();
	struct mbox m;

	mbox_init(&m, BODY_MAX);
	for (size_t i = 0; i < 2; i++)
		while (mbox_take(&m, &pieces[i]) == 1)
			add(d, &m, in.len);
	if (mbox_end(&m) == 1)
		add(d, &m, in.len);
	mbox_free(&m);
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
