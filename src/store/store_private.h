#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H
#include "base/arena.h"
#include "base/digest.h"
#include "base/fail.h"
#include "base/str.h"
#include "db/db.h"
#include "store/sql.h"
#include "store/store.h"

/* What the files of this module share: statements by name, transactions that
 * end in one place, ids, and the checks of what callers bring. */
enum {
	STORE_INSTANCE_SIZE = 32, /* hex digits */
	STORE_TOKEN_KEY_SIZE = 32,
	STORE_ADDRESS_MAX = 512, /* RFC 5321 allows 254 bytes; UTF-8 and quoting need room */
	STORE_TEXT_MAX = 1000,	 /* names, titles, reasons, what a relay said */
	STORE_FIELDS_MAX = 65536,
	STORE_SOURCE_MAX = 4 << 20, /* a template */
	STORE_FROZEN_MAX = 1 << 20,
	STORE_DATA_MAX = 1 << 20, /* the data of one event */
};

struct store {
	struct db *db;
	char *witness; /* path of witness.h's file */
	struct db_stmt *stmts[Q_COUNT];
	char instance[STORE_INSTANCE_SIZE + 1];
	unsigned char token_key[STORE_TOKEN_KEY_SIZE];
	struct digest *digest;
	struct str data; /* of the event that is being written */
	/* The end of the chain of events, known from the first event of a transaction on. */
	bool tail_known;
	int64_t tail_id;
	unsigned char tail_hash[DIGEST_SIZE];
};

/* One parameter (NULL for a list of none); store_text() of a view without bytes is '' and not NULL. */
enum store_arg_kind { STORE_END = 0, STORE_INT, STORE_TEXT, STORE_BLOB, STORE_NULL };
struct store_arg {
	enum store_arg_kind kind;
	int64_t number;
	struct view bytes;
};
struct store_arg store_int(int64_t n);
struct store_arg store_text(struct view v);
struct store_arg store_blob(const void *p, size_t len);
struct store_arg store_id_or_null(int64_t id); /* 0 is NULL */
#define STORE_ARGS(...) ((const struct store_arg[]){__VA_ARGS__, {STORE_END, 0, {NULL, 0}}})

/* The statement, bound and ready to be stepped; NULL with f set. Step it to its
 * end or db_reset() it before it is asked again; the arguments' bytes live as long. */
struct db_stmt *store_ask(
	struct store *s, enum store_query q, const struct store_arg *args, struct fail *f);
/* The same with a statement of its own, for walks whose callback may call the
 * store again: db_finalize() it. */
struct db_stmt *store_walk(
	struct store *s, enum store_query q, const struct store_arg *args, struct fail *f);
/* Asks and steps to the end. */
int store_do(struct store *s, enum store_query q, const struct store_arg *args, struct fail *f);
/* Asks for one number: 1 *out is set, 0 no row, -1. */
int store_number(struct store *s, enum store_query q, const struct store_arg *args, int64_t *out,
	struct fail *f);

/* A transaction; store_end() commits when ret >= 0 and returns ret, else rolls
 * back; -1 when the commit fails. */
#define STORE_BEGIN(s, f) store_begin((s), __FILE__, __LINE__, (f))
int store_begin(struct store *s, const char *file, int line, struct fail *f);
int store_end(struct store *s, int ret, struct fail *f);

/* A new id of the sequence "contact", "list", ...: never given twice, not even
 * after its row is deleted, for tokens in old mails name it. */
int store_next_id(struct store *s, const char *sequence, int64_t *id, struct fail *f);
#endif
