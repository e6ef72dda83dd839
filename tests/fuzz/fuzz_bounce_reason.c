/* Any bytes as a reply: a name of a reason comes out, its words stand in the text, and asking again gives
 * the same. The first byte chooses the command, the second the code. */
#include <assert.h>
#include "base/arena.h"
#include "bounce/match.h"
#include "bounce/reason.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const commands[] = {"", "RCPT", "MAIL", "DATA", "EHLO"};
	struct view in = view_make((const char *)data, size);
	struct bounce_clue clue = {.domain = VIEW("example.org")};
	struct bounce_finding one, two;
	struct view folded;
	struct arena a;
	enum bounce_reason named;

	if (size < 2)
		return 0;
	clue.command = view_of(commands[data[0] % 5]);
	clue.reply_code = data[1] % 4 == 0 ? 0 : 400 + data[1];
	clue.text = view_from(in, 2);
	clue.status = view_sub(clue.text, 0, 5);
	bounce_reason_find(&clue, &one);
	bounce_reason_find(&clue, &two);
	assert(one.reason == two.reason && one.rule == two.rule && view_eq(one.words, two.words));
	assert(one.rule != NULL && one.confidence <= 100);
	assert(bounce_reason_of_name(view_of(bounce_reason_name(one.reason)), &named));
	assert(named == one.reason);
	assert(one.words.len == 0 ||
		(one.words.p >= clue.text.p &&
			one.words.p + one.words.len <= clue.text.p + clue.text.len));
	arena_init(&a);
	folded = words_fold(clue.text, &a);
	assert(folded.len <= WORDS_TEXT_MAX * 5 / 3);
	arena_free(&a);
	return 0;
}
