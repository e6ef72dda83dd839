#include "smtp/blot.h"
#include <openssl/crypto.h>
#include "base/base64.h"

static void wipe(struct str *s)
{
	if (s->cap > 0)
		OPENSSL_cleanse(s->p, s->cap);
	str_free(s);
}

/* What the base64 of a text holds wherever the secret stands `before` octets after a
 * multiple of three: the characters that no neighbour has a share in. */
static void add_base64(struct str *out, struct view secret, size_t before)
{
	enum { PAD = 2 };
	size_t skip = before == 0 ? 0 : before + 1;   /* characters with bits of what is before */
	size_t whole = (before + secret.len) * 8 / 6; /* characters without what comes after */
	struct str bytes, text;

	str_init(&bytes, secret.len + PAD);
	str_init(&text, out->max);
	(void)str_room(&bytes, secret.len + PAD);
	(void)str_room(&text, out->max);
	(void)str_add(&bytes, "\0\0", before);
	(void)str_addv(&bytes, secret);
	(void)base64_encode(&text, str_view(&bytes), 0);
	(void)str_addv(out, view_sub(str_view(&text), skip, whole - skip));
	wipe(&bytes);
	wipe(&text);
}

void smtp_blot_init(struct smtp_blot *b, struct view secret)
{
	size_t room = (secret.len + 4) * 2;

	for (size_t i = 0; i < SMTP_BLOT_NEEDLES; i++) {
		str_init(&b->needles[i], room);
		if (secret.len < SMTP_BLOT_SECRET_MIN)
			continue;
		(void)str_room(&b->needles[i], room); /* growing would leave copies behind */
		if (i == 0)
			(void)str_addv(&b->needles[i], secret);
		else
			add_base64(&b->needles[i], secret, i - 1);
	}
}

void smtp_blot_free(struct smtp_blot *b)
{
	for (size_t i = 0; i < SMTP_BLOT_NEEDLES; i++)
		wipe(&b->needles[i]);
}

/* The first needle that stands in text; its place, or -1. */
static ptrdiff_t find(const struct smtp_blot *b, struct view text, size_t *len)
{
	ptrdiff_t first = -1;

	for (size_t i = 0; i < SMTP_BLOT_NEEDLES; i++) {
		struct view needle = str_view(&b->needles[i]);
		ptrdiff_t at = needle.len > 0 ? view_find(text, needle) : -1;

		if (at < 0 || (first >= 0 && at >= first))
			continue;
		first = at;
		*len = needle.len;
	}
	return first;
}

bool smtp_blot_finds(const struct smtp_blot *b, struct view text)
{
	size_t len;

	return find(b, text, &len) >= 0;
}

int smtp_blot_out(const struct smtp_blot *b, struct view text, struct str *out)
{
	ptrdiff_t at;
	size_t len = 0;

	while ((at = find(b, text, &len)) >= 0) {
		(void)str_addv(out, view_sub(text, 0, (size_t)at));
		(void)str_addz(out, SMTP_BLOT_MARK);
		text = view_from(text, (size_t)at + len);
	}
	return str_addv(out, text);
}
