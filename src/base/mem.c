#include "base/mem.h"
#include <unistd.h>

enum { EXIT_RESUMABLE = 75 };

_Noreturn void mem_out(void)
{
	static const char text[] = "facteur: out of memory; nothing already recorded is lost.\n";

	/* write and _exit: stdio and atexit handlers may want memory themselves. */
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(EXIT_RESUMABLE);
	_exit(EXIT_RESUMABLE);
}

void *mem_alloc(size_t size)
{
	void *p = calloc(1, size > 0 ? size : 1);

	if (p == NULL)
		mem_out();
	return p;
}

void *mem_grow(void *p, size_t size)
{
	void *grown = realloc(p, size > 0 ? size : 1);

	if (grown == NULL)
		mem_out();
	return grown;
}

void *mem_dup(const void *p, size_t size)
{
	void *copy = mem_alloc(size);

	if (size > 0)
		memcpy(copy, p, size);
	return copy;
}

char *mem_dupz(const char *text)
{
	return text == NULL ? NULL : mem_dup(text, strlen(text) + 1);
}
