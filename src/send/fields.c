#include "send/fields.h"
#include <jansson.h>
#include "base/utf8.h"
#include "tmpl/tmpl.h"

/* A text without escapes at the start of *rest, taken off it with its quotes. */
static bool take_text(struct view *rest, struct view *text)
{
	ptrdiff_t end;

	if (rest->len < 2 || rest->p[0] != '"')
		return false;
	end = view_chr(view_from(*rest, 1), '"');
	if (end < 0)
		return false;
	*text = view_sub(*rest, 1, (size_t)end);
	*rest = view_from(*rest, (size_t)end + 2);
	return true;
}

static bool take(struct view *rest, char c)
{
	if (rest->len == 0 || rest->p[0] != c)
		return false;
	*rest = view_from(*rest, 1);
	return true;
}

/* Neither escapes nor anything that JSON does not allow in a text. */
static bool is_plain(struct view json)
{
	if (utf8_printable(json) < json.len) {
		if (!utf8_valid(json, NULL))
			return false;
		for (size_t i = 0; i < json.len; i++)
			if ((unsigned char)json.p[i] < ' ')
				return false;
	}
	return view_chr(json, '\\') < 0;
}

/* Most are texts without escapes, and read where they stand. False: it takes more than that. */
static bool read_flat(struct send_fields *f, struct view json)
{
	struct view rest = json;

	if (!is_plain(json) || !take(&rest, '{'))
		return false;
	while (f->count < SEND_FIELDS_FLAT) {
		struct send_field *field = &f->flat[f->count];

		if (!take_text(&rest, &field->name) || !take(&rest, ':') ||
			!take_text(&rest, &field->value))
			return false;
		f->count++;
		if (!take(&rest, ','))
			return take(&rest, '}') && rest.len == 0;
	}
	return false;
}

void send_fields_read(struct send_fields *f, struct view json)
{
	f->tree = NULL;
	f->count = 0;
	if (json.len == 0 || read_flat(f, json))
		return;
	f->count = 0;
	f->tree = json_loadb(json.p, json.len, 0, NULL);
}

static bool find_in_tree(const struct send_fields *f, struct view name, struct view *value)
{
	char key[TMPL_NAME_MAX + 1];
	json_t *found;

	if (f->tree == NULL || name.len > TMPL_NAME_MAX)
		return false;
	memcpy(key, name.p, name.len);
	key[name.len] = '\0';
	found = json_object_get(f->tree, key);
	if (!json_is_string(found))
		return false;
	*value = view_make(json_string_value(found), json_string_length(found));
	return true;
}

/* The last of two of one name, as in the tree. */
bool send_fields_find(const struct send_fields *f, struct view name, struct view *value)
{
	for (size_t i = f->count; i-- > 0;) {
		if (!view_eq(f->flat[i].name, name))
			continue;
		*value = f->flat[i].value;
		return true;
	}
	return find_in_tree(f, name, value);
}

void send_fields_free(struct send_fields *f)
{
	json_decref(f->tree);
	f->tree = NULL;
	f->count = 0;
}
