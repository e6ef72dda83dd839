#include "send/letter.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/time.h"
#include "compose/check.h"
#include "base/utf8.h"
#include "compose/compose.h"
#include "mail/domain.h"
#include "mail/token.h"
#include "send/fields.h"
#include "send/tokens.h"
#include "store/subscriber.h"
#include "tmpl/tmpl.h"

enum { LETTER_TODAY = 48, LETTER_LIST_ID_MAX = 512 };

struct send_letter {
	struct send_frozen frozen; /* texts in the arena */
	struct arena arena;
	struct tmpl *template;
	struct compose *compose;
	struct compose_memo *memo;
	struct tmpl_parts parts;
	struct view from; /* MAIL FROM, without a token */
	struct token_maker *tokens;
	int64_t campaign;
	struct view home; /* "@" and the key of the domain of our Message-IDs */
	struct vec open;  /* struct view: keys of addresses that the author and the identity show */
	char today[LETTER_TODAY];
};

/* --- values -------------------------------------------------------------- */

/* Who a message speaks to. */
struct person {
	const struct send_letter *letter;
	struct view address, name;
	struct send_fields fields;
};

static void person_init(struct person *p, const struct send_letter *l, struct view address,
	struct view name, struct view fields)
{
	p->letter = l;
	p->address = address;
	p->name = name;
	send_fields_read(&p->fields, fields);
}

static void person_free(struct person *p)
{
	send_fields_free(&p->fields);
}

static bool common_value(const struct send_letter *l, struct view name, struct view *value)
{
	const struct send_frozen *z = &l->frozen;
	const struct {
		const char *name;
		struct view value;
	} common[] = {
		{"organisation", z->organisation},
		{"postal_address", z->postal_address},
		{"list_name", z->list_title},
		{"list_address", z->list_address},
		{"unsubscribe_address", z->unsubscribe_address},
		{"today", view_of(l->today)},
	};

	for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
		if (!view_is(name, common[i].name))
			continue;
		*value = common[i].value;
		return true;
	}
	return false;
}

static bool personal_value(const struct person *p, struct view name, struct view *value)
{
	if (view_is(name, "email")) {
		*value = p->address;
		return true;
	}
	if (view_is(name, "name")) {
		*value = p->name;
		return true;
	}
	return send_fields_find(&p->fields, name, value);
}

/* ctx: struct person; one without an address is nobody in particular (bcc mode). */
static bool lookup(void *ctx, struct view name, struct view *value)
{
	const struct person *p = ctx;

	if (common_value(p->letter, name, value))
		return true;
	return p->address.len > 0 && personal_value(p, name, value);
}

/* "23 novembre 2026", in the language of the template. */
static void write_today(struct send_letter *l, int64_t now)
{
	static const char *const fr[] = {"janvier", "février", "mars", "avril", "mai", "juin",
		"juillet", "août", "septembre", "octobre", "novembre", "décembre"};
	static const char *const en[] = {"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December"};
	bool french = view_starts(tmpl_front(l->template, "language"), VIEW("fr"));
	struct time_civil c;

	time_civil(now + (int64_t)time_zone_offset(now) * TIME_MINUTE, &c);
	(void)snprintf(l->today, sizeof l->today, "%d%s %s %d", c.day,
		french && c.day == 1 ? "er" : "", (french ? fr : en)[(c.month + 11) % 12], c.year);
}

/* --- what may be shown --------------------------------------------------- */

static enum compose_whose remember(void *ctx, struct view key)
{
	struct send_letter *l = ctx;

	*(struct view *)vec_push(&l->open) = arena_dup(&l->arena, key);
	return COMPOSE_NOBODY;
}

/* An address that the author wrote into the template, or the sender's own, is
 * public on purpose, even where it is a member's. */
static int collect_open(struct send_letter *l, struct view source, struct fail *f)
{
	const struct send_frozen *z = &l->frozen;
	const struct view texts[] = {source, z->from, z->reply_to, z->bounce_address,
		z->unsubscribe_address, z->list_address, z->organisation, z->postal_address,
		z->list_title};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (compose_scan(texts[i], remember, l, f) < 0)
			return -1;
	return 0;
}

