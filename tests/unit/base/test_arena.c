#include <setjmp.h>
#include <stdarg.h>
#include <stdalign.h>
#include <cmocka.h>
#include "base/arena.h"
#include "base/mem.h"

static bool all_zero(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* Pieces of every size are aligned, zeroed and do not overlap: each is filled
 * with its own byte, and all are looked at again when the last one is there. */
static void test_pieces(void **state)
{
	enum { PIECES = 400 };
	char *piece[PIECES];
	struct arena a;

	(void)state;
	arena_init(&a);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < PIECES; i++) {
			piece[i] = arena_alloc(&a, i);
			assert_int_equal((uintptr_t)piece[i] % alignof(max_align_t), 0);
			assert_true(all_zero(piece[i], i));
			memset(piece[i], (int)(i % 251), i);
		}
		for (size_t i = 0; i < PIECES; i++)
			for (size_t k = 0; k < i; k++)
				assert_int_equal((unsigned char)piece[i][k], i % 251);
		arena_reset(&a);
	}
	arena_free(&a);
}

static void test_big(void **state)
{
	static const size_t sizes[] = {8176, 8191, 8192, 8193, 100000, 1 << 22, 1, 0};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char *p = arena_alloc(&a, sizes[i]);

		assert_non_null(p);
		assert_true(all_zero(p, sizes[i]));
		memset(p, 0xAA, sizes[i]);
	}
	arena_free(&a);
	arena_free(&a);
	assert_non_null(arena_alloc(&a, 1));
	arena_free(&a);
}

static void test_reset(void **state)
{
	struct arena a;
	char *first;

	(void)state;
	arena_init(&a);
	arena_reset(&a);
	first = arena_alloc(&a, 100);
	memset(first, 'x', 100);
	arena_reset(&a);
	assert_ptr_equal(arena_alloc(&a, 100), first);
	assert_true(all_zero(first, 100));
	arena_free(&a);
}

static void test_dup(void **state)
{
	char source[] = "a\0b";
	struct arena a;
	struct view copy;
	char *text;

	(void)state;
	arena_init(&a);
	copy = arena_dup(&a, view_make(source, 3));
	text = arena_dupz(&a, VIEW("text"));
	source[0] = 'x';
	assert_int_equal(copy.len, 3);
	assert_memory_equal(copy.p, "a\0b", 4);
	assert_string_equal(text, "text");
	copy = arena_dup(&a, view_make(NULL, 0));
	assert_non_null(copy.p);
	assert_int_equal(copy.len, 0);
	assert_string_equal(arena_dupz(&a, view_make(NULL, 0)), "");
	arena_free(&a);
}

static void test_mem(void **state)
{
	char *p = mem_dup("a\0b", 3), *z = mem_dupz("text"), *n = mem_dup(NULL, 0);

	(void)state;
	assert_memory_equal(p, "a\0b", 3);
	assert_string_equal(z, "text");
	assert_non_null(n);
	assert_null(mem_dupz(NULL));
	z = mem_grow(z, 1000);
	assert_string_equal(z, "text");
	z = mem_grow(z, 0);
	assert_non_null(z);
	free(p);
	free(z);
	free(n);
	p = mem_alloc(64);
	assert_true(all_zero(p, 64));
	free(p);
	p = mem_alloc(0);
	assert_non_null(p);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_big),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_dup),
		cmocka_unit_test(test_mem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
