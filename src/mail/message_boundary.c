#include "mail/message_scan.h"

static uint64_t length_bit(size_t len)
{
	return UINT64_C(1) << len % 64;
}

uint64_t scan_lengths_of(const struct open *o)
{
	return o->multipart ? length_bit(o->boundary.len) | length_bit(o->boundary.len + 2) : 0;
}

static bool content_follows(const struct scan *s)
{
	struct message_lines ahead = s->lines;
	struct view next;

	return scan_peek(&ahead, &next) && view_starts_nocase(next, VIEW("content-"));
}

/* Whether the line, without its first two dashes, is that boundary; *last: the closing one. */
static bool is_boundary(const struct scan *s, const struct open *o, struct view line, bool *last)
{
	size_t len = o->boundary.len;

	*last = line.len == len + 2;
	if (line.len != len && !*last)
		return false;
	/* None: "--" alone begins many a signature, and "----" divides texts. */
	if (len == 0)
		return *last ? o->seen && view_is(line, "--") : content_follows(s);
	if (memcmp(line.p, o->boundary.p, len) != 0)
		return false;
	return !*last || (line.p[len] == '-' && line.p[len + 1] == '-');
}

/* Which open multipart the line belongs to, from the innermost outwards, or NULL. One that
 * was closed goes on where nobody else claims the line: the closing one came too early. */
static struct open *find_boundary(struct scan *s, struct view line, bool *last)
{
	struct open *again = NULL;
	bool again_last = false;

	if ((s->lengths & length_bit(line.len)) == 0)
		return NULL;
	for (size_t i = s->depth; i-- > 0;) {
		struct open *o = &s->open[i];

		if (!o->multipart || !is_boundary(s, o, line, last))
			continue;
		if (!o->closed)
			return o;
		if (again == NULL) {
			again = o;
			again_last = *last;
		}
	}
	*last = again_last;
	return again;
}

/* A multipart that names no boundary, or one that is not used: what is followed by a field of
 * a part must be it. */
static struct open *guess_boundary(struct scan *s, struct view line)
{
	struct open *o = scan_top(s);

	if (s->in_header || !o->multipart || o->seen || line.len == 0 || !content_follows(s))
		return NULL;
	s->tree->m->defects |= MESSAGE_NO_BOUNDARY;
	o->boundary = line;
	s->lengths |= scan_lengths_of(o);
	return o;
}

static struct view without_blanks_after(struct view line)
{
	while (line.len > 0 && (line.p[line.len - 1] == ' ' || line.p[line.len - 1] == '\t'))
		line.len--;
	return line;
}

/* The line before the first boundary ends it. */
static void end_preamble(const struct scan *s, struct open *o)
{
	struct message_part *part = &o->part->shown;

	part->preamble = scan_text(s, (size_t)(part->body.p - s->lines.text.p), s->before);
}

bool scan_boundary_line(struct scan *s, const struct message_line *l)
{
	struct view line = scan_text(s, l->start, l->end);
	struct open *o;
	bool last = false;

	if (line.len < 2 || line.p[0] != '-' || line.p[1] != '-')
		return false;
	line = without_blanks_after(view_from(line, 2));
	o = find_boundary(s, line, &last);
	if (o == NULL)
		o = guess_boundary(s, line);
	if (o == NULL)
		return false;
	while (scan_top(s) != o)
		scan_end_part(s, l->start, s->before);
	if (!o->seen)
		end_preamble(s, o);
	o->seen = true;
	o->closed = last;
	if (!last && !scan_begin_part(s, l->next, false))
		s->stop = true;
	return true;
}
