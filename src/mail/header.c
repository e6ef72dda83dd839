#include "mail/header.h"
#include <assert.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "mail/date.h"
#include "mail/fold.h"
#include "mail/mail_private.h"
#include "mail/mailbox.h"

/* Text that a reader could take for an encoded word must be one. */
static bool is_plain(struct view text)
{
	return mail_is_ascii(text) && view_find(text, VIEW("=?")) < 0;
}

int header_text(struct str *out, const char *name, struct view text, struct fail *f)
{
	struct fold h;
	int ret;

	fold_begin(&h, out, name);
	ret = fold_check(text, f);
	if (ret == 0 && text.len > 0) {
		if (is_plain(text) && fold_fits(&h, text))
			fold_words(&h, text);
		else
			fold_encoded(&h, text);
	}
	return fold_end(&h, ret, name, f);
}

static int check_printable(struct view value, bool blanks, struct fail *f)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] < (blanks ? ' ' : '!') || value.p[i] > '~')
			return spot_fail(value, i, f);
	return 0;
}

int header_token(struct str *out, const char *name, struct view value, struct fail *f)
{
	struct fold h;
	int ret;

	fold_begin(&h, out, name);
	ret = check_printable(value, true, f);
	if (ret == 0 && value.len > HEADER_LINE_MAX - HEADER_FOLD)
		ret = fail_set(f, FAIL_DATA, _("the value is too long"));
	if (ret == 0 && (view_starts(value, VIEW(" ")) || view_ends(value, VIEW(" ")) ||
				view_find(value, VIEW("  ")) >= 0))
		ret = fail_set(f, FAIL_DATA, _("blanks around the value, or several in a row"));
	if (ret == 0)
		fold_words(&h, value);
	return fold_end(&h, ret, name, f);
}

static bool is_atoms(struct view text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] != ' ' && !mail_is_atext(text.p[i]))
			return false;
	return true;
}

/* The length of the text as a quoted string. */
static size_t quoted_len(struct view text)
{
	size_t len = text.len + 2;

	for (size_t i = 0; i < text.len; i++)
		len += text.p[i] == '"' || text.p[i] == '\\';
	return len;
}

/* A display name on one line as atoms or as a quoted string, or encoded: an
 * encoded word may not stand within quotes (RFC 2047 5), and a name folded
 * between plain words comes out of some readers (GMime) with the fold in it. */
static void add_phrase(struct fold *h, struct view text)
{
	size_t room = HEADER_FOLD - 1 - fold_column(h);
	bool plain = is_plain(text) && fold_fits(h, text);

	if (plain && is_atoms(text) && text.len <= room) {
		fold_words(h, text);
	} else if (plain && quoted_len(text) <= room) {
		(void)str_addc(h->out, ' ');
		mail_add_quoted(h->out, text);
	} else {
		fold_encoded(h, text);
	}
}

/* " <inner>" after a phrase. */
static void add_angle(struct fold *h, struct view inner)
{
	char word[HEADER_LINE_MAX];

	assert(inner.len + 2 <= sizeof word);
	word[0] = '<';
	if (inner.len > 0)
		memcpy(word + 1, inner.p, inner.len);
	word[inner.len + 1] = '>';
	fold_word(h, view_make(word, inner.len + 2));
}

static int add_mailbox(struct fold *h, const struct mailbox *m, bool utf8, struct fail *f)
{
	struct addr again;
	struct str wire;
	bool needs_utf8;
	int ret = -1;

	str_init(&wire, ADDR_WIRE_MAX);
	if (fold_check(m->name, f) < 0 || addr_wire(&m->addr, &wire, &needs_utf8, f) < 0)
		goto out;
	/* Whoever filled in the address: only the grammar gets through. */
	if (addr_parse(str_view(&wire), ADDR_ALLOW_UTF8, &again, f) < 0)
		goto out;
	if (needs_utf8 && !utf8) {
		(void)fail_set(f, FAIL_DATA,
			_("letters outside ASCII before the @ need a relay with SMTPUTF8"));
		goto out;
	}
	if (m->name.len > 0) {
		add_phrase(h, m->name);
		add_angle(h, str_view(&wire));
	} else {
		fold_word(h, str_view(&wire));
	}
	ret = 0;
out:
	str_free(&wire);
	return ret;
}

