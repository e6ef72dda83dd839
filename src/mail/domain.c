#include "mail/domain.h"
#include <arpa/inet.h>
#include <assert.h>
#include <idn2.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "mail/addr.h"
#include "mail/mail_private.h"

/* [IPv6:…] and [n.n.n.n] in the spelling inet_ntop gives. RFC 5321 4.1.3;
 * other tags have no registered meaning. */
static int literal_ascii(struct view domain, struct str *out, struct fail *f)
{
	struct view inner = view_sub(domain, 1, domain.len - 2);
	bool six = view_starts_nocase(inner, VIEW("IPv6:"));
	unsigned char bytes[sizeof(struct in6_addr)];
	char text[DOMAIN_LITERAL_MAX];

	if (domain.len < 2 || domain.p[domain.len - 1] != ']')
		return fail_set(f, FAIL_DATA, _("a square bracket that is never closed"));
	if (six)
		inner = view_from(inner, 5);
	if (inner.len < sizeof text && view_chr(inner, '\0') < 0) {
		(void)snprintf(text, sizeof text, "%.*s", VIEW_ARG(inner));
		if (inet_pton(six ? AF_INET6 : AF_INET, text, bytes) == 1 &&
			inet_ntop(six ? AF_INET6 : AF_INET, bytes, text, sizeof text) != NULL) {
			if (str_addf(out, "[%s%s]", six ? "IPv6:" : "", text) == 0)
				return 0;
			return fail_set(f, FAIL_DATA, _("the domain is too long"));
		}
	}
	return fail_set(f, FAIL_DATA,
		_("no network address between the square brackets; "
		  "write [192.0.2.1] or [IPv6:2001:db8::1]"));
}

static int check_label(struct view whole, size_t from, size_t end, bool utf8, struct fail *f)
{
	bool ascii = true;

	assert(whole.p != NULL && from < end);
	for (size_t i = from; i < end; i++) {
		char c = whole.p[i];

		if ((c & 0x80) != 0 && utf8)
			ascii = false;
		else if (!ascii_is_alnum(c) && c != '-')
			return spot_fail(whole, i, f);
	}
	if (whole.p[from] == '-' || whole.p[end - 1] == '-')
		return fail_set(f, FAIL_DATA, _("a hyphen next to a dot or an end of the domain"));
	if (ascii && end - from > DOMAIN_LABEL_MAX)
		return fail_set(f, FAIL_DATA,
			_("a part of the domain of %zu letters, where at most %d are allowed"),
			end - from, DOMAIN_LABEL_MAX);
	return 0;
}

/* The labels that stand in `whole` from `from` on; *last is where the last one
 * begins. */
static int check_labels(struct view whole, size_t from, bool utf8, size_t *last, struct fail *f)
{
	size_t start = from;

	for (;;) {
		ptrdiff_t dot = view_chr(view_from(whole, start), '.');
		size_t end = dot < 0 ? whole.len : start + (size_t)dot;

		if (end == start && start == from)
			return fail_set(f, FAIL_DATA, _("a dot right after the @"));
		if (end == start && start == whole.len)
			return fail_set(f, FAIL_DATA, _("the domain ends with a dot"));
		if (end == start)
			return fail_set(f, FAIL_DATA, _("two dots in a row at character %zu"),
				spot_at(whole, start - 1));
		if (check_label(whole, start, end, utf8, f) < 0)
			return -1;
		*last = start;
		if (dot < 0)
			return 0;
		start = end + 1;
	}
}

static bool has_alabel(struct view domain)
{
	struct view label;

	while (view_split(&domain, '.', &label))
		if (view_starts_nocase(label, VIEW("xn--")))
			return true;
	return false;
}

/* UTS 46 lets symbols and emoji through that IDNA2008 (RFC 5892) does not: a
 * name written in letters must be good under both. */
static int strict_idna(const char *ascii)
{
	char *unicode = NULL;
	uint8_t *again = NULL;
	int rc = idn2_to_unicode_8z8z(ascii, &unicode, 0);

	if (rc == IDN2_OK)
		rc = idn2_lookup_u8(
			(const uint8_t *)unicode, &again, IDN2_NFC_INPUT | IDN2_NO_TR46);
	if (rc == IDN2_OK && strcmp((const char *)again, ascii) != 0)
		rc = IDN2_UALABEL_MISMATCH;
	idn2_free(unicode);
	idn2_free(again);
	return rc;
}

