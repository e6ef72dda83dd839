#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "mail/token.h"
#include "send/frozen.h"
#include "send/letter.h"
#include "send/tokens.h"

static const struct token_keys keys = {.count = 1, .key = {{1, 2, 3}}};
static const char source[] = "---\nsubject: \"News\"\nlanguage: en\n---\nHello, {{name|friend}}.\n";
static const char common[] = "---\nsubject: \"News\"\nlanguage: en\n---\nHello, friends.\n";
static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void return_addresses(void **state)
{
	static const struct address_case {
		const char *address, *separator, *want; /* NULL: refused */
	} cases[] = {
		{"returns@asso.example", "+", "returns+rqbbt3syvdefikynin36@asso.example"},
		{"returns@asso.example", "-", "returns-rqbbt3syvdefikynin36@asso.example"},
		{"a.b+c@asso.example", ".", "a.b+c.rqbbt3syvdefikynin36@asso.example"},
		/* 43 and the separator and 20 are 64. */
		{"a234567890123456789012345678901234567890123@asso.example", "+",
			"a234567890123456789012345678901234567890123+rqbbt3syvdefikynin36"
			"@asso.example"},
		{"a2345678901234567890123456789012345678901234@asso.example", "+", NULL},
		{"\"re@turns\"@asso.example", "+", NULL},
	};
	struct view out;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct address_case *c = &cases[i];
		struct fail f = {0};
		int ret = send_return_address(view_of(c->address), view_of(c->separator),
			VIEW("rqbbt3syvdefikynin36"), &arena, &out, &f);

		if ((ret == 0) != (c->want != NULL))
			fail_msg("%s: %d %s", c->address, ret, f.text);
		if (ret == 0 ? !view_is(out, c->want) : f.kind != FAIL_CONF)
			fail_msg("%s: %.*s %s", c->address, VIEW_ARG(out), f.text);
	}
}

/* Who was asked about, and whose address it is. */
struct asked {
	const char *member;
	size_t ours; /* questions about our own domain */
};

static int is_recipient(void *ctx, struct view key, struct fail *f)
{
	struct asked *a = ctx;

	(void)f;
	a->ours += view_ends(key, VIEW("@asso.example"));
	return view_is(key, a->member);
}

static struct send_letter *letter_of(
	enum send_mode mode, const char *separator, struct token_maker *tokens, const char *text)
{
	const struct send_frozen frozen = {.mode = mode,
		.from = VIEW("Association Exemple <contact@asso.example>"),
		.bounce_address = VIEW("returns@asso.example"),
		.unsubscribe_address = VIEW("leave@asso.example"),
		.organisation = VIEW("Association Exemple"),
		.postal_address = VIEW("1 rue de la Paix"),
		.list_name = VIEW("members"),
		.list_title = VIEW("Members"),
		.separator = view_of(separator)};
	const struct send_letter_source s = {.text = view_of(text),
		.name = "news",
		.frozen = &frozen,
		.campaign = 12,
		.instance = VIEW("0123456789abcdef"),
		.tokens = tokens,
		.now = 1};
	struct send_letter *l;
	struct fail f = {0};

	if (send_letter_new(&s, &l, &f) < 0)
		fail_msg("%s", f.text);
	return l;
}

static struct send_message *message_to(int64_t contact, const char *address, const char *name)
{
	struct send_message *m = send_message_new();

	*(struct send_rcpt *)vec_push(&m->rcpts) = (struct send_rcpt){.contact = contact,
		.address = view_of(address),
		.key = view_of(address),
		.name = view_of(name)};
	m->id = (uint64_t)contact;
	return m;
}

static void must_write(struct send_letter *l, struct send_message *m, struct asked *asked)
{
	struct fail f = {0};

	if (send_letter_write(l, m, 1, is_recipient, asked, &f) < 0)
		fail_msg("%s", f.text);
}

static bool says(struct view text, enum token_purpose purpose, int64_t contact)
{
	struct token t;

	return token_read(text, &keys, purpose, &t) == 1 && t.campaign == 12 &&
	       t.contact == contact;
}

/* The value of a field, without the rest of the line after `end`. */
static struct view after(const struct send_message *m, const char *begin, char end)
{
	ptrdiff_t at = view_find(str_view(&m->data), view_of(begin));
	struct view rest = view_from(str_view(&m->data), (size_t)at + strlen(begin)), value;

	if (at < 0)
		return view_make(NULL, 0);
	(void)view_split(&rest, end, &value);
	return value;
}

