#include "cmd/memory.h"
#include <fcntl.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "base/file.h"
#include "base/mem.h"

/* For OpenSSL no bytes are NULL. */
static void *crypto_malloc(size_t size, const char *file, int line)
{
	void *p = size > 0 ? malloc(size) : NULL;

	(void)file;
	(void)line;
	if (size > 0 && p == NULL)
		mem_out();
	return p;
}

static void crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static void *crypto_realloc(void *p, size_t size, const char *file, int line)
{
	if (size > 0)
		return mem_grow(p, size);
	crypto_free(p, file, line);
	return NULL;
}

void memory_guard(void)
{
	json_set_alloc_funcs(mem_alloc, free);
	/* Only refused when it has allocated before. */
	(void)CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
}

void memory_hide(void)
{
	/* First this, for afterwards the file is not ours any more (core(5), proc(5)). */
	int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)file_write_all(fd, VIEW("0"));
		(void)close(fd);
	}
	(void)prctl(PR_SET_DUMPABLE, 0);
}
