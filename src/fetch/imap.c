#include "fetch/imap.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "fetch/fetch.h"
#include "fetch/utf7.h"
#include "settings/settings.h"

enum { LINE_MAX_IMAP = 8192, PART_WAIT_MS = 2000, TAG_MAX = 16, FOLDER_QUOTED_MAX = 4096 };

void imap_init(struct imap *imap, const struct settings_mailbox *box)
{
	imap->box = box;
	imap_reader_init(&imap->reader, FETCH_MESSAGE_MAX);
	arena_init(&imap->arena);
	str_init(&imap->line, LINE_MAX_IMAP);
	str_init(&imap->code, IMAP_TEXT_MAX);
	str_init(&imap->words, IMAP_TEXT_MAX);
	str_init(&imap->prefix, IMAP_FOLDER_MAX);
}

void imap_free(struct imap *imap)
{
	struct fail ignored;

	if (imap->open) {
		imap->link.patience_ms = PART_WAIT_MS;
		(void)imap_command(imap, &ignored, "LOGOUT");
	}
	fetch_link_close(&imap->link);
	imap_reader_free(&imap->reader);
	arena_free(&imap->arena);
	str_free(&imap->line);
	str_free(&imap->code);
	str_free(&imap->words);
	str_free(&imap->prefix);
}

int imap_connect(struct imap *imap, struct net_peer *peer, struct fail *f)
{
	if (fetch_link_open(&imap->link, imap->box, NET_IMAP, peer, &imap->trouble, f) < 0)
		return -1;
	imap->open = true;
	return imap_command(imap, f, "CAPABILITY") < 0 ? -1 : 0;
}

/* --- saying --------------------------------------------------------------- */

static int say_line(struct imap *imap, const char *fmt, va_list ap, struct fail *f)
	__attribute__((format(printf, 2, 0)));
static int say_line(struct imap *imap, const char *fmt, va_list ap, struct fail *f)
{
	str_clear(&imap->line);
	(void)str_addf(&imap->line, "F%u ", ++imap->tag);
	(void)str_addfv(&imap->line, fmt, ap);
	(void)str_addz(&imap->line, "\r\n");
	if (!str_ok(&imap->line))
		return fail_set(f, FAIL_BUG, "%s", _("a command for the server is too long"));
	if (fetch_link_write(&imap->link, str_view(&imap->line), f) == 0)
		return 0;
	imap->open = false;
	return -1;
}

int imap_say(struct imap *imap, struct fail *f, const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = say_line(imap, fmt, ap, f);
	va_end(ap);
	return ret;
}

int imap_command(struct imap *imap, struct fail *f, const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = say_line(imap, fmt, ap, f);
	va_end(ap);
	return ret < 0 ? -1 : imap_end(imap, f);
}

int imap_quote(struct str *out, struct view text, struct fail *f)
{
	(void)str_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (ascii_is_control(c) || (c & 0x80) != 0)
			return fail_set(f, FAIL_CONF, "%s",
				_("a name with control characters cannot be given to the server"));
		if (c == '"' || c == '\\')
			(void)str_addc(out, '\\');
		(void)str_addc(out, c);
	}
	return str_addc(out, '"');
}

/* --- hearing -------------------------------------------------------------- */

static void read_abilities(struct imap *imap, struct view words)
{
	static const struct {
		const char *word;
		unsigned ability;
	} all[] = {{"SASL-IR", IMAP_CAN_SASL_IR}, {"MOVE", IMAP_CAN_MOVE},
		{"UIDPLUS", IMAP_CAN_UIDPLUS}, {"LOGINDISABLED", IMAP_NO_LOGIN},
		{"NAMESPACE", IMAP_CAN_NAMESPACE}};
	struct view rest = words, word;

	imap->abilities = imap->sasl = 0;
	imap->capable = true;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (imap_has_word(words, all[i].word))
			imap->abilities |= all[i].ability;
	while (view_split(&rest, ' ', &word))
		if (view_starts_nocase(word, VIEW("AUTH=")))
			imap->sasl |= net_sasl_read(view_from(word, 5));
}

