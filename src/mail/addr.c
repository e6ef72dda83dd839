#include "mail/addr.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "mail/mail_private.h"

/* The dot-string from the start of `in` up to the @ at `end`. */
static int check_dot_string(struct view in, size_t end, unsigned flags, struct fail *f)
{
	for (size_t i = 0; i < end; i++) {
		char c = in.p[i];

		if (c == '.' && i == 0)
			return fail_set(f, FAIL_DATA, _("it begins with a dot"));
		if (c == '.' && in.p[i - 1] == '.')
			return fail_set(f, FAIL_DATA, _("two dots in a row at character %zu"),
				spot_at(in, i - 1));
		if (c == '.' && i + 1 == end)
			return fail_set(f, FAIL_DATA, _("a dot right before the @"));
		if (c == '.' || mail_is_atext(c) || ((c & 0x80) != 0 && (flags & ADDR_ALLOW_UTF8)))
			continue;
		return spot_fail(in, i, f);
	}
	return 0;
}

/* The quoted string at the start of `in` (RFC 5321: blanks but no tabs or
 * controls inside). *end is the offset after its closing quote. */
static int check_quoted(struct view in, unsigned flags, size_t *end, struct fail *f)
{
	for (size_t i = 1; i < in.len; i++) {
		char c = in.p[i];

		if (c == '"') {
			*end = i + 1;
			return 0;
		}
		if (c == '\\' && ++i < in.len)
			c = in.p[i];
		if ((c & 0x80) != 0 ? !(flags & ADDR_ALLOW_UTF8) : ascii_is_control(c))
			return spot_fail(in, i, f);
	}
	return fail_set(f, FAIL_DATA, _("the quotation mark at its start is never closed"));
}

/* An encoded word has no place in an address (RFC 2047 section 5), yet there are
 * servers and libraries that decode it there, into another address or a line end. */
static bool has_encoded_word(struct view local)
{
	ptrdiff_t start = view_find_nocase(local, VIEW("=?"));

	return start >= 0 && view_find_nocase(view_from(local, (size_t)start + 2), VIEW("?=")) >= 0;
}

/* Finds the @ that ends the local part and checks what stands before it. */
static int find_local(struct view in, unsigned flags, size_t *end, struct fail *f)
{
	ptrdiff_t at;

	if (in.p[0] == '"') {
		if (check_quoted(in, flags, end, f) < 0)
			return -1;
		if (*end == in.len)
			return fail_set(f, FAIL_DATA, _("there is no @ in it"));
		if (in.p[*end] != '@')
			return fail_set(f, FAIL_DATA,
				_("something between the closing quotation mark and the @"));
		if (*end == 2 && (flags & ADDR_PUBLIC))
			return fail_set(f, FAIL_DATA, _("nothing before the @"));
		return 0;
	}
	at = view_chr(in, '@');
	if (at < 0)
		return fail_set(f, FAIL_DATA, _("there is no @ in it"));
	if (at == 0)
		return fail_set(f, FAIL_DATA, _("nothing before the @"));
	*end = (size_t)at;
	return check_dot_string(in, *end, flags, f);
}

static int check_local(struct view in, unsigned flags, size_t *end, struct fail *f)
{
	if (find_local(in, flags, end, f) < 0)
		return -1;
	if ((flags & ADDR_PUBLIC) && has_encoded_word(view_sub(in, 0, *end)))
		return fail_set(f, FAIL_DATA,
			_("encoded text (=?...?=) before the @, which some servers decode into "
			  "another address"));
	return 0;
}

/* Mistakes that the grammar would name less clearly. */
static int check_whole(struct view in, struct fail *f)
{
	ptrdiff_t tab = view_chr(in, '\t');

	if (in.p[0] == ' ' || in.p[in.len - 1] == ' ')
		return fail_set(f, FAIL_DATA, _("a space before or after it"));
	if (tab >= 0)
		return spot_fail(in, (size_t)tab, f);
	if (in.p[0] == '<')
		return fail_set(f, FAIL_DATA, _("angle brackets around it; write it without them"));
	if (view_starts_nocase(in, VIEW("mailto:")))
		return fail_set(f, FAIL_DATA, _("\"mailto:\" before it; write the address alone"));
	return mail_is_ascii(in) && view_chr(in, '\0') < 0 ? 0 : spot_check_visible(in, f);
}

static int check_lengths(struct view in, size_t local, struct fail *f)
{
	size_t domain = in.len - local - 1;

	if (local > ADDR_LOCAL_MAX)
		return fail_set(f, FAIL_DATA,
			_("%zu bytes before the @, where at most %d are allowed"), local,
			ADDR_LOCAL_MAX);
	if (domain > ADDR_DOMAIN_MAX)
		return fail_set(f, FAIL_DATA,
			_("%zu bytes after the @, where at most %d are allowed"), domain,
			ADDR_DOMAIN_MAX);
	if (in.len > ADDR_MAX)
		return fail_set(f, FAIL_DATA,
			_("it is %zu bytes long, where at most %d are allowed"), in.len, ADDR_MAX);
	return 0;
}

int addr_parse(struct view in, unsigned flags, struct addr *out, struct fail *f)
{
	size_t local = 0;

	if (in.len == 0 && (flags & ADDR_ALLOW_EMPTY)) {
		*out = (struct addr){{"", 0}, {"", 0}};
		return 0;
	}
	if (in.len == 0)
		return fail_set(f, FAIL_DATA, _("the address is empty"));
	if (check_whole(in, f) < 0 || check_local(in, flags, &local, f) < 0)
		return -1;
	if (local + 1 == in.len)
		return fail_set(f, FAIL_DATA, _("nothing after the @"));
	if (check_lengths(in, local, f) < 0 || domain_check(in, local + 1, flags, f) < 0)
		return -1;
	out->local = view_sub(in, 0, local);
	out->domain = view_from(in, local + 1);
	return 0;
}
