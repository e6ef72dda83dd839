#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/arena.h"
#include "bounce/match.h"
#include "bounce/read_private.h"

/* Every row of every table is hit by its own example, and no row before it is: a row that
 * another hides would never decide. */
static const char *command_of(const struct bounce_row *row)
{
	if ((row->when & WHEN_CONNECT) != 0)
		return "EHLO";
	return (row->when & WHEN_MAIL) != 0 ? "MAIL" : "";
}

static const char *const *names_of_reasons(void)
{
	static const char *const tables[] = {
		"receivers", "sender", "mailbox", "message", "address", "system"};

	return tables;
}

static size_t check_reason(enum table table, const struct bounce_row *row)
{
	struct diagnosis said;
	struct bounce_finding found;
	struct bounce_clue clue = {.command = view_of(command_of(row))};

	diagnosis_read(view_of(row->example), &said);
	clue.reply_code = said.code;
	clue.status = said.status;
	clue.text = view_of(row->example);
	clue.domain = view_of(row->domain);
	bounce_reason_find(&clue, &found);
	if (found.rule != NULL && strcmp(found.rule, row->name) == 0 &&
		found.reason == (enum bounce_reason)row->value && found.words.len > 0)
		return 0;
	print_error("%s: %s is decided by %s (%s)\n", names_of_reasons()[table], row->name,
		found.rule, bounce_reason_name(found.reason));
	return 1;
}

static void reasons(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (enum table t = TABLE_RECEIVERS; t <= TABLE_SYSTEM; t++)
		for (size_t i = 0; i < bounce_tables[t]->count; i++)
			wrong += check_reason(t, &bounce_tables[t]->row[i]);
	if (wrong > 0)
		fail_msg("%zu rows are hidden by others", wrong);
}

static void others(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (enum table t = TABLE_COMMANDS; t < TABLES; t++)
		for (size_t i = 0; i < bounce_tables[t]->count; i++) {
			const struct bounce_row *row = &bounce_tables[t]->row[i], *hit;
			struct match_text text;
			struct arena a;
			size_t from = 0;

			arena_init(&a);
			match_read(&text, view_of(row->example), &a);
			while ((hit = match_next(&text, t, &from)) != NULL && hit != row)
				;
			if (hit == NULL) {
				print_error("%s: its example does not hit it\n", row->name);
				wrong++;
			} else if (match_words(&text, t, row).len == 0) {
				print_error("%s: its words are nowhere\n", row->name);
				wrong++;
			}
			arena_free(&a);
		}
	assert_int_equal(wrong, 0);
}

static bool is_folded(const char *phrase)
{
	struct arena a;
	struct view folded;
	bool same;

	arena_init(&a);
	folded = words_fold(view_of(phrase), &a);
	/* A blank at the beginning stands for the end of a word. */
	same = view_is(folded, phrase + (phrase[0] == ' ')) || strchr(phrase, '@') != NULL;
	arena_free(&a);
	return same;
}

/* A phrase that is not as the text is folded can never be found; a name serves once. */
static void well_formed(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (enum table t = 0; t < TABLES; t++)
		for (size_t i = 0; i < bounce_tables[t]->count; i++) {
			const struct bounce_row *row = &bounce_tables[t]->row[i];

			if (!is_folded(row->a) || (row->b != NULL && !is_folded(row->b))) {
				print_error("%s: not as the text is folded\n", row->name);
				wrong++;
			}
			for (size_t j = 0; j < i; j++)
				if (strcmp(row->name, bounce_tables[t]->row[j].name) == 0) {
					print_error("%s: twice\n", row->name);
					wrong++;
				}
		}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons), cmocka_unit_test(others), cmocka_unit_test(well_formed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
