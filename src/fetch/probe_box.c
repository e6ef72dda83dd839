/* The encryption, the login, and what lies in the mailbox. */
#include <stdlib.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "base/time.h"
#include "fetch/fetch.h"
#include "fetch/imap.h"
#include "fetch/pop3.h"
#include "fetch/probe_private.h"

enum { FOLDERS_SHOWN = 30, FOLDERS_KEPT = 2000 };

static void tell_encryption(struct probe *p)
{
	const struct net_peer *peer = &p->facts->peer;
	int64_t days = (peer->not_after - time_now()) / TIME_DAY;

	if (p->box->tls == SETTINGS_TLS_NONE)
		fetch_probe_ok(p, PROBE_ENCRYPTION, "%s", _("none, as tls: none says"));
	else
		fetch_probe_ok(p, PROBE_ENCRYPTION,
			_("%s (%s); the certificate is for %s, issued by %s, and good for %lld "
			  "more days"),
			peer->version, peer->cipher,
			peer->names[0] != '\0' ? peer->names : peer->subject, peer->issuer,
			(long long)days);
}

/* The connection came to nothing: 0, told; -1: f. */
static int not_connected(struct probe *p, enum net_trouble trouble, struct fail *f)
{
	struct str detail;
	const char *code;

	if (trouble == NET_TROUBLE_CONF || f->kind == FAIL_CONF) {
		f->kind = FAIL_CONF;
		return -1;
	}
	str_init(&detail, PROBE_TEXT_MAX);
	code = fetch_probe_code(p, trouble, f, &detail);
	fetch_probe_failed(p, PROBE_ENCRYPTION, code, str_view(&detail));
	str_free(&detail);
	return 0;
}

/* What might be wrong with a name and a password depends on whose they are. */
static const char *code_of_refusal(const struct probe *p)
{
	if (p->box->token_command != NULL)
		return "login-token";
	if (p->provider == NULL)
		return "login-refused";
	if (p->provider->login == SETTINGS_PRESET_OAUTH)
		return "login-oauth";
	if (p->provider->enable == SETTINGS_PRESET_IMAP)
		return "login-enable";
	if (p->provider->login == SETTINGS_PRESET_APP_PASSWORD)
		return "login-app-password";
	if (p->provider->username == SETTINGS_PRESET_LOCAL_PART)
		return "login-local-part";
	return "login-refused";
}

static int not_let_in(
	struct probe *p, enum net_trouble trouble, const char *said, const struct fail *f)
{
	bool oauth = p->provider != NULL && p->provider->login == SETTINGS_PRESET_OAUTH &&
		     p->box->token_command == NULL;

	if (f->kind == FAIL_CONF)
		return -1;
	if (trouble == NET_TROUBLE_LOGIN && said[0] != '\0')
		fetch_probe_failed(p, PROBE_LOGIN, code_of_refusal(p), view_of(said));
	else if (trouble == NET_TROUBLE_LOGIN_LATER)
		fetch_probe_failed(p, PROBE_LOGIN, "login-later", view_of(said));
	else if (trouble == NET_TROUBLE_NO_AUTH)
		fetch_probe_failed(p, PROBE_LOGIN, oauth ? "login-oauth" : "login-none", VIEW(""));
	else if (trouble == NET_TROUBLE_LOGIN)
		fetch_probe_failed(p, PROBE_LOGIN, "login-refused", view_of(f->text));
	else
		fetch_probe_failed(p, PROBE_LOGIN, "broken", view_of(f->text));
	return 0;
}

static void let_in(struct probe *p, const char *kind)
{
	(void)snprintf(p->facts->login, sizeof p->facts->login, "%s", kind);
	if (p->box->token_command != NULL)
		fetch_probe_ok(p, PROBE_LOGIN, _("the server accepts %s and the token (by %s)"),
			p->box->username, kind);
	else
		fetch_probe_ok(p, PROBE_LOGIN, _("the server accepts %s and the password (by %s)"),
			p->box->username, kind);
}

