#include "settings/events.h"
#include <openssl/crypto.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"

#define BYTE_ORDER_MARK 0xfeff

static struct settings_place place_at(const struct settings_events *r, const yaml_mark_t *mark)
{
	if (!r->source->lines)
		return (struct settings_place){.source = r->source};
	return (struct settings_place){.source = r->source,
		.line = (unsigned)mark->line + 1,
		.column = (unsigned)mark->column + 1};
}

struct settings_place settings_events_place(const struct settings_events *r)
{
	return place_at(r, &r->event.start_mark);
}

static struct view scalar(const struct settings_events *r)
{
	return view_make((const char *)r->event.data.scalar.value, r->event.data.scalar.length);
}

/* What libyaml says most often, in words that help. */
static const char *explain(const char *problem)
{
	static const struct {
		const char *said, *words;
	} known[] = {
		{"mapping values are not allowed in this context",
			N_("a colon is not expected here; put a text that holds \": \" in quotes, "
			   "and check that the line above is complete")},
		{"found character that cannot start any token",
			N_("this character cannot stand here; indent with spaces, not with tabs, "
			   "and put a text that begins with @, %, ` or a tab in quotes")},
		{"did not find expected key",
			N_("a setting was expected here; check that it is indented like the ones "
			   "above it and that quotes and brackets are closed")},
		{"did not find expected ',' or ']'",
			N_("a comma or ] was expected here, to go on with the list or end it")},
		{"did not find expected ',' or '}'",
			N_("a comma or } was expected here, to go on with the settings or end "
			   "them")},
		{"found unexpected end of stream",
			N_("the file ends inside quotes that were opened here")},
		{"could not find expected ':'",
			N_("a colon was expected after this word, as in \"live: false\"")},
		{"block sequence entries are not allowed in this context",
			N_("a list item (-) is not expected here; start the list on a new line")},
		{"exceeded max nesting level", N_("this is nested too deeply")},
	};

	for (size_t i = 0; problem != NULL && i < sizeof known / sizeof *known; i++)
		if (strcmp(problem, known[i].said) == 0)
			return _(known[i].words);
	return problem != NULL ? problem : _("this is not YAML");
}

static int syntax_problem(struct settings_events *r)
{
	const yaml_parser_t *p = &r->parser;
	const yaml_mark_t *mark = &p->problem_mark;

	if (p->error == YAML_MEMORY_ERROR)
		mem_out();
	if (p->problem != NULL && strcmp(p->problem, "found unexpected end of stream") == 0)
		mark = &p->context_mark;
	settings_problem(r->l, SETTINGS_ERROR, place_at(r, mark), "%s", explain(p->problem));
	return -1;
}

static void drop_event(struct settings_events *r)
{
	if (r->event.type == YAML_SCALAR_EVENT)
		OPENSSL_cleanse(r->event.data.scalar.value, r->event.data.scalar.length);
	yaml_event_delete(&r->event);
}

static void refuse_marks(
	struct settings_events *r, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		settings_problem(r->l, SETTINGS_ERROR, settings_events_place(r),
			_("names for later reuse (&) are not understood here; write the value out "
			  "where it is needed"));
	if (tag != NULL)
		settings_problem(r->l, SETTINGS_ERROR, settings_events_place(r),
			_("types (!) are not understood here; each setting knows its own, so "
			  "leave the ! word out, or put the text in quotes"));
}

/* The next event, with what this file may not hold reported. Returns 0, or -1
 * when there is no going on. */
int settings_events_next(struct settings_events *r)
{
	const yaml_event_t *e = &r->event;

	drop_event(r);
	if (!yaml_parser_parse(&r->parser, &r->event))
		return syntax_problem(r);
	switch (e->type) {
	case YAML_ALIAS_EVENT:
		settings_problem(r->l, SETTINGS_ERROR, settings_events_place(r),
			_("references (*) are not understood here; write the value out, or put a "
			  "text that begins with * in quotes"));
		break;
	case YAML_SCALAR_EVENT:
		refuse_marks(r, e->data.scalar.anchor, e->data.scalar.tag);
		break;
	case YAML_SEQUENCE_START_EVENT:
		refuse_marks(r, e->data.sequence_start.anchor, e->data.sequence_start.tag);
		r->depth++;
		break;
	case YAML_MAPPING_START_EVENT:
		refuse_marks(r, e->data.mapping_start.anchor, e->data.mapping_start.tag);
		r->depth++;
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		r->depth--;
		break;
	default:
		break;
	}
	if (r->depth <= SETTINGS_DEPTH_MAX)
		return 0;
	settings_problem(
		r->l, SETTINGS_ERROR, settings_events_place(r), _("this is nested too deeply"));
	return -1;
}

