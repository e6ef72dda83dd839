#include "base/i18n.h"
#include "base/mem.h"
#include "store/event_private.h"
#include "store/member.h"
#include "store/rowsort.h"
#include "store/text.h"

struct store_import {
	struct store *s;
	struct rowsort *rows;
	int64_t list, now, n_rows;
	char *source; /* with its length, for it may be anything that is text */
	size_t source_len;
};

int store_import_begin(struct store *s, const struct store_import_options *o,
	struct store_import **out, struct fail *f)
{
	struct store_import *i;

	if (store_check_text(o->source, STORE_TEXT_MAX, _("the name of the file"), f) < 0)
		return -1;
	i = mem_alloc(sizeof *i);
	*i = (struct store_import){.s = s, .list = o->list, .now = o->now};
	i->source = mem_dup(o->source.p != NULL ? o->source.p : "", o->source.len);
	i->source_len = o->source.len;
	i->rows = rowsort_new();
	*out = i;
	return 0;
}

int store_import_row(struct store_import *i, const struct store_import_row *row, struct fail *f)
{
	if (store_member_check(row, f) < 0)
		return -1;
	i->n_rows++;
	return rowsort_add(i->rows, row, f);
}

static void count(struct store_import_counts *n, enum store_added added)
{
	n->added += added == STORE_ADDED;
	n->updated += added == STORE_UPDATED;
	n->duplicate += added == STORE_DUPLICATE || added == STORE_KEPT_OUT;
	n->kept_out += added == STORE_KEPT_OUT;
}

/* Of the rows of one key, which stand together, the first of the file counts. */
static int put_rows(struct store_import *i, struct store_members *m, struct store_import_counts *n,
	struct fail *f)
{
	struct store_import_row row;
	struct str last;
	int step;

	str_init(&last, STORE_ADDRESS_MAX);
	while ((step = rowsort_next(i->rows, &row, f)) > 0) {
		enum store_added added = STORE_DUPLICATE;

		if (!view_eq(row.key, str_view(&last)) &&
			store_member_put(m, &row, &added, NULL, f) < 0) {
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
	store_json_int(data, "rows", i->n_rows);
	store_json_int(data, "added", (int64_t)n->added);
	store_json_int(data, "updated", (int64_t)n->updated);
	store_json_int(data, "duplicate", (int64_t)n->duplicate);
	store_json_int(data, "kept_out", (int64_t)n->kept_out);
	(void)str_addc(data, '}');
	e.data = str_view(data);
	return store_event_add(i->s, &e, f);
}

static int put_all(struct store_import *i, struct store_import_counts *n, struct fail *f)
{
	struct store_members m;
	int ret = store_members_begin(
		&m, i->s, i->list, view_make(i->source, i->source_len), i->now, f);

	m.sorted = true;
	if (ret == 0)
		ret = put_rows(i, &m, n, f);
	ret = store_members_end(&m, ret, f);
	return ret == 0 ? tell(i, n, f) : -1;
}

int store_import_finish(
	struct store_import **import, struct store_import_counts *out, struct fail *f)
{
	struct store_import *i = *import;
	struct store_import_counts n = {0};
	int ret;

	ret = STORE_BEGIN(i->s, f);
	if (ret == 0)
		ret = store_end(i->s, put_all(i, &n, f), f);
	if (ret == 0)
		*out = n;
	store_import_abort(import);
	return ret;
}

void store_import_abort(struct store_import **import)
{
	struct store_import *i = *import;

	if (i == NULL)
		return;
	rowsort_free(&i->rows);
	free(i->source);
	free(i);
	*import = NULL;
}
