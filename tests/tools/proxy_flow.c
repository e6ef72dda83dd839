#include "tools/proxy.h"
#include <errno.h>
#include <inttypes.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "base/mem.h"

/* --- the end of a connection --- */

static void report(const struct link *l)
{
	const struct flow *up = &l->flow[UP], *down = &l->flow[DOWN];

	printf("{\"connection\":%" PRIu64 ",\"up\":%" PRIu64 ",\"down\":%" PRIu64
	       ",\"up_came\":%" PRIu64 ",\"down_came\":%" PRIu64 ",\"end\":\"%s\"}\n",
		l->number, up->passed, down->passed, up->came, down->came, l->over);
	(void)fflush(stdout);
}

static void set_reset(int fd)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/* Unread bytes would turn the close into a reset; they count as having come. */
static void drain(struct flow *f)
{
	ssize_t got;

	while ((got = recv(f->src->fd, proxy.buffer, READ_SIZE, MSG_DONTWAIT)) > 0)
		f->came += (uint64_t)got;
}

void link_end(struct link *l, const char *why, bool reset)
{
	if (l->over != NULL)
		return;
	l->over = why;
	for (int i = 0; i < 2; i++) {
		if (l->side[i].fd < 0)
			continue;
		drain(&l->flow[i]);
		if (reset)
			set_reset(l->side[i].fd);
		(void)close(l->side[i].fd);
	}
	report(l);
}

void link_free(struct link *l)
{
	for (int way = 0; way < WAYS; way++) {
		for (struct chunk *c = l->flow[way].head, *next; c != NULL; c = next) {
			next = c->next;
			free(c);
		}
	}
	free(l);
}

/* --- rules --- */

/* The next one that waits for this flow, or NULL: of two at the same byte the first. */
static struct rule *rule_ahead(const struct flow *f)
{
	struct rule *best = NULL;

	for (size_t i = 0; i < proxy.rule_count; i++) {
		struct rule *r = &proxy.rules[i];
		const struct link *l = f->src->link;

		if (f != &l->flow[r->way] || f->fired[i] || r->at < f->passed)
			continue;
		if (r->connection != 0 && r->connection != l->number)
			continue;
		if (best == NULL || r->at < best->at)
			best = r;
	}
	return best;
}

static void fire(struct flow *f, const struct rule *r)
{
	struct link *l = f->src->link;

	f->fired[r - proxy.rules] = true;
	if (r->kind == RULE_STALL) {
		f->held_until = r->every == NEVER ? NEVER : proxy.now + r->every;
	} else if (r->kind == RULE_TRICKLE) {
		f->amount = f->quota = r->amount;
		f->every = r->every;
	} else if (r->kind == RULE_HALF) {
		l->cut = f->done = f->deaf = true;
		(void)shutdown(f->dst->fd, SHUT_WR);
	} else {
		link_end(l, "cut", r->kind == RULE_RST);
	}
}

/* How many bytes may pass before the next rule; fires those that are due. A rule that cuts
 * waits until the receiver has acknowledged everything, so that it has got just so much. */
static uint64_t allowance(struct flow *f)
{
	const struct rule *r;

	while ((r = rule_ahead(f)) != NULL && r->at == f->passed) {
		int unsent = 0;

		if (f->passed > 0 && ioctl(f->dst->fd, TIOCOUTQ, &unsent) == 0 && unsent > 0) {
			f->held_until = proxy.now + MS;
			return 0;
		}
		fire(f, r);
		if (f->src->link->over != NULL || f->done || f->held_until > proxy.now)
			return 0;
	}
	return r == NULL ? NEVER : r->at - f->passed;
}

/* --- bytes in, bytes out --- */

static void queue_add(struct flow *f, size_t len)
{
	struct chunk *c = mem_alloc(sizeof *c + len);

	memcpy(c->data, proxy.buffer, len);
	c->len = len;
	c->due = proxy.now + proxy.delay;
	*f->tail = c;
	f->tail = &c->next;
	f->queued += len;
}

static void take_in(struct flow *f)
{
	while (f->src->readable && !f->eof && f->queued < QUEUE_MAX) {
		ssize_t got = recv(f->src->fd, proxy.buffer, READ_SIZE, MSG_DONTWAIT);

		if (got > 0) {
			f->came += (uint64_t)got;
			if (!f->deaf)
				queue_add(f, (size_t)got);
		} else if (got < 0 && errno == EAGAIN) {
			f->src->readable = false;
		} else if (got == 0 || errno != EINTR) {
			f->eof = true;
			f->reset = got < 0;
			f->eof_due = proxy.now + proxy.delay;
		}
	}
}

