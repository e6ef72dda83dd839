#include "base/utf8.h"
#include "import/charset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever comes in, valid UTF-8 or a problem within the input comes out, and
 * the same however the input is cut into pieces. */
static enum charset_problem decode(
	struct view in, enum charset kind, size_t step, struct str *out, uint64_t *at)
{
	struct charset_decoder d;
	enum charset_problem problem = CHARSET_FINE;
	size_t end = 0;

	charset_decoder_init(&d, kind);
	while (problem == CHARSET_FINE && d.at < in.len) {
		size_t from = (size_t)d.at;
		struct view part;

		end = end + step < in.len ? end + step : in.len;
		part = view_sub(in, from, end - from);
		problem = charset_decode(&d, &part, end == in.len, out);
	}
	*at = d.at;
	return problem;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size), left = in;
	struct charset_sniff s;
	struct str whole, pieces;
	uint64_t at, at_pieces;
	enum charset_problem problem;

	str_init(&whole, size * CHARSET_GROWTH);
	str_init(&pieces, size * CHARSET_GROWTH);
	charset_sniff_init(&s, in);
	if (!s.settled)
		charset_sniff_feed(&s, &left);
	problem = charset_sniff_end(&s, left);
	if (problem == CHARSET_FINE) {
		problem = decode(in, s.kind, size + 1, &whole, &at);
		if (!utf8_valid(str_view(&whole), NULL) || at > size ||
			decode(in, s.kind, 3, &pieces, &at_pieces) != problem || at != at_pieces ||
			!view_eq(str_view(&whole), str_view(&pieces)))
			__builtin_trap();
	}
	str_free(&whole);
	str_free(&pieces);
	return 0;
}
