#include "settings/settings_private.h"

/* What stands after "relays.*." or "dkim[]."; the whole path for the root. */
static struct view key_of(const struct settings_row *row)
{
	size_t prefix = strlen(settings_scope_path(row->scope));

	return view_from(view_of(row->path), prefix > 0 ? prefix + 1 : 0);
}

/* "relays", "mailboxes", "dkim"; empty for the root. */
static struct view section_of(enum settings_scope scope)
{
	struct view path = view_of(settings_scope_path(scope));
	size_t len = 0;

	while (len < path.len && path.p[len] != '.' && path.p[len] != '[')
		len++;
	return view_sub(path, 0, len);
}

int settings_dotted(const struct settings_row *row, const char *entry_name, struct str *out)
{
	if (row->scope != SETTINGS_IN_ROOT) {
		(void)str_addv(out, section_of(row->scope));
		(void)str_addf(out, ".%s.", entry_name);
	}
	return str_addv(out, key_of(row));
}

int settings_env_name(const struct settings_row *row, const char *entry_name, struct str *out)
{
	size_t from;

	(void)str_addz(out, "FACTEUR_");
	from = out->len;
	(void)settings_dotted(row, entry_name, out);
	for (char *c = out->p + from; c < out->p + out->len; c++) {
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
		else if (*c == '.' || *c == '-')
			*c = '_';
	}
	return str_ok(out) ? 0 : -1;
}

static bool parse_in(struct view text, const struct settings_row *row, struct view *entry_name)
{
	struct view section = section_of(row->scope), name, rest;
	ptrdiff_t dot;

	if (row->scope == SETTINGS_IN_ROOT) {
		*entry_name = view_make(NULL, 0);
		return view_is(text, row->path);
	}
	if (!view_starts(text, section) || text.len == section.len || text.p[section.len] != '.')
		return false;
	rest = view_from(text, section.len + 1);
	dot = view_chr(rest, '.');
	if (dot <= 0)
		return false;
	name = view_sub(rest, 0, (size_t)dot);
	if (!view_eq(view_from(rest, (size_t)dot + 1), key_of(row)))
		return false;
	*entry_name = name;
	return true;
}

bool settings_dotted_parse(
	struct view text, const struct settings_row **row, struct view *entry_name)
{
	size_t count;
	const struct settings_row *rows = settings_schema(&count);

	for (size_t i = 0; i < count; i++) {
		if (parse_in(text, &rows[i], entry_name)) {
			*row = &rows[i];
			return true;
		}
	}
	return false;
}

bool settings_name_ok(struct view name)
{
	if (name.len == 0 || name.len > SETTINGS_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alnum(name.p[i]) && name.p[i] != '-' && name.p[i] != '_')
			return false;
	return true;
}
