#include <assert.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "store/event_private.h"
#include "store/member.h"
#include "store/text.h"

struct store_import {
	struct store *s;
	int64_t list, now, rows;
	char *source; /* with its length, for it may be anything that is text */
	size_t source_len;
};

int store_import_begin(struct store *s, const struct store_import_options *o,
	struct store_import **out, struct fail *f)
{
	struct store_import *i;

	assert(!s->stage_busy);
	if (store_check_text(o->source, STORE_TEXT_MAX, _("the name of the file"), f) < 0 ||
		store_do(s, Q_STAGE_MAKE, NULL, f) < 0 || store_do(s, Q_STAGE_EMPTY, NULL, f) < 0)
		return -1;
	i = mem_alloc(sizeof *i);
	*i = (struct store_import){.s = s, .list = o->list, .now = o->now};
	i->source = mem_dup(o->source.p != NULL ? o->source.p : "", o->source.len);
	i->source_len = o->source.len;
	s->stage_busy = true;
	*out = i;
	return 0;
}

int store_import_row(struct store_import *i, const struct store_import_row *row, struct fail *f)
{
	if (store_member_check(row, f) < 0)
		return -1;
	return store_do(i->s, Q_STAGE_ADD,
		STORE_ARGS(store_int(++i->rows), store_text(row->key), store_text(row->address),
			store_text(row->name), store_text(row->fields)),
		f);
}

static void count(struct store_import_counts *n, enum store_added added)
{
	n->added += added == STORE_ADDED;
	n->updated += added == STORE_UPDATED;
	n->duplicate += added == STORE_DUPLICATE || added == STORE_KEPT_OUT;
	n->kept_out += added == STORE_KEPT_OUT;
}

/* Rows of one key stand together, in the order of the file: the first one
 * counts. In the order of keys every index is written from one end to the other. */
static int put_rows(struct store_import *i, struct store_members *m, struct store_import_counts *n,
	struct fail *f)
{
	struct db_stmt *stmt = store_ask(i->s, Q_STAGE_SORTED, NULL, f);
	struct str last;
	int step = -1;

	str_init(&last, STORE_ADDRESS_MAX);
	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		const struct store_import_row row = {
			db_text(stmt, 0), db_text(stmt, 1), db_text(stmt, 2), db_text(stmt, 3)};
		enum store_added added = STORE_DUPLICATE;

		if (!view_eq(row.key, str_view(&last)) &&
			store_member_put(m, &row, &added, NULL, f) < 0) {
			db_reset(stmt);
			step = -1;
			break;
		}
		count(n, added);
		str_clear(&last);
		(void)str_addv(&last, row.key);
	}
	str_free(&last);
	return step;
}

static int tell(struct store_import *i, const struct store_import_counts *n, struct fail *f)
{
	struct store_event e = {.at = i->now, .kind = VIEW("list.import")};
	struct str *data = &i->s->data;

	str_clear(data);
	(void)str_addc(data, '{');
	store_json_int(data, "list", i->list);
	store_json_text(data, "source", view_make(i->source, i->source_len));
	store_json_int(data, "rows", i->rows);
	store_json_int(data, "added", (int64_t)n->added);
	store_json_int(data, "updated", (int64_t)n->updated);
	store_json_int(data, "duplicate", (int64_t)n->duplicate);
	store_json_int(data, "kept_out", (int64_t)n->kept_out);
	(void)str_addc(data, '}');
	e.data = str_view(data);
	return store_event_add(i->s, &e, f);
}

int store_import_finish(
	struct store_import **import, struct store_import_counts *out, struct fail *f)
{
	struct store_import *i = *import;
	struct store_import_counts n = {0};
	struct store_members m;
	int ret;

	if (STORE_BEGIN(i->s, f) < 0) {
		store_import_abort(import);
		return -1;
	}
	ret = store_members_begin(
		&m, i->s, i->list, view_make(i->source, i->source_len), i->now, f);
	if (ret == 0)
		ret = put_rows(i, &m, &n, f);
	ret = store_members_end(&m, ret, f);
	if (ret == 0)
		ret = tell(i, &n, f);
	ret = store_end(i->s, ret, f);
	if (ret == 0)
		*out = n;
	store_import_abort(import);
	return ret;
}

void store_import_abort(struct store_import **import)
{
	struct store_import *i = *import;
	struct fail ignored;

	if (i == NULL)
		return;
	/* Gives the room back; where it fails the next import does it again. */
	(void)store_do(i->s, Q_STAGE_EMPTY, NULL, &ignored);
	i->s->stage_busy = false;
	free(i->source);
	free(i);
	*import = NULL;
}
