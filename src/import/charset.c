#include "import/charset.h"
#include <assert.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"

enum {
	SNIFF_HEAD_MAX = 4096,	   /* bytes looked at for the zeros of UTF-16 */
	SNIFF_MANY = 3,		   /* one zero in three pairs: Latin letters in UTF-16 */
	SNIFF_FEW = 20,		   /* one in twenty on the wrong side is an accident */
	LATIN_EXTENDED_A = 0x017F, /* last letter of the western and central languages */
	TWO_BYTES_MAX = 0x07FF,
	BOM = 0xFEFF,
	HIGH_FIRST = 0xD800,
	LOW_FIRST = 0xDC00,
	LOW_LAST = 0xDFFF,
};

const char *charset_name(enum charset kind)
{
	static const char *const names[] = {
		[CHARSET_UTF8] = "UTF-8",
		[CHARSET_UTF8_BOM] = "UTF-8 with BOM",
		[CHARSET_UTF16LE] = "UTF-16LE",
		[CHARSET_UTF16BE] = "UTF-16BE",
		[CHARSET_WINDOWS_1252] = "windows-1252",
	};

	return names[kind];
}

/* Is `rest`, which is no valid character, the beginning of one? */
static bool is_cut(struct view rest)
{
	unsigned char lead = (unsigned char)rest.p[0];
	size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;

	if (lead < 0xC2 || lead > 0xF4 || rest.len >= need)
		return false;
	for (size_t i = 1; i < rest.len; i++)
		if (((unsigned char)rest.p[i] & 0xC0) != 0x80)
			return false;
	return true;
}

/* UTF-16 without a mark: most characters of a list are ASCII, so every second
 * byte is zero, on the left or on the right. */
static void sniff_zeros(struct charset_sniff *s, struct view head)
{
	size_t left = 0, right = 0, pairs;

	head = view_sub(head, 0, SNIFF_HEAD_MAX);
	pairs = head.len / 2;
	for (size_t i = 0; i < pairs; i++) {
		left += head.p[2 * i] == '\0';
		right += head.p[2 * i + 1] == '\0';
	}
	if (pairs < 2 || left == right)
		return;
	if (right * SNIFF_MANY >= pairs && left * SNIFF_FEW <= pairs) {
		s->kind = CHARSET_UTF16LE;
		s->settled = true;
	} else if (left * SNIFF_MANY >= pairs && right * SNIFF_FEW <= pairs) {
		s->kind = CHARSET_UTF16BE;
		s->settled = true;
	}
}

void charset_sniff_init(struct charset_sniff *s, struct view head)
{
	static const struct mark {
		enum charset kind;
		struct view bytes;
	} marks[] = {
		{CHARSET_UTF8_BOM, {"\xEF\xBB\xBF", 3}},
		{CHARSET_UTF16LE, {"\xFF\xFE", 2}},
		{CHARSET_UTF16BE, {"\xFE\xFF", 2}},
	};

	static const struct view utf32le = {"\xFF\xFE\0\0", 4}, utf32be = {"\0\0\xFE\xFF", 4};

	*s = (struct charset_sniff){.kind = CHARSET_UTF8};
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		if (!view_starts(head, marks[i].bytes))
			continue;
		s->kind = marks[i].kind;
		s->settled = true;
		s->utf32 = view_starts(head, utf32le);
		return;
	}
	if (view_starts(head, utf32be))
		s->settled = s->utf32 = true;
	else
		sniff_zeros(s, head);
}

static bool is_european(uint32_t cp)
{
	return cp <= LATIN_EXTENDED_A || cp > TWO_BYTES_MAX;
}

void charset_sniff_feed(struct charset_sniff *s, struct view *in)
{
	const char *from = in->p;
	uint64_t base = s->at;

	for (;;) {
		uint64_t here;
		uint32_t cp;

		*in = view_from(*in, utf8_ascii(*in));
		if (in->len == 0)
			break;
		here = base + (uint64_t)(in->p - from);
		if (utf8_next(in, &cp) > 0) {
			if (!s->has_utf8 && is_european(cp)) {
				s->has_utf8 = true;
				s->utf8_at = here;
			}
			continue;
		}
		if (is_cut(*in))
			break;
		if (!s->has_other) {
			s->has_other = true;
			s->other_at = here;
		}
		*in = view_from(*in, 1);
	}
	s->at = base + (uint64_t)(in->p - from);
}

enum charset_problem charset_sniff_end(struct charset_sniff *s, struct view rest)
{
	if (s->settled)
		return s->utf32 ? CHARSET_UTF32 : CHARSET_FINE;
	if (rest.len > 0 && !s->has_other && s->has_utf8)
		return CHARSET_CUT;
	if (rest.len == 0 && !s->has_other)
		return CHARSET_FINE;
	s->kind = CHARSET_WINDOWS_1252;
	if (!s->has_utf8)
		return CHARSET_FINE;
	s->at = s->utf8_at > s->other_at ? s->utf8_at : s->other_at;
	return CHARSET_MIXED;
}

void charset_decoder_init(struct charset_decoder *d, enum charset kind)
{
	*d = (struct charset_decoder){.kind = kind};
}

static void put(struct str *out, uint32_t cp)
{
	char bytes[4];
	int full = str_add(out, bytes, utf8_put(cp, bytes));

	assert(full == 0);
	(void)full;
}

static void take(struct charset_decoder *d, struct view *in, size_t len)
{
	*in = view_from(*in, len);
	d->at += len;
}

/* The valid characters at the start of v. */
static size_t utf8_span(struct view v)
{
	struct view rest = v;
	uint32_t cp;

	do {
		rest = view_from(rest, utf8_ascii(rest));
	} while (utf8_next(&rest, &cp) > 0);
	return v.len - rest.len;
}

