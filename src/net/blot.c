#include "net/blot.h"
#include "base/base64.h"

/* What the base64 of a text holds wherever the secret stands `before` octets after a
 * multiple of three: the characters that no neighbour has a share in. */
static void add_base64(struct str *out, struct view secret, size_t before)
{
	enum { PAD = 2 };
	size_t skip = before == 0 ? 0 : before + 1;   /* characters with bits of what is before */
	size_t whole = (before + secret.len) * 8 / 6; /* characters without what comes after */
	struct str bytes, text;

	str_init_secret(&bytes, secret.len + PAD);
	str_init_secret(&text, out->max);
	(void)str_add(&bytes, "\0\0", before);
	(void)str_addv(&bytes, secret);
	(void)base64_encode(&text, str_view(&bytes), 0);
	(void)str_addv(out, view_sub(str_view(&text), skip, whole - skip));
	str_free(&bytes);
	str_free(&text);
}

void net_blot_init(struct net_blot *b, struct view secret)
{
	size_t room = (secret.len + 4) * 2;

	for (size_t i = 0; i < NET_BLOT_NEEDLES; i++) {
		str_init_secret(&b->needles[i], room);
		if (secret.len < NET_BLOT_SECRET_MIN)
			continue;
		if (i == 0)
			(void)str_addv(&b->needles[i], secret);
		else
			add_base64(&b->needles[i], secret, i - 1);
	}
}

void net_blot_free(struct net_blot *b)
{
	for (size_t i = 0; i < NET_BLOT_NEEDLES; i++)
		str_free(&b->needles[i]);
}

/* How many characters at the start of text stand for this octet: itself, or as URLs
 * write it (RFC 3986 section 2.1, and "+" for a space in forms); 0: another one. */
static size_t url_octet(struct view text, char octet)
{
	enum { ENCODED = 3 };

	if (text.len >= ENCODED && text.p[0] == '%') {
		int high = ascii_hex(text.p[1]), low = ascii_hex(text.p[2]);

		if (high >= 0 && low >= 0 && high * 16 + low == (unsigned char)octet)
			return ENCODED;
	}
	return text.p[0] == octet || (text.p[0] == '+' && octet == ' ');
}

/* The two alphabets of RFC 4648 differ in two characters. */
static size_t base64_char(struct view text, char c)
{
	return text.p[0] == c || (text.p[0] == '-' && c == '+') || (text.p[0] == '_' && c == '/');
}

/* The length of what stands for the needle at the start of text, or 0. */
static size_t length_at(struct view text, struct view needle, bool base64)
{
	size_t all = text.len;

	if (view_starts(text, needle))
		return needle.len;
	for (size_t i = 0; i < needle.len; i++) {
		size_t n = 0;

		if (text.len > 0)
			n = base64 ? base64_char(text, needle.p[i]) : url_octet(text, needle.p[i]);
		if (n == 0)
			return 0;
		text = view_from(text, n);
	}
	return all - text.len;
}

/* The first place where a needle stands in text, or -1. */
static ptrdiff_t find(const struct net_blot *b, struct view text, size_t *len)
{
	for (size_t at = 0; b->needles[0].len > 0 && at < text.len; at++) {
		for (size_t i = 0; i < NET_BLOT_NEEDLES; i++) {
			*len = length_at(view_from(text, at), str_view(&b->needles[i]), i > 0);
			if (*len > 0)
				return (ptrdiff_t)at;
		}
	}
	return -1;
}

bool net_blot_finds(const struct net_blot *b, struct view text)
{
	size_t len;

	return find(b, text, &len) >= 0;
}

int net_blot_out(const struct net_blot *b, struct view text, struct str *out)
{
	ptrdiff_t at;
	size_t len = 0;

	while ((at = find(b, text, &len)) >= 0) {
		(void)str_addv(out, view_sub(text, 0, (size_t)at));
		(void)str_addz(out, NET_BLOT_MARK);
		text = view_from(text, (size_t)at + len);
	}
	return str_addv(out, text);
}
