/* failalloc - memory that runs out at a chosen moment.
 *
 *	FAILALLOC_LOG=FILE LD_PRELOAD=libfailalloc.so PROGRAM…	writes how many allocations there were
 *	FAILALLOC_AT=N     LD_PRELOAD=libfailalloc.so PROGRAM…	the Nth fails, and all after it
 *	FAILALLOC_AT=N FAILALLOC_ONCE=1 …			only the Nth fails
 *
 * An allocation is a call of malloc, calloc, realloc, aligned_alloc or posix_memalign, of the
 * program and of all its libraries, from main() on. Where many runs are wanted: failalloc_serve.c, and
 * failalloc_walk.c. */
#include "failalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

/* glibc's own names for what is interposed here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static uint64_t made, fail_at; /* fail_at 0: never */
static bool fail_once;

void failalloc_set(uint64_t at, bool once)
{
	fail_at = at;
	fail_once = once;
}

void failalloc_arm(uint64_t at, bool once)
{
	made = 0;
	failalloc_set(at, once);
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("FAILALLOC_LOG");
	char text[32];
	int fd, len = snprintf(text, sizeof text, "%" PRIu64 "\n", made);

	failalloc_walk_end();
	if (path == NULL)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, (size_t)len) != len)
		_exit(1);
	(void)close(fd);
}

/* libcurl may allocate in a thread of its own. */
static bool fails(void)
{
	uint64_t n = __atomic_add_fetch(&made, 1, __ATOMIC_RELAXED);

	failalloc_walk_step(n);
	if (fail_at == 0 || n < fail_at || (fail_once && n > fail_at))
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

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	void *p = fails() ? NULL : __libc_memalign(alignment, size);

	if (p == NULL)
		return ENOMEM;
	*out = p;
	return 0;
}
