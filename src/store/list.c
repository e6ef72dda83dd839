#include "store/list.h"
#include <inttypes.h>
#include "base/i18n.h"
#include "store/event_private.h"
#include "store/text.h"

static struct store_list read_list(struct db_stmt *stmt)
{
	return (struct store_list){
		.id = db_int(stmt, 0),
		.name = db_text(stmt, 1),
		.title = db_text(stmt, 2),
		.address = db_text(stmt, 3),
		.created = db_int(stmt, 4),
		.subscribed = db_int(stmt, 5),
		.unsubscribed = db_int(stmt, 6),
	};
}

static int check(struct view title, struct view address, struct fail *f)
{
	if (store_check_text(title, STORE_TEXT_MAX, _("the title of the list"), f) < 0)
		return -1;
	return store_check_text(address, STORE_ADDRESS_MAX, _("the address of the list"), f);
}

static int tell(struct store *s, const char *kind, struct view name, struct view title,
	struct view address, int64_t now, struct fail *f)
{
	struct store_event e = {.at = now, .kind = view_of(kind)};

	str_clear(&s->data);
	(void)str_addc(&s->data, '{');
	store_json_text(&s->data, "list", name);
	store_json_text(&s->data, "title", title);
	store_json_text(&s->data, "address", address);
	(void)str_addc(&s->data, '}');
	e.data = str_view(&s->data);
	return store_event_add(s, &e, f);
}

static int create(struct store *s, struct view name, struct view title, struct view address,
	int64_t now, struct fail *f)
{
	char shown[STORE_SHOWN_SIZE];
	int64_t id;

	if (store_next_id(s, "list", &id, f) < 0 ||
		store_do(s, Q_LIST_ADD,
			STORE_ARGS(store_int(id), store_text(name), store_text(title),
				store_text(address), store_int(now)),
			f) < 0)
		return -1;
	if (db_changes(s->db) == 0)
		return fail_set(f, FAIL_DATA,
			_("there is a list \"%s\" already: choose another name, or change it with "
			  "\"facteur list edit\""),
			store_shown(name, shown));
	return tell(s, "list.created", name, title, address, now, f);
}

int store_list_create(struct store *s, struct view name, struct view title, struct view address,
	int64_t now, struct fail *f)
{
	if (store_check_name(name, f) < 0 || check(title, address, f) < 0 || STORE_BEGIN(s, f) < 0)
		return -1;
	return store_end(s, create(s, name, title, address, now, f), f);
}

static int no_list(struct store *s, struct view name, struct fail *f)
{
	char shown[STORE_SHOWN_SIZE];
	struct store_names names;

	if (store_names_find(s, Q_LIST_NAMES, name, &names, f) < 0)
		; /* f says why */
	else if (names.near.len > 0)
		(void)fail_set(f, FAIL_NOINPUT,
			_("there is no list \"%s\": did you mean \"%s\"? The lists are: %s"),
			store_shown(name, shown), names.near.p, names.all.p);
	else if (names.all.len > 0)
		(void)fail_set(f, FAIL_NOINPUT, _("there is no list \"%s\"; the lists are: %s"),
			store_shown(name, shown), names.all.p);
	else
		(void)fail_set(f, FAIL_NOINPUT,
			_("there is no list \"%s\", and no other: make one with \"facteur list "
			  "create NAME\""),
			store_shown(name, shown));
	store_names_free(&names);
	return -1;
}

int store_list_get(
	struct store *s, struct view name, struct arena *a, struct store_list *out, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_LIST_GET, STORE_ARGS(store_text(name)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	if (step <= 0)
		return step < 0 ? -1 : no_list(s, name, f);
	*out = read_list(stmt);
	out->name = arena_dup(a, out->name);
	out->title = arena_dup(a, out->title);
	out->address = arena_dup(a, out->address);
	db_reset(stmt);
	return 0;
}

int store_list_each(struct store *s, store_list_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_LIST_EACH, NULL, f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct store_list l = read_list(stmt);

		if (fn(ctx, &l) != 0) {
			step = 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}

/* Adds the name of a list to `name`, for events. */
static int name_of(struct store *s, int64_t list, struct str *name, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_LIST_BY_ID, STORE_ARGS(store_int(list)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	if (step < 0)
		return -1;
	if (step == 0)
		return fail_set(f, FAIL_NOINPUT, _("this list was deleted in the meantime"));
	(void)str_addv(name, db_text(stmt, 0));
	db_reset(stmt);
	return 0;
}

int store_list_edit(struct store *s, int64_t list, struct view title, struct view address,
	int64_t now, struct fail *f)
{
	struct str name;
	int ret = -1;

	if (check(title, address, f) < 0 || STORE_BEGIN(s, f) < 0)
		return -1;
	str_init(&name, STORE_LIST_NAME_MAX);
	if (name_of(s, list, &name, f) == 0 &&
		store_do(s, Q_LIST_EDIT,
			STORE_ARGS(store_int(list), store_text(title), store_text(address)),
			f) == 0)
		ret = tell(s, "list.edited", str_view(&name), title, address, now, f);
	str_free(&name);
	return store_end(s, ret, f);
}

static int refuse_while_used(struct store *s, int64_t list, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_LIST_IN_USE, STORE_ARGS(store_int(list)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;
	char shown[STORE_SHOWN_SIZE];

	if (step <= 0)
		return step;
	(void)fail_set(f, FAIL_GUARD,
		_("campaign %" PRId64 " (%s) still uses this list: let it end, or stop it with "
		  "\"facteur campaign cancel %" PRId64 "\", then delete the list"),
		db_int(stmt, 0), store_shown(db_text(stmt, 1), shown), db_int(stmt, 0));
	db_reset(stmt);
	return -1;
}

int store_list_delete(struct store *s, int64_t list, int64_t now, struct fail *f)
{
	struct str name;
	int ret = -1;

	if (STORE_BEGIN(s, f) < 0)
		return -1;
	str_init(&name, STORE_LIST_NAME_MAX);
	if (name_of(s, list, &name, f) == 0 && refuse_while_used(s, list, f) == 0 &&
		store_do(s, Q_LIST_EMPTY, STORE_ARGS(store_int(list)), f) == 0 &&
		store_do(s, Q_LIST_DELETE, STORE_ARGS(store_int(list)), f) == 0)
		ret = tell(s, "list.deleted", str_view(&name), VIEW(""), VIEW(""), now, f);
	str_free(&name);
	return store_end(s, ret, f);
}
