#ifndef SETTINGS_PRESETS_PRIVATE_H
#define SETTINGS_PRESETS_PRIVATE_H
#include "settings/preset.h"
#include "settings/settings_private.h"

/* What preset.c (what is known), presets_read.c (the file) and preset_apply.c (the
 * settings of a load) share. */
enum presets_type { PRESETS_TEXT, PRESETS_CHOICE, PRESETS_LIST, PRESETS_FACTS };
struct presets_key { /* of a provider in presets.yaml */
	const char *name;
	enum presets_type type;
	size_t offset; /* in struct settings_preset */
	const char *const *words;
};
extern const struct presets_key settings_presets_keys[]; /* ends with a NULL name */

struct settings_presets {
	struct arena arena;
	struct vec presets; /* struct settings_preset */
};

/* presets.yaml, as the build wrote it into C. */
extern const unsigned char settings_presets_text[];
extern const size_t settings_presets_text_len;

/* Adds the providers of a text; what is wrong with it goes to the report. */
void settings_presets_read(
	struct settings_presets *p, struct view text, struct settings_report *report);
#endif
