#include "base/str.h"
#include <assert.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include "base/mem.h"

enum {
	STR_FIRST = 64,
	STR_SECRETS = 1 << 18, /* bytes for all secrets together; powers of two, both */
	STR_SECRET_LEAST = 32,
};
#define STR_MOST (SIZE_MAX / 4) /* so that doubling cannot wrap around */

static char nothing[1] = ""; /* what an unused buffer points at; never written */

void str_init(struct str *s, size_t max)
{
	*s = (struct str){.p = nothing, .max = max < STR_MOST ? max : STR_MOST};
}

static void secrets_begin(void)
{
	(void)CRYPTO_secure_malloc_init(STR_SECRETS, STR_SECRET_LEAST);
}

void str_init_secret(struct str *s, size_t max)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, secrets_begin);
	str_init(s, max);
	s->secret = true;
}

void str_free(struct str *s)
{
	bool secret = s->secret;

	if (s->cap > 0 && secret)
		OPENSSL_secure_clear_free(s->p, s->cap);
	else if (s->cap > 0)
		free(s->p);
	str_init(s, s->max);
	s->secret = secret;
}

/* As mem_grow(). Once that memory is full, or there is none, any will do. */
static char *grow_secret(const struct str *s, size_t cap)
{
	char *p = OPENSSL_secure_malloc(cap);

	if (p == NULL)
		p = mem_alloc(cap);
	memcpy(p, s->p, s->len + 1);
	if (s->cap > 0)
		OPENSSL_secure_clear_free(s->p, s->cap);
	return p;
}

void str_clear(struct str *s)
{
	s->len = 0;
	s->over = false;
	if (s->cap > 0)
		s->p[0] = '\0';
}

void str_cut(struct str *s, size_t len)
{
	if (len >= s->len)
		return;
	s->len = len;
	s->p[len] = '\0';
}

char *str_take(struct str *s)
{
	char *p = s->cap > 0 ? s->p : mem_dupz("");

	assert(!s->secret);
	str_init(s, s->max);
	return p;
}

char *str_room(struct str *s, size_t len)
{
	size_t need, cap;

	if (s->over || len > s->max - s->len) {
		s->over = true;
		return NULL;
	}
	need = s->len + len + 1;
	if (need > s->cap) {
		cap = s->cap > 0 ? s->cap : STR_FIRST;
		while (cap < need)
			cap *= 2;
		if (s->secret)
			s->p = grow_secret(s, cap);
		else
			s->p = mem_grow(s->cap > 0 ? s->p : NULL, cap);
		s->cap = cap;
	}
	return s->p + s->len;
}

void str_added(struct str *s, size_t len)
{
	assert(s->len + len < s->cap);
	s->len += len;
	s->p[s->len] = '\0';
}

int str_add(struct str *s, const void *p, size_t len)
{
	char *room = str_room(s, len);

	if (room == NULL)
		return -1;
	if (len > 0)
		memcpy(room, p, len);
	str_added(s, len);
	return 0;
}

int str_addfv(struct str *s, const char *fmt, va_list ap)
{
	va_list again;
	char *room;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0 || (room = str_room(s, (size_t)len)) == NULL) {
		s->over = true;
		return -1;
	}
	(void)vsnprintf(room, (size_t)len + 1, fmt, ap);
	str_added(s, (size_t)len);
	return 0;
}

int str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = str_addfv(s, fmt, ap);
	va_end(ap);
	return ret;
}
