#include <assert.h>
#include "base/arena.h"
#include "base/fail.h"
#include "mail/domain.h"
#include "mail/mailbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is taken has a wire form that is taken too, with the same key; and
 * the key of a key is itself. */
static void same_key(const struct addr *a)
{
	struct str key, wire, again;
	struct fail f;
	struct addr b;

	str_init(&key, ADDR_KEY_MAX);
	str_init(&wire, ADDR_WIRE_MAX);
	str_init(&again, ADDR_KEY_MAX);
	assert(addr_key(a, &key, &f) == 0 && addr_wire(a, &wire, NULL, &f) == 0);
	if (wire.len <= ADDR_MAX) {
		assert(addr_normalise(str_view(&wire), ADDR_ALLOW_UTF8, &again, &f) == 0);
		assert(view_eq(str_view(&key), str_view(&again)));
	}
	str_clear(&again);
	if (addr_parse(str_view(&key), ADDR_ALLOW_UTF8, &b, &f) == 0) {
		assert(addr_key(&b, &again, &f) == 0);
		assert(view_eq(str_view(&key), str_view(&again)));
	}
	str_free(&key);
	str_free(&wire);
	str_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size);
	struct mailbox m;
	struct arena arena;
	struct addr a;
	struct str out;
	struct fail f;

	if (addr_parse(in, ADDR_ALLOW_UTF8, &a, &f) == 0)
		same_key(&a);
	arena_init(&arena);
	if (mailbox_parse(in, ADDR_ALLOW_UTF8, &arena, &m, &f) == 0)
		same_key(&m.addr);
	arena_free(&arena);
	str_init(&out, 4096);
	(void)domain_display(in, &out);
	str_free(&out);
	return 0;
}
