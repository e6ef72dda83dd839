#include "base/arena.h"
#include "base/fail.h"
#include "settings/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES_MAX = 16 };

/* Lines as --set, and the same lines as variables, over a small file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *lines[LINES_MAX + 1] = {NULL};
	struct settings_sources sources = {.environment = lines, .overrides = lines};
	struct view rest = view_make((const char *)data, size), line;
	struct settings_report report;
	struct settings *s = NULL;
	struct arena arena;
	struct fail f;

	arena_init(&arena);
	while (sources.override_count < LINES_MAX && view_split(&rest, '\n', &line))
		lines[sources.override_count++] = arena_dupz(&arena, line);
	settings_report_init(&report);
	(void)settings_load_text(&sources, "fuzz.yaml",
		VIEW("relays: {a: {type: smtp, host: localhost}}\n"), &s, &report, &f);
	settings_report_free(&report);
	settings_free(&s);
	arena_free(&arena);
	return 0;
}