static enum charset_problem decode_utf8(
	struct charset_decoder *d, struct view *in, bool last, struct str *out)
{
	size_t span = utf8_span(*in);
	size_t mark = d->at == 0 && view_starts(*in, VIEW("\xEF\xBB\xBF")) ? 3 : 0;
	int full = str_addv(out, view_sub(*in, mark, span - mark));

	assert(full == 0);
	(void)full;
	take(d, in, span);
	if (in->len == 0)
		return CHARSET_FINE;
	if (!is_cut(*in))
		return CHARSET_INVALID;
	return last ? CHARSET_CUT : CHARSET_FINE;
}

static uint32_t unit(const struct charset_decoder *d, const char *p)
{
	uint32_t a = (unsigned char)p[0], b = (unsigned char)p[1];

	return d->kind == CHARSET_UTF16LE ? a | b << 8 : a << 8 | b;
}

static enum charset_problem decode_utf16(
	struct charset_decoder *d, struct view *in, bool last, struct str *out)
{
	while (in->len >= 2) {
		uint32_t c = unit(d, in->p);
		size_t len = 2;

		if (c >= LOW_FIRST && c <= LOW_LAST)
			return CHARSET_SURROGATE;
		if (c >= HIGH_FIRST && c < LOW_FIRST) {
			uint32_t low;

			if (in->len < 4)
				break;
			low = unit(d, in->p + 2);
			if (low < LOW_FIRST || low > LOW_LAST)
				return CHARSET_SURROGATE;
			c = 0x10000 + ((c - HIGH_FIRST) << 10) + (low - LOW_FIRST);
			len = 4;
		}
		if (c != BOM || d->at > 0)
			put(out, c);
		take(d, in, len);
	}
	return last && in->len > 0 ? CHARSET_CUT : CHARSET_FINE;
}

/* 80 to 9F as the WHATWG and Microsoft have them; 0 is undefined. */
static const uint16_t windows_1252[32] = {
	0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, /* 80 */
	0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,	   /* 88 */
	0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, /* 90 */
	0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178, /* 98 */
};

static enum charset_problem decode_windows(
	struct charset_decoder *d, struct view *in, struct str *out)
{
	while (in->len > 0) {
		size_t span = utf8_ascii(*in);
		uint32_t c;

		(void)str_addv(out, view_sub(*in, 0, span));
		take(d, in, span);
		if (in->len == 0)
			break;
		c = (unsigned char)in->p[0];
		if (c < 0xA0)
			c = windows_1252[c - 0x80];
		if (c == 0)
			return CHARSET_UNDEFINED;
		put(out, c);
		take(d, in, 1);
	}
	return CHARSET_FINE;
}

enum charset_problem charset_decode(
	struct charset_decoder *d, struct view *in, bool last, struct str *out)
{
	switch (d->kind) {
	case CHARSET_UTF16LE:
	case CHARSET_UTF16BE:
		return decode_utf16(d, in, last, out);
	case CHARSET_WINDOWS_1252:
		return decode_windows(d, in, out);
	case CHARSET_UTF8:
	case CHARSET_UTF8_BOM:
		break;
	}
	return decode_utf8(d, in, last, out);
}

void charset_place_init(struct charset_place *p)
{
	*p = (struct charset_place){.line = 1, .column = 1};
}

static void place_char(struct charset_place *p, uint32_t c)
{
	bool joined = c == '\n' && p->after_cr; /* CRLF is one line end */

	p->after_cr = c == '\r';
	if (joined)
		return;
	p->column++;
	if (c == '\n' || c == '\r') {
		p->line++;
		p->column = 1;
	}
}

void charset_place_feed(struct charset_place *p, enum charset kind, struct view bytes)
{
	struct charset_decoder d = {.kind = kind};
	bool wide = kind == CHARSET_UTF16LE || kind == CHARSET_UTF16BE;
	bool utf8 = kind == CHARSET_UTF8 || kind == CHARSET_UTF8_BOM;

	for (size_t i = 0; i + wide < bytes.len; i += wide ? 2 : 1) {
		uint32_t c = wide ? unit(&d, bytes.p + i) : (unsigned char)bytes.p[i];

		if (utf8 && (c & 0xC0) == 0x80)
			continue;
		if (c != BOM && !(wide && c >= LOW_FIRST && c <= LOW_LAST))
			place_char(p, c);
	}
}

static const char *what(enum charset_problem problem)
{
	switch (problem) {
	case CHARSET_UTF32:
		return N_("this is UTF-32, which no mail program writes");
	case CHARSET_MIXED:
		return N_("the file mixes two encodings: some of its accents are UTF-8, others "
			  "(this is where they begin) are not");
	case CHARSET_INVALID:
		return N_("the file says it is UTF-8, but this byte is not");
	case CHARSET_UNDEFINED:
		return N_("this byte is a character neither in UTF-8 nor in windows-1252");
	case CHARSET_SURROGATE:
		return N_("half of a UTF-16 character stands here without its other half");
	case CHARSET_CUT:
		return N_("the file ends in the middle of a character: is it cut off?");
	case CHARSET_FINE:
		break;
	}
	return "";
}

int charset_fail(enum charset_problem problem, const struct charset_place *p, struct fail *f)
{
	return fail_set(f, FAIL_DATA,
		_("line %llu, column %llu: %s. Open the file in a spreadsheet, check that the "
		  "accents read well, and save it again as \"CSV UTF-8\""),
		(unsigned long long)p->line, (unsigned long long)p->column, _(what(problem)));
}
