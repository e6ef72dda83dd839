#include "settings/settings_private.h"

/* A text that YAML reads as itself without quotes, in a list too, and that no
 * other reader of YAML takes for a number, a switch or a date. */
static bool plain(struct view text)
{
	static const char *const taken[] = {
		"null", "true", "false", "yes", "no", "on", "off", "y", "n"};

	if (text.len == 0 || (!ascii_is_alpha(text.p[0]) && text.p[0] != '/'))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_alnum(text.p[i]) && strchr("._/@+-", text.p[i]) == NULL)
			return false;
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (view_eq_nocase(text, view_of(taken[i])))
			return false;
	return true;
}

/* No control character comes this far. */
static void write_text(struct view text, struct str *out)
{
	if (plain(text)) {
		(void)str_addv(out, text);
		return;
	}
	(void)str_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			(void)str_addc(out, '\\');
		(void)str_addc(out, text.p[i]);
	}
	(void)str_addc(out, '"');
}

static void write_masked(const struct settings_row *row, struct view text, struct str *out)
{
	struct str shown;

	str_init(&shown, SETTINGS_VALUE_MAX);
	settings_mask(row, text, &shown);
	write_text(str_view(&shown), out);
	str_free(&shown);
}

static void write_item(
	const struct settings_row *row, const struct settings_item *item, struct str *out)
{
	struct view text = view_make(item->text, item->len);

	if (settings_is_secret(row, text))
		write_masked(row, text, out);
	else if (row->type == SETTINGS_BOOL)
		(void)str_addz(out, item->number != 0 ? "true" : "false");
	else if (row->type == SETTINGS_CHOICE)
		(void)str_addz(out, row->names[item->number]);
	else if (row->type == SETTINGS_COUNT || row->type == SETTINGS_SIZE ||
		 row->type == SETTINGS_DURATION || row->type == SETTINGS_PERIOD ||
		 row->type == SETTINGS_RATE || row->type == SETTINGS_WINDOW ||
		 row->type == SETTINGS_PIPELINE)
		(void)str_addv(out, text);
	else
		write_text(text, out);
}

static void write_value(const struct settings_leaf *leaf, struct str *out)
{
	const struct settings_value *v = leaf->value;
	bool list = settings_type_is_list(leaf->row->type);

	if (v == NULL) {
		(void)str_addz(out, list ? "[]" : "null");
		return;
	}
	if (list)
		(void)str_addc(out, '[');
	for (size_t i = 0; i < v->count; i++) {
		if (i > 0)
			(void)str_addz(out, ", ");
		write_item(leaf->row, &v->items[i], out);
	}
	if (list)
		(void)str_addc(out, ']');
}

/* How many bytes of whole parts, up to a dot, two paths have in common. */
static size_t shared_parts(struct view a, struct view b)
{
	size_t shared = 0;

	for (size_t i = 0; i < a.len && i < b.len && a.p[i] == b.p[i]; i++)
		if (a.p[i] == '.')
			shared = i + 1;
	return shared;
}

static void indent(size_t depth, struct str *out)
{
	for (; depth > 0; depth--)
		(void)str_addz(out, "  ");
}

/* The lines for the parts of a path that the line above had not: sections, and
 * the key itself without its value. The entries of dkim have no name; the first
 * key of one stands behind a dash instead. */
static void write_keys(
	const struct settings_leaf *leaf, struct view path, struct view above, struct str *out)
{
	size_t shared = shared_parts(path, above), at = 0, depth = 0;
	bool dash = false;

	for (struct view rest = path, part; view_split(&rest, '.', &part); depth++) {
		bool known = at + part.len < shared;

		at += part.len + 1;
		if (known)
			continue;
		if (leaf->row->scope == SETTINGS_IN_DKIM && depth == 1) {
			dash = true;
			continue;
		}
		indent(dash ? depth - 1 : depth, out);
		(void)str_addf(out, "%s%.*s:", dash ? "- " : "", VIEW_ARG(part));
		(void)str_addz(out, rest.p != NULL && rest.len > 0 ? "\n" : " ");
		dash = false;
	}
}

int settings_write(const struct settings *s, bool with_origin, struct str *out)
{
	struct str path, above;
	struct vec leaves;

	str_init(&path, SETTINGS_PATH_TEXT_MAX);
	str_init(&above, SETTINGS_PATH_TEXT_MAX);
	settings_leaves(s->state, &leaves);
	for (size_t i = 0; i < leaves.len; i++) {
		const struct settings_leaf *leaf = vec_at(&leaves, i);

		str_clear(&path);
		(void)settings_dotted(leaf->row, leaf->entry_name, &path);
		write_keys(leaf, str_view(&path), str_view(&above), out);
		write_value(leaf, out);
		if (with_origin) {
			(void)str_addz(out, "  # ");
			(void)settings_place_write(
				leaf->value != NULL
					? leaf->value->place
					: (struct settings_place){.source = &s->state->fallback},
				out);
		}
		(void)str_addc(out, '\n');
		str_clear(&above);
		(void)str_addv(&above, str_view(&path));
	}
	vec_free(&leaves);
	str_free(&above);
	str_free(&path);
	return str_ok(out) ? 0 : -1;
}