static void take_code(struct imap *imap, struct view code)
{
	(void)imap_code_number(code, "UIDVALIDITY", &imap->uidvalidity);
	(void)imap_code_number(code, "UIDNEXT", &imap->uidnext);
	if (imap_code_is(code, "CAPABILITY"))
		read_abilities(imap, view_from(code, sizeof "CAPABILITY" - 1));
}

static int said_bye(struct imap *imap, const struct imap_response *r, struct fail *f)
{
	struct str clean;

	imap->open = false;
	str_init(&clean, (size_t)4 * IMAP_WORDS_MAX);
	(void)utf8_clean(&clean, view_sub(r->words, 0, IMAP_WORDS_MAX));
	(void)fail_set(f, FAIL_TEMP, _("the server ended the connection: %s"), clean.p);
	str_free(&clean);
	return -1;
}

static void take_note(struct imap *imap, const struct imap_response *r)
{
	switch (r->kind) {
	case IMAP_EXISTS:
		/* One more can still be counted. */
		imap->exists = r->number < UINT32_MAX ? r->number : UINT32_MAX - 1;
		break;
	case IMAP_EXPUNGE:
		if (imap->exists > 0)
			imap->exists--;
		fetch_window_expunged(&imap->window, r->number);
		break;
	case IMAP_CAPABILITY:
		read_abilities(imap, r->words);
		break;
	case IMAP_STATUS:
	case IMAP_TAGGED:
		take_code(imap, r->code);
		break;
	default:
		break;
	}
}

int imap_hear(struct imap *imap, struct imap_response *out, struct fail *f)
{
	int got;

	while ((got = imap_reader_take(&imap->reader, &imap->link.have, f)) == 0)
		if (fetch_link_read(&imap->link, f) < 0) {
			imap->open = false;
			return -1;
		}
	arena_reset(&imap->arena);
	if (got < 0 || imap_parse(&imap->reader, &imap->arena, out, f) < 0) {
		imap->open = false;
		return -1;
	}
	take_note(imap, out);
	if (out->kind == IMAP_STATUS && out->status == IMAP_BYE && imap->open)
		return said_bye(imap, out, f);
	return 0;
}

bool imap_is_end(struct imap *imap, const struct imap_response *r, int *ok)
{
	char tag[TAG_MAX];

	(void)snprintf(tag, sizeof tag, "F%u", imap->tag);
	if (r->kind != IMAP_TAGGED || !view_is(r->tag, tag))
		return false;
	str_clear(&imap->code);
	str_clear(&imap->words);
	(void)str_addv(&imap->code, r->code);
	(void)utf8_clean(&imap->words, view_sub(r->words, 0, IMAP_WORDS_MAX));
	*ok = r->status == IMAP_OK;
	return true;
}

int imap_end(struct imap *imap, struct fail *f)
{
	struct imap_response r;
	int ok;

	do
		if (imap_hear(imap, &r, f) < 0)
			return -1;
	while (!imap_is_end(imap, &r, &ok));
	return ok;
}

/* --- folders -------------------------------------------------------------- */

/* LIST "" "" says the separator and nothing else (RFC 3501 section 6.3.8); NAMESPACE says what
 * stands in front as well ("INBOX." at some providers). */
static int learn_names(struct imap *imap, struct fail *f)
{
	struct imap_response r;
	int ok;

	if (imap->named)
		return 0;
	imap->separator = '/';
	str_clear(&imap->prefix);
	if (imap_say(imap, f, "%s",
		    (imap->abilities & IMAP_CAN_NAMESPACE) != 0 ? "NAMESPACE" : "LIST \"\" \"\"") <
		0)
		return -1;
	do {
		if (imap_hear(imap, &r, f) < 0)
			return -1;
		if (r.kind == IMAP_LIST || r.kind == IMAP_NAMESPACE)
			imap->separator = r.separator;
		if (r.kind == IMAP_NAMESPACE)
			(void)str_addv(&imap->prefix, r.name);
	} while (!imap_is_end(imap, &r, &ok));
	imap->named = true;
	return 0;
}

