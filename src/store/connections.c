#include "store/connections.h"
#include <assert.h>
#include "store/delivery_private.h"

enum { CONNECTIONS_SCOPE_MAX = 200 };

/* What the others have, and how many of them want some; and what our own row says. */
struct others {
	int64_t held, rivals;
	int64_t mine; /* -1: there is none */
	bool wanted;
	struct vec dead; /* int64_t: senders */
};

static void read_row(const struct store_sender *t, struct db_stmt *stmt, struct others *o)
{
	enum { ID, HELD, WANTS = 4, SENDER = 6 };

	if (db_int(stmt, ID) == t->id) {
		o->mine = db_int(stmt, HELD);
		o->wanted = db_int(stmt, WANTS) != 0;
		return;
	}
	if (store_sender_row_life(stmt, SENDER, &t->self, t->now) != SENDER_ALIVE) {
		*(int64_t *)vec_push(&o->dead) = db_int(stmt, ID);
		return;
	}
	o->held += db_int(stmt, HELD);
	o->rivals += db_int(stmt, WANTS);
}

static int read_others(
	const struct store_sender *t, struct view scope, struct others *o, struct fail *f)
{
	struct db_stmt *stmt = store_ask(t->s, Q_QUOTA_HOLDS, STORE_ARGS(store_text(scope)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0)
		read_row(t, stmt, o);
	for (size_t i = 0; step == 0 && i < o->dead.len; i++)
		step = store_do(t->s, Q_QUOTA_HOLD_DELETE,
			STORE_ARGS(store_text(scope), store_int(*(int64_t *)vec_at(&o->dead, i))),
			f);
	return step;
}

/* An equal part, rounded up, of which only what the others do not have can be given. */
static int64_t part(const struct store_connections *c, const struct others *o)
{
	int64_t most = (int64_t)c->most, left = most - o->held;
	int64_t mine = c->wants ? (most + o->rivals) / (o->rivals + 1) : (int64_t)c->used;

	if (mine > left)
		mine = left;
	return mine > 0 ? mine : 0;
}

static size_t more(size_t a, size_t b)
{
	return a > b ? a : b;
}

static int share(struct store_sender *t, struct view scope, const struct store_connections *c,
	size_t *n, struct fail *f)
{
	struct others o = {.mine = -1};
	int64_t held;
	int ret;

	vec_init(&o.dead, sizeof(int64_t));
	ret = read_others(t, scope, &o, f);
	vec_free(&o.dead);
	if (ret < 0)
		return -1;
	*n = (size_t)part(c, &o);
	/* Until the end of the turn it may open what it was told before. */
	held = (int64_t)more(*n, more(c->told, c->used));
	if (held == o.mine && c->wants == o.wanted)
		return 0;
	return store_do(t->s, Q_QUOTA_HOLD,
		STORE_ARGS(store_text(scope), store_int(t->id), store_int(held), store_int(0),
			store_int(0), store_int(c->wants), store_int(0)),
		f);
}

int store_turn_connections(
	struct store_sender *sender, const struct store_connections *c, size_t *n, struct fail *f)
{
	struct str scope;
	int ret;

	assert(sender->in_turn);
	/* No name of a relay, or of a part of it, has this sign. */
	str_init(&scope, CONNECTIONS_SCOPE_MAX);
	(void)str_addf(&scope, "%.*s#", VIEW_ARG(c->relay));
	ret = share(sender, str_view(&scope), c, n, f);
	str_free(&scope);
	return ret;
}