struct whose {
	struct send_letter *letter;
	const struct send_rcpt *own; /* NULL in bcc mode */
	send_is_recipient_fn is_recipient;
	void *ctx;
	struct fail *f;
	bool failed;
};

/* It stands in every message and looks like an address. */
static bool is_message_id(const struct send_letter *l, struct view key)
{
	struct view id = compose_last_id(l->compose);
	ptrdiff_t at = view_chr(id, '@');

	return at > 0 && key.len == (size_t)at + l->home.len &&
	       view_starts(key, view_sub(id, 0, (size_t)at)) && view_ends(key, l->home);
}

static enum compose_whose whose(void *ctx, struct view key)
{
	struct whose *w = ctx;
	int found;

	if (w->own != NULL && view_eq(key, w->own->key))
		return COMPOSE_OWN;
	for (size_t i = 0; i < w->letter->open.len; i++)
		if (view_eq(key, *(struct view *)vec_at(&w->letter->open, i)))
			return COMPOSE_PUBLIC;
	if (w->is_recipient == NULL || w->failed)
		return COMPOSE_NOBODY;
	/* Of this message alone; no part of it need be asked for. */
	if (is_message_id(w->letter, key))
		return COMPOSE_OWN;
	found = w->is_recipient(w->ctx, key, w->f);
	w->failed = found < 0;
	return found > 0 ? COMPOSE_OTHER : COMPOSE_NOBODY;
}

/* --- making one ---------------------------------------------------------- */

static int parse(struct send_letter *l, struct view text, struct mailbox *out, struct fail *f)
{
	*out = (struct mailbox){{NULL, 0}, {{NULL, 0}, {NULL, 0}}};
	return text.len == 0 ? 0 : mailbox_parse(text, ADDR_MEMBER, &l->arena, out, f);
}

static int wire_of(struct send_letter *l, const struct addr *a, struct view *out, struct fail *f)
{
	struct str wire;
	int ret;

	str_init(&wire, ADDR_WIRE_MAX);
	ret = addr_wire(a, &wire, NULL, f);
	*out = arena_dup(&l->arena, str_view(&wire));
	str_free(&wire);
	return ret;
}

/* RFC 2919: a name that is ours alone: the list's under the sender's domain. */
static int list_id(struct send_letter *l, const struct addr *from, struct view *out, struct fail *f)
{
	struct str id;
	int ret;

	str_init(&id, LETTER_LIST_ID_MAX);
	(void)str_addv(&id, l->frozen.list_name);
	(void)str_addc(&id, '.');
	ret = domain_ascii(from->domain, &id, f);
	*out = arena_dup(&l->arena, str_view(&id));
	str_free(&id);
	return ret;
}

/* How an address at the sender's domain ends once it is a key. */
static int learn_home(struct send_letter *l, const struct addr *from, struct fail *f)
{
	const struct addr a = {.local = VIEW("a"), .domain = from->domain};
	struct str key;
	int ret;

	str_init(&key, ADDR_KEY_MAX);
	ret = addr_key(&a, &key, f);
	l->home = arena_dup(&l->arena, view_from(str_view(&key), 1));
	str_free(&key);
	return ret;
}

static int open_compose(
	struct send_letter *l, int64_t campaign, struct view instance, int64_t now, struct fail *f)
{
	const struct send_frozen *z = &l->frozen;
	struct mailbox bounce, unsubscribe;
	struct compose_frame frame = {
		.mode = z->mode == SEND_BCC ? COMPOSE_BCC : COMPOSE_INDIVIDUAL,
		.list_name = z->list_title,
		.instance = instance,
		.campaign = campaign,
		.zone = time_zone_offset(now),
		.utf8 = true,
	};

