#include "store/store_private.h"
#include <assert.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "store/migrations.h"

struct store_arg store_int(int64_t n)
{
	return (struct store_arg){STORE_INT, n, {NULL, 0}};
}

struct store_arg store_text(struct view v)
{
	return (struct store_arg){STORE_TEXT, 0, v.p != NULL ? v : VIEW("")};
}

struct store_arg store_blob(const void *p, size_t len)
{
	return (struct store_arg){STORE_BLOB, 0, view_make(p, len)};
}

struct store_arg store_id_or_null(int64_t id)
{
	return (struct store_arg){id != 0 ? STORE_INT : STORE_NULL, id, {NULL, 0}};
}

static void bind(struct db_stmt *stmt, const struct store_arg *args)
{
	for (int n = 1; args != NULL && args->kind != STORE_END; n++, args++) {
		if (args->kind == STORE_INT)
			db_bind_int(stmt, n, args->number);
		else if (args->kind == STORE_TEXT)
			db_bind_text(stmt, n, args->bytes);
		else if (args->kind == STORE_BLOB)
			db_bind_blob(stmt, n, args->bytes);
		else
			db_bind_null(stmt, n);
	}
}

struct db_stmt *store_ask(
	struct store *s, enum store_query q, const struct store_arg *args, struct fail *f)
{
	if (s->stmts[q] == NULL && db_prepare(s->db, store_sql[q], &s->stmts[q], f) < 0)
		return NULL;
	bind(s->stmts[q], args);
	return s->stmts[q];
}

struct db_stmt *store_walk(
	struct store *s, enum store_query q, const struct store_arg *args, struct fail *f)
{
	struct db_stmt *stmt = NULL;

	if (db_prepare(s->db, store_sql[q], &stmt, f) == 0)
		bind(stmt, args);
	return stmt;
}

int store_do(struct store *s, enum store_query q, const struct store_arg *args, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, q, args, f);
	int step;

	if (stmt == NULL)
		return -1;
	while ((step = db_step(stmt, f)) > 0)
		;
	return step;
}

int store_number(struct store *s, enum store_query q, const struct store_arg *args, int64_t *out,
	struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, q, args, f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	if (step <= 0)
		return step;
	*out = db_int(stmt, 0);
	db_reset(stmt);
	return 1;
}

int store_begin(struct store *s, const char *file, int line, struct fail *f)
{
	s->tail_known = false;
	return db_begin(s->db, file, line, f);
}

int store_end(struct store *s, int ret, struct fail *f)
{
	s->tail_known = false;
	if (ret < 0) {
		db_rollback(s->db);
		return -1;
	}
	return db_commit(s->db, f) < 0 ? -1 : ret;
}

int store_read_begin(struct store *s, struct fail *f)
{
	return db_begin_read(s->db, f);
}

void store_read_end(struct store *s)
{
	db_rollback(s->db);
}

int store_next_id(struct store *s, const char *sequence, int64_t *id, struct fail *f)
{
	int got =
		store_number(s, Q_SEQUENCE_NEXT, STORE_ARGS(store_text(view_of(sequence))), id, f);

	if (got == 0)
		return fail_set(f, FAIL_STORE,
			_("the database has lost its sequence \"%s\": go back to the last backup"),
			sequence);
	return got < 0 ? -1 : 0;
}

/* A value of meta that has exactly this length. */
static int read_meta(struct store *s, const char *name, void *out, size_t len, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_META_GET, STORE_ARGS(store_text(view_of(name))), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;
	struct view value = step > 0 ? db_blob(stmt, 0) : VIEW("");

	if (step < 0)
		return -1;
	if (value.len == len)
		memcpy(out, value.p, len);
	if (step > 0)
		db_reset(stmt);
	if (value.len == len)
		return 0;
	return fail_set(f, FAIL_STORE,
		_("the database is damaged, it has lost its \"%s\": go back to the last backup"),
		name);
}

static char *witness_path(const char *path)
{
	static const char end[] = "-sent";
	size_t len = strlen(path);
	char *out = mem_alloc(len + sizeof end);

	memcpy(out, path, len);
	memcpy(out + len, end, sizeof end);
	return out;
}

int store_open(const char *path, enum store_access access, struct store **out, struct fail *f)
{
	enum db_flags flags = access == STORE_CREATE ? DB_CREATE
			      : access == STORE_READ ? DB_READONLY
						     : 0;
	struct store *s = mem_alloc(sizeof *s);

	str_init(&s->data, STORE_DATA_MAX);
	s->digest = digest_new();
	s->witness = witness_path(path);
	if (db_open(path, flags, &s->db, f) < 0 || store_migrate(s, access != STORE_READ, f) < 0 ||
		read_meta(s, "instance", s->instance, STORE_INSTANCE_SIZE, f) < 0 ||
		read_meta(s, "token_key", s->token_key, STORE_TOKEN_KEY_SIZE, f) < 0) {
		store_close(&s);
		return -1;
	}
	*out = s;
	return 0;
}

void store_close(struct store **store)
{
	struct store *s = *store;

	if (s == NULL)
		return;
	for (size_t i = 0; i < Q_COUNT; i++)
		db_finalize(&s->stmts[i]);
	db_close(&s->db);
	digest_free(&s->digest);
	str_free(&s->data);
	free(s->witness);
	free(s);
	*store = NULL;
}

struct view store_instance(const struct store *s)
{
	return view_make(s->instance, STORE_INSTANCE_SIZE);
}

struct view store_token_key(const struct store *s)
{
	return view_make((const char *)s->token_key, sizeof s->token_key);
}
