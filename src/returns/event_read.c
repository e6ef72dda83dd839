#include <stdio.h>
#include "base/digest.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/time.h"
#include "base/utf8.h"
#include "mail/token.h"
#include "returns/event_fields.h"
#include "returns/event_json.h"

enum {
	NAME_MAX_OWN = 128,    /* a longer id of the provider's is hashed */
	WORDS_SHOWN_MAX = 200, /* of the file, in an error */
	SURE_OF_CATEGORY = 90, /* the provider's own word for it; a less clear text yields to it */
	STATUS_PARTS = 3,
	STATUS_DIGITS_MAX = 3,
};

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
	const json_t *json; /* the event */
	const struct event_fields *fields;
	const struct event_row *row;
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

/* --- one event of one recipient -------------------------------------------- */

/* Of the recipient where it has it, else of the event. */
static struct view text_of(const struct reader *r, const json_t *recipient, const char *paths)
{
	struct view text = event_json_text(recipient, paths, r->arena);

	return text.len > 0 || recipient == r->json ? text
						    : event_json_text(r->json, paths, r->arena);
}

/* 1521233195, 1521233195.375624, 1521233195375, "2018-03-16T20:46:35Z", "2018-03-16 20:46:35"; a
 * date is 0 where it is none of these. */
static int64_t moment(struct view text)
{
	const uint64_t latest = (uint64_t)1 << 52, of_ms = (uint64_t)1 << 37;
	ptrdiff_t dot = view_chr(text, '.');
	uint64_t n;
	int64_t at;

	if (view_u64(dot > 0 ? view_sub(text, 0, (size_t)dot) : text, latest, &n))
		return (int64_t)(n < of_ms ? n * TIME_SECOND : n);
	return time_parse(text, &at) ? at : 0;
}

/* What looks like a token of ours, wherever in the text: other signs end it. */
static void find_tokens(struct bounce_verdict *v, struct view text)
{
	while (text.len > 0 && v->token_count < BOUNCE_TOKENS_MAX) {
		size_t len = 0;
		struct view word;

		while (len < text.len && ascii_is_alnum(text.p[len]))
			len++;
		word = view_sub(text, 0, len);
		if (token_looks(word))
			v->tokens[v->token_count++] = word;
		text = view_from(text, len + 1);
	}
}

static void find_all_tokens(const struct reader *r, struct bounce_verdict *v)
{
	for (size_t i = 0; i < sizeof r->fields->tokens / sizeof *r->fields->tokens; i++)
		find_tokens(v, event_json_text(r->json, r->fields->tokens[i], r->arena));
	find_tokens(v, v->original.message_id);
}

/* "5.1.1" at the beginning of the text. */
static struct view take_status(struct view text)
{
	size_t len = 0;

	if (text.len == 0 || (text.p[0] != '2' && text.p[0] != '4' && text.p[0] != '5'))
		return view_make(NULL, 0);
	for (int part = 0; part < STATUS_PARTS; part++) {
		size_t from = len;

		while (len < text.len && ascii_is_digit(text.p[len]))
			len++;
		if (len == from || len - from > (part == 0 ? 1 : STATUS_DIGITS_MAX))
			return view_make(NULL, 0);
		if (part < STATUS_PARTS - 1 && (len == text.len || text.p[len++] != '.'))
			return view_make(NULL, 0);
	}
	return view_sub(text, 0, len);
}

/* The code and the status that the text of a reply begins with: "smtp; 550 5.1.1 …", "550-5.1.1 …",
 * "smtp;550 …". */
static void take_reply(struct bounce_recipient *to)
{
	struct view text = to->diagnostic, status;
	uint64_t code = 0;

	if (view_starts_nocase(text, VIEW("smtp;")))
		text = view_trim(view_from(text, sizeof "smtp;" - 1));
	if (text.len >= 3 && (text.len == 3 || !ascii_is_alnum(text.p[3])) &&
		view_u64(view_sub(text, 0, 3), 599, &code) && code >= 200) {
		if (to->reply_code == 0)
			to->reply_code = (int)code;
		text = view_from(text, 4);
	}
	status = take_status(view_trim(text));
	if (to->status.len == 0)
		to->status = status;
}