static void to_one(void **state)
{
	struct token_maker *tokens = token_maker_new(keys.key[0]);
	struct send_letter *l = letter_of(SEND_INDIVIDUAL, "+", tokens, source);
	struct asked asked = {.member = "bo@example.org"};

	(void)state;
	for (int plain = 0; plain < 2; plain++) {
		struct send_message *m = message_to(50000, "ana@example.org", "Ana");
		struct view from, local, value;

		m->plain = plain == 1;
		must_write(l, m, &asked);
		from = m->from;
		(void)view_split(&from, '@', &local);
		assert_true(view_is(from, "asso.example"));
		if (plain == 0)
			assert_true(says(token_in_local_part(local), TOKEN_RETURN, 50000));
		else
			assert_true(view_is(local, "returns"));
		assert_true(says(token_in_message_id(m->envid), TOKEN_MESSAGE, 50000));
		value = after(m, "Message-ID: <", '@');
		assert_true(view_eq(value, m->envid));
		assert_true(says(after(m, "X-Facteur-Token: ", '\r'), TOKEN_RETURN, 50000));
		assert_true(
			says(after(m, "subject=unsubscribe%20", '>'), TOKEN_UNSUBSCRIBE, 50000));
		send_message_free(&m);
	}
	assert_int_equal(asked.ours, 0);
	send_letter_free(&l);
	token_maker_free(&tokens);
}

static void to_many(void **state)
{
	struct token_maker *tokens = token_maker_new(keys.key[0]);
	struct send_letter *l = letter_of(SEND_BCC, "-", tokens, common);
	struct send_message *m = message_to(7, "ana@example.org", "Ana");
	struct asked asked = {.member = "ana@example.org"};

	(void)state;
	must_write(l, m, &asked);
	assert_true(view_starts(m->from, VIEW("returns-")));
	assert_true(says(after(m, "X-Facteur-Token: ", '\r'), TOKEN_RETURN, 0));
	assert_true(says(token_in_message_id(m->envid), TOKEN_MESSAGE, 0));
	assert_true(view_is(after(m, "?subject=", '>'), "unsubscribe"));
	assert_int_equal(asked.ours, 0);
	send_message_free(&m);
	send_letter_free(&l);
	token_maker_free(&tokens);
}

/* Campaigns of before tokens go on as they were. */
static void without(void **state)
{
	struct send_letter *l = letter_of(SEND_INDIVIDUAL, "", NULL, source);
	struct send_message *m = message_to(7, "ana@example.org", "Ana");
	struct asked asked = {.member = "bo@example.org"};

	(void)state;
	must_write(l, m, &asked);
	assert_true(view_is(m->from, "returns@asso.example"));
	assert_int_equal(m->envid.len, 32);
	assert_int_equal(token_in_message_id(m->envid).len, 0);
	assert_int_equal(after(m, "X-Facteur-Token", '\r').len, 0);
	assert_true(view_is(after(m, "?subject=", '>'), "unsubscribe"));
	assert_int_equal(asked.ours, 0);
	send_message_free(&m);
	send_letter_free(&l);
}

/* Promise P1: neither hides another's address, nor is one that ends as our Message-IDs do. */
static void others(void **state)
{
	static const char *const names[] = {"bo@example.org", "see bo@asso.example",
		"rqbbt3syvdefikynin36=bo@asso.example", "rqbbt3syvdefikynin36.bo@asso.example"};
	static const char *const members[] = {"bo@example.org", "bo@asso.example",
		"bo@asso.example", "rqbbt3syvdefikynin36.bo@asso.example"};
	struct token_maker *tokens = token_maker_new(keys.key[0]);
	struct send_letter *l = letter_of(SEND_INDIVIDUAL, "+", tokens, source);

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct send_message *m = message_to(9, "ana@example.org", names[i]);
		struct asked asked = {.member = members[i]};
		struct fail f = {0};

		if (send_letter_write(l, m, 1, is_recipient, &asked, &f) != -1)
			fail_msg("%s: %s", names[i], m->data.p);
		assert_int_equal(f.kind, FAIL_GUARD);
		send_message_free(&m);
	}
	send_letter_free(&l);
	token_maker_free(&tokens);
}

static void frozen(void **state)
{
	static const char before[] =
		"{\"mode\":\"bcc\",\"real\":true,\"forced\":false,\"at\":0,\"deadline\":1000,"
		"\"from\":\"a@asso.example\",\"reply_to\":\"\",\"bounce_address\":\"a@asso."
		"example\","
		"\"unsubscribe_address\":\"\",\"organisation\":\"\",\"postal_address\":\"\","
		"\"list_name\":\"l\",\"list_title\":\"l\",\"list_address\":\"\"}";
	struct send_frozen z = {.mode = SEND_INDIVIDUAL}, again = {.mode = SEND_INDIVIDUAL};
	struct fail f = {0};
	struct str out;

	(void)state;
	if (send_frozen_read(view_of(before), &arena, &z, &f) < 0)
		fail_msg("%s", f.text);
	assert_int_equal(z.token_key.len + z.separator.len, 0);
	assert_false(z.notify_success);
	z.token_key = VIEW("0123456789abcdef");
	z.separator = VIEW("+");
	z.notify_success = true;
	str_init(&out, FROZEN_MAX);
	assert_int_equal(send_frozen_write(&z, &out, &f), 0);
	assert_int_equal(send_frozen_read(str_view(&out), &arena, &again, &f), 0);
	assert_true(view_eq(again.token_key, z.token_key) && view_eq(again.separator, z.separator));
	assert_true(again.notify_success);
	str_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(return_addresses),
		cmocka_unit_test(to_one),
		cmocka_unit_test(to_many),
		cmocka_unit_test(without),
		cmocka_unit_test(others),
		cmocka_unit_test(frozen),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