	if (parse(l, z->from, &frame.from, f) < 0)
		return fail_wrap(f, _("the sender \"%.*s\""), VIEW_ARG(z->from));
	if (parse(l, z->reply_to, &frame.reply_to, f) < 0)
		return fail_wrap(f, _("the reply address \"%.*s\""), VIEW_ARG(z->reply_to));
	if (parse(l, z->bounce_address, &bounce, f) < 0)
		return fail_wrap(f, _("the bounce address \"%.*s\""), VIEW_ARG(z->bounce_address));
	if (parse(l, z->unsubscribe_address, &unsubscribe, f) < 0)
		return fail_wrap(
			f, _("the unsubscribe address \"%.*s\""), VIEW_ARG(z->unsubscribe_address));
	if (parse(l, z->list_address, &frame.list_address, f) < 0)
		return fail_wrap(f, _("the list's address \"%.*s\""), VIEW_ARG(z->list_address));
	frame.unsubscribe = unsubscribe.addr;
	frame.list_address.name = z->list_title;
	if (list_id(l, &frame.from.addr, &frame.list_id, f) < 0 ||
		learn_home(l, &frame.from.addr, f) < 0 || wire_of(l, &bounce.addr, &l->from, f) < 0)
		return -1;
	l->compose = compose_new(&frame, f);
	return l->compose == NULL ? -1 : 0;
}

static void keep_frozen(struct send_letter *l, const struct send_frozen *z)
{
	l->frozen = (struct send_frozen){
		.mode = z->mode,
		.from = arena_dup(&l->arena, z->from),
		.reply_to = arena_dup(&l->arena, z->reply_to),
		.bounce_address = arena_dup(&l->arena, z->bounce_address),
		.unsubscribe_address = arena_dup(&l->arena, z->unsubscribe_address),
		.organisation = arena_dup(&l->arena, z->organisation),
		.postal_address = arena_dup(&l->arena, z->postal_address),
		.list_name = arena_dup(&l->arena, z->list_name),
		.list_title = arena_dup(&l->arena, z->list_title),
		.list_address = arena_dup(&l->arena, z->list_address),
		.separator = arena_dup(&l->arena, z->separator),
	};
}

int send_letter_new(
	const struct send_letter_source *source, struct send_letter **out, struct fail *f)
{
	struct send_letter *l = mem_alloc(sizeof *l);

	arena_init(&l->arena);
	vec_init(&l->open, sizeof(struct view));
	l->memo = compose_memo_new();
	tmpl_parts_init(&l->parts);
	keep_frozen(l, source->frozen);
	l->tokens = source->tokens;
	l->campaign = source->campaign;
	if (tmpl_compile(source->text, source->name, &l->template, f) < 0 ||
		open_compose(l, source->campaign, source->instance, source->now, f) < 0 ||
		collect_open(l, source->text, f) < 0) {
		send_letter_free(&l);
		return -1;
	}
	write_today(l, source->now);
	*out = l;
	return 0;
}

void send_letter_free(struct send_letter **l)
{
	if (*l == NULL)
		return;
	compose_free(&(*l)->compose);
	compose_memo_free(&(*l)->memo);
	tmpl_free(&(*l)->template);
	tmpl_parts_free(&(*l)->parts);
	vec_free(&(*l)->open);
	arena_free(&(*l)->arena);
	free(*l);
	*l = NULL;
}

const struct tmpl *send_letter_template(const struct send_letter *l)
{
	return l->template;
}

int send_letter_check(struct send_letter *l, const struct store_subscriber *who, struct fail *f)
{
	struct person p;
	int ret;

	person_init(&p, l, l->frozen.mode == SEND_BCC ? view_of("") : who->address, who->name,
		who->fields);
	ret = tmpl_check(l->template, lookup, &p, f);
	person_free(&p);
	return ret;
}

/* --- writing one --------------------------------------------------------- */

/* Nobody in particular in bcc mode: nothing personal can get in. */
static void reader_of(struct person *p, const struct send_letter *l, const struct send_rcpt *to)
{
	if (l->frozen.mode == SEND_BCC)
		person_init(p, l, view_of(""), view_of(""), view_of(""));
	else
		person_init(p, l, to->address, to->name, to->fields);
}

int send_letter_subject(
	struct send_letter *l, const struct send_rcpt *to, struct str *out, struct fail *f)
{
	struct person p;
	int ret;

	reader_of(&p, l, to);
	ret = tmpl_render_subject(l->template, lookup, &p, out, f);
	person_free(&p);
	return ret;
}

