#include "mail/mailbox.h"
#include "base/arena.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "mail/mail_private.h"

/* Where the text of a name goes while it is unquoted. */
struct name {
	char *p;
	size_t len;
};

static int no_list(struct fail *f)
{
	return fail_set(f, FAIL_DATA,
		_("more than one address, or a comma in the name; write one address, and a name "
		  "with a comma between quotation marks: \"Ruiz, Ana\" <ana@example.org>"));
}

/* The quoted string that starts at *i; leaves *i after its closing quote. */
static int take_quoted(struct view in, size_t *i, struct name *name, struct fail *f)
{
	size_t start = *i;

	for (++*i; *i < in.len; ++*i) {
		if (in.p[*i] == '"') {
			++*i;
			return 0;
		}
		if (in.p[*i] == '\\' && *i + 1 < in.len)
			++*i;
		name->p[name->len++] = in.p[*i];
	}
	return fail_set(f, FAIL_DATA, _("the quotation mark at character %zu is never closed"),
		spot_at(in, start));
}

/* A display name: quoted strings and bare words (RFC 5322 3.2.5, with the dot
 * of obs-phrase, which everybody writes). */
static int take_phrase(struct view in, struct name *name, struct fail *f)
{
	size_t i = 0;

	while (i < in.len) {
		char c = in.p[i];

		if (c == '"') {
			if (take_quoted(in, &i, name, f) < 0)
				return -1;
			continue;
		}
		if (c == ',' || c == ';')
			return no_list(f);
		if (strchr("<>()[]:@\\", c) != NULL)
			return fail_set(f, FAIL_DATA,
				_("\"%c\" in the name at character %zu; put the name between "
				  "quotation marks"),
				c, spot_at(in, i));
		name->p[name->len++] = c;
		i++;
	}
	return 0;
}

/* The comment at the end, "(Ana Ruiz)", without its parentheses. */
static int take_comment(struct view in, struct name *name, struct fail *f)
{
	for (size_t i = 0; i < in.len; i++) {
		if (in.p[i] == '(' || in.p[i] == ')')
			return fail_set(f, FAIL_DATA, _("parentheses within parentheses"));
		if (in.p[i] == '\\' && i + 1 < in.len)
			i++;
		name->p[name->len++] = in.p[i];
	}
	return 0;
}

/* The offset of the first `c` outside quotes, or -1. */
static ptrdiff_t find_bare(struct view in, char c)
{
	bool quoted = false;

	for (size_t i = 0; i < in.len; i++) {
		if (in.p[i] == '\\' && quoted)
			i++;
		else if (in.p[i] == '"')
			quoted = !quoted;
		else if (in.p[i] == c && !quoted)
			return (ptrdiff_t)i;
	}
	return -1;
}

/* Cuts `in` into name and address and unquotes the name. */
static int cut(struct view in, struct name *name, struct view *addr, struct fail *f)
{
	ptrdiff_t angle = find_bare(in, '<'), open = find_bare(in, '(');

	if (angle >= 0) {
		*addr = view_from(in, (size_t)angle + 1);
		if (view_chr(*addr, '>') < 0)
			return fail_set(f, FAIL_DATA, _("\"<\" without a \">\" after it"));
		if (addr->p[addr->len - 1] != '>')
			return find_bare(*addr, ',') >= 0 || find_bare(*addr, ';') >= 0
				       ? no_list(f)
				       : fail_set(f, FAIL_DATA, _("something after the \">\""));
		addr->len--;
		return take_phrase(view_trim(view_sub(in, 0, (size_t)angle)), name, f);
	}
	if (open >= 0 && in.p[in.len - 1] == ')') {
		*addr = view_trim(view_sub(in, 0, (size_t)open));
		return take_comment(
			view_sub(in, (size_t)open + 1, in.len - (size_t)open - 2), name, f);
	}
	*addr = in;
	return 0;
}

int mailbox_parse(
	struct view in, unsigned flags, struct arena *a, struct mailbox *out, struct fail *f)
{
	struct name name = {NULL, 0};
	struct view text = view_trim(in), where;
	struct addr addr;

	if (text.len > MAILBOX_NAME_MAX + ADDR_PATH_MAX)
		return fail_set(f, FAIL_DATA,
			_("it is %zu bytes long, where at most %d are allowed"), text.len,
			MAILBOX_NAME_MAX + ADDR_PATH_MAX);
	if (view_chr(text, '<') != 0 && find_bare(text, ':') >= 0 && view_ends(text, VIEW(";")))
		return fail_set(f, FAIL_DATA, _("a group of addresses; write one address"));
	if (spot_check_text(text, f) < 0)
		return -1;
	name.p = arena_alloc(a, text.len + 1);
	if (cut(text, &name, &where, f) < 0)
		return -1;
	if (where.p == text.p && find_bare(where, ',') >= 0)
		return no_list(f);
	if (addr_parse(where, flags, &addr, f) < 0)
		return -1;
	if (name.len > MAILBOX_NAME_MAX)
		return fail_set(f, FAIL_DATA,
			_("the name is %zu bytes long, where at most %d are allowed"), name.len,
			MAILBOX_NAME_MAX);
	out->name = view_trim(view_make(name.p, name.len));
	out->addr = addr;
	return 0;
}