/* *ascii is idn2's to free. */
static int to_alabels(struct view domain, char **ascii, struct fail *f)
{
	uint8_t text[ADDR_DOMAIN_MAX + 1];
	uint8_t *found = NULL;
	int rc;

	if (domain.len >= sizeof text)
		return fail_set(f, FAIL_DATA, _("the domain is too long"));
	memcpy(text, domain.p, domain.len);
	text[domain.len] = '\0';
	/* Not IDN2_USE_STD3_ASCII_RULES: it drops what it disallows, so that
	 * "exam／ple" would become "example". check_labels() refuses it instead. */
	rc = idn2_lookup_u8(text, &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc == IDN2_OK && !mail_is_ascii(domain))
		rc = strict_idna((const char *)found);
	/* Domains of symbols exist (i❤ under .ws): written as xn--… they are host
	 * names like any other, and their members' mail arrives. */
	if (rc == IDN2_DISALLOWED && mail_is_ascii(domain))
		rc = idn2_lookup_u8(text, &found, IDN2_NO_TR46 | IDN2_NO_ALABEL_ROUNDTRIP);
	if (rc == IDN2_MALLOC)
		mem_out();
	if (rc != IDN2_OK) {
		idn2_free(found);
		return fail_set(f, FAIL_DATA,
			_("the domain is not a valid international name (%s)"), idn2_strerror(rc));
	}
	*ascii = (char *)found;
	return 0;
}

static int international(struct view domain, struct str *out, size_t *last, struct fail *f)
{
	char *ascii = NULL;
	size_t before = out->len;
	int ret = -1;

	if (to_alabels(domain, &ascii, f) < 0)
		return -1;
	/* Mapping can make dots and ASCII out of their look-alikes: check again. */
	if (check_labels(view_of(ascii), 0, false, last, f) < 0) {
		(void)fail_wrap(f, _("the domain reads as \"%s\""), ascii);
		goto out;
	}
	if (strlen(ascii) > ADDR_DOMAIN_MAX || str_addz(out, ascii) < 0) {
		(void)fail_set(f, FAIL_DATA, _("the domain is too long"));
		goto out;
	}
	*last += before;
	ret = 0;
out:
	idn2_free(ascii);
	return ret;
}

static int check_public(struct view domain, size_t last, struct fail *f)
{
	if (last == 0)
		return fail_set(
			f, FAIL_DATA, _("no dot after the @; a domain looks like \"example.org\""));
	for (size_t i = last; i < domain.len; i++)
		if (!ascii_is_digit(domain.p[i]))
			return 0;
	return fail_set(
		f, FAIL_DATA, _("the domain ends in a number instead of a country or name"));
}

int domain_check(struct view whole, size_t from, unsigned flags, struct fail *f)
{
	struct view domain = view_from(whole, from);
	bool utf8 = (flags & ADDR_ALLOW_UTF8) != 0;
	struct str ascii;
	size_t last = 0;
	int ret = -1;

	str_init(&ascii, ADDR_WIRE_MAX);
	if (domain.p[0] == '[') {
		if (flags & ADDR_PUBLIC)
			(void)fail_set(f, FAIL_DATA,
				_("a network address in brackets instead of a domain"));
		else
			ret = literal_ascii(domain, &ascii, f);
		goto out;
	}
	if (check_labels(whole, from, utf8, &last, f) < 0)
		goto out;
	last -= from;
	if (!mail_is_ascii(domain) || has_alabel(domain)) {
		if (international(domain, &ascii, &last, f) < 0)
			goto out;
		domain = str_view(&ascii);
	}
	ret = flags & ADDR_PUBLIC ? check_public(domain, last, f) : 0;
out:
	str_free(&ascii);
	return ret;
}

int domain_ascii(struct view domain, struct str *out, struct fail *f)
{
	size_t last;

	if (domain.len == 0)
		return fail_set(f, FAIL_DATA, _("the domain is empty"));
	if (domain.len > ADDR_DOMAIN_MAX)
		return fail_set(f, FAIL_DATA, _("the domain is too long"));
	if (domain.p[0] == '[')
		return literal_ascii(domain, out, f);
	if (check_labels(domain, 0, true, &last, f) < 0)
		return -1;
	if (!mail_is_ascii(domain) || has_alabel(domain))
		return international(domain, out, &last, f);
	mail_add_lower(out, domain);
	if (!str_ok(out))
		return fail_set(f, FAIL_DATA, _("the domain is too long"));
	return 0;
}

int domain_display(struct view domain, struct str *out)
{
	char text[ADDR_DOMAIN_MAX + 1];
	char *unicode = NULL;
	struct fail f;
	int ret;

	if (domain.len >= sizeof text || view_chr(domain, '\0') >= 0 || !has_alabel(domain))
		return str_addv(out, domain);
	for (size_t i = 0; i < domain.len; i++)
		text[i] = ascii_lower(domain.p[i]);
	text[domain.len] = '\0';
	if (idn2_to_unicode_8z8z(text, &unicode, 0) != IDN2_OK)
		return str_addv(out, domain);
	/* A label is decoded whatever it holds; only what can be seen is shown. */
	if (spot_check_visible(view_of(unicode), &f) < 0)
		ret = str_addv(out, domain);
	else
		ret = str_addz(out, unicode);
	idn2_free(unicode);
	return ret;
}
