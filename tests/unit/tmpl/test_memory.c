/* Memory that runs out while a template is compiled is never taken for a mistake in it. */
#include "help.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_RESUMABLE = 75, EXIT_OTHER = 1 };

#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static long left = -1; /* allocations before the one that fails; negative: none does */

static bool fails(void)
{
	if (left < 0 || left-- > 0)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}

static const char source[] = "---\nsubject: s\nlanguage: en\n---\n"
			     "# Hello {{name}}\n\n- a *b*\n- [c](https://e.example/?x={{code}})\n\n"
			     "| d | e |\n|---|---|\n| f | g |\n";

/* In a child, for memory that has run out ends the program. Returns how it ended. */
static int compile_without(long n)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct tmpl *t = NULL;
		struct fail f = {0};

		left = n;
		if (tmpl_compile(view_of(source), "t", &t, &f) == 0)
			_exit(left >= 0 ? 0 : EXIT_RESUMABLE);
		(void)fprintf(stderr, "allocation %ld: %s\n", n, f.text);
		_exit(EXIT_OTHER);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void each_allocation(void **state)
{
	struct tmpl *t = help_compile("with all memory", source);
	int ended;

	(void)state;
	/* OpenSSL has begun with that: without memory it crashes, and cmd/memory.c sees to it. */
	tmpl_free(&t);
	for (long n = 0; (ended = compile_without(n)) != 0; n++)
		if (ended != EXIT_RESUMABLE)
			fail_msg("allocation %ld: it ended with %d", n, ended);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	(void)puts("skip - each allocation: a sanitizer has an allocator of its own");
	return 0;
}
#endif
