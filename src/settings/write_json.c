#include <jansson.h>
#include "base/mem.h"
#include "settings/settings_private.h"

/* jansson returns NULL for want of memory, or for text that is not UTF-8, which
 * no value is. */
static json_t *made(json_t *json)
{
	if (json == NULL)
		mem_out();
	return json;
}

static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, made(value)) < 0)
		mem_out();
}

static json_t *masked_json(const struct settings_row *row, struct view text)
{
	struct str shown;
	json_t *json;

	str_init(&shown, SETTINGS_VALUE_MAX);
	settings_mask(row, text, &shown);
	json = json_stringn(shown.p, shown.len);
	str_free(&shown);
	return json;
}

static json_t *item_json(const struct settings_row *row, const struct settings_item *item)
{
	if (settings_is_secret(row, view_make(item->text, item->len)))
		return masked_json(row, view_make(item->text, item->len));
	switch (row->type) {
	case SETTINGS_BOOL:
		return json_boolean(item->number != 0);
	case SETTINGS_COUNT:
	case SETTINGS_SIZE:
		return json_integer((json_int_t)item->number);
	case SETTINGS_CHOICE:
		return json_string(row->names[item->number]);
	default:
		return json_stringn(item->text, item->len);
	}
}

static json_t *value_json(const struct settings_leaf *leaf)
{
	const struct settings_value *v = leaf->value;
	json_t *list;

	if (!settings_type_is_list(leaf->row->type))
		return v != NULL ? item_json(leaf->row, &v->items[0]) : json_null();
	list = made(json_array());
	for (size_t i = 0; v != NULL && i < v->count; i++)
		if (json_array_append_new(list, made(item_json(leaf->row, &v->items[i]))) < 0)
			mem_out();
	return list;
}

/* The object under that key, made where it is not there. */
static json_t *child(json_t *parent, const char *key, bool array)
{
	json_t *found = json_object_get(parent, key);

	if (found != NULL)
		return found;
	set(parent, key, array ? json_array() : json_object());
	return json_object_get(parent, key);
}

static json_t *element(json_t *array, const char *index_text)
{
	uint64_t index = 0;

	(void)view_u64(view_of(index_text), SETTINGS_ENTRIES_MAX, &index);
	while (json_array_size(array) <= index)
		if (json_array_append_new(array, made(json_object())) < 0)
			mem_out();
	return json_array_get(array, (size_t)index);
}

static void place_leaf(json_t *root, const struct settings_leaf *leaf, struct view path)
{
	json_t *at = root;
	char key[SETTINGS_PATH_TEXT_MAX];
	size_t depth = 0;

	for (struct view rest = path, part; view_split(&rest, '.', &part); depth++) {
		bool dkim = leaf->row->scope == SETTINGS_IN_DKIM;

		(void)snprintf(key, sizeof key, "%.*s", VIEW_ARG(part));
		if (rest.p == NULL || rest.len == 0)
			set(at, key, value_json(leaf));
		else if (dkim && depth == 1)
			at = element(at, key);
		else
			at = child(at, key, dkim && depth == 0);
	}
}

static void place_origin(json_t *origins, const struct settings_leaf *leaf, const char *path)
{
	struct str where;

	if (leaf->value == NULL)
		return;
	str_init(&where, SETTINGS_TEXT_MAX);
	(void)settings_place_write(leaf->value->place, &where);
	set(origins, path, json_stringn(where.p, where.len));
	str_free(&where);
}

static json_t *document(const struct settings *s, bool with_origin)
{
	json_t *doc = made(json_object()), *values = made(json_object());
	json_t *origins = made(json_object());
	struct vec leaves;
	struct str path;

	str_init(&path, SETTINGS_PATH_TEXT_MAX);
	settings_leaves(s->state, &leaves);
	for (size_t i = 0; i < leaves.len; i++) {
		const struct settings_leaf *leaf = vec_at(&leaves, i);

		str_clear(&path);
		(void)settings_dotted(leaf->row, leaf->entry_name, &path);
		place_leaf(values, leaf, str_view(&path));
		place_origin(origins, leaf, path.p);
	}
	vec_free(&leaves);
	str_free(&path);
	set(doc, "schema", json_integer(1));
	set(doc, "file", s->file != NULL ? json_string(s->file) : json_null());
	set(doc, "settings", values);
	if (with_origin)
		set(doc, "origins", origins);
	else
		json_decref(origins);
	return doc;
}

int settings_write_json(const struct settings *s, bool with_origin, struct str *out)
{
	json_t *doc = document(s, with_origin);
	char *text = json_dumps(doc, JSON_COMPACT);

	json_decref(doc);
	if (text == NULL)
		mem_out();
	(void)str_addz(out, text);
	(void)str_addc(out, '\n');
	free(text);
	return str_ok(out) ? 0 : -1;
}
