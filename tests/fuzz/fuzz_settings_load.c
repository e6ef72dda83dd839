#include "base/fail.h"
#include "settings/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A configuration from a text, and what is read shown both ways. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct settings_sources none = {0};
	struct settings_report report;
	struct settings *s = NULL;
	struct fail f;
	struct str out;

	settings_report_init(&report);
	str_init(&out, 1 << 20);
	if (settings_load_text(&none, "fuzz.yaml", view_make((const char *)data, size), &s, &report,
		    &f) == 0) {
		(void)settings_write(s, true, &out);
		(void)settings_write_json(s, true, &out);
	}
	(void)settings_report_write(&report, &out);
	settings_report_free(&report);
	settings_free(&s);
	str_free(&out);
	return 0;
}
