#include "fetch/probe.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/i18n.h"
#include "base/time.h"
#include "fetch/probe_private.h"
#include "net/loop.h"
#include "net/reach.h"

void fetch_probe_facts_init(struct fetch_probe_facts *facts)
{
	*facts = (struct fetch_probe_facts){0};
	vec_init(&facts->addresses, sizeof(struct net_address));
	vec_init(&facts->folders, sizeof(char *));
}

void fetch_probe_facts_free(struct fetch_probe_facts *facts)
{
	for (size_t i = 0; i < facts->folders.len; i++)
		free(*(char **)vec_at(&facts->folders, i));
	vec_free(&facts->folders);
	vec_free(&facts->addresses);
}

/* --- name, connection, greeting ------------------------------------------- */

static bool find_name(struct probe *p)
{
	struct vec *found = &p->facts->addresses;
	enum net_lookup got = net_lookup(p->box->host, (uint16_t)p->box->port, found);
	struct str text;

	str_init(&text, PROBE_TEXT_MAX);
	for (size_t i = 0; i < found->len; i++)
		(void)str_addf(&text, "%s%s", i > 0 ? ", " : "",
			((const struct net_address *)vec_at(found, i))->text);
	if (got == NET_LOOKUP_FOUND && view_is(str_view(&text), p->box->host))
		fetch_probe_ok(
			p, PROBE_NAME, _("%s is an address, there is no name to look up"), text.p);
	else if (got == NET_LOOKUP_FOUND)
		fetch_probe_ok(p, PROBE_NAME, _("the address of %s is %s"), p->box->host, text.p);
	else
		fetch_probe_failed(p, PROBE_NAME,
			got == NET_LOOKUP_UNKNOWN ? "name-unknown" : "name-service", VIEW(""));
	str_free(&text);
	return got == NET_LOOKUP_FOUND;
}

/* A connection to the first address that answers: its descriptor, or -1 with *error. */
static int reach_any(struct probe *p, const char **where, int *error)
{
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < p->facts->addresses.len; i++) {
		const struct net_address *a = vec_at(&p->facts->addresses, i);

		*where = a->text;
		fd = net_reach(a, PROBE_PATIENCE_MS);
		if (fd < 0)
			*error = errno;
	}
	return fd;
}

static int connect_to(struct probe *p)
{
	int64_t began = time_monotonic();
	const char *where = "";
	int error = EHOSTUNREACH, fd = reach_any(p, &where, &error);

	if (fd >= 0)
		fetch_probe_ok(p, PROBE_CONNECTION, _("%s answers on port %u after %lld ms"), where,
			p->box->port, (long long)(time_monotonic() - began));
	else
		fetch_probe_failed(p, PROBE_CONNECTION,
			error == ECONNREFUSED ? "refused"
			: error == ETIMEDOUT  ? "timeout"
					      : "unreachable",
			view_of(p->facts->addresses.len > 1 ? _("all its addresses were tried")
							    : where));
	return fd;
}

/* NULL for the greeting of such a server, else a code. */
static const char *greeting_code(const struct probe *p, const char *line)
{
	bool imap = p->box->protocol == SETTINGS_PROTOCOL_IMAP;
	struct view v = view_of(line);

	if (view_starts_nocase(v, imap ? VIEW("* OK") : VIEW("+OK")) ||
		view_starts_nocase(v, VIEW("* PREAUTH")))
		return NULL;
	if (view_starts_nocase(v, imap ? VIEW("* BYE") : VIEW("-ERR")))
		return "busy";
	if (view_starts_nocase(v, imap ? VIEW("+OK") : VIEW("* OK")))
		return imap ? "is-pop3" : "is-imap";
	return "not-mailbox";
}

/* Would the server answer with encryption from the first byte on? */
static bool speaks_tls(struct probe *p)
{
	struct net_peer peer = {0};
	const struct net_params params = {.protocol = NET_IMAP,
		.host = p->box->host,
		.port = (uint16_t)p->box->port,
		.tls = NET_TLS_IMPLICIT,
		.connect_timeout = PROBE_PATIENCE_MS,
		.peer = &peer};
	struct fail f;
	struct net_loop *loop = net_loop_new(&f);
	struct net_conn *conn = loop != NULL ? net_conn_open(loop, &params, &f) : NULL;

	while (conn != NULL && !peer.seen && net_conn_state(conn) == NET_CONNECTING)
		if (net_loop_run(loop, PROBE_PATIENCE_MS, &f) < 0)
			break;
	net_conn_close(&conn);
	net_loop_free(&loop);
	return peer.seen;
}

