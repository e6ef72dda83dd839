#include "base/fail.h"
#include "base/utf8.h"
#include "returns/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void trap_unless(bool holds)
{
	if (!holds)
		__builtin_trap();
}

/* Everything that an event says is in the arena, and has a name and an address. */
static void look(const struct event *e)
{
	const struct bounce_verdict *v = &e->verdict;
	const struct bounce_recipient *to = &e->recipient;
	size_t sum = 0;

	trap_unless(v->recipients == to && v->recipient_count == 1);
	trap_unless(e->format > EVENT_AUTO && e->format < EVENT_FORMATS);
	trap_unless(e->name.len > 0 && to->address.len > 0);
	trap_unless(v->kind != BOUNCE_OTHER && v->kind < BOUNCE_KINDS);
	trap_unless(to->reason < REASON_COUNT && to->reply_code < 600);
	trap_unless(v->token_count <= BOUNCE_TOKENS_MAX);
	for (size_t i = 0; i < v->token_count; i++)
		sum += (unsigned char)v->tokens[i].p[v->tokens[i].len - 1];
	for (size_t i = 0; i < to->diagnostic.len; i++)
		sum += (unsigned char)to->diagnostic.p[i];
	trap_unless(sum <= SIZE_MAX / 2);
}

static void read_piece(const struct event_piece *p, struct arena *a, struct event_list *list)
{
	struct fail f = {.kind = FAIL_NONE};

	arena_reset(a);
	vec_clear(&list->events);
	if (event_read(p->bytes, p->at, EVENT_AUTO, a, list, &f) < 0)
		trap_unless(f.kind == FAIL_DATA && utf8_valid(view_of(f.text), NULL));
	for (size_t i = 0; i < list->events.len; i++)
		look(*(struct event *const *)vec_at(&list->events, i));
}

/* The first byte says in which pieces the rest comes: what is cut from it must not depend on
 * that, and no byte comes out twice. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view all = view_make((const char *)data, size), rest, in;
	struct event_scan whole, parts;
	struct event_piece one, other;
	struct event_list list;
	struct arena a;
	size_t chunk = size > 0 ? 1 + data[0] % 64 : 1, bytes = 0;

	all = view_from(all, 1);
	rest = all;
	in = view_make(NULL, 0);
	arena_init(&a);
	event_list_init(&list);
	event_scan_init(&whole);
	event_scan_init(&parts);
	while (event_scan_next(&whole, &all, true, &one) > 0) {
		while (event_scan_next(&parts, &in, rest.len == 0, &other) == 0 && rest.len > 0)
			in = view_take(&rest, chunk);
		trap_unless(view_eq(one.bytes, other.bytes) && one.wrong == other.wrong &&
			    one.at.line == other.at.line && one.at.column == other.at.column);
		bytes += one.bytes.len;
		if (one.wrong == NULL)
			read_piece(&one, &a, &list);
	}
	trap_unless(bytes <= size);
	event_scan_free(&parts);
	event_scan_free(&whole);
	event_list_free(&list);
	arena_free(&a);
	return 0;
}
