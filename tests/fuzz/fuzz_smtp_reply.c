/* Any bytes in two pieces, cut where the first byte says: the replies found must
 * not depend on the cut, and their text is clean. */
#include <assert.h>
#include "base/utf8.h"
#include "smtp/caps.h"
#include "smtp/reply.h"

static unsigned read_all(struct view in, size_t cut)
{
	struct smtp_reply_parser p;
	struct view pieces[] = {view_sub(in, 0, cut), view_from(in, cut)};
	struct smtp_caps caps;
	unsigned sum = 0;

	smtp_reply_init(&p);
	for (size_t i = 0; i < 2; i++) {
		int got;

		while ((got = smtp_reply_read(&p, &pieces[i])) == 1) {
			assert(p.reply.code >= 200 && p.reply.code < 600);
			assert(utf8_valid(p.reply.text, NULL));
			smtp_caps_read(&caps, p.reply.text);
			sum = sum * 31 + (unsigned)p.reply.code + (unsigned)p.reply.text.len;
		}
		if (got < 0)
			break;
	}
	smtp_reply_free(&p);
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
