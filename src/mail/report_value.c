#include "mail/report.h"
#include "base/utf8.h"

enum { TYPE_MAX = 32 };

/* The name of a type at the start of v that `end` follows: its length, or 0. */
static size_t type_name(struct view v, char end)
{
	size_t n = 0, after;

	while (n < v.len && n < TYPE_MAX &&
		(ascii_is_alnum(v.p[n]) || v.p[n] == '-' || v.p[n] == '.' || v.p[n] == '_'))
		n++;
	after = n;
	while (after < v.len && ascii_is_space(v.p[after]))
		after++;
	return after < v.len && v.p[after] == end ? n : 0;
}

struct report_typed report_type(struct view value)
{
	struct report_typed out = {view_make("", 0), view_trim(value)};
	size_t n = type_name(out.text, ';');

	if (n > 0) {
		out.type = view_sub(out.text, 0, n);
		out.text = view_trim(view_from(out.text, (size_t)view_chr(out.text, ';') + 1));
	} else if (out.text.len > 0 && out.text.p[0] == ';') {
		out.text = view_trim(view_from(out.text, 1));
	}
	return out;
}

struct view report_xtext(struct message *m, struct view text)
{
	char *out;
	size_t n = 0;

	if (view_chr(text, '+') < 0)
		return text;
	out = arena_alloc(m->arena, text.len + 1);
	for (size_t i = 0; i < text.len; i++) {
		int high = -1, low = -1;

		/* Upper case only: "ana+fe@" is an address with a tag. */
		if (text.p[i] == '+' && i + 2 < text.len && !(text.p[i + 1] >= 'a') &&
			!(text.p[i + 2] >= 'a')) {
			high = ascii_hex(text.p[i + 1]);
			low = ascii_hex(text.p[i + 2]);
		}
		if (high >= 2 && low >= 0) {
			out[n++] = (char)(high << 4 | low);
			i += 2;
		} else {
			out[n++] = text.p[i];
		}
	}
	return view_make(out, n);
}

/* "\x{E9}" (RFC 6533 3: embedded Unicode characters in ASCII). */
static size_t read_point(struct view v, uint32_t *cp)
{
	uint32_t n = 0;
	size_t i = 3;

	if (!view_starts(v, VIEW("\\x{")))
		return 0;
	for (; i < v.len && i < 9 && ascii_hex(v.p[i]) >= 0; i++)
		n = n << 4 | (uint32_t)ascii_hex(v.p[i]);
	if (i == 3 || i >= v.len || v.p[i] != '}' || n < 0x20 || n > 0x10FFFF ||
		(n >= 0xD800 && n < 0xE000))
		return 0;
	*cp = n;
	return i + 1;
}

static struct view undo_points(struct message *m, struct view text)
{
	char *out;
	size_t n = 0;

	if (view_find(text, VIEW("\\x{")) < 0)
		return text;
	/* Five octets are the shortest form, four the longest character. */
	out = arena_alloc(m->arena, text.len + 1);
	while (text.len > 0) {
		uint32_t cp;
		size_t len = read_point(text, &cp);

		if (len > 0)
			n += utf8_put(cp, out + n);
		else
			out[n++] = text.p[0];
		text = view_from(text, len > 0 ? len : 1);
	}
	return view_make(out, n);
}

/* Whether each "+" begins what xtext must encode ("+" and "="): any other stands for itself, and
 * is part of many an address. */
static bool is_xtext(struct view text)
{
	bool any = false;

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] != '+')
			continue;
		if (!view_starts(view_from(text, i), VIEW("+2B")) &&
			!view_starts(view_from(text, i), VIEW("+3D")))
			return false;
		any = true;
	}
	return any;
}

/* "smtp:", "mailto:", and a type that was written twice. */
static struct view without_prefix(struct view text)
{
	static const char *const prefixes[] = {"smtp:", "mailto:", "rfc822:", "rfc822;", "utf-8;"};

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (view_starts_nocase(text, view_of(prefixes[i])))
			return view_trim(view_from(text, strlen(prefixes[i])));
	return text;
}

/* The address among words: in brackets, or the first word with an "@". */
static struct view among_words(struct view text)
{
	ptrdiff_t open = view_chr(text, '<'), close;
	struct view rest = text, word;

	if (open >= 0 && (close = view_chr(view_from(text, (size_t)open), '>')) > 0)
		return view_trim(view_sub(text, (size_t)open + 1, (size_t)close - 1));
	if (text.len > 0 && text.p[0] == '"')
		return text;
	while (view_split(&rest, ' ', &word))
		if (view_chr(word, '@') > 0)
			return word;
	return text;
}

struct view report_address(struct message *m, struct view value)
{
	struct report_typed typed = report_type(message_decode(m, value));
	struct view text = without_prefix(among_words(without_prefix(typed.text)));

	if (is_xtext(text))
		text = report_xtext(m, text);
	return view_eq_nocase(typed.type, VIEW("utf-8")) ? undo_points(m, text) : text;
}
