/* What the dialogue itself costs: a session and a server in memory that says yes,
 * no socket, no clock, no disk.
 *
 *	bench_session [data|bdat|lockstep] [MESSAGES [OCTETS]]
 *
 * Prints time and round trips per message; run it under perf for where the time goes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/fail.h"
#include "base/str.h"
#include "smtp/session.h"

enum { MESSAGES = 500000, OCTETS = 2048, LINE = 76, SAY_MAX = 1 << 20 };

struct server {
	struct str say;
	struct view in;
	bool in_data;
	size_t chunk; /* octets of BDAT still to come */
	const char *hello;
	unsigned long accepted;
};

static void accept_message(struct server *v)
{
	v->accepted++;
	(void)str_addv(&v->say, VIEW("250 2.0.0 Ok: queued as 4T9XyZ1abcz5Kd2\r\n"));
}

static void command(struct server *v, struct view line)
{
	if (view_starts(line, VIEW("BDAT "))) {
		v->chunk = strtoul(line.p + 5, NULL, 10);
		if (v->chunk == 0)
			accept_message(v);
	} else if (view_starts(line, VIEW("DATA"))) {
		v->in_data = true;
		(void)str_addv(&v->say, VIEW("354 End data with <CR><LF>.<CR><LF>\r\n"));
	} else if (view_starts(line, VIEW("EHLO"))) {
		(void)str_addz(&v->say, v->hello);
	} else if (view_starts(line, VIEW("RCPT"))) {
		(void)str_addv(&v->say, VIEW("250 2.1.5 Ok\r\n"));
	} else {
		(void)str_addv(&v->say, VIEW("250 2.1.0 Ok\r\n"));
	}
}

/* After the line of a lone dot; 0: not there. */
static size_t end_of_data(struct view in)
{
	static const char end[] = "\r\n.\r\n";
	const char *p = in.p, *stop = in.p + in.len;

	while ((p = memchr(p, '.', (size_t)(stop - p))) != NULL) {
		if (p - in.p >= 2 && stop - p >= 3 && memcmp(p - 2, end, sizeof end - 1) == 0)
			return (size_t)(p - in.p) + 3;
		p++;
	}
	return 0;
}

/* The session gives whole messages and whole commands in one piece here. */
static void serve(struct server *v, struct view in)
{
	while (in.len > 0) {
		if (v->chunk > 0) {
			size_t n = v->chunk < in.len ? v->chunk : in.len;

			v->chunk -= n;
			in = view_from(in, n);
			if (v->chunk == 0)
				accept_message(v);
		} else if (v->in_data) {
			size_t n = end_of_data(in);

			if (n == 0)
				return;
			in = view_from(in, n);
			v->in_data = false;
			accept_message(v);
		} else {
			size_t n = (size_t)view_chr(in, '\n') + 1;

			command(v, view_sub(in, 0, n));
			in = view_from(in, n);
		}
	}
}

struct client {
	struct smtp_session *s;
	struct smtp_message m;
	unsigned long submitted, done, limit, turns;
};

static void events(struct client *c)
{
	struct smtp_event ev;

	while (smtp_session_event(c->s, &ev)) {
		if (ev.kind == SMTP_EVENT_READY)
			smtp_session_commit(c->s, ev.id);
		else if (ev.kind == SMTP_EVENT_DONE)
			c->done += ev.outcome == SMTP_ACCEPTED;
		else if (ev.kind == SMTP_EVENT_CLOSED)
			abort();
		while (c->submitted < c->limit && smtp_session_room(c->s) > 0) {
			c->m.id = ++c->submitted;
			smtp_session_submit(c->s, &c->m);
		}
	}
}

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run(struct client *c, struct server *v)
{
	while (c->done < c->limit) {
		struct view out = smtp_session_output(c->s);

		serve(v, out);
		smtp_session_written(c->s, out.len);
		smtp_session_feed(c->s, str_view(&v->say));
		events(c);
		str_clear(&v->say);
		c->turns++;
	}
}

static char *content(size_t octets)
{
	char *p = malloc(octets);

	memset(p, 'x', octets);
	for (size_t at = 0; at < octets; at += LINE) {
		size_t end = octets - at < 2 * LINE ? octets : at + LINE;

		memcpy(p + end - 2, "\r\n", 2);
		if (end == octets)
			break;
	}
	return p;
}

int main(int argc, char **argv)
{
	const struct view rcpt = VIEW("anne-marie.dupont.0012345@example.org");
	const char *mode = argc > 1 ? argv[1] : "data";
	size_t octets = argc > 3 ? strtoul(argv[3], NULL, 10) : OCTETS;
	struct server v = {
		.hello = "250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 1000000\r\n"};
	struct smtp_session_params params = {.helo = VIEW("client.example.org")};
	struct client c = {.limit = argc > 2 ? strtoul(argv[2], NULL, 10) : MESSAGES};
	struct fail f;
	char *data = content(octets);
	double start, took;

	if (strcmp(mode, "bdat") == 0)
		v.hello = "250-mx\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-8BITMIME\r\n250 SIZE "
			  "1000000\r\n";
	else if (strcmp(mode, "lockstep") == 0)
		v.hello = "250-mx\r\n250-8BITMIME\r\n250 SIZE 1000000\r\n";
	str_init(&v.say, SAY_MAX);
	c.m = (struct smtp_message){.from = VIEW("bounces+0123456789abcdef@lists.example.org"),
		.rcpts = &rcpt,
		.rcpt_count = 1,
		.data = view_make(data, octets)};
	c.s = smtp_session_new(&params, 0, &f);
	start = seconds();
	run(&c, &v);
	took = seconds() - start;
	printf("%s: %lu messages of %zu octets, %.3f us and %.3f round trips each\n", mode, c.done,
		octets, took * 1e6 / (double)c.done, (double)c.turns / (double)c.done);
	smtp_session_free(&c.s);
	str_free(&v.say);
	free(data);
	return 0;
}
