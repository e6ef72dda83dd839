#include <assert.h>
#include "base/base64.h"
#include "base/qp.h"

enum { ROOM = 1 << 20, QP_LINE = 76 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void base64(struct view in, struct str *out, struct str *back)
{
	(void)base64_decode(out, in);
	assert(out->len <= in.len / 4 * 3 + 3);
	str_clear(out);
	assert(base64_encode(out, in, in.len % 2 * QP_LINE) == 0);
	assert(base64_decode(back, str_view(out)) == 0);
	assert(view_eq(str_view(back), in));
}

/* What is decoded once is plain: encoding it and decoding that gives it back,
 * but for line ends, which become CRLF. */
static void qp(struct view in, struct str *out, struct str *back)
{
	struct view rest, line, want, other;
	bool more;

	assert(qp_decode(out, in) == 0 && out->len <= in.len);
	str_clear(out);
	assert(qp_encode(out, in) == 0);
	rest = str_view(out);
	while (view_line(&rest, &line)) {
		assert(line.len <= QP_LINE && !view_is(line, "."));
		assert(!view_starts(line, VIEW("From ")));
		assert(line.len == 0 || !ascii_is_space(line.p[line.len - 1]));
	}
	assert(qp_decode(back, str_view(out)) == 0);
	other = str_view(back);
	do {
		more = view_split(&in, '\n', &want);
		assert(view_split(&other, '\n', &line) == more);
		if (more && in.p != NULL && !view_ends(want, VIEW("\r")))
			line.len--;
		assert(!more || view_eq(line, want));
	} while (more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make(size > 0 ? (const char *)data : "", size);
	struct str out, back;

	str_init(&out, ROOM * 4);
	str_init(&back, ROOM * 4);
	base64(in, &out, &back);
	str_clear(&out);
	str_clear(&back);
	qp(in, &out, &back);
	str_free(&out);
	str_free(&back);
	return 0;
}
