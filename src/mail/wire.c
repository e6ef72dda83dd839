#include "mail/wire.h"
#include <string.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"

/* --- the quick look: sixteen octets at a time ---------------------------- */

enum { WIRE_STEP = 16, WIRE_BLOCK = 30 * WIRE_STEP };
/* Some line end in each of two blocks side by side keeps their lines this short. */
_Static_assert(2 * WIRE_BLOCK <= WIRE_LINE_MAX, "a block without a line end is looked at again");

typedef unsigned char wire_octets __attribute__((vector_size(WIRE_STEP)));

static wire_octets wire_load(const char *p)
{
	wire_octets v;

	memcpy(&v, p, sizeof v);
	return v;
}

static bool wire_any(wire_octets v)
{
	uint64_t half[2];

	memcpy(half, &v, sizeof half);
	return (half[0] | half[1]) != 0;
}

/* What each octet of a block is, or has before it; p[-1] is there. */
struct wire_sum {
	wire_octets high; /* the octets themselves: their top bits */
	wire_octets bad;  /* NUL, LF without CR, CR without LF */
	wire_octets dots; /* at the start of a line */
	wire_octets ends; /* LF */
};

static void wire_sum(struct wire_sum *sum, const char *p)
{
	wire_octets at = wire_load(p), before = wire_load(p - 1);
	wire_octets lf = (wire_octets)(at == '\n');

	sum->high |= at;
	sum->bad |= lf ^ (wire_octets)(before == '\r');
	sum->bad |= (wire_octets)(at == '\0');
	sum->dots |= (wire_octets)(at == '.') & (wire_octets)(before == '\n');
	sum->ends |= lf;
}

bool wire_is_clean(struct view data, struct wire_look *look)
{
	struct wire_sum all = {0};
	const char *p = data.p + 1, *end = data.p + data.len;

	if (data.len <= WIRE_STEP || data.p[0] == '\n' || data.p[0] == '\0' || end[-1] != '\n')
		return false;
	while (end - p >= WIRE_BLOCK) {
		const char *block_end = p + WIRE_BLOCK;

		all.ends = (wire_octets){0};
		for (; p < block_end; p += WIRE_STEP)
			wire_sum(&all, p);
		if (!wire_any(all.ends))
			return false;
	}
	for (; end - p >= WIRE_STEP; p += WIRE_STEP)
		wire_sum(&all, p);
	wire_sum(&all, end - WIRE_STEP); /* some of them again */
	*look = (struct wire_look){.eightbit = wire_any(all.high & 0x80) || (data.p[0] & 0x80) != 0,
		.dots = wire_any(all.dots) || data.p[0] == '.'};
	return !wire_any(all.bad);
}

/* --- the close look: line by line ---------------------------------------- */

static int refuse(struct fail *f, const char *what, size_t at)
{
	return fail_set(f, FAIL_BUG,
		_("the composed message is not fit to send (%s at byte %zu); "
		  "nothing was sent"),
		what, at);
}

/* A line and its CRLF. */
static int check_line(struct view m, size_t at, size_t len, struct fail *f)
{
	ptrdiff_t cr = view_chr(view_sub(m, at, len - 1), '\r');

	if (cr >= 0 && (size_t)cr != len - 2)
		return refuse(f, _("a CR without LF"), at + (size_t)cr);
	if (cr < 0)
		return refuse(f, _("an LF without CR"), at + len - 1);
	if (len - 2 > WIRE_LINE_MAX)
		return refuse(f, _("a line longer than 998 bytes"), at);
	return 0;
}

static int check_lines(struct view m, unsigned flags, struct fail *f)
{
	size_t at = 0, ascii = flags & WIRE_8BIT ? m.len : utf8_ascii(m);
	ptrdiff_t nul = view_chr(m, '\0'), end;

	if (nul >= 0)
		return refuse(f, _("a NUL byte"), (size_t)nul);
	if (ascii < m.len)
		return refuse(f, _("a byte past 127"), ascii);
	for (; (end = view_chr(view_from(m, at), '\n')) >= 0; at += (size_t)end + 1)
		if (check_line(m, at, (size_t)end + 1, f) < 0)
			return -1;
	if (at < m.len && m.p[m.len - 1] == '\r')
		return refuse(f, _("a CR without LF"), m.len - 1);
	return at == m.len && m.len > 0 ? 0 : refuse(f, _("no line end"), m.len);
}

int wire_check(struct view m, unsigned flags, struct fail *f)
{
	struct wire_look look;

	if (wire_is_clean(m, &look) && (!look.eightbit || (flags & WIRE_8BIT) != 0))
		return 0;
	return check_lines(m, flags, f);
}
