#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "returns/event_json.h"
#include "returns/event_verdict.h"

enum { WORDS_SHOWN_MAX = 200 }; /* of the file, in an error */

static const char *const names[EVENT_FORMATS] = {
	[EVENT_AUTO] = "auto",
	[EVENT_MAILJET] = "mailjet",
	[EVENT_BREVO] = "brevo",
	[EVENT_SENDGRID] = "sendgrid",
	[EVENT_POSTMARK] = "postmark",
	[EVENT_SES] = "ses",
	[EVENT_MAILGUN] = "mailgun",
};

const char *event_format_name(enum event_format format)
{
	return names[format];
}

bool event_format_of_name(struct view name, enum event_format *out)
{
	for (int i = 0; i < EVENT_FORMATS; i++) {
		if (view_is(name, names[i])) {
			*out = (enum event_format)i;
			return true;
		}
	}
	return false;
}

void event_list_init(struct event_list *l)
{
	vec_init(&l->events, sizeof(struct event *));
	l->ignored = 0;
}

void event_list_free(struct event_list *l)
{
	vec_free(&l->events);
}

/* What is at hand while one object is read. */
struct reader {
	struct arena *arena;
	struct event_spot at;
	enum event_format format;
	struct event_list *out;
	struct fail *f;
};

static int wrong(const struct reader *r, const char *words)
{
	return fail_set(r->f, FAIL_DATA, "%llu:%llu: %s", (unsigned long long)r->at.line,
		(unsigned long long)r->at.column, words);
}

/* Words of the file go into an error cleaned and cut. */
static int wrong_word(const struct reader *r, const char *fmt, struct view word)
{
	struct str shown, text;

	str_init(&shown, 4 * WORDS_SHOWN_MAX);
	str_init(&text, FAIL_TEXT_MAX);
	(void)utf8_clean(&shown,
		view_sub(word, 0,
			utf8_floor(word, word.len < WORDS_SHOWN_MAX ? word.len : WORDS_SHOWN_MAX)));
	(void)str_addf(&text, "%s: %s", fmt, shown.p);
	(void)wrong(r, text.p);
	str_free(&text);
	str_free(&shown);
	return -1;
}

/* --- one object ------------------------------------------------------------ */

static enum event_format recognise(const json_t *json)
{
	/* The ones with the surest marks first. */
	static const enum event_format order[] = {EVENT_SES, EVENT_POSTMARK, EVENT_SENDGRID,
		EVENT_MAILJET, EVENT_MAILGUN, EVENT_BREVO};

	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (event_json_has(json, event_fields(order[i])->known_by))
			return order[i];
	return EVENT_AUTO;
}

static int add_event(struct reader *r, const struct event_source *source, const json_t *recipient)
{
	struct event *e;

	if (r->out->events.len >= EVENT_RECIPIENTS_MAX)
		return wrong(r, _("it is of more recipients than one event can be"));
	e = arena_alloc(r->arena, sizeof *e);
	event_fill(source, recipient, e);
	if (e->recipient.address.len == 0)
		return wrong(r, _("it does not say whose address it is about"));
	*(struct event **)vec_push(&r->out->events) = e;
	return 0;
}

static int add_events(struct reader *r, const struct event_source *source)
{
	const json_t *list = event_json_at(source->json, source->fields->recipients);
	int ret = 0;

	if (!json_is_array(list))
		return add_event(r, source, source->json);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (add_event(r, source, json_array_get(list, i)) < 0)
			ret = -1;
	return ret;
}

static int read_event(struct reader *r, const json_t *json, enum event_format format)
{
	struct event_source source = {.json = json,
		.fields = event_fields(format),
		.line = r->at.line,
		.arena = r->arena};
	struct view type = event_json_text(json, source.fields->type, r->arena);

	source.row =
		event_row_find(format, type, event_json_text(json, source.fields->detail, r->arena),
			event_json_text(json, source.fields->detail_sub, r->arena));
	if (source.row == NULL)
		return wrong_word(r, _("an event that is not known here"), type);
	if (source.row->kind != BOUNCE_OTHER)
		return add_events(r, &source);
	r->out->ignored++;
	return 0;
}

static int read_any(struct reader *r, const json_t *json, unsigned wraps);

static int read_text(struct reader *r, const json_t *text, unsigned wraps)
{
	struct view inner = view_make(json_string_value(text), json_string_length(text));
	json_t *json;
	int ret;

	if (!view_starts(view_trim(inner), VIEW("{"))) {
		r->out->ignored++; /* of SNS: words for people, as when a subscription begins */
		return 0;
	}
	json = event_json_load(inner, r->at, r->f);
	if (json == NULL)
		return -1;
	ret = read_any(r, json, wraps + 1);
	json_decref(json);
	return ret;
}

/* NULL: nothing is. */
static const json_t *wrapped_in(const json_t *json)
{
	for (size_t i = 0; event_wraps[i] != NULL; i++) {
		const json_t *inner = json_object_get(json, event_wraps[i]);

		if (json_is_string(inner) || json_is_object(inner) || json_is_array(inner))
			return inner;
	}
	return NULL;
}

static int read_wrapped(struct reader *r, const json_t *inner, unsigned wraps)
{
	int ret = 0;

	if (json_is_string(inner))
		return read_text(r, inner, wraps);
	if (json_is_object(inner))
		return read_any(r, inner, wraps + 1);
	for (size_t i = 0; i < json_array_size(inner); i++)
		if (read_any(r, json_array_get(inner, i), wraps + 1) < 0)
			ret = -1;
	return ret;
}

static int read_any(struct reader *r, const json_t *json, unsigned wraps)
{
	enum event_format format = recognise(json);
	bool is_event = format != EVENT_AUTO || event_json_has(json, "event");
	const json_t *inner = is_event || wraps == EVENT_WRAPS_MAX ? NULL : wrapped_in(json);

	if (!json_is_object(json))
		return wrong(r, _("this is no event: one begins with {"));
	if (inner != NULL)
		return read_wrapped(r, inner, wraps);
	if (r->format != EVENT_AUTO)
		return read_event(r, json, r->format);
	if (format != EVENT_AUTO)
		return read_event(r, json, format);
	return wrong(r, is_event ? _("whose event this is cannot be told; say so with --format")
				 : _("this is no event of a relay that is known here; "
				     "docs/events.md tells which are"));
}

int event_read_object(const json_t *object, struct event_spot at, enum event_format format,
	struct arena *a, struct event_list *out, struct fail *f)
{
	struct reader r = {.arena = a, .at = at, .format = format, .out = out, .f = f};

	return read_any(&r, object, 0);
}

int event_read(struct view json, struct event_spot at, enum event_format format, struct arena *a,
	struct event_list *out, struct fail *f)
{
	json_t *object = event_json_load(json, at, f);
	int ret;

	if (object == NULL)
		return -1;
	ret = event_read_object(object, at, format, a, out, f);
	json_decref(object);
	return ret;
}