static bool hear_greeting(struct probe *p, int fd)
{
	char line[PROBE_LINE_MAX];
	int got = net_hear(fd, PROBE_PATIENCE_MS, line, sizeof line);
	const char *code = got > 0 ? greeting_code(p, line) : got < 0 ? "closed" : "silent";

	if (code == NULL) {
		fetch_probe_ok(p, PROBE_GREETING, "%s", line);
		return true;
	}
	if (got <= 0 && speaks_tls(p))
		code = "mode-implicit";
	fetch_probe_failed(p, PROBE_GREETING, code, got > 0 ? view_of(line) : VIEW(""));
	return false;
}

/* --- why a connection came to nothing ------------------------------------- */

static const char *certificate_dates(const struct net_peer *peer, struct str *detail)
{
	bool early = peer->seen && peer->not_before > time_now();
	char text[TIME_ISO_SIZE];

	if (peer->seen) {
		time_iso(early ? peer->not_before : peer->not_after, text);
		(void)str_addf(detail, _("on %.10s"), text);
	}
	return early ? "cert-early" : "cert-expired";
}

/* tls: implicit on a port that begins in clear text: it speaks where TLS was awaited. */
static bool begins_in_clear(struct probe *p)
{
	char line[PROBE_LINE_MAX];
	const char *where = "";
	int error = 0, fd, got;

	if (p->box->tls != SETTINGS_TLS_IMPLICIT || p->facts->peer.seen)
		return false;
	fd = reach_any(p, &where, &error);
	if (fd < 0)
		return false;
	got = net_hear(fd, PROBE_PATIENCE_MS, line, sizeof line);
	(void)close(fd);
	return got > 0 && greeting_code(p, line) == NULL;
}

static const char *code_of_tls(const struct net_peer *peer, struct str *detail)
{
	(void)str_addz(detail, peer->alert[0] != '\0' ? peer->alert : _("no answer"));
	return strcmp(peer->alert, "protocol version") == 0 ? "tls-old" : "tls-failed";
}

const char *fetch_probe_code(
	struct probe *p, enum net_trouble trouble, const struct fail *f, struct str *detail)
{
	const struct net_peer *peer = &p->facts->peer;

	switch (trouble) {
	case NET_TROUBLE_NO_STARTTLS:
	case NET_TROUBLE_STARTTLS_LATER:
		return "no-starttls";
	case NET_TROUBLE_INJECTED:
		return "injected";
	case NET_TROUBLE_CERT:
		(void)str_addz(detail, peer->issuer);
		return peer->self_signed ? "cert-self" : "cert-unknown";
	case NET_TROUBLE_CERT_DATE:
		return certificate_dates(peer, detail);
	case NET_TROUBLE_CERT_NAME:
		(void)str_addz(detail, peer->names[0] != '\0' ? peer->names : peer->subject);
		return "cert-name";
	case NET_TROUBLE_GREETING:
		(void)str_addz(detail, f->text);
		return "busy";
	case NET_TROUBLE_CLIENT_CERT:
		return "client-cert";
	case NET_TROUBLE_TLS:
	case NET_TROUBLE_NETWORK:
	case NET_TROUBLE_TIMEOUT:
		if (begins_in_clear(p))
			return "mode-starttls";
		if (trouble == NET_TROUBLE_TLS)
			return code_of_tls(peer, detail);
		return trouble == NET_TROUBLE_TIMEOUT ? "later" : "broken";
	default:
		(void)str_addz(detail, f->text);
		return "broken";
	}
}

/* --- the whole ------------------------------------------------------------ */

static int probe_server(struct probe *p, struct fail *f)
{
	bool good = true;
	int fd;

	if (!find_name(p))
		return 0;
	fd = connect_to(p);
	if (fd < 0)
		return 0;
	/* With implicit TLS it is the client that has the first word. */
	if (p->box->tls != SETTINGS_TLS_IMPLICIT)
		good = hear_greeting(p, fd);
	(void)close(fd);
	if (!good)
		return 0;
	return p->box->protocol == SETTINGS_PROTOCOL_IMAP ? fetch_probe_imap(p, f)
							  : fetch_probe_pop3(p, f);
}

int fetch_probe_run(
	const struct fetch_probe *probe, struct fetch_probe_facts *facts, struct fail *f)
{
	const struct settings_mailbox *box = probe->box;
	struct probe p = {.p = probe, .box = box, .facts = facts};
	int ret = 0;

	p.presets = settings_presets_new();
	if (box->preset != NULL)
		p.provider = settings_presets_find(p.presets, view_of(box->preset));
	if (p.provider == NULL && box->host != NULL)
		p.provider = settings_presets_of_host(p.presets, box->host);
	if (box->protocol == SETTINGS_PROTOCOL_IMAP || box->protocol == SETTINGS_PROTOCOL_POP3)
		ret = probe_server(&p, f);
	else
		fetch_probe_files(&p);
	settings_presets_free(&p.presets);
	return ret < 0 ? -1 : p.failed;
}
