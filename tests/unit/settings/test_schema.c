#include "support.h"
#include "base/file.h"
#include "settings/settings_private.h"

/* "[a, b]" is three examples of a list's item, anything else is one value. */
static bool example_fits(const struct settings_row *row, const char *text)
{
	struct view rest = view_of(text), part;
	struct settings_item item;

	if (!settings_type_is_list(row->type))
		return settings_convert(row, view_of(text), &item);
	if (!view_starts(rest, VIEW("[")) || !view_ends(rest, VIEW("]")))
		return false;
	rest = view_sub(rest, 1, rest.len - 2);
	while (view_split(&rest, ',', &part))
		if (!settings_convert(row, view_trim(part), &item))
			return false;
	return true;
}

static void rows_are_sound(void **state)
{
	size_t count;
	const struct settings_row *rows = settings_schema(&count);

	(void)state;
	assert_true(count > 60);
	for (size_t i = 0; i < count; i++) {
		const struct settings_row *row = &rows[i];

		if (row->about == NULL || row->about[0] == '\0' || row->example == NULL)
			fail_msg("%s: nothing is said about it", row->path);
		if (!example_fits(row, row->example))
			fail_msg("%s: its example does not fit", row->path);
		if (row->fallback != NULL && !example_fits(row, row->fallback))
			fail_msg("%s: its default does not fit", row->path);
		if ((row->type == SETTINGS_CHOICE || row->type == SETTINGS_PIPELINE) !=
			(row->names != NULL))
			fail_msg("%s: a choice has names, nothing else", row->path);
		if (settings_schema_find(view_of(row->path)) != row)
			fail_msg("%s: twice in the table", row->path);
		if (strncmp(row->path, settings_scope_path(row->scope),
			    strlen(settings_scope_path(row->scope))) != 0)
			fail_msg("%s: not in its scope", row->path);
	}
}

/* Both spellings lead back to the row, and no two rows share one. */
static void names_are_unique(void **state)
{
	size_t count;
	const struct settings_row *rows = settings_schema(&count);
	struct str one, other;

	(void)state;
	str_init(&one, SETTINGS_PATH_TEXT_MAX);
	str_init(&other, SETTINGS_PATH_TEXT_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct settings_row *row;
		struct view name;

		str_clear(&one);
		(void)settings_dotted(&rows[i], "x", &one);
		assert_true(settings_dotted_parse(str_view(&one), &row, &name));
		assert_ptr_equal(row, &rows[i]);
		assert_true(view_is(name, rows[i].scope == SETTINGS_IN_ROOT ? "" : "x"));
		str_clear(&one);
		(void)settings_env_name(&rows[i], "x", &one);
		for (size_t j = 0; j < i; j++) {
			str_clear(&other);
			(void)settings_env_name(&rows[j], "x", &other);
			assert_string_not_equal(one.p, other.p);
		}
	}
	str_free(&other);
	str_free(&one);
}

static const struct section_case {
	const char *path;
	bool section;
} sections[] = {
	{"relays", true},
	{"relays.*", true},
	{"relays.*.timeouts", true},
	{"mailboxes.*.move", true},
	{"dkim", true},
	{"dkim[]", true},
	{"safety", true},
	{"relay", false},
	{"relays.*.port", false},
	{"relays.*.p", false},
	{"database", false},
	{"safe", false},
	{"x", false},
};

static void sections_are_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if (settings_schema_is_section(view_of(sections[i].path)) != sections[i].section)
			fail_msg("%s", sections[i].path);
}

/* The manual names every setting, in the words of the table. */
static void documented(void **state)
{
	size_t count;
	const struct settings_row *rows = settings_schema(&count);
	struct str manual, line;
	struct fail f;

	(void)state;
	str_init(&manual, 1 << 20);
	str_init(&line, 4096);
	assert_int_equal(file_read(TEST_ROOT "/docs/configuration.md", &manual, &f), 0);
	for (size_t i = 0; i < count; i++) {
		str_clear(&line);
		(void)str_addf(&line, "| `%s` |", rows[i].path);
		if (view_find(str_view(&manual), str_view(&line)) < 0)
			fail_msg("docs/configuration.md has no row for %s", rows[i].path);
		if (view_find(str_view(&manual), view_of(rows[i].about)) < 0)
			fail_msg("docs/configuration.md does not say of %s: %s", rows[i].path,
				rows[i].about);
	}
	str_free(&line);
	str_free(&manual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_sound),
		cmocka_unit_test(names_are_unique), cmocka_unit_test(sections_are_known),
		cmocka_unit_test(documented)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