static bool opens(const struct settings_events *r)
{
	return r->event.type == YAML_MAPPING_START_EVENT ||
	       r->event.type == YAML_SEQUENCE_START_EVENT;
}

/* To the last event of the node whose first event is at hand. */
int settings_events_skip(struct settings_events *r)
{
	unsigned outside = r->depth - 1;

	if (!opens(r))
		return 0;
	do {
		if (settings_events_next(r) < 0)
			return -1;
	} while (r->depth > outside);
	return 0;
}

struct settings_text settings_events_text(const struct settings_events *r)
{
	bool plain;

	if (r->event.type != YAML_SCALAR_EVENT)
		return (struct settings_text){.place = settings_events_place(r)};
	plain = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return (struct settings_text){.text = scalar(r),
		.quoted = !plain,
		.folded = plain && r->event.start_mark.line != r->event.end_mark.line,
		.place = settings_events_place(r)};
}

const char *settings_events_kind(const struct settings_events *r)
{
	switch (r->event.type) {
	case YAML_MAPPING_START_EVENT:
		return _("a group of settings");
	case YAML_SEQUENCE_START_EVENT:
		return _("a list");
	default:
		return _("a single value");
	}
}

/* One step on in lines and columns, as libyaml counts them. */
static void walk(struct settings_place *place, uint32_t cp, struct view rest)
{
	place->column++;
	if (cp == '\n' || (cp == '\r' && !view_starts(rest, VIEW("\n")))) {
		place->line++;
		place->column = 1;
	}
}

/* UTF-8 without what libyaml would stop at without a place, or take for UTF-16,
 * and without what makes a line read as what it is not. */
static bool fit_to_read(
	struct settings_loader *l, const struct settings_source *source, struct view text)
{
	struct settings_place place = {.source = source, .line = 1, .column = 1};
	uint32_t cp;
	int got;

	while ((got = utf8_next(&text, &cp)) == 1) {
		if ((utf8_is_control(cp) && cp != '\t' && cp != '\n' && cp != '\r') ||
			cp == BYTE_ORDER_MARK || (cp & 0xfffe) == 0xfffe)
			break;
		walk(&place, cp, text);
	}
	if (got == 0)
		return true;
	if (!source->lines)
		place.line = 0;
	if (got == 1)
		settings_problem(l, SETTINGS_ERROR, place,
			_("the invisible character U+%04X cannot stand in a configuration; delete "
			  "it"),
			(unsigned)cp);
	else
		settings_problem(l, SETTINGS_ERROR, place,
			_("the byte 0x%02x here is not UTF-8; save the file as UTF-8 in your "
			  "editor"),
			(unsigned)(unsigned char)text.p[0]);
	return false;
}

int settings_events_open(struct settings_events *r, struct settings_loader *l,
	const struct settings_source *source, struct view text)
{
	if (view_starts(text, VIEW("\xef\xbb\xbf")))
		text = view_from(text, 3);
	*r = (struct settings_events){.l = l, .source = source};
	if (!yaml_parser_initialize(&r->parser))
		mem_out();
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const yaml_char_t *)text.p, text.len);
	if (!fit_to_read(l, source, text))
		return -1;
	return settings_events_next(r); /* the start of the stream */
}

void settings_events_close(struct settings_events *r)
{
	drop_event(r);
	/* The file may hold a password, and these are its copies. */
	if (r->parser.raw_buffer.start != NULL)
		OPENSSL_cleanse(r->parser.raw_buffer.start,
			(size_t)(r->parser.raw_buffer.end - r->parser.raw_buffer.start));
	if (r->parser.buffer.start != NULL)
		OPENSSL_cleanse(r->parser.buffer.start,
			(size_t)(r->parser.buffer.end - r->parser.buffer.start));
	yaml_parser_delete(&r->parser);
}