/* INBOX, and what is beneath it where that is how the server names folders, is written out
 * in full; all else is meant to be among our own. */
static bool needs_prefix(const struct imap *imap, const char *folder)
{
	struct view name = view_of(folder), prefix = str_view(&imap->prefix), first = name;

	(void)view_split(&first, '/', &name);
	if (prefix.len > 0 && imap->separator != '\0' &&
		prefix.p[prefix.len - 1] == imap->separator)
		prefix.len--;
	return prefix.len > 0 && !view_eq_nocase(name, prefix) &&
	       !view_eq_nocase(name, VIEW("INBOX"));
}

int imap_quote_folder(struct imap *imap, struct str *out, const char *folder, struct fail *f)
{
	struct str name, encoded;
	bool plain = view_eq_nocase(view_of(folder), VIEW("INBOX"));
	int ret = plain ? 0 : learn_names(imap, f);

	str_init(&name, IMAP_FOLDER_MAX);
	str_init(&encoded, FOLDER_QUOTED_MAX);
	for (const char *c = folder; *c != '\0'; c++)
		(void)str_addc(&name, *c == '/' && imap->separator != '\0' ? imap->separator : *c);
	if (!plain && needs_prefix(imap, folder))
		(void)str_addv(&encoded, str_view(&imap->prefix));
	if (ret == 0 && (!str_ok(&name) || utf7_encode(&encoded, str_view(&name)) < 0))
		ret = fail_set(f, FAIL_CONF, _("\"%s\" cannot be the name of a folder"), folder);
	if (ret == 0)
		ret = imap_quote(out, str_view(&encoded), f);
	str_free(&encoded);
	str_free(&name);
	return ret;
}

int imap_select(struct imap *imap, bool writable, struct fail *f)
{
	struct str name;
	int ret;

	str_init(&name, FOLDER_QUOTED_MAX);
	imap->uidvalidity = imap->uidnext = imap->exists = 0;
	imap->window = (struct fetch_window){0};
	ret = imap_quote_folder(imap, &name, imap->box->folder, f);
	if (ret == 0)
		ret = imap_command(imap, f, "%s %s", writable ? "SELECT" : "EXAMINE", name.p);
	str_free(&name);
	imap->writable = writable;
	if (ret == 1 && imap->uidvalidity == 0)
		return fail_set(f, FAIL_PERM, "%s",
			_("this server gives no number to its messages that stays (UIDVALIDITY): "
			  "they cannot be told apart from one time to the next"));
	return ret;
}

static struct view without_prefix(const struct imap *imap, struct view name)
{
	struct view prefix = str_view(&imap->prefix);

	return view_starts(name, prefix) ? view_from(name, prefix.len) : name;
}

int imap_folders(struct imap *imap, imap_folder_fn fn, void *ctx, struct fail *f)
{
	struct imap_response r;
	struct str name;
	int ok;

	if (learn_names(imap, f) < 0 || imap_say(imap, f, "LIST \"\" \"*\"") < 0)
		return -1;
	str_init(&name, (size_t)4 * IMAP_FOLDER_MAX);
	do {
		if (imap_hear(imap, &r, f) < 0) {
			str_free(&name);
			return -1;
		}
		if (r.kind != IMAP_LIST || r.name.len == 0)
			continue;
		str_clear(&name);
		(void)utf7_decode(&name, without_prefix(imap, r.name));
		for (size_t i = 0; i < name.len; i++)
			if (r.separator != '\0' && name.p[i] == r.separator)
				name.p[i] = '/';
		fn(ctx, str_view(&name), r.selectable);
	} while (!imap_is_end(imap, &r, &ok));
	str_free(&name);
	return 0;
}
