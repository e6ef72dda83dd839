#include "bounce/read_private.h"

static bool in_local(char c)
{
	return ascii_is_alnum(c) || (unsigned char)c >= 0x80 ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static bool in_domain(char c)
{
	return ascii_is_alnum(c) || (unsigned char)c >= 0x80 || c == '.' || c == '-' || c == '_';
}

/* "smtp:", "mailto:" and quotes belong to the text around it. */
static struct view without_marks(struct view v)
{
	while (v.len > 0 && (v.p[0] == '\'' || v.p[0] == '`' || v.p[0] == '/' || v.p[0] == '.'))
		v = view_from(v, 1);
	/* "550-ana@example.org is not known": the code of a reply. */
	if (v.len > 4 && v.p[0] >= '4' && v.p[0] <= '5' && ascii_is_digit(v.p[1]) &&
		ascii_is_digit(v.p[2]) && v.p[3] == '-')
		v = view_from(v, 4);
	while (v.len > 0 && (v.p[v.len - 1] == '.' || v.p[v.len - 1] == '-'))
		v.len--;
	return v;
}

struct view address_next(struct view text, size_t *at, size_t *begin)
{
	while (*at < text.len) {
		const char *p = memchr(text.p + *at, '@', text.len - *at);
		size_t from, to;
		struct view found;

		if (p == NULL)
			break;
		from = to = (size_t)(p - text.p);
		while (from > *at && in_local(text.p[from - 1]))
			from--;
		for (to++; to < text.len && in_domain(text.p[to]);)
			to++;
		*at = to;
		found = without_marks(view_sub(text, from, to - from));
		if (found.len > 2 && found.p[0] != '@' && found.p[found.len - 1] != '@') {
			*begin = (size_t)(found.p - text.p);
			return found;
		}
	}
	*at = text.len;
	return VIEW("");
}

struct view address_first(struct view text)
{
	size_t at = 0, begin;

	return address_next(text, &at, &begin);
}

bool address_is(struct view a, struct view b)
{
	return a.len > 0 && view_eq_nocase(a, b);
}

bool address_is_daemon(struct view address)
{
	static const char *const locals[] = {"mailer-daemon", "postmaster", "post_master",
		"poostmaster", "mailerdaemon", "mdaemon", "mail-daemon", "mail.delivery.system",
		"mail-delivery-system", "maildelivery", "imss", "bounce", "noreply-bounce",
		"delivery", "mmdf", "double-bounce", "symantec_antivirus_for_smtp_gateways"};
	ptrdiff_t at = view_chr(address, '@');
	struct view local = at < 0 ? address : view_sub(address, 0, (size_t)at);

	for (size_t i = 0; i < sizeof locals / sizeof *locals; i++)
		if (view_eq_nocase(local, view_of(locals[i])))
			return true;
	return view_starts_nocase(local, VIEW("postmaster")) ||
	       view_starts_nocase(local, VIEW("microsoftexchange"));
}