static void count(struct probe *p, size_t messages)
{
	p->facts->counted = true;
	p->facts->messages = messages;
	fetch_probe_ok(p, PROBE_MESSAGES,
		_n("%zu message lies there", "%zu messages lie there", messages), messages);
}

/* A bounce comes back to returns+TOKEN@…, which not every provider delivers. */
static void tell_addresses(struct probe *p)
{
	const struct settings_identity *id = &p->p->settings->identity;
	ptrdiff_t at = id->bounce_address != NULL ? view_chr(view_of(id->bounce_address), '@') : -1;
	struct str detail;

	if (at <= 0) {
		fetch_probe_warn(p, PROBE_ADDRESSES, "no-bounce-address", VIEW(""));
		return;
	}
	if (!id->verp)
		return;
	str_init(&detail, PROBE_TEXT_MAX);
	(void)str_addf(&detail, "%.*s%ctest%s", (int)at, id->bounce_address,
		settings_separator_char(id->separator), id->bounce_address + at);
	fetch_probe_warn(p, PROBE_ADDRESSES, "subaddress", str_view(&detail));
	str_free(&detail);
}

/* --- IMAP ----------------------------------------------------------------- */

static void add_folder(void *ctx, struct view name, bool selectable)
{
	struct probe *p = ctx;
	char *copy;

	if (!selectable || p->facts->folders.len >= FOLDERS_KEPT)
		return;
	copy = mem_alloc(name.len + 1);
	memcpy(copy, name.p, name.len);
	*(char **)vec_push(&p->facts->folders) = copy;
}

static void add_folders(const struct probe *p, struct str *out)
{
	const struct vec *all = &p->facts->folders;

	for (size_t i = 0; i < all->len && i < FOLDERS_SHOWN; i++)
		(void)str_addf(out, "%s%s", i > 0 ? ", " : "", *(char **)vec_at(all, i));
	if (all->len > FOLDERS_SHOWN)
		(void)str_addf(out, _(", and %zu more"), all->len - FOLDERS_SHOWN);
}

static bool has_folder(const struct probe *p, const char *name)
{
	for (size_t i = 0; i < p->facts->folders.len; i++)
		if (strcmp(*(char **)vec_at(&p->facts->folders, i), name) == 0)
			return true;
	return false;
}

/* 1: it opens; 0: told; -1: f. */
static int try_folder(struct probe *p, struct imap *imap, struct fail *f)
{
	struct str detail;
	int got;

	if (imap_folders(imap, add_folder, p, f) < 0)
		return -1;
	got = imap_select(imap, false, f);
	if (got < 0)
		return -1;
	str_init(&detail, PROBE_TEXT_MAX);
	add_folders(p, &detail);
	if (got > 0)
		fetch_probe_ok(p, PROBE_FOLDER, _("%s can be read; there are: %s"), p->box->folder,
			detail.p);
	else if (has_folder(p, p->box->folder))
		fetch_probe_failed(p, PROBE_FOLDER, "folder-refused", str_view(&imap->words));
	else
		fetch_probe_failed(p, PROBE_FOLDER, "no-folder", str_view(&detail));
	str_free(&detail);
	return got;
}

/* The folders that messages are to be moved to, and whether they can be. */
static void try_moving(struct probe *p, const struct imap *imap)
{
	const struct settings_move *m = &p->box->move;
	const char *const all[] = {m->bounce, m->auto_reply, m->complaint, m->challenge, m->receipt,
		m->unsubscribe, m->other};
	struct str missing;
	size_t count = 0;

	str_init(&missing, PROBE_TEXT_MAX);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		count += all[i] != NULL;
		if (all[i] != NULL && !has_folder(p, all[i]))
			(void)str_addf(&missing, "%s%s", missing.len > 0 ? ", " : "", all[i]);
	}
	if (count > 0 && (imap->abilities & (IMAP_CAN_MOVE | IMAP_CAN_UIDPLUS)) == 0)
		fetch_probe_warn(p, PROBE_MOVING, "cannot-move", VIEW(""));
	else if (missing.len > 0)
		fetch_probe_ok(p, PROBE_MOVING,
			_("these folders are made when the first message "
			  "is moved there: %s"),
			missing.p);
	else if (count > 0)
		fetch_probe_ok(p, PROBE_MOVING, "%s", _("the folders to move to are there"));
	str_free(&missing);
}

