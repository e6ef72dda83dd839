#ifndef BASE_STR_H
#define BASE_STR_H
#include <stdarg.h>
#include "base/view.h"

/* str - a growing buffer of bytes. p is never NULL and p[len] is NUL, so text
 * without NUL inside is also a C string. Past `max`, chosen where the buffer is
 * made, adding fails; it never truncates. Failing sticks: everything added
 * later is refused too, so a run of adds may be checked once, at its end, with
 * str_ok(). str_clear() forgets the failure. */
struct str {
	char *p;
	size_t len, cap, max;
	bool over; /* something did not fit */
	bool secret;
};

void str_init(struct str *s, size_t max);
/* For a password: its bytes lie in memory that is not swapped out and not part of a
 * core, as long as the system has such, and are overwritten where they are given up.
 * str_take() is not for these. */
void str_init_secret(struct str *s, size_t max);
void str_free(struct str *s);  /* and ready for use again, same max */
void str_clear(struct str *s); /* keeps the memory */
static inline bool str_ok(const struct str *s)
{
	return !s->over;
}
void str_cut(struct str *s, size_t len); /* shorter; a longer len does nothing */
/* Valid until the next change. */
static inline struct view str_view(const struct str *s)
{
	return view_make(s->p, s->len);
}
char *str_take(struct str *s); /* yours to free(); s is empty after */

/* All return 0, or -1 when it did not fit (s unchanged but for `over`). The
 * bytes added must not lie inside s. */
int str_add(struct str *s, const void *p, size_t len);
static inline int str_addv(struct str *s, struct view v)
{
	return str_add(s, v.p, v.len);
}
static inline int str_addz(struct str *s, const char *text)
{
	return str_add(s, text, strlen(text));
}
static inline int str_addc(struct str *s, char c)
{
	if (s->over || s->len >= s->max || s->len + 1 >= s->cap)
		return str_add(s, &c, 1);
	s->p[s->len++] = c;
	s->p[s->len] = '\0';
	return 0;
}
int str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int str_addfv(struct str *s, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Room for len more bytes at the end, to be filled and then counted by
 * str_added(). NULL when it does not fit. */
char *str_room(struct str *s, size_t len);
/* The same when more is only likely: nothing happens when it does not fit. */
static inline void str_expect(struct str *s, size_t len)
{
	if (!s->over && len <= s->max - s->len)
		(void)str_room(s, len);
}
void str_added(struct str *s, size_t len);
#endif
