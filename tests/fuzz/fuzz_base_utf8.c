#include <assert.h>
#include "base/fail.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size);
	size_t bad_at = size, at = size > 0 ? data[0] : 0, floor = utf8_floor(in, at);
	bool valid = utf8_valid(in, &bad_at);
	struct str out;
	struct fail f;

	assert(valid == (bad_at == size));
	assert(utf8_valid(view_sub(in, 0, bad_at), NULL));
	assert(utf8_ascii(in) <= bad_at && utf8_printable(in) <= utf8_ascii(in));
	assert(floor <= at && floor <= size);
	/* Cut there, both halves have as many characters as the whole. */
	assert(utf8_count(view_sub(in, 0, floor)) + utf8_count(view_from(in, floor)) ==
		utf8_count(in));
	(void)utf8_width(in);
	str_init(&out, SIZE_MAX);
	assert(utf8_clean(&out, in) == 0);
	assert(utf8_valid(str_view(&out), NULL));
	assert(utf8_count(str_view(&out)) == utf8_count(in));
	str_free(&out);
	(void)fail_set(&f, FAIL_DATA, "%.*s", VIEW_ARG(in));
	(void)fail_wrap(&f, "%.*s", VIEW_ARG(view_from(in, at)));
	assert(utf8_valid(view_of(f.text), NULL) && strchr(f.text, '\n') == NULL);
	return 0;
}
