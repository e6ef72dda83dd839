#include "net/saslprep.h"
#include <openssl/crypto.h>
#include <stdlib.h>
#include <uninorm.h>
#include <unictype.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"

struct range {
	uint32_t from, to;
};
/* RFC 3454 appendix C.1.2: become SPACE. */
static const struct range spaces[] = {{0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200b},
	{0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
/* Appendix B.1: become nothing. */
static const struct range nothings[] = {{0xad, 0xad}, {0x34f, 0x34f}, {0x1806, 0x1806},
	{0x180b, 0x180d}, {0x200c, 0x200d}, {0x2060, 0x2060}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}};
/* Appendices C.2 to C.9, without the last two code points of each plane. */
static const struct range forbidden[] = {{0x0, 0x1f}, {0x7f, 0x9f}, {0x340, 0x341}, {0x6dd, 0x6dd},
	{0x70f, 0x70f}, {0x180e, 0x180e}, {0x200c, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x2063},
	{0x206a, 0x206f}, {0x2ff0, 0x2ffb}, {0xd800, 0xf8ff}, {0xfdd0, 0xfdef}, {0xfeff, 0xfeff},
	{0xfff9, 0xffff}, {0x1d173, 0x1d17a}, {0xe0001, 0xe0001}, {0xe0020, 0xe007f},
	{0xf0000, 0x10ffff}};
#define AMONG(ranges, cp) among(ranges, sizeof(ranges) / sizeof *(ranges), cp)

static bool among(const struct range *ranges, size_t count, uint32_t cp)
{
	for (size_t i = 0; i < count; i++)
		if (cp >= ranges[i].from && cp <= ranges[i].to)
			return true;
	return false;
}

static bool is_forbidden(uint32_t cp)
{
	enum { LAST_TWO = 0xfffe };

	return (cp & LAST_TWO) == LAST_TWO || AMONG(forbidden, cp);
}

/* Section 2.1. Returns 0, or -1: not UTF-8. */
static int map(struct view in, struct str *out)
{
	uint32_t cp;
	char utf8[4];
	int got;

	while ((got = utf8_next(&in, &cp)) == 1) {
		if (AMONG(spaces, cp))
			cp = ' ';
		else if (AMONG(nothings, cp))
			continue;
		(void)str_add(out, utf8, utf8_put(cp, utf8));
	}
	return got;
}

static bool right_to_left(uint32_t cp)
{
	int way = uc_bidi_class(cp);

	return way == UC_BIDI_R || way == UC_BIDI_AL;
}

/* Sections 2.3 and 2.4, RFC 3454 section 6. */
static bool allowed(struct view in)
{
	bool first = true, rtl = false, ltr = false, head = false, tail = false;
	uint32_t cp;

	while (utf8_next(&in, &cp) == 1) {
		if (is_forbidden(cp))
			return false;
		tail = right_to_left(cp);
		head = first ? tail : head;
		rtl = rtl || tail;
		ltr = ltr || uc_bidi_class(cp) == UC_BIDI_L;
		first = false;
	}
	return !rtl || (head && tail && !ltr);
}

/* Section 2.2. */
static int normalize(struct view mapped, struct str *out)
{
	size_t len = 0;
	uint8_t *text =
		u8_normalize(UNINORM_NFKC, (const uint8_t *)mapped.p, mapped.len, NULL, &len);
	struct view v = view_make((const char *)text, len);
	int ret;

	if (text == NULL)
		mem_out();
	ret = allowed(v) ? str_addv(out, v) : -1;
	OPENSSL_cleanse(text, len);
	free(text);
	return ret;
}

static int prepare(struct view in, struct str *out)
{
	struct str mapped;
	int ret;

	str_init(&mapped, in.len);
	(void)str_room(&mapped, in.len);
	ret = map(in, &mapped);
	if (ret == 0)
		ret = mapped.len == 0 ? 0 : normalize(str_view(&mapped), out);
	if (mapped.cap > 0)
		OPENSSL_cleanse(mapped.p, mapped.cap);
	str_free(&mapped);
	return ret;
}

int net_saslprep(struct view in, const char *what, struct str *out, struct fail *f)
{
	/* Printable ASCII, as nearly all of them are, is its own prepared form. */
	int ret = utf8_printable(in) == in.len ? str_addv(out, in) : prepare(in, out);

	if (ret == 0)
		return 0;
	return fail_set(f, FAIL_PERM,
		_("%s holds a character that this kind of login does not allow (RFC 4013): say "
		  "auth: plain, or choose another"),
		what);
}