int header_mailbox(
	struct str *out, const char *name, const struct mailbox *m, bool utf8, struct fail *f)
{
	struct fold h;

	fold_begin(&h, out, name);
	return fold_end(&h, add_mailbox(&h, m, utf8, f), name, f);
}

/* dot-atom-text (RFC 5322 3.2.3). */
static int check_dot_atom(struct view text, struct fail *f)
{
	struct view rest = text, atom;

	while (view_split(&rest, '.', &atom)) {
		if (atom.len == 0)
			return fail_set(f, FAIL_DATA,
				_("nothing where a word should stand in \"%.*s\""),
				(int)(text.len < HEADER_MSGID_MAX ? text.len : HEADER_MSGID_MAX),
				text.p);
		for (size_t i = 0; i < atom.len; i++)
			if (!mail_is_atext(atom.p[i]))
				return spot_fail(atom, i, f);
	}
	return 0;
}

int header_msgid(struct str *out, const char *name, struct view id, struct fail *f)
{
	ptrdiff_t at = view_chr(id, '@');
	struct fold h;
	int ret;

	fold_begin(&h, out, name);
	if (at <= 0 || id.len > HEADER_MSGID_MAX)
		ret = fail_set(f, FAIL_DATA, _("not a message identifier"));
	else
		ret = check_printable(id, false, f) < 0 ||
				      check_dot_atom(view_sub(id, 0, (size_t)at), f) < 0
			      ? -1
			      : check_dot_atom(view_from(id, (size_t)at + 1), f);
	if (ret == 0)
		add_angle(&h, id);
	return fold_end(&h, ret, name, f);
}

int header_date(struct str *out, const char *name, int64_t at, int offset, struct fail *f)
{
	char text[DATE_SIZE];
	struct fold h;
	int ret;

	fold_begin(&h, out, name);
	ret = date_format(at, offset, text, f);
	if (ret == 0)
		fold_words(&h, view_of(text));
	return fold_end(&h, ret, name, f);
}

static int add_uri(struct fold *h, struct view uri, bool more, struct fail *f)
{
	if (uri.len == 0 || uri.len > HEADER_URI_MAX)
		return fail_set(f, FAIL_DATA, _("a link of %zu bytes, where 1 to %d are allowed"),
			uri.len, HEADER_URI_MAX);
	if (check_printable(uri, false, f) < 0)
		return -1;
	for (size_t i = 0; i < uri.len; i++)
		if (strchr("<>\"\\", uri.p[i]) != NULL)
			return spot_fail(uri, i, f);
	add_angle(h, uri);
	if (more)
		(void)str_addc(h->out, ',');
	return 0;
}

int header_uris(
	struct str *out, const char *name, const struct view *uris, size_t n, struct fail *f)
{
	struct fold h;
	int ret = 0;

	fold_begin(&h, out, name);
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = add_uri(&h, uris[i], i + 1 < n, f);
	return fold_end(&h, ret, name, f);
}

int header_list_id(struct str *out, struct view label, struct view id, struct fail *f)
{
	struct fold h;
	int ret;

	fold_begin(&h, out, "List-Id");
	ret = fold_check(label, f);
	if (ret == 0 && id.len > ADDR_DOMAIN_MAX)
		ret = fail_set(f, FAIL_DATA, _("the list's identifier is too long"));
	if (ret == 0 && (ret = check_printable(id, false, f)) == 0)
		ret = check_dot_atom(id, f);
	if (ret == 0) {
		if (label.len > 0)
			add_phrase(&h, label);
		add_angle(&h, id);
	}
	return fold_end(&h, ret, "List-Id", f);
}
