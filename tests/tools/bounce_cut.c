/* What a message that came back says when it was cut off, against what the whole of it says.
 *
 *	bounce_cut FILE...
 *
 * Each file is cut at every 64th octet. A cut one may say less; it may not name an address that
 * does not stand in the whole, call a delay, a delivery or a complaint a failure, or give a reason that takes
 * somebody off a list where the whole gives another. Prints each such thing, and last a line
 * "cuts N wrong M"; exit 1 where M is not 0. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fail.h"
#include "base/file.h"
#include "bounce/verdict.h"
#include "mail/message.h"

enum { STEP = 64, FILE_MAX = 64 << 20 };

static bool takes_off(enum bounce_reason reason)
{
	return reason == REASON_USER_UNKNOWN || reason == REASON_MAILBOX_MOVED ||
	       reason == REASON_DOMAIN_UNKNOWN || reason == REASON_NO_MAIL_HERE ||
	       reason == REASON_PROVIDER_SUPPRESSED;
}

static bool in_address(char c)
{
	return ascii_is_alnum(c) || strchr("@.-_+", c) != NULL;
}

/* It stands there whole, not as a part of another. */
static bool stands_in(struct view message, struct view address)
{
	struct view rest = message;
	ptrdiff_t at;

	while ((at = view_find_nocase(rest, address)) >= 0) {
		struct view behind = view_from(rest, (size_t)at + address.len);

		if (behind.len == 0 || !in_address(behind.p[0]) ||
			(behind.p[0] == '.' && (behind.len == 1 || !in_address(behind.p[1]))))
			return true;
		rest = behind;
	}
	return false;
}

static const struct bounce_recipient *same(
	const struct bounce_verdict *whole, const struct bounce_recipient *to)
{
	for (size_t i = 0; i < whole->recipient_count; i++)
		if (view_eq_nocase(whole->recipients[i].address, to->address))
			return &whole->recipients[i];
	return NULL;
}

static bool named(const struct bounce_verdict *whole, struct message *read, struct view message,
	struct view address)
{
	for (size_t i = 0; i < whole->recipient_count; i++)
		if (view_eq_nocase(whole->recipients[i].address, address))
			return true;
	if (stands_in(message, address))
		return true;
	for (size_t i = 0; i < read->part_count; i++)
		if (view_starts(read->parts[i]->type, VIEW("text/")) &&
			stands_in(message_words(read, read->parts[i]), address))
			return true;
	return false;
}

static size_t compare(const char *path, size_t cut, struct message *read, struct view message,
	const struct bounce_verdict *whole, const struct bounce_verdict *part)
{
	size_t wrong = 0;

	if (part->kind == BOUNCE_FAILED && whole->kind != BOUNCE_FAILED &&
		whole->kind != BOUNCE_OTHER && whole->kind != BOUNCE_CHALLENGE) {
		printf("%s, %zu: failed, but the whole is %s\n", path, cut,
			bounce_kind_name(whole->kind));
		wrong++;
	}
	for (size_t i = 0; i < part->recipient_count; i++) {
		const struct bounce_recipient *to = &part->recipients[i], *other = same(whole, to);

		if (to->address.len > 0 && !named(whole, read, message, to->address)) {
			printf("%s, %zu: %.*s is nowhere\n", path, cut, VIEW_ARG(to->address));
			wrong++;
		}
		if (part->kind == BOUNCE_FAILED && takes_off(to->reason) && other != NULL &&
			!takes_off(other->reason)) {
			printf("%s, %zu: %.*s %s, but the whole says %s\n", path, cut,
				VIEW_ARG(to->address), bounce_reason_name(to->reason),
				bounce_reason_name(other->reason));
			wrong++;
		}
	}
	return wrong;
}

int main(int argc, char **argv)
{
	size_t cuts = 0, wrong = 0;

	for (int i = 1; i < argc; i++) {
		struct bounce_verdict whole, part;
		struct message read;
		struct arena a, b;
		struct str bytes;
		struct fail f;

		str_init(&bytes, FILE_MAX);
		if (file_read(argv[i], &bytes, &f) < 0) {
			(void)fprintf(stderr, "%s\n", f.text);
			return EXIT_FAILURE;
		}
		arena_init(&a);
		arena_init(&b);
		message_read(str_view(&bytes), &a, &read);
		bounce_read(str_view(&bytes), &a, &whole);
		for (size_t cut = STEP; cut < bytes.len; cut += STEP) {
			bounce_read(view_sub(str_view(&bytes), 0, cut), &b, &part);
			wrong += compare(argv[i], cut, &read, str_view(&bytes), &whole, &part);
			cuts++;
			arena_reset(&b);
		}
		arena_free(&b);
		arena_free(&a);
		str_free(&bytes);
	}
	printf("cuts %zu wrong %zu\n", cuts, wrong);
	return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