static const char *action_of(enum bounce_kind kind)
{
	switch (kind) {
	case BOUNCE_FAILED:
		return "failed";
	case BOUNCE_DELAYED:
		return "delayed";
	case BOUNCE_DELIVERED:
		return "delivered";
	default:
		return "";
	}
}

/* The provider's own word for the reason, and its own judgement of how long it holds. */
static void by_category(const struct reader *r, struct bounce_recipient *to)
{
	const json_t *permanent = event_json_at(r->json, r->fields->permanent);

	to->reason = r->row->reason;
	to->permanence = r->row->permanence;
	if (!r->row->sure && r->row->kind == BOUNCE_FAILED && json_is_boolean(permanent))
		to->permanence = json_is_true(permanent) ? BOUNCE_PERMANENT : BOUNCE_TRANSIENT;
	to->reason_why = (struct bounce_evidence){
		.where = VIEW("detail"),
		.words = event_json_text(r->json, r->fields->detail, r->arena),
		.rule = names[r->row->of],
		.confidence = SURE_OF_CATEGORY,
	};
}

static bool is_vague(const struct bounce_recipient *to)
{
	return to->reason == REASON_UNKNOWN || to->reason == REASON_UNCLEAR;
}

/* The same judges read the status and the text as read them in a message that came back. */
static void by_text(const struct reader *r, struct bounce_recipient *to)
{
	ptrdiff_t at = view_chr(to->address, '@');
	struct bounce_clue clue = {
		.reply_code = to->reply_code,
		.status = to->status,
		.text = to->diagnostic,
		.domain = at >= 0 ? view_from(to->address, (size_t)at + 1) : view_make(NULL, 0),
	};
	bool vague = is_vague(to);
	struct bounce_finding found;

	if (r->row->sure || (clue.text.len == 0 && clue.status.len == 0 && clue.reply_code == 0))
		return;
	bounce_reason_find(&clue, &found);
	if (found.reason == REASON_UNKNOWN || found.reason == REASON_UNCLEAR ||
		found.reason == REASON_DELIVERED || (!vague && found.confidence < SURE_OF_CATEGORY))
		return;
	to->reason = found.reason;
	if (found.permanence != BOUNCE_NONE && r->row->kind == BOUNCE_FAILED)
		to->permanence = found.permanence;
	to->reason_why = (struct bounce_evidence){
		.where = VIEW("text"),
		.words = found.words,
		.rule = found.rule,
		.confidence = found.confidence,
	};
}

/* Of the same provider, for the same recipient, the same is not told twice: Mailjet says only once
 * how a message ended, by its webhook and by its API; the others are told apart by their time. */
static struct view hashed_name(const struct reader *r, const struct event *e, struct view id)
{
	struct digest *d = digest_new();
	unsigned char hash[DIGEST_SIZE];
	struct view name;
	struct str hex;

	digest_piece(d, view_of(names[e->format]));
	digest_piece(d, id);
	digest_piece(d, event_json_text(r->json, r->fields->message, r->arena));
	digest_piece(d, e->recipient.address);
	digest_number(d, e->verdict.kind);
	digest_number(
		d, e->format == EVENT_MAILJET ? (int64_t)e->recipient.permanence : e->verdict.date);
	digest_end(d, hash);
	digest_free(&d);
	str_init(&hex, 2 * DIGEST_SIZE);
	(void)digest_hex(&hex, hash, sizeof hash);
	name = arena_dup(r->arena, str_view(&hex));
	str_free(&hex);
	return name;
}

static struct view name_of(const struct reader *r, const struct event *e)
{
	struct view id = event_json_text(r->json, r->fields->id, r->arena);

	if (id.len > 0 && id.len <= NAME_MAX_OWN && r->fields->recipients == NULL)
		return id;
	return hashed_name(r, e, id);
}

