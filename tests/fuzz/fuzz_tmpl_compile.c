#include <assert.h>
#include "base/fail.h"
#include "base/utf8.h"
#include "tmpl/tmpl.h"

/* The first bytes, up to a NUL, are the value of every variable; the rest is
 * the template. What comes out is UTF-8, and a checked recipient renders. */
static bool lookup(void *ctx, struct view name, struct view *value)
{
	*value = *(const struct view *)ctx;
	return name.len % 3 != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view source = {(const char *)data, size}, value = {0};
	struct tmpl_parts parts;
	struct tmpl *t = NULL;
	struct fail f = {0};

	(void)view_split(&source, '\0', &value);
	if (tmpl_compile(source, "fuzz", &t, &f) < 0)
		return 0;
	tmpl_parts_init(&parts);
	if (tmpl_render(t, lookup, &value, &parts, &f) == 0) {
		assert(tmpl_check(t, lookup, &value, &f) == 0);
		assert(utf8_valid(str_view(&parts.subject), NULL));
		assert(utf8_valid(str_view(&parts.html), NULL));
		assert(utf8_valid(str_view(&parts.text), NULL));
	}
	tmpl_parts_free(&parts);
	tmpl_free(&t);
	return 0;
}