static void queue_drop(struct flow *f, size_t len)
{
	f->queued -= len;
	while (len > 0) {
		struct chunk *c = f->head;
		size_t part = c->len - c->off < len ? c->len - c->off : len;

		c->off += part;
		len -= part;
		if (c->off < c->len)
			return;
		f->head = c->next;
		if (f->head == NULL)
			f->tail = &f->head;
		free(c);
	}
}

/* What is due, up to `most` bytes, in one write; false when there is no more to do now. */
static bool write_due(struct flow *f, uint64_t most)
{
	struct iovec iov[PIECES_MAX];
	struct msghdr m = {.msg_iov = iov};
	ssize_t sent;

	for (struct chunk *c = f->head;
		c != NULL && c->due <= proxy.now && most > 0 && m.msg_iovlen < PIECES_MAX;
		c = c->next) {
		size_t len = c->len - c->off < most ? c->len - c->off : (size_t)most;

		iov[m.msg_iovlen++] = (struct iovec){.iov_base = c->data + c->off, .iov_len = len};
		most -= len;
	}
	if (m.msg_iovlen == 0)
		return false;
	sent = sendmsg(f->dst->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && errno == EAGAIN) {
		f->dst->writable = false;
	} else if (sent < 0 && errno != EINTR) { /* the way back ends the connection */
		f->done = f->deaf = true;
		queue_drop(f, f->queued);
	} else if (sent > 0) {
		f->passed += (uint64_t)sent;
		queue_drop(f, (size_t)sent);
	}
	return sent > 0 || (sent < 0 && errno == EINTR);
}

/* Once a trickle has passed its bytes the flow is held; false while nothing may pass. */
static bool trickled(struct flow *f, uint64_t before)
{
	if (f->amount == 0)
		return true;
	f->quota -= f->passed - before;
	if (f->quota > 0)
		return true;
	f->quota = f->amount;
	f->held_until = proxy.now + f->every;
	return false;
}

static void pass_end_on(struct flow *f)
{
	if (!f->eof || f->done || f->head != NULL || f->eof_due > proxy.now)
		return;
	if (f->reset) {
		link_end(f->src->link, "reset", true);
		return;
	}
	f->done = true;
	(void)shutdown(f->dst->fd, SHUT_WR);
}

static void pass_on(struct flow *f)
{
	while (!f->done && f->dst->writable && f->held_until <= proxy.now) {
		uint64_t before = f->passed, most = allowance(f);

		if (most == 0)
			return;
		if (f->amount > 0 && f->quota < most)
			most = f->quota;
		if (!write_due(f, most) || !trickled(f, before))
			break;
	}
	if (f->src->link->over == NULL && f->held_until <= proxy.now)
		pass_end_on(f);
}

/* Nothing will ever pass again. */
static bool finished(const struct flow *f)
{
	return f->eof && (f->done || f->held_until == NEVER);
}

void link_run(struct link *l)
{
	for (int way = 0; way < WAYS && l->over == NULL; way++) {
		take_in(&l->flow[way]);
		if (l->over == NULL)
			pass_on(&l->flow[way]);
	}
	if (l->over == NULL && finished(&l->flow[UP]) && finished(&l->flow[DOWN]))
		link_end(l, l->cut ? "cut" : "ends", false);
}

/* When this flow has something to do by itself. */
static uint64_t flow_due(const struct flow *f)
{
	uint64_t due = NEVER;

	if (f->done || !f->dst->writable)
		return NEVER;
	if (f->head != NULL)
		due = f->head->due;
	else if (f->eof)
		due = f->eof_due;
	if (f->held_until == NEVER)
		return NEVER;
	if (f->held_until <= proxy.now)
		return due;
	/* A held flow may wait for a rule although nothing more has come. */
	return due == NEVER || f->held_until > due ? f->held_until : due;
}

uint64_t link_due(const struct link *l)
{
	uint64_t up = flow_due(&l->flow[UP]), down = flow_due(&l->flow[DOWN]);

	return up < down ? up : down;
}
