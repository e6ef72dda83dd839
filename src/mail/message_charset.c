#include "mail/message_private.h"
#include <errno.h>
#include <iconv.h>
#include <pthread.h>
#include "base/mem.h"
#include "base/utf8.h"

/* Octets that are not of a charset: so many, and one in so many of those read, tell that it is
 * another. */
enum { BAD_MAX = 100, BAD_ONE_IN = 16 };

static const char replacement[3] = {'\xef', '\xbf', '\xbd'}; /* U+FFFD */

/* --- what needs no iconv --- */

/* The upper half of windows-1252 that is not ISO-8859-1's; its five holes stay C1 controls. */
static const uint16_t cp1252[32] = {0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
	0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C,
	0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E,
	0x0178};

uint32_t message_cp1252(uint32_t octet)
{
	return cp1252[octet - 0x80];
}

static struct view from_cp1252(struct arena *a, struct view in)
{
	size_t high = 0, n = 0;
	char *out;

	for (size_t i = 0; i < in.len; i++)
		high += (unsigned char)in.p[i] >> 7;
	out = arena_alloc(a, in.len + 2 * high + 1);
	for (size_t i = 0; i < in.len;) {
		size_t plain = utf8_ascii(view_from(in, i));

		memcpy(out + n, in.p + i, plain);
		n += plain;
		for (i += plain; i < in.len && (unsigned char)in.p[i] >= 0x80; i++) {
			unsigned char c = (unsigned char)in.p[i];

			n += utf8_put(c < 0xA0 ? cp1252[c - 0x80] : c, out + n);
		}
	}
	return view_make(out, n);
}

/* What is no UTF-8 within it becomes U+FFFD, an octet at a time. */
static struct view mend_utf8(struct arena *a, struct view in, size_t bad)
{
	char *out = arena_alloc(a, in.len + 2 * bad + 1);
	size_t n = 0, good;

	while (in.len > 0) {
		if (utf8_valid(in, &good))
			good = in.len;
		memcpy(out + n, in.p, good);
		n += good;
		in = view_from(in, good);
		if (in.len == 0)
			break;
		memcpy(out + n, replacement, sizeof replacement);
		n += sizeof replacement;
		in = view_from(in, 1);
	}
	return view_make(out, n);
}

/* How many octets are not of it, and whether a character beyond ASCII is. */
static size_t count_bad(struct view in, bool *some)
{
	size_t bad = 0;
	uint32_t cp;
	int step;

	for (;;) {
		in = view_from(in, utf8_ascii(in));
		step = utf8_next(&in, &cp);
		if (step == 0)
			return bad;
		if (step > 0) {
			*some = true;
			continue;
		}
		bad++;
		in = view_from(in, 1);
	}
}

/* Nobody said what it is, or said UTF-8: then a little that is not does not make it windows-1252. */
static struct view from_any(struct message *m, struct view in, bool said)
{
	bool some = false;
	size_t bad;

	if (utf8_valid(in, NULL))
		return in;
	bad = count_bad(in, &some);
	if (said)
		m->defects |= MESSAGE_BAD_CHARSET;
	return said && some ? mend_utf8(m->arena, in, bad) : from_cp1252(m->arena, in);
}

/* --- iconv --- */

/* Opening a converter costs more than using it: each stays for the next text, of any thread. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	iconv_t cd;
	bool here;
} kept[CHARSET_COUNT];

static bool take(enum message_charset charset, iconv_t *cd)
{
	bool here;

	(void)pthread_mutex_lock(&lock);
	here = kept[charset].here;
	*cd = kept[charset].cd;
	kept[charset].here = false;
	(void)pthread_mutex_unlock(&lock);
	if (here)
		(void)iconv(*cd, NULL, NULL, NULL, NULL);
	else
		*cd = iconv_open("UTF-8", message_iconv_name(charset));
	if (*cd == (iconv_t)-1 && errno == ENOMEM)
		mem_out();
	return *cd != (iconv_t)-1;
}

static void give_back(enum message_charset charset, iconv_t cd)
{
	bool full;

	(void)pthread_mutex_lock(&lock);
	full = kept[charset].here;
	if (!full) {
		kept[charset].cd = cd;
		kept[charset].here = true;
	}
	(void)pthread_mutex_unlock(&lock);
	if (full)
		(void)iconv_close(cd);
}

/* iconv reads through a pointer that is not const, and writes nothing there. */
static char *unconst(const char *p)
{
	union {
		const char *in;
		char *out;
	} u = {p};

	return u.out;
}

static size_t unit_of(enum message_charset charset)
{
	switch (charset) {
	case CHARSET_UTF16:
	case CHARSET_UTF16LE:
	case CHARSET_UTF16BE:
		return 2;
	case CHARSET_UTF32:
		return 4;
	default:
		return 1;
	}
}

/* As much as fits into `room` octets. Returns false when there were so many octets that are not
 * of the charset that it must be another. */
