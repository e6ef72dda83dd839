#include <string.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "settings/settings_private.h"

enum { QUOTE_MAX = 60 };

void settings_report_init(struct settings_report *r)
{
	*r = (struct settings_report){0};
	vec_init(&r->problems, sizeof(struct settings_problem));
}

void settings_report_free(struct settings_report *r)
{
	for (size_t i = 0; i < r->problems.len; i++) {
		struct settings_problem *p = vec_at(&r->problems, i);

		free(p->where);
		free(p->text);
	}
	vec_free(&r->problems);
	settings_report_init(r);
}

bool settings_report_has_room(const struct settings_report *r, enum settings_level level)
{
	return (level == SETTINGS_ERROR ? r->errors : r->warnings) < SETTINGS_PROBLEMS_MAX;
}

int settings_place_write(struct settings_place place, struct str *out)
{
	if (place.source->name == NULL)
		return str_addz(out, _("default"));
	if (place.line == 0)
		return str_addz(out, place.source->name);
	return str_addf(out, "%s:%u:%u", place.source->name, place.line, place.column);
}

static void quote(struct view text, size_t cut, struct str *out)
{
	(void)str_addc(out, '"');
	for (struct view rest = view_sub(text, 0, cut), part; view_line(&rest, &part);) {
		(void)utf8_clean(out, part);
		if (rest.len > 0)
			(void)str_addc(out, ' ');
	}
	(void)str_addz(out, cut < text.len ? "…\"" : "\"");
}

void settings_quote(struct view text, struct str *out)
{
	quote(text, text.len > QUOTE_MAX ? utf8_floor(text, QUOTE_MAX) : text.len, out);
}

void settings_quote_word(struct view text, struct str *out)
{
	size_t word = 0;

	while (word < text.len && (unsigned char)text.p[word] > ' ' &&
		strchr("\"':=", text.p[word]) == NULL)
		word++;
	if (word < text.len && word < QUOTE_MAX)
		quote(text, word, out);
	else
		settings_quote(text, out);
}

void settings_problem(struct settings_loader *l, enum settings_level level,
	struct settings_place place, const char *fmt, ...)
{
	struct settings_report *r = l->report;
	bool room = settings_report_has_room(r, level);
	struct settings_problem *p;
	struct str text;
	va_list ap;

	*(level == SETTINGS_ERROR ? &r->errors : &r->warnings) += 1;
	if (!room)
		return;
	p = vec_push(&r->problems);
	p->level = level;
	p->line = place.line;
	p->column = place.column;
	str_init(&text, SETTINGS_TEXT_MAX);
	(void)settings_place_write(place, &text);
	p->where = str_take(&text);
	va_start(ap, fmt);
	(void)str_addfv(&text, fmt, ap);
	va_end(ap);
	p->text = str_take(&text);
}

/* How many problems of a level the report does not show. */
static size_t unseen(const struct settings_report *r, enum settings_level level)
{
	size_t all = level == SETTINGS_ERROR ? r->errors : r->warnings;

	return all > SETTINGS_PROBLEMS_MAX ? all - SETTINGS_PROBLEMS_MAX : 0;
}

int settings_report_write(const struct settings_report *r, struct str *out)
{
	size_t errors = unseen(r, SETTINGS_ERROR), warnings = unseen(r, SETTINGS_WARNING);

	for (size_t i = 0; i < r->problems.len; i++) {
		const struct settings_problem *p = vec_at(&r->problems, i);

		(void)str_addf(out, "%s: %s%s\n", p->where,
			p->level == SETTINGS_WARNING ? _("warning: ") : "", p->text);
	}
	if (errors > 0)
		(void)str_addf(out, _("and %zu more errors\n"), errors);
	if (warnings > 0)
		(void)str_addf(out, _("and %zu more warnings\n"), warnings);
	return str_ok(out) ? 0 : -1;
}
