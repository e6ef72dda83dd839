#include <assert.h>
#include "../unit/mail/rfc2047.h"
#include "base/fail.h"
#include "mail/decode.h"
#include "mail/header.h"
#include "mail/mailbox.h"
#include "mail/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the writer takes is one field, and reads back as it was, by a decoder
 * that shares no code with it and by our own. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size), header;
	struct mailbox m = {in, {VIEW("a"), VIEW("b.example")}};
	struct header_param param = {"filename", in};
	struct decode_field field;
	struct str out, back;
	struct fail f;

	str_init(&out, 1 << 20);
	str_init(&back, 1 << 20);
	if (header_text(&out, "Subject", in, &f) == 0) {
		header = str_view(&out);
		assert(wire_check(header, 0, &f) == 0);
		assert(decode_field(&header, &field) == 1 && header.len == 0);
		rfc2047_read(&back, out.p + 8);
		assert(view_eq(str_view(&back), in));
		str_clear(&back);
		assert(decode_text(&back, field.value) == 0 && view_eq(str_view(&back), in));
	}
	str_clear(&out);
	str_clear(&back);
	if (size > 0 && header_mailbox(&out, "To", &m, false, &f) == 0) {
		assert(wire_check(str_view(&out), 0, &f) == 0);
		str_cut(&out, out.len - strlen(" <a@b.example>\r\n"));
		rfc2047_read_phrase(&back, out.p + 3);
		assert(view_eq(str_view(&back), in));
	}
	str_clear(&out);
	if (header_params(&out, "Content-Disposition", VIEW("attachment"), &param, 1, &f) == 0) {
		header = str_view(&out);
		assert(wire_check(header, 0, &f) == 0);
		assert(decode_field(&header, &field) == 1 && header.len == 0);
	}
	str_free(&out);
	str_free(&back);
	return 0;
}
