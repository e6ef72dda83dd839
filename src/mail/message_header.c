#include "mail/message_scan.h"

/* The lines of a header, and of what should have been one: which of them are its fields, and where
 * the body begins if no empty line tells. */

enum {
	FIELDS_FIRST = 64,
	FRAGMENT_MIN = 20, /* octets */
	LOOK_AHEAD = 4,	   /* lines */
};

static void add_field(struct scan *s, struct view line, size_t name, size_t value)
{
	struct tree *t = s->tree;

	s->field_open = false;
	if (t->field_count == MESSAGE_FIELDS_MAX || t->fields_left == 0) {
		t->m->defects |= MESSAGE_HEADER_CUT;
		return;
	}
	if (t->field_count == t->field_cap) {
		size_t cap = t->field_cap == 0 ? FIELDS_FIRST : t->field_cap * 2;
		struct message_field *more = arena_alloc(t->m->arena, cap * sizeof *more);

		if (t->field_count > 0)
			memcpy(more, t->fields, t->field_count * sizeof *more);
		t->fields = more;
		t->field_cap = cap;
	}
	if (!t->typed && view_eq_nocase(view_sub(line, 0, name), VIEW("Content-Type"))) {
		t->typed = true;
		t->multipart =
			view_starts_nocase(view_trim(view_from(line, value)), VIEW("multipart"));
	}
	s->field_open = true;
	t->fields_left--;
	t->fields[t->field_count++] =
		(struct message_field){view_sub(line, 0, name), view_from(line, value)};
}

static void continue_field(struct scan *s, struct view line)
{
	struct message_field *f;

	if (!s->field_open)
		return;
	f = &s->tree->fields[s->tree->field_count - 1];
	if (line.p + line.len > f->value.p)
		f->value.len = (size_t)(line.p + line.len - f->value.p);
}

static bool is_mbox_line(struct view line)
{
	return view_starts(line, VIEW("From ")) || view_starts(line, VIEW(">From "));
}

/* What a relay left of a long line that it broke without a blank: no text begins so. */
static bool is_fragment(struct view line)
{
	return line.len >= FRAGMENT_MIN && view_chr(line, ' ') < 0 && view_chr(line, '\t') < 0;
}

/* A line that is no field: one more of the header, as the next lines tell, or does the body
 * begin here, the empty line being left out? */
static bool still_header(const struct scan *s, struct view line)
{
	bool message = s->open[s->depth - 1].message;
	struct message_lines ahead = s->lines;
	struct view next;
	size_t value;

	if (s->tree->field_count == 0 && !message)
		return false;
	if (message && s->tree->field_count > 0 && is_fragment(line))
		return true;
	for (int i = 0; i < (message ? LOOK_AHEAD : 1); i++) {
		if (!scan_peek(&ahead, &next) || next.len == 0)
			return false;
		if (message_field_name(next, &value) > 0)
			return true;
	}
	return false;
}

/* Empty lines before the first field of a message are none of its writer's. True, and they
 * are passed over, where a field follows. */
static bool skip_early(struct scan *s)
{
	struct message_lines ahead = s->lines;
	struct view next;
	size_t value, at;

	if (s->tree->field_count > 0 || !scan_top(s)->message)
		return false;
	while (ahead.at < ahead.text.len &&
		(ahead.text.p[ahead.at] == '\n' || ahead.text.p[ahead.at] == '\r'))
		ahead.at++;
	at = ahead.at;
	if (!scan_peek(&ahead, &next) ||
		(message_field_name(next, &value) == 0 && !is_mbox_line(next)))
		return false;
	s->lines.at = at;
	return true;
}

/* A line of blanks only is an empty line that something added to, unless a fold or a field
 * follows. */
static bool is_padded_blank(const struct scan *s, struct view line)
{
	struct message_lines ahead = s->lines;
	struct view next;

	if (view_trim(line).len > 0)
		return false;
	if (scan_peek(&ahead, &next) && view_trim(next).len > 0 &&
		(next.p[0] == ' ' || next.p[0] == '\t'))
		return false;
	return !still_header(s, line);
}

static void end_and_begin(struct scan *s, const struct message_line *l, size_t body)
{
	scan_end_header(s, l->start);
	scan_begin_body(s, body);
}

void scan_header_line(struct scan *s, const struct message_line *l)
{
	struct view line = scan_text(s, l->start, l->end);
	size_t value = 0, name, used = l->start - s->header_start;

	if (line.len == 0) {
		if (!skip_early(s))
			end_and_begin(s, l, l->next);
		return;
	}
	if (used + line.len > MESSAGE_HEADER_MAX) {
		s->tree->m->defects |= MESSAGE_HEADER_CUT;
		if (used >= MESSAGE_HEADER_MAX)
			return;
		line.len = MESSAGE_HEADER_MAX - used;
	}
	if (line.p[0] == ' ' || line.p[0] == '\t') {
		if (is_padded_blank(s, line))
			end_and_begin(s, l, l->next);
		else
			continue_field(s, line);
		return;
	}
	name = message_field_name(line, &value);
	if (name > 0) {
		add_field(s, line, name, value);
		return;
	}
	s->field_open = false;
	if (is_mbox_line(line))
		return;
	s->tree->m->defects |= MESSAGE_BAD_FIELD;
	/* A boundary of the part's own, though no empty line has ended its header. */
	if (s->tree->multipart && view_starts(line, VIEW("--"))) {
		end_and_begin(s, l, l->start);
		(void)scan_boundary_line(s, l);
	} else if (!still_header(s, line)) {
		end_and_begin(s, l, l->start);
	}
}
