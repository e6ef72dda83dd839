#include "store/template.h"
#include <inttypes.h>
#include "base/i18n.h"
#include "base/utf8.h"
#include "store/event_private.h"
#include "store/text.h"

static void read_template(struct db_stmt *stmt, struct arena *a, struct store_template *out)
{
	*out = (struct store_template){
		.id = db_int(stmt, 0),
		.name = arena_dup(a, db_text(stmt, 1)),
		.version = db_int(stmt, 2),
		.source = arena_dup(a, db_text(stmt, 3)),
		.created = db_int(stmt, 4),
	};
}

static int tell(struct store *s, const char *kind, struct view name, int64_t version, int64_t now,
	struct fail *f)
{
	struct store_event e = {.at = now, .kind = view_of(kind)};

	str_clear(&s->data);
	(void)str_addc(&s->data, '{');
	store_json_text(&s->data, "template", name);
	store_json_int(&s->data, "version", version);
	(void)str_addc(&s->data, '}');
	e.data = str_view(&s->data);
	return store_event_add(s, &e, f);
}

/* The newest version, hidden or not: 1, 0 none, -1. */
static int newest(struct store *s, struct view name, struct view source, int64_t *version,
	bool *same, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_TEMPLATE_NEWEST, STORE_ARGS(store_text(name)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	if (step <= 0)
		return step;
	*version = db_int(stmt, 2);
	*same = view_eq(db_text(stmt, 3), source);
	db_reset(stmt);
	return 1;
}

static int add(struct store *s, struct view name, struct view source, int64_t now, int64_t *version,
	struct fail *f)
{
	bool same = false;
	int64_t id;

	*version = 0;
	if (newest(s, name, source, version, &same, f) < 0 ||
		store_do(s, Q_TEMPLATE_SHOW, STORE_ARGS(store_text(name)), f) < 0)
		return -1;
	if (same)
		return db_changes(s->db) > 0 ? tell(s, "template.shown", name, *version, now, f)
					     : 0;
	(*version)++;
	if (store_next_id(s, "template", &id, f) < 0 ||
		store_do(s, Q_TEMPLATE_ADD,
			STORE_ARGS(store_int(id), store_text(name), store_int(*version),
				store_text(source), store_int(now)),
			f) < 0)
		return -1;
	return tell(s, "template.added", name, *version, now, f);
}

int store_template_add(struct store *s, struct view name, struct view source, int64_t now,
	int64_t *version, struct fail *f)
{
	if (store_check_name(name, f) < 0)
		return -1;
	if (source.len > STORE_SOURCE_MAX)
		return fail_set(f, FAIL_DATA,
			_("this template is too long: at most %d bytes are kept"),
			STORE_SOURCE_MAX);
	if (!utf8_valid(source, NULL) || view_chr(source, '\0') >= 0)
		return fail_set(
			f, FAIL_DATA, _("this template is not UTF-8 text: save it as UTF-8"));
	if (STORE_BEGIN(s, f) < 0)
		return -1;
	return store_end(s, add(s, name, source, now, version, f), f);
}

static int no_template(struct store *s, struct view name, struct fail *f)
{
	char shown[STORE_SHOWN_SIZE];
	struct store_names names;

	if (store_names_find(s, Q_TEMPLATE_NAMES, name, &names, f) < 0)
		; /* f says why */
	else if (names.near.len > 0 && !view_eq(str_view(&names.near), name))
		(void)fail_set(f, FAIL_NOINPUT,
			_("there is no template \"%s\": did you mean \"%s\"? The templates are: "
			  "%s"),
			store_shown(name, shown), names.near.p, names.all.p);
	else if (names.all.len > 0)
		(void)fail_set(f, FAIL_NOINPUT,
			_("there is no template \"%s\" in this version; the templates are: %s"),
			store_shown(name, shown), names.all.p);
	else
		(void)fail_set(f, FAIL_NOINPUT,
			_("there is no template \"%s\", and no other: add one with \"facteur "
			  "template "
			  "add NAME FILE\""),
			store_shown(name, shown));
	store_names_free(&names);
	return -1;
}

int store_template_get(struct store *s, struct view name, int64_t version, struct arena *a,
	struct store_template *out, struct fail *f)
{
	struct db_stmt *stmt =
		version == 0 ? store_ask(s, Q_TEMPLATE_NEWEST, STORE_ARGS(store_text(name)), f)
			     : store_ask(s, Q_TEMPLATE_GET,
				       STORE_ARGS(store_text(name), store_int(version)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;
	bool hidden = step > 0 && db_int(stmt, 5) != 0;

	if (step < 0)
		return -1;
	if (step > 0 && !(hidden && version == 0)) {
		read_template(stmt, a, out);
		db_reset(stmt);
		return 0;
	}
	if (step > 0)
		db_reset(stmt);
	return no_template(s, name, f);
}

int store_template_by_id(
	struct store *s, int64_t id, struct arena *a, struct store_template *out, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_TEMPLATE_BY_ID, STORE_ARGS(store_int(id)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	if (step < 0)
		return -1;
	if (step == 0)
		return fail_set(f, FAIL_NOINPUT, _("there is no template number %" PRId64), id);
	read_template(stmt, a, out);
	db_reset(stmt);
	return 0;
}

int store_template_each(struct store *s, store_template_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_TEMPLATE_EACH, NULL, f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct store_template t = {
			.id = db_int(stmt, 0),
			.name = db_text(stmt, 1),
			.version = db_int(stmt, 2),
			.created = db_int(stmt, 3),
		};

		if (fn(ctx, &t) != 0) {
			step = 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}

int store_template_remove(struct store *s, struct view name, int64_t now, struct fail *f)
{
	int ret;

	if (STORE_BEGIN(s, f) < 0)
		return -1;
	ret = store_do(s, Q_TEMPLATE_HIDE, STORE_ARGS(store_text(name)), f);
	if (ret == 0 && db_changes(s->db) > 0)
		ret = tell(s, "template.removed", name, 0, now, f) < 0 ? -1 : 1;
	return store_end(s, ret, f);
}
