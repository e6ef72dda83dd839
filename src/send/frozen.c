#include "send/frozen.h"
#include <jansson.h>
#include <stddef.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "mail/mailbox.h"
#include "settings/settings.h"
#include "store/list.h"
#include "tmpl/tmpl.h"

static const char *const mode_names[] = {[SEND_INDIVIDUAL] = "individual", [SEND_BCC] = "bcc"};

const char *send_mode_name(enum send_mode mode)
{
	return mode_names[mode];
}

static const struct {
	const char *key;
	size_t offset;
	bool late; /* campaigns of before have it not */
} texts[] = {
	{"from", offsetof(struct send_frozen, from), false},
	{"reply_to", offsetof(struct send_frozen, reply_to), false},
	{"bounce_address", offsetof(struct send_frozen, bounce_address), false},
	{"unsubscribe_address", offsetof(struct send_frozen, unsubscribe_address), false},
	{"organisation", offsetof(struct send_frozen, organisation), false},
	{"postal_address", offsetof(struct send_frozen, postal_address), false},
	{"list_name", offsetof(struct send_frozen, list_name), false},
	{"list_title", offsetof(struct send_frozen, list_title), false},
	{"list_address", offsetof(struct send_frozen, list_address), false},
	{"token_key", offsetof(struct send_frozen, token_key), true},
	{"separator", offsetof(struct send_frozen, separator), true},
};
enum { TEXTS = sizeof texts / sizeof *texts };

int send_frozen_write(const struct send_frozen *z, struct str *out, struct fail *f)
{
	json_t *doc = json_pack("{s:s, s:b, s:b, s:b, s:I, s:I}", "mode", send_mode_name(z->mode),
		"real", z->real, "forced", z->forced, "notify_success", z->notify_success, "at",
		(json_int_t)z->at, "deadline", (json_int_t)z->deadline);
	char *dump;
	int ret = 0;

	for (size_t i = 0; i < TEXTS; i++) {
		struct view v;

		memcpy(&v, (const char *)z + texts[i].offset, sizeof v);
		ret |= json_object_set_new(
			doc, texts[i].key, json_stringn(v.len > 0 ? v.p : "", v.len));
	}
	dump = json_dumps(doc, JSON_COMPACT);
	json_decref(doc);
	if (dump == NULL)
		mem_out();
	ret |= str_addz(out, dump);
	free(dump);
	if (ret != 0)
		return fail_set(f, FAIL_CONF, "%s",
			_("the identity in the configuration is too long or is not UTF-8"));
	return 0;
}

static int read_text(json_t *doc, size_t i, struct arena *a, struct send_frozen *out)
{
	json_t *value = json_object_get(doc, texts[i].key);
	struct view v = {NULL, 0};

	if (!json_is_string(value) && (value != NULL || !texts[i].late))
		return -1;
	if (value != NULL)
		v = arena_dup(a, view_make(json_string_value(value), json_string_length(value)));
	memcpy((char *)out + texts[i].offset, &v, sizeof v);
	return 0;
}

static int read_mode(json_t *doc, enum send_mode *out)
{
	const char *name = json_string_value(json_object_get(doc, "mode"));

	for (size_t i = 0; name != NULL && i < sizeof mode_names / sizeof *mode_names; i++) {
		if (strcmp(name, mode_names[i]) != 0)
			continue;
		*out = (enum send_mode)i;
		return 0;
	}
	return -1;
}

int send_frozen_read(struct view json, struct arena *a, struct send_frozen *out, struct fail *f)
{
	json_t *doc = json_loadb(json.p, json.len, JSON_REJECT_DUPLICATES, NULL);
	int ret = read_mode(doc, &out->mode);

	out->real = json_is_true(json_object_get(doc, "real"));
	out->forced = json_is_true(json_object_get(doc, "forced"));
	/* Campaigns of before had none of these. */
	out->notify_success = json_is_true(json_object_get(doc, "notify_success"));
	out->at = json_integer_value(json_object_get(doc, "at"));
	out->deadline = json_integer_value(json_object_get(doc, "deadline"));
	if (out->deadline <= 0)
		out->deadline = SEND_DEADLINE_MS;
	for (size_t i = 0; ret == 0 && i < TEXTS; i++)
		ret = read_text(doc, i, a, out);
	json_decref(doc);
	if (ret < 0)
		return fail_set(f, FAIL_STORE, "%s",
			_("what this campaign froze cannot be read; was the database changed by "
			  "hand?"));
	return 0;
}

/* --- made from the configuration ----------------------------------------- */

static struct view text_or(const char *text, struct view otherwise)
{
	return text != NULL && text[0] != '\0' ? view_of(text) : otherwise;
}

int send_bare_address(struct view *address, const char *what, struct arena *a, struct fail *f)
{
	struct mailbox mailbox;
	struct str wire;
	int ret;

	if (address->len == 0)
		return 0;
	if (mailbox_parse(*address, ADDR_MEMBER, a, &mailbox, f) < 0) {
		f->kind = FAIL_CONF;
		return fail_wrap(f, "%s \"%.*s\"", what, VIEW_ARG(*address));
	}
	str_init(&wire, ADDR_WIRE_MAX);
	ret = addr_wire(&mailbox.addr, &wire, NULL, f);
	*address = arena_dup(a, str_view(&wire));
	str_free(&wire);
	return ret;
}

int send_frozen_make(const struct settings *settings, const struct store_list *list,
	const struct tmpl *t, struct arena *a, struct send_frozen *z, struct fail *f)
{
	const struct settings_identity *id = &settings->identity;
	struct view from = tmpl_front(t, "from"), reply_to = tmpl_front(t, "reply_to");

	if (from.len == 0)
		from = view_of(id->from);
	if (from.len == 0)
		return fail_set(f, FAIL_CONF, "%s",
			_("nobody is set as the sender; write identity: {from: \"Name "
			  "<you@your-domain>\"} in facteur.yaml"));
	*z = (struct send_frozen){
		.from = arena_dup(a, from),
		.reply_to = arena_dup(a, reply_to.len > 0 ? reply_to : view_of(id->reply_to)),
		.bounce_address = text_or(id->bounce_address, from),
		.organisation = view_of(id->organisation),
		.postal_address = view_of(id->postal_address),
		.list_name = list->name,
		.list_title = list->title.len > 0 ? list->title : list->name,
		.list_address = list->address,
		.deadline = settings->deadline,
	};
	/* Nobody has said that the mailbox of a sender takes mail under other names. */
	if (id->verp && id->bounce_address != NULL) {
		const char separator = settings_separator_char(id->separator);

		z->separator = arena_dup(a, view_make(&separator, 1));
	}
	z->unsubscribe_address = text_or(id->unsubscribe_address, z->bounce_address);
	if (send_bare_address(&z->bounce_address, _("the bounce address"), a, f) < 0 ||
		send_bare_address(&z->unsubscribe_address, _("the unsubscribe address"), a, f) <
			0 ||
		send_bare_address(&z->list_address, _("the list's address"), a, f) < 0)
		return -1;
	return 0;
}
