/* A text of several lines and the line behind it, in two pieces, cut where the first byte says:
 * both must not depend on the cut. */
#include <assert.h>
#include "base/fail.h"
#include "fetch/pop3_reply.h"

enum { TEXT_MAX = 300 };

struct found {
	struct str text, line;
	bool over, cut;
	int got;
};

static void read_all(struct view in, size_t cut, struct found *out)
{
	struct view pieces[] = {view_sub(in, 0, cut), view_from(in, cut)};
	struct pop3_text text = {0};
	struct fail f;

	*out = (struct found){0};
	str_init(&out->text, TEXT_MAX);
	str_init(&out->line, POP3_LINE_MAX);
	for (size_t i = 0; i < 2; i++) {
		if (!out->over)
			out->over = pop3_text_take(&text, &pieces[i], &out->text) == 1;
		if (out->over && out->got == 0)
			out->got = pop3_line_take(&out->line, &pieces[i], &f);
	}
	out->cut = text.cut;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size), id;
	struct found one, two;
	uint32_t number;

	if (size == 0)
		return 0;
	read_all(view_from(in, 1), data[0], &one);
	read_all(view_from(in, 1), 0, &two);
	assert(one.over == two.over && one.cut == two.cut && one.got == two.got);
	assert(view_eq(str_view(&one.text), str_view(&two.text)));
	assert(one.got < 0 || view_eq(str_view(&one.line), str_view(&two.line)));
	if (pop3_uidl(str_view(&one.line), &number, &id))
		assert(number > 0 && id.len > 0);
	str_free(&one.text);
	str_free(&one.line);
	str_free(&two.text);
	str_free(&two.line);
	return 0;
}
