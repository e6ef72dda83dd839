#include <assert.h>
#include "base/fail.h"
#include "mail/decode.h"
#include "mail/mime.h"
#include "mail/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A body comes back with CRLF for its line ends and one at its end. */
static void add_canonical(struct str *out, struct view in)
{
	for (size_t i = 0; i < in.len; i++) {
		if (in.p[i] == '\n' && (i == 0 || in.p[i - 1] != '\r'))
			(void)str_addc(out, '\r');
		(void)str_addc(out, in.p[i]);
	}
	if (in.len > 0 && in.p[in.len - 1] != '\n')
		(void)str_addz(out, "\r\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size), header, body, encoding = {NULL, 0};
	struct decode_field field;
	struct str out, back, want;
	struct fail f;

	str_init(&out, 1 << 20);
	str_init(&back, 1 << 20);
	str_init(&want, 1 << 20);
	if (mime_text(&out, "plain", in, NULL, &f) == 0) {
		decode_split(str_view(&out), &header, &body);
		while (decode_field(&header, &field) > 0)
			if (view_is(field.name, "Content-Transfer-Encoding"))
				encoding = view_trim(field.value);
		if (body.len > 0 && !view_ends(body, VIEW("\r\n")))
			(void)str_addz(&out, "\r\n");
		assert(wire_check(str_view(&out), 0, &f) == 0);
		assert(decode_body(&back, encoding, body, &f) == 0);
		add_canonical(&want, in);
		assert(view_eq(str_view(&back), str_view(&want)));
	}
	str_clear(&back);
	(void)decode_text(&back, in);
	str_free(&out);
	str_free(&back);
	str_free(&want);
	return 0;
}
