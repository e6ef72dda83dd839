#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "compose/check.h"
#include "mail/addr.h"

/* How many readings of the domain are tried at one @: what runs on after an
 * address ("…@example.org.Merci") is a word or two. */
enum { SCAN_ENDS_MAX = 8, SCAN_LABEL_MAX = 63 };

struct scan {
	compose_whose_fn *whose;
	void *ctx;
	struct str key;	   /* of what is asked for */
	struct str half;   /* an address to be normalised */
	struct str domain; /* "@example.org", the end of the key */
};

static bool is_local_char(char c)
{
	return ascii_is_alnum(c) || (c & 0x80) != 0 ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static bool is_domain_char(char c)
{
	return ascii_is_alnum(c) || (c & 0x80) != 0 || c == '-' || c == '.';
}

/* What addresses hold, but hardly ever in the middle of a word: an address may
 * begin after it ("?to=ana@…", "«ana@…"). Not ' . - + _, which names have. */
static bool is_break(char c)
{
	return (c & 0x80) != 0 || (c != '\0' && strchr("!#$%&*/=?^`{|}~", c) != NULL);
}

/* Where the quoted local part begins whose closing quote is at `end`, or end. */
static size_t quoted_start(struct view text, size_t end)
{
	size_t least = end > ADDR_LOCAL_MAX ? end - ADDR_LOCAL_MAX : 0;

	for (size_t i = end; i-- > least;)
		if (text.p[i] == '"' && (i == 0 || text.p[i - 1] != '\\'))
			return i;
	return end;
}

/* The span around the @ at `at` that could be an address at its longest. */
static void find_span(struct view text, size_t at, size_t *start, size_t *end)
{
	size_t s = at, e = at + 1;

	if (at > 0 && text.p[at - 1] == '"') {
		s = quoted_start(text, at - 1);
	} else {
		while (s > 0 && at - s < ADDR_LOCAL_MAX && is_local_char(text.p[s - 1]))
			s--;
		while (s < at && !ascii_is_alnum(text.p[s]) && (text.p[s] & 0x80) == 0)
			s++;
	}
	while (e < text.len && e - at <= ADDR_DOMAIN_MAX && is_domain_char(text.p[e]))
		e++;
	while (e > at + 1 && (text.p[e - 1] == '.' || text.p[e - 1] == '-'))
		e--;
	*start = s;
	*end = e;
}

/* Where a shorter reading of the domain ends, at a dot or before a letter that
 * is not ASCII; 0 when there is none. */
static size_t shorter_end(struct view text, size_t at, size_t end)
{
	while (--end > at + 1) {
		bool high = (text.p[end] & 0x80) != 0;

		if (text.p[end] == '.' || (high && (text.p[end - 1] & 0x80) == 0))
			return end;
	}
	return 0;
}

/* Where a shorter reading of the local part begins; `at` when there is none. */
static size_t shorter_start(struct view text, size_t at, size_t start)
{
	while (++start < at)
		if (is_break(text.p[start - 1]) &&
			(ascii_is_alnum(text.p[start]) || (text.p[start] & 0x80) != 0))
			return start;
	return at;
}

/* Whether text is its own key: letters in lower case, digits and hyphens between single
 * dots, nothing international. Most addresses are like that. */
static bool is_plain(struct view text, bool domain)
{
	struct view rest = text, label;
	size_t labels = 0;

	while (view_split(&rest, '.', &label)) {
		if (label.len == 0 || label.len > SCAN_LABEL_MAX || label.p[0] == '-' ||
			label.p[label.len - 1] == '-' ||
			(domain && view_starts(label, VIEW("xn--"))))
			return false;
		for (size_t i = 0; i < label.len; i++)
			if (!(label.p[i] >= 'a' && label.p[i] <= 'z') &&
				!ascii_is_digit(label.p[i]) && label.p[i] != '-')
				return false;
		labels++;
	}
	return !domain || (labels > 1 && !ascii_is_digit(label.p[label.len - 1]));
}

/* The two halves of a key are made apart, so that international domains, which
 * cost most, are converted once for all readings of the local part. */
static bool read_domain(struct scan *s, struct view domain)
{
	struct fail f;

	str_clear(&s->domain);
	if (is_plain(domain, true)) {
		(void)str_addc(&s->domain, '@');
		return str_addv(&s->domain, domain) == 0;
	}
	str_clear(&s->half);
	str_clear(&s->key);
	(void)str_addz(&s->half, "a@");
	(void)str_addv(&s->half, domain);
	if (!str_ok(&s->half) || addr_normalise(str_view(&s->half), ADDR_MEMBER, &s->key, &f) < 0)
		return false;
	return str_addv(&s->domain, view_from(str_view(&s->key), 1)) == 0;
}

static enum compose_whose ask(struct scan *s, struct view local)
{
	static const char domain[] = "@a.example";
	struct fail f;

	str_clear(&s->half);
	str_clear(&s->key);
	if (local.len <= ADDR_LOCAL_MAX && is_plain(local, false)) {
		(void)str_addv(&s->key, local);
		return str_addv(&s->key, str_view(&s->domain)) < 0
			       ? COMPOSE_NOBODY
			       : s->whose(s->ctx, str_view(&s->key));
	}
	(void)str_addv(&s->half, local);
	(void)str_addz(&s->half, domain);
	if (!str_ok(&s->half) || addr_normalise(str_view(&s->half), ADDR_MEMBER, &s->key, &f) < 0)
		return COMPOSE_NOBODY;
	str_cut(&s->key, s->key.len - strlen(domain));
	if (str_addv(&s->key, str_view(&s->domain)) < 0)
		return COMPOSE_NOBODY;
	return s->whose(s->ctx, str_view(&s->key));
}

static enum compose_whose ask_around(struct scan *s, struct view text, size_t at)
{
	size_t first, end;

	find_span(text, at, &first, &end);
	for (int i = 0; i < SCAN_ENDS_MAX && end > at + 1 && first < at; i++) {
		bool good = read_domain(s, view_sub(text, at + 1, end - at - 1));

		for (size_t start = first; good && start < at;
			start = shorter_start(text, at, start)) {
			enum compose_whose whose = ask(s, view_sub(text, start, at - start));

			if (whose != COMPOSE_NOBODY)
				return whose;
		}
		end = shorter_end(text, at, end);
	}
	return COMPOSE_NOBODY;
}

static int scan_plain(struct scan *s, struct view text, struct fail *f)
{
	size_t at = 0;
	ptrdiff_t next;

	while ((next = view_chr(view_from(text, at), '@')) >= 0) {
		at += (size_t)next;
		if (ask_around(s, text, at++) == COMPOSE_OTHER)
			return fail_set(f, FAIL_GUARD,
				_("the message would show the address %s to another recipient; "
				  "it was not sent"),
				s->key.p);
	}
	return 0;
}

/* A numeric or named character reference at the start of text: its length and
 * what it stands for, or 0. */
static size_t read_reference(struct view text, uint32_t *cp)
{
	static const struct {
		const char *name;
		char c;
	} names[] = {{"&commat;", '@'}, {"&period;", '.'}, {"&amp;", '&'}, {"&percnt;", '%'}};
	size_t i = 2, digits = 0;
	bool hex;

	for (size_t k = 0; k < sizeof names / sizeof *names; k++)
		if (view_starts(text, view_of(names[k].name))) {
			*cp = (uint32_t)(unsigned char)names[k].c;
			return strlen(names[k].name);
		}
	if (!view_starts(text, VIEW("&#")))
		return 0;
	hex = text.len > 2 && ascii_lower(text.p[2]) == 'x';
	*cp = 0;
	for (i += hex; i < text.len && ascii_hex(text.p[i]) >= 0; i++, digits++) {
		if ((!hex && !ascii_is_digit(text.p[i])) || *cp > 0x10FFFF)
			break;
		*cp = *cp * (hex ? 16 : 10) + (uint32_t)ascii_hex(text.p[i]);
	}
	if (digits == 0 || *cp > 0x10FFFF || (*cp >= 0xD800 && *cp <= 0xDFFF))
		return 0;
	return i < text.len && text.p[i] == ';' ? i + 1 : i;
}

static void undo_references(struct str *out, struct view text)
{
	while (text.len > 0) {
		ptrdiff_t at = view_chr(text, '&');
		size_t plain = at < 0 ? text.len : (size_t)at, len;
		char bytes[4];
		uint32_t cp;

		(void)str_add(out, text.p, plain);
		text = view_from(text, plain);
		len = read_reference(text, &cp);
		if (len > 0)
			(void)str_add(out, bytes, utf8_put(cp, bytes));
		else if (text.len > 0)
			(void)str_addc(out, text.p[len++]);
		text = view_from(text, len);
	}
}

static void undo_percent(struct str *out, struct view text)
{
	while (text.len > 0) {
		ptrdiff_t at = view_chr(text, '%');
		size_t plain = at < 0 ? text.len : (size_t)at;
		int high, low;

		(void)str_add(out, text.p, plain);
		text = view_from(text, plain);
		high = text.len > 2 ? ascii_hex(text.p[1]) : -1;
		low = text.len > 2 ? ascii_hex(text.p[2]) : -1;
		if (high >= 0 && low >= 0) {
			(void)str_addc(out, (char)(high << 4 | low));
			text = view_from(text, 3);
		} else if (text.len > 0) {
			(void)str_addc(out, '%');
			text = view_from(text, 1);
		}
	}
}

/* What a reader does not see: soft hyphens, joiners, marks of direction and variation, tags. */
static bool is_unseen(uint32_t cp)
{
	return cp == 0x00AD || cp == 0x034F || cp == 0x061C || (cp >= 0x180B && cp <= 0x180F) ||
	       (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x202A && cp <= 0x202E) ||
	       (cp >= 0x2060 && cp <= 0x206F) || (cp >= 0xFE00 && cp <= 0xFE0F) || cp == 0xFEFF ||
	       (cp >= 0xE0000 && cp <= 0xE0FFF);
}

/* The ASCII character that a reader takes it for: fullwidth forms, the small @. */
static uint32_t looks_like(uint32_t cp)
{
	if (cp >= 0xFF01 && cp <= 0xFF5E)
		return cp - 0xFF01 + '!';
	return cp == 0xFE6B ? '@' : cp;
}

/* The text as it looks. */
static void undo_disguise(struct str *out, struct view text)
{
	char bytes[4];
	uint32_t cp;
	int step;

	for (;;) {
		size_t ascii = utf8_ascii(text);

		(void)str_add(out, text.p, ascii);
		text = view_from(text, ascii);
		step = utf8_next(&text, &cp);
		if (step == 0)
			return;
		if (step < 0) {
			(void)str_addc(out, text.p[0]);
			text = view_from(text, 1);
		} else if (!is_unseen(cp)) {
			(void)str_add(out, bytes, utf8_put(looks_like(cp), bytes));
		}
	}
}

static int scan_disguised(struct scan *s, struct view text, struct fail *f)
{
	struct str seen;
	int ret;

	if (utf8_ascii(text) == text.len)
		return 0;
	str_init(&seen, text.len + 1);
	undo_disguise(&seen, text);
	ret = seen.len == text.len ? 0 : scan_plain(s, str_view(&seen), f);
	str_free(&seen);
	return ret;
}

/* The text as it is, then with references undone, then with percent signs
 * undone too: a link in HTML has been through both. Last as it looks: what is
 * unseen in an address hides it from us, but not from a reader. */
int compose_scan(struct view text, compose_whose_fn *whose, void *ctx, struct fail *f)
{
	struct scan s = {.whose = whose, .ctx = ctx};
	struct str plain, deep;
	int ret;

	str_init(&s.key, ADDR_KEY_MAX);
	str_init(&s.half, ADDR_WIRE_MAX);
	str_init(&s.domain, ADDR_WIRE_MAX);
	str_init(&plain, text.len + 1);
	str_init(&deep, text.len + 1);
	ret = scan_plain(&s, text, f);
	if (ret == 0 && view_chr(text, '&') >= 0) {
		str_expect(&plain, text.len);
		undo_references(&plain, text);
		text = str_view(&plain);
		ret = scan_plain(&s, text, f);
	}
	if (ret == 0 && view_chr(text, '%') >= 0) {
		str_expect(&deep, text.len);
		undo_percent(&deep, text);
		text = str_view(&deep);
		ret = scan_plain(&s, text, f);
	}
	if (ret == 0)
		ret = scan_disguised(&s, text, f);
	str_free(&s.key);
	str_free(&s.half);
	str_free(&s.domain);
	str_free(&plain);
	str_free(&deep);
	return ret;
}
