/* Any bytes in two pieces, cut where the first byte says: the messages found must not depend
 * on the cut, and none is longer than the file. */
#include <assert.h>
#include "fetch/mbox.h"

enum { BODY_MAX = 4096 };

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

static void add(uint64_t *d, const struct mbox *m, size_t size)
{
	assert(m->body.len <= m->size && m->size <= size);
	assert(m->cut == (m->size > m->body.len));
	mix(d, str_view(&m->from));
	mix(d, str_view(&m->body));
}

static uint64_t read_all(struct view in, size_t cut)
{
	struct view pieces[] = {view_sub(in, 0, cut), view_from(in, cut)};
	uint64_t sum = 0, *d = &sum;
	struct mbox m;

	mbox_init(&m, BODY_MAX);
	for (size_t i = 0; i < 2; i++)
		while (mbox_take(&m, &pieces[i]) == 1)
			add(d, &m, in.len);
	if (mbox_end(&m) == 1)
		add(d, &m, in.len);
	mbox_free(&m);
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