int send_letter_parts(struct send_letter *l, const struct send_rcpt *to,
	const struct tmpl_parts **out, struct fail *f)
{
	struct person p;
	int ret;

	reader_of(&p, l, to);
	ret = tmpl_render(l->template, lookup, &p, &l->parts, f);
	person_free(&p);
	*out = &l->parts;
	return ret;
}

static int address_to(struct send_letter *l, struct send_message *m, const struct person *p,
	struct compose_to *to, struct fail *f)
{
	struct send_rcpt *r = vec_at(&m->rcpts, 0);
	struct str key;
	int ret;

	to->batch = (int64_t)m->id;
	if (l->frozen.mode == SEND_BCC)
		return 0;
	to->contact = r->contact;
	to->mailbox.name = view_sub(p->name, 0, utf8_floor(p->name, MAILBOX_NAME_MAX));
	if (addr_parse(r->address, ADDR_MEMBER, &to->mailbox.addr, f) < 0)
		return -1;
	str_init(&key, ADDR_KEY_MAX);
	ret = addr_key(&to->mailbox.addr, &key, f);
	r->key = arena_dup(&m->arena, str_view(&key));
	str_free(&key);
	return ret;
}

static struct view make_token(
	struct send_letter *l, struct send_message *m, enum token_purpose purpose, int64_t contact)
{
	const struct token t = {purpose, l->campaign, contact};
	char *room = arena_alloc(&m->arena, TOKEN_SIZE_MAX);
	struct str text;
	size_t len;

	str_init(&text, TOKEN_SIZE_MAX);
	(void)token_make(l->tokens, &text, &t);
	len = text.len;
	memcpy(room, text.p, len);
	str_free(&text);
	return view_make(room, len);
}

/* One message to many has one without a contact, and none that unsubscribes: it would do so
 * for whoever has it. */
static int add_tokens(
	struct send_letter *l, struct send_message *m, struct compose_to *to, struct fail *f)
{
	m->from = l->from;
	if (l->tokens == NULL)
		return 0;
	to->return_token = make_token(l, m, TOKEN_RETURN, to->contact);
	to->message_token = make_token(l, m, TOKEN_MESSAGE, to->contact);
	to->token_field = view_of(m->token_field);
	if (l->frozen.mode != SEND_BCC)
		to->token = make_token(l, m, TOKEN_UNSUBSCRIBE, to->contact);
	if (m->plain || l->frozen.separator.len == 0)
		return 0;
	return send_return_address(
		l->from, l->frozen.separator, to->return_token, &m->arena, &m->from, f);
}

static int write_for(struct send_letter *l, struct send_message *m, struct person *p, int64_t now,
	struct fail *f)
{
	struct compose_to to = {0};
	struct compose_parts parts;
	struct view id;
	bool utf8 = false;

	if (address_to(l, m, p, &to, f) < 0 || add_tokens(l, m, &to, f) < 0 ||
		tmpl_render(l->template, lookup, p, &l->parts, f) < 0)
		return -1;
	parts = (struct compose_parts){.subject = str_view(&l->parts.subject),
		.text = str_view(&l->parts.text),
		.html = str_view(&l->parts.html)};
	if (compose_message(l->compose, &parts, &to, now, &m->data, &utf8, f) < 0)
		return -1;
	id = compose_last_id(l->compose);
	m->utf8 |= utf8;
	(void)view_split(&id, '@', &m->envid);
	m->envid = arena_dup(&m->arena, m->envid);
	return 0;
}

int send_letter_write(struct send_letter *l, struct send_message *m, int64_t now,
	send_is_recipient_fn is_recipient, void *ctx, struct fail *f)
{
	struct send_rcpt *first = vec_at(&m->rcpts, 0);
	struct whose w = {.letter = l, .is_recipient = is_recipient, .ctx = ctx, .f = f};
	struct person p;
	int ret;

	reader_of(&p, l, first);
	ret = write_for(l, m, &p, now, f);
	person_free(&p);
	if (ret < 0)
		return -1;
	w.own = l->frozen.mode == SEND_BCC ? NULL : first;
	ret = compose_check(str_view(&m->data), m->utf8, l->memo, whose, &w, f);
	if (w.failed)
		compose_memo_forget(l->memo);
	return ret < 0 || w.failed ? -1 : 0;
}
