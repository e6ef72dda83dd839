#include "returns/event_verdict.h"
#include "base/digest.h"
#include "base/time.h"
#include "mail/token.h"
#include "returns/event_json.h"

enum {
	NAME_MAX_OWN = 128,    /* a longer id of the provider's is hashed */
	SURE_OF_CATEGORY = 90, /* the provider's own word for it; a less clear text yields to it */
	STATUS_PARTS = 3,
	STATUS_DIGITS_MAX = 3,
};

/* Of the recipient where it has it, else of the event. */
static struct view text_of(const struct event_source *s, const json_t *recipient, const char *paths)
{
	struct view text = event_json_text(recipient, paths, s->arena);

	return text.len > 0 || recipient == s->json ? text
						    : event_json_text(s->json, paths, s->arena);
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

static void find_all_tokens(const struct event_source *s, struct bounce_verdict *v)
{
	for (size_t i = 0; i < sizeof s->fields->tokens / sizeof *s->fields->tokens; i++)
		find_tokens(v, event_json_text(s->json, s->fields->tokens[i], s->arena));
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
static void by_category(const struct event_source *s, struct bounce_recipient *to)
{
	const json_t *permanent = event_json_at(s->json, s->fields->permanent);

	to->reason = s->row->reason;
	to->permanence = s->row->permanence;
	if (!s->row->sure && s->row->kind == BOUNCE_FAILED && json_is_boolean(permanent))
		to->permanence = json_is_true(permanent) ? BOUNCE_PERMANENT : BOUNCE_TRANSIENT;
	to->reason_why = (struct bounce_evidence){
		.where = VIEW("detail"),
		.words = event_json_text(s->json, s->fields->detail, s->arena),
		.rule = event_format_name(s->row->of),
		.confidence = SURE_OF_CATEGORY,
	};
}

static bool is_vague(const struct bounce_recipient *to)
{
	return to->reason == REASON_UNKNOWN || to->reason == REASON_UNCLEAR;
}

/* The same judges read the status and the text as read them in a message that came back. */
static void by_text(const struct event_source *s, struct bounce_recipient *to)
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

	if (s->row->sure || (clue.text.len == 0 && clue.status.len == 0 && clue.reply_code == 0))
		return;
	bounce_reason_find(&clue, &found);
	if (found.reason == REASON_UNKNOWN || found.reason == REASON_UNCLEAR ||
		found.reason == REASON_DELIVERED || (!vague && found.confidence < SURE_OF_CATEGORY))
		return;
	to->reason = found.reason;
	if (found.permanence != BOUNCE_NONE && s->row->kind == BOUNCE_FAILED)
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
static struct view hashed_name(const struct event_source *s, const struct event *e, struct view id)
{
	struct digest *d = digest_new();
	unsigned char hash[DIGEST_SIZE];
	struct view name;
	struct str hex;

	digest_piece(d, view_of(event_format_name(e->format)));
	digest_piece(d, id);
	digest_piece(d, event_json_text(s->json, s->fields->message, s->arena));
	digest_piece(d, e->recipient.address);
	digest_number(d, e->verdict.kind);
	digest_number(
		d, e->format == EVENT_MAILJET ? (int64_t)e->recipient.permanence : e->verdict.date);
	digest_end(d, hash);
	digest_free(&d);
	str_init(&hex, 2 * DIGEST_SIZE);
	(void)digest_hex(&hex, hash, sizeof hash);
	name = arena_dup(s->arena, str_view(&hex));
	str_free(&hex);
	return name;
}

static struct view name_of(const struct event_source *s, const struct event *e)
{
	struct view id = event_json_text(s->json, s->fields->id, s->arena);

	if (id.len > 0 && id.len <= NAME_MAX_OWN && s->fields->recipients == NULL)
		return id;
	return hashed_name(s, e, id);
}

/* What is in the brackets of "Ana <ana@example.org>". */
static struct view bare_address(struct view text)
{
	ptrdiff_t open = view_chr(text, '<');

	if (open < 0 || !view_ends(text, VIEW(">")))
		return text;
	return view_sub(text, (size_t)open + 1, text.len - (size_t)open - 2);
}

static void fill_recipient(const struct event_source *s, const json_t *recipient, struct event *e)
{
	struct bounce_recipient *to = &e->recipient;
	uint64_t code = 0;

	to->address =
		bare_address(json_is_string(recipient)
				     ? event_json_as_text(recipient, s->arena)
				     : event_json_text(recipient, s->fields->address, s->arena));
	to->action = view_of(action_of(s->row->kind));
	to->status = take_status(text_of(s, recipient, s->fields->status));
	to->remote_mta = text_of(s, recipient, s->fields->remote);
	to->diagnostic = text_of(s, recipient, s->fields->text);
	if (view_u64(text_of(s, recipient, s->fields->code), 599, &code) && code >= 200)
		to->reply_code = (int)code;
	take_reply(to);
	to->address_why = (struct bounce_evidence){
		.where = VIEW("address"), .words = to->address, .confidence = 100};
	by_category(s, to);
	by_text(s, to);
}

static void fill_verdict(const struct event_source *s, struct event *e)
{
	struct bounce_verdict *v = &e->verdict;

	v->kind = s->row->kind;
	v->complaint = s->row->complaint;
	v->kind_why = (struct bounce_evidence){
		.where = VIEW("event"),
		.line = s->line,
		.words = event_json_text(s->json, s->fields->type, s->arena),
		.rule = event_format_name(e->format),
		.confidence = 100,
	};
	v->writer = event_format_name(e->format);
	v->recipients = &e->recipient;
	v->recipient_count = 1;
	v->date = moment(event_json_text(s->json, s->fields->at, s->arena));
	v->original.message_id =
		bare_address(event_json_text(s->json, s->fields->message_id, s->arena));
	v->original.from = event_json_text(s->json, s->fields->from, s->arena);
	v->original.subject = event_json_text(s->json, s->fields->subject, s->arena);
	v->original.to = e->recipient.address;
	find_all_tokens(s, v);
}

static struct view as_it_stood(const struct event_source *s)
{
	char *dump = json_dumps(s->json, JSON_COMPACT);
	struct view text = arena_dup(s->arena, view_of(dump));

	free(dump);
	return text;
}

void event_fill(const struct event_source *s, const json_t *recipient, struct event *e)
{
	e->format = s->row->of;
	fill_recipient(s, recipient, e);
	fill_verdict(s, e);
	e->name = name_of(s, e);
	if (recipient == s->json && e->verdict.kind == BOUNCE_FAILED && is_vague(&e->recipient))
		e->raw = as_it_stood(s);
}
