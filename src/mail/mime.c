#include "mail/mime.h"
#include "base/digest.h"
#include "base/fail.h"
#include "mail/header.h"

enum { MIME_BOUNDARY_HASH = 15 }; /* octets: 24 letters of base32 */

/* By its "_", which is rarer in HTML than the "=" before it. */
bool mime_holds(struct view text, const char *boundary)
{
	struct view name = view_of(boundary);
	ptrdiff_t at;

	while ((at = view_chr(text, '_')) >= 0) {
		if (at > 0 && view_starts(view_from(text, (size_t)at - 1), name))
			return true;
		text = view_from(text, (size_t)at + 1);
	}
	return false;
}

void mime_boundary(struct view seed, unsigned level, const struct view *texts, size_t n,
	char out[MIME_BOUNDARY_SIZE])
{
	struct digest *d = digest_new();
	unsigned char hash[DIGEST_SIZE];
	struct str name;
	bool found = true;

	str_init(&name, MIME_BOUNDARY_SIZE - 1);
	for (int64_t round = 0; found; round++) {
		digest_piece(d, seed);
		digest_number(d, level);
		digest_number(d, round);
		digest_end(d, hash);
		str_clear(&name);
		(void)str_addz(&name, "=_");
		(void)digest_base32(&name, hash, MIME_BOUNDARY_HASH);
		found = false;
		for (size_t i = 0; i < n && !found; i++)
			found = mime_holds(texts[i], name.p);
	}
	memcpy(out, name.p, name.len + 1);
	str_free(&name);
	digest_free(&d);
}

int mime_multipart(struct str *out, const char *subtype, const char *boundary, struct fail *f)
{
	struct header_param param = {"boundary", view_of(boundary)};
	char type[HEADER_FOLD];

	(void)snprintf(type, sizeof type, "multipart/%s", subtype);
	return header_params(out, "Content-Type", view_of(type), &param, 1, f);
}

/* The CRLF before a boundary belongs to it (RFC 2046 5.1.1); before the first
 * part it is the blank line that ends the header. */
void mime_part(struct str *out, const char *boundary)
{
	(void)str_addz(out, "\r\n--");
	(void)str_addz(out, boundary);
	(void)str_addz(out, "\r\n");
}

void mime_end(struct str *out, const char *boundary)
{
	(void)str_addz(out, "\r\n--");
	(void)str_addz(out, boundary);
	(void)str_addz(out, "--\r\n");
}