static bool convert(iconv_t cd, struct view in, size_t unit, struct view *out, char *to,
	size_t room, size_t *bad)
{
	char *from = unconst(in.p), *start = to;
	size_t left = in.len;

	while (left > 0) {
		if (iconv(cd, &from, &left, &to, &room) != (size_t)-1)
			break;
		if (errno == E2BIG || room < 3)
			break;
		if (++*bad > BAD_MAX && *bad > (in.len - left) / BAD_ONE_IN)
			return false;
		memcpy(to, replacement, sizeof replacement);
		to += sizeof replacement;
		room -= sizeof replacement;
		if (errno == EINVAL)
			break;
		from += left < unit ? left : unit;
		left -= left < unit ? left : unit;
	}
	(void)iconv(cd, NULL, NULL, &to, &room);
	*out = view_make(start, (size_t)(to - start));
	return true;
}

static struct view from_iconv(struct message *m, struct view in, enum message_charset charset)
{
	/* No charset here makes more than three octets of one, U+FFFD neither. */
	size_t room = in.len * 3 + 16, bad = 0;
	struct view out = {0};
	iconv_t cd;
	bool good;

	if (!take(charset, &cd))
		return from_any(m, in, true);
	good = convert(cd, in, unit_of(charset), &out, arena_alloc(m->arena, room), room, &bad);
	give_back(charset, cd);
	if (bad > 0)
		m->defects |= MESSAGE_BAD_CHARSET;
	return good ? out : from_any(m, in, false);
}

/* --- which --- */

/* UTF-16 shows by its mark, or by NULs at every other place. */
static bool looks_utf16(struct view in, enum message_charset *charset)
{
	size_t even = 0, odd = 0, n = in.len < 64 ? in.len : 64;

	if (in.len < 2)
		return false;
	if (view_starts(in, VIEW("\xff\xfe")) || view_starts(in, VIEW("\xfe\xff"))) {
		*charset = in.p[0] == '\xff' ? CHARSET_UTF16LE : CHARSET_UTF16BE;
		return true;
	}
	for (size_t i = 0; i < n; i++)
		if (in.p[i] == '\0')
			(i % 2 == 0 ? &even : &odd)[0]++;
	if (even + odd < 4 || even + odd < n / 4 || (even > 0 && odd > 0))
		return false;
	*charset = even > 0 ? CHARSET_UTF16BE : CHARSET_UTF16LE;
	return true;
}

static bool looks_iso2022jp(struct view in)
{
	ptrdiff_t escape = view_chr(in, '\x1b');

	return escape >= 0 && escape + 2 < (ptrdiff_t)in.len && in.p[escape + 1] == '$' &&
	       (in.p[escape + 2] == 'B' || in.p[escape + 2] == '@');
}

/* Two octets a character, that are printable ASCII each: the label does not tell the truth. */
static bool is_no_utf16(struct view in)
{
	return in.len > 0 && utf8_ascii(in) == in.len && view_chr(in, '\0') < 0;
}

/* Charsets of seven bits: where there are eight, the label does not tell the truth. */
static enum message_charset of_seven_bits(struct view in, enum message_charset charset)
{
	switch (charset) {
	case CHARSET_ISO2022JP:
	case CHARSET_ISO2022KR:
	case CHARSET_ISO2022CN:
	case CHARSET_UTF7:
		break;
	default:
		return charset;
	}
	if (utf8_ascii(in) == in.len)
		return charset;
	if (charset != CHARSET_ISO2022JP || utf8_valid(in, NULL))
		return CHARSET_ANY;
	return CHARSET_EUCJP;
}

static enum message_charset settle(struct message *m, struct view in, struct view label)
{
	enum message_charset charset = CHARSET_ANY, seen;

	if (!message_charset_of(label, &charset))
		m->defects |= MESSAGE_BAD_CHARSET;
	if (charset >= CHARSET_UTF16 && charset <= CHARSET_UTF32 && is_no_utf16(in))
		return CHARSET_ANY;
	if (charset == CHARSET_UTF16)
		return looks_utf16(in, &seen) ? seen : CHARSET_UTF16BE;
	if (charset > CHARSET_CP1252)
		return of_seven_bits(in, charset);
	if ((charset != CHARSET_CP1252 || view_chr(in, '\0') >= 0) && looks_utf16(in, &seen))
		return seen;
	if (charset == CHARSET_ANY && looks_iso2022jp(in))
		return CHARSET_ISO2022JP;
	return charset;
}

static struct view without_nul(struct arena *a, struct view text)
{
	char *out;
	size_t n = 0;

	if (text.len == 0 || memchr(text.p, '\0', text.len) == NULL)
		return text;
	out = arena_alloc(a, text.len);
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] != '\0')
			out[n++] = text.p[i];
	return view_make(out, n);
}

static struct view without_mark(struct view text)
{
	return view_starts(text, VIEW("\xef\xbb\xbf")) ? view_from(text, 3) : text;
}

struct view message_utf8(struct message *m, struct view bytes, struct view label)
{
	enum message_charset charset = settle(m, bytes, label);
	struct view text;

	if (charset == CHARSET_CP1252)
		text = utf8_ascii(bytes) == bytes.len ? bytes : from_cp1252(m->arena, bytes);
	else if (charset == CHARSET_ANY || charset == CHARSET_UTF8)
		text = from_any(m, bytes, charset == CHARSET_UTF8);
	else
		text = from_iconv(m, bytes, charset);
	return without_mark(without_nul(m->arena, text));
}