static int imap_steps(struct probe *p, struct imap *imap, struct fail *f)
{
	const char *kind;
	int got;

	if (imap_connect(imap, &p->facts->peer, f) < 0)
		return not_connected(p, imap->trouble, f);
	tell_encryption(p);
	if (imap_login(imap, &kind, f) < 0)
		return not_let_in(p, imap->trouble, imap->refusal, f);
	let_in(p, kind);
	got = try_folder(p, imap, f);
	if (got > 0) {
		count(p, imap->exists);
		try_moving(p, imap);
		tell_addresses(p);
	} else if (got < 0 && f->kind != FAIL_CONF) {
		fetch_probe_failed(p, PROBE_FOLDER, "broken", view_of(f->text));
		got = 0;
	}
	return got < 0 ? -1 : 0;
}

int fetch_probe_imap(struct probe *p, struct fail *f)
{
	struct imap *imap = mem_alloc(sizeof *imap);
	int ret;

	imap_init(imap, p->box);
	ret = imap_steps(p, imap, f);
	imap_free(imap);
	free(imap);
	return ret;
}

/* --- POP3 ----------------------------------------------------------------- */

static int pop3_steps(struct probe *p, struct pop3 *pop3, struct fail *f)
{
	const struct settings_move *m = &p->box->move;
	const char *kind;
	uint32_t messages;

	if (pop3_connect(pop3, &p->facts->peer, f) < 0)
		return not_connected(p, pop3->trouble, f);
	tell_encryption(p);
	if (pop3_login(pop3, &kind, f) < 0)
		return not_let_in(p, pop3->trouble, pop3->refusal, f);
	let_in(p, kind);
	if (pop3_count(pop3, &messages, f) < 0) {
		fetch_probe_failed(p, PROBE_MESSAGES, "broken", view_of(f->text));
		return 0;
	}
	count(p, messages);
	if (m->bounce != NULL || m->auto_reply != NULL || m->complaint != NULL ||
		m->challenge != NULL || m->receipt != NULL || m->unsubscribe != NULL ||
		m->other != NULL)
		fetch_probe_warn(p, PROBE_MOVING, "pop3-moves", VIEW(""));
	tell_addresses(p);
	return 0;
}

int fetch_probe_pop3(struct probe *p, struct fail *f)
{
	struct pop3 *pop3 = mem_alloc(sizeof *pop3);
	int ret;

	pop3_init(pop3, p->box);
	ret = pop3_steps(p, pop3, f);
	pop3_free(pop3);
	free(pop3);
	return ret;
}

/* --- files ---------------------------------------------------------------- */

void fetch_probe_files(struct probe *p)
{
	struct fetch *fetch = NULL;
	struct fail f;

	if (fetch_open(p->box, VIEW(""), &fetch, &f) < 0) {
		fetch_probe_failed(p, PROBE_FOLDER,
			p->box->protocol == SETTINGS_PROTOCOL_MAILDIR ? "no-maildir" : "no-mbox",
			view_of(f.text));
		return;
	}
	fetch_probe_ok(p, PROBE_FOLDER, _("%s can be read"), p->box->path);
	if (p->box->protocol == SETTINGS_PROTOCOL_MAILDIR)
		count(p, fetch_total(fetch));
	fetch_close(&fetch);
	tell_addresses(p);
}