/* What is in the brackets of "Ana <ana@example.org>". */
static struct view bare_address(struct view text)
{
	ptrdiff_t open = view_chr(text, '<');

	if (open < 0 || !view_ends(text, VIEW(">")))
		return text;
	return view_sub(text, (size_t)open + 1, text.len - (size_t)open - 2);
}

static void fill_recipient(const struct reader *r, const json_t *recipient, struct event *e)
{
	struct bounce_recipient *to = &e->recipient;
	uint64_t code = 0;

	to->address =
		bare_address(json_is_string(recipient)
				     ? event_json_as_text(recipient, r->arena)
				     : event_json_text(recipient, r->fields->address, r->arena));
	to->action = view_of(action_of(r->row->kind));
	to->status = take_status(text_of(r, recipient, r->fields->status));
	to->remote_mta = text_of(r, recipient, r->fields->remote);
	to->diagnostic = text_of(r, recipient, r->fields->text);
	if (view_u64(text_of(r, recipient, r->fields->code), 599, &code) && code >= 200)
		to->reply_code = (int)code;
	take_reply(to);
	to->address_why = (struct bounce_evidence){
		.where = VIEW("address"), .words = to->address, .confidence = 100};
	by_category(r, to);
	by_text(r, to);
}

static void fill_verdict(const struct reader *r, struct event *e)
{
	struct bounce_verdict *v = &e->verdict;

	v->kind = r->row->kind;
	v->complaint = r->row->complaint;
	v->kind_why = (struct bounce_evidence){
		.where = VIEW("event"),
		.line = r->at.line,
		.words = event_json_text(r->json, r->fields->type, r->arena),
		.rule = names[e->format],
		.confidence = 100,
	};
	v->writer = names[e->format];
	v->recipients = &e->recipient;
	v->recipient_count = 1;
	v->date = moment(event_json_text(r->json, r->fields->at, r->arena));
	v->original.message_id =
		bare_address(event_json_text(r->json, r->fields->message_id, r->arena));
	v->original.from = event_json_text(r->json, r->fields->from, r->arena);
	v->original.subject = event_json_text(r->json, r->fields->subject, r->arena);
	v->original.to = e->recipient.address;
	find_all_tokens(r, v);
}

static struct view as_it_stood(const struct reader *r)
{
	char *dump = json_dumps(r->json, JSON_COMPACT);
	struct view text = arena_dup(r->arena, view_of(dump));

	free(dump);
	return text;
}

static int add_event(struct reader *r, const json_t *recipient)
{
	struct event *e;

	if (r->out->events.len >= EVENT_RECIPIENTS_MAX)
		return wrong(r, _("it is of more recipients than one event can be"));
	e = arena_alloc(r->arena, sizeof *e);
	e->format = r->row->of;
	fill_recipient(r, recipient, e);
	fill_verdict(r, e);
	if (e->recipient.address.len == 0)
		return wrong(r, _("it does not say whose address it is about"));
	e->name = name_of(r, e);
	if (recipient == r->json && e->verdict.kind == BOUNCE_FAILED && is_vague(&e->recipient))
		e->raw = as_it_stood(r);
	*(struct event **)vec_push(&r->out->events) = e;
	return 0;
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

static int read_event(struct reader *r, const json_t *json, enum event_format format)
{
	const json_t *list;
	struct view type;
	int ret = 0;

	r->json = json;
	r->fields = event_fields(format);
	type = event_json_text(json, r->fields->type, r->arena);
	r->row = event_row_find(format, type, event_json_text(json, r->fields->detail, r->arena),
		event_json_text(json, r->fields->detail_sub, r->arena));
	if (r->row == NULL)
		return wrong_word(r, _("an event that is not known here"), type);
	if (r->row->kind == BOUNCE_OTHER) {
		r->out->ignored++;
		return 0;
	}
	list = event_json_at(json, r->fields->recipients);
	if (!json_is_array(list))
		return add_event(r, json);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (add_event(r, json_array_get(list, i)) < 0)
			ret = -1;
	return ret;
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
