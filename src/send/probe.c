#include <errno.h>
#include <time.h>
#include <unistd.h>
#include "base/i18n.h"
#include "base/time.h"
#include "mail/domain.h"
#include "net/reach.h"
#include "send/probe_private.h"

enum { PROBE_PORT_SERVERS = 25, PROBE_READY = 220 };

void send_probe_facts_init(struct send_probe_facts *facts)
{
	*facts = (struct send_probe_facts){0};
	vec_init(&facts->addresses, sizeof(struct net_address));
}

void send_probe_facts_free(struct send_probe_facts *facts)
{
	vec_free(&facts->addresses);
}

static void shorten(unsigned *ms)
{
	if (*ms == 0 || *ms > PROBE_PATIENCE_MS)
		*ms = PROBE_PATIENCE_MS;
}

/* The host as DNS knows it: without brackets, an international name encoded. */
static void ascii_host(const char *host, struct str *out)
{
	struct view name = view_of(host);
	struct fail f;

	if (view_starts(name, VIEW("[")) && view_ends(name, VIEW("]")))
		name = view_sub(name, 1, name.len - 2);
	for (size_t i = 0; i < name.len; i++)
		if ((name.p[i] & 0x80) != 0 && domain_ascii(name, out, &f) == 0)
			return;
	str_clear(out);
	(void)str_addv(out, name);
}

static bool find_name(struct probe *p)
{
	struct vec *found = &p->facts->addresses;
	struct str text;
	enum net_lookup got;

	str_init(&text, PROBE_TEXT_MAX);
	ascii_host(p->relay.host, &text);
	got = net_lookup(text.p, (uint16_t)p->relay.port, found);
	str_clear(&text);
	for (size_t i = 0; i < found->len; i++)
		(void)str_addf(&text, "%s%s", i > 0 ? ", " : "",
			((const struct net_address *)vec_at(found, i))->text);
	if (got == NET_LOOKUP_FOUND && strcmp(text.p, p->relay.host) == 0)
		probe_ok(p, PROBE_NAME, _("%s is an address, there is no name to look up"), text.p);
	else if (got == NET_LOOKUP_FOUND)
		probe_ok(p, PROBE_NAME, _("the address of %s is %s"), p->relay.host, text.p);
	else
		probe_failed(p, PROBE_NAME,
			got == NET_LOOKUP_UNKNOWN ? "name-unknown" : "name-service", VIEW(""));
	str_free(&text);
	return got == NET_LOOKUP_FOUND;
}

static const char *code_of_errno(const struct probe *p, int error)
{
	switch (error) {
	case ECONNREFUSED:
		return "refused";
	case ETIMEDOUT:
		return p->relay.port == PROBE_PORT_SERVERS ? "timeout-25" : "timeout";
	default:
		return "unreachable";
	}
}

/* A connection to the first address that answers: its descriptor, or -1 with *error. */
static int reach_any(struct probe *p, const char **where, int *error)
{
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < p->facts->addresses.len; i++) {
		const struct net_address *a = vec_at(&p->facts->addresses, i);

		*where = a->text;
		fd = net_reach(a, (int)p->relay.timeouts.connect);
		if (fd < 0)
			*error = errno;
	}
	return fd;
}

static int64_t microseconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int connect_to(struct probe *p)
{
	int64_t began = microseconds();
	const char *where = "";
	int error = EHOSTUNREACH, fd = reach_any(p, &where, &error);

	p->connect_us = microseconds() - began;
	if (fd >= 0)
		probe_ok(p, PROBE_CONNECTION, _("%s answers on port %u after %lld ms"), where,
			p->relay.port, (long long)(p->connect_us + 999) / 1000);
	else
		probe_failed(p, PROBE_CONNECTION, code_of_errno(p, error),
			view_of(p->facts->addresses.len > 1 ? _("all its addresses were tried")
							    : where));
	return fd;
}

const char *probe_greeting_code(const char *line)
{
	uint64_t code;

	if (!view_u64(view_sub(view_of(line), 0, 3), 999, &code) || code < 200 || code > 599)
		return "not-smtp";
	if (code == PROBE_READY)
		return NULL;
	return code / 100 == 4 ? "busy" : "blocked";
}

int probe_hear(struct probe *p, char *line, size_t size)
{
	const char *where = "";
	int error = 0, fd = reach_any(p, &where, &error), got = -2;

	if (fd < 0)
		return got;
	got = net_hear(fd, (int)p->relay.timeouts.greeting, line, size);
	(void)close(fd);
	return got;
}

/* The greeting in clear text, by a connection of its own; it parts in peace. */
static bool hear_greeting(struct probe *p, int fd)
{
	static const char quit[] = "QUIT\r\n";
	char line[PROBE_LINE_MAX], rest[PROBE_LINE_MAX];
	int got = net_hear(fd, (int)p->relay.timeouts.greeting, line, sizeof line);
	const char *code = got > 0 ? probe_greeting_code(line) : got < 0 ? "closed" : "silent";

	if (code == NULL) {
		probe_ok(p, PROBE_GREETING, "%s", line);
		if (send(fd, quit, sizeof quit - 1, MSG_NOSIGNAL) > 0)
			(void)net_hear(fd, (int)p->relay.timeouts.greeting, rest, sizeof rest);
		return true;
	}
	if (got <= 0 && probe_speaks_tls(p))
		code = "mode-implicit";
	probe_failed(p, PROBE_GREETING, code, got > 0 ? view_of(line) : VIEW(""));
	return false;
}

static int probe_server(struct probe *p, struct fail *f)
{
	int fd;
	bool good = true;

	/* These first steps go straight to the server, which a proxy or an address of our own
	 * does not. */
	if (p->relay.proxy != NULL) {
		probe_ok(p, PROBE_CONNECTION, "%s", _("it is the proxy that makes it"));
		return probe_smtp(p, f);
	}
	if (!find_name(p))
		return 0;
	if (p->relay.source_address != NULL)
		return probe_smtp(p, f);
	fd = connect_to(p);
	if (fd < 0)
		return 0;
	/* With implicit TLS it is the client that has the first word. */
	if (p->relay.tls != SETTINGS_TLS_IMPLICIT)
		good = hear_greeting(p, fd);
	(void)close(fd);
	return good ? probe_smtp(p, f) : 0;
}

int send_probe_run(const struct send_probe *probe, struct send_probe_facts *facts, struct fail *f)
{
	struct probe p = {.p = probe, .facts = facts, .relay = *probe->relay};
	struct settings_timeouts *t = &p.relay.timeouts;
	int ret = 0;

	p.provider = settings_relay_provider(probe->settings, probe->relay);
	p.relay.pipeline = SETTINGS_PIPELINE_CAREFUL;
	shorten(&t->connect);
	shorten(&t->greeting);
	shorten(&t->mail);
	if (probe->relay->type == SETTINGS_RELAY_MAILDIR)
		probe_folder(&p);
	else
		ret = probe_server(&p, f);
	return ret < 0 ? -1 : p.failed;
}
