#include "mail/message_private.h"

/* One pass over the lines of the message, each held against the boundaries of all multiparts
 * that are open (RFC 2046 5.1.2): one that belongs further out ends everything within. */

enum {
	FIELDS_FIRST = 64,
	FRAGMENT_MIN = 20, /* octets */
	LOOK_AHEAD = 4,	   /* lines */
};

/* A part while the tree grows. */
struct part {
	struct message_part shown;
	struct part *after;	 /* in the text */
	struct part *last_child; /* whose `next` is not known yet */
};
/* What all texts of one message share: the message itself and those decoded from it. */
struct tree {
	struct message *m;
	struct part *first, *last;
	size_t count;
	size_t fields_left;
	size_t decode_left;	      /* octets that may still be decoded to be read as messages */
	struct message_field *fields; /* of the header being read */
	size_t field_count, field_cap;
};
struct open {
	struct part *part;
	struct view boundary;
	bool multipart;
	bool seen;    /* its boundary has come */
	bool closed;  /* the closing one too */
	bool message; /* its header is of a message, not of a part */
	bool encoded; /* holds a message that has to be decoded first */
};
struct scan {
	struct tree *tree;
	struct message_lines lines;
	struct part *parent; /* of what this text holds */
	struct open open[MESSAGE_DEPTH_MAX + 1];
	size_t depth; /* how many are open */
	bool in_header, stop;
	size_t header_start, body_start;
	size_t before;	   /* where the line before this one ended */
	size_t boundaries; /* open multiparts */
	bool field_open;   /* the last field was kept, and may go on */
};

static void read_text(struct tree *t, struct view text, struct part *parent);

static struct view text_between(const struct scan *s, size_t from, size_t to)
{
	return view_sub(s->lines.text, from, to > from ? to - from : 0);
}

static struct open *top(struct scan *s)
{
	return &s->open[s->depth - 1];
}

/* --- the tree --- */

/* Opens a part whose header begins there. False, and noted, where a limit forbids it. */
static bool begin_part(struct scan *s, size_t at, bool message)
{
	struct tree *t = s->tree;
	struct part *parent = s->depth > 0 ? top(s)->part : s->parent, *p;
	unsigned depth = parent == NULL ? 0 : parent->shown.depth + 1;

	if (depth > MESSAGE_DEPTH_MAX) {
		t->m->defects |= MESSAGE_TOO_DEEP;
		return false;
	}
	if (t->count == MESSAGE_PARTS_MAX) {
		t->m->defects |= MESSAGE_TOO_MANY_PARTS;
		return false;
	}
	p = arena_alloc(t->m->arena, sizeof *p);
	p->shown.depth = depth;
	p->shown.number = t->count++;
	p->shown.parent = parent == NULL ? NULL : &parent->shown;
	if (parent != NULL && parent->last_child == NULL)
		parent->shown.first = &p->shown;
	else if (parent != NULL)
		parent->last_child->shown.next = &p->shown;
	if (parent != NULL)
		parent->last_child = p;
	if (t->last == NULL)
		t->first = p;
	else
		t->last->after = p;
	t->last = p;
	s->open[s->depth++] = (struct open){.part = p, .message = message};
	s->in_header = true;
	s->field_open = false;
	s->header_start = at;
	t->field_count = 0;
	return true;
}

/* A message, or what is read as one. */
static bool holds_message(struct view type)
{
	return view_is(type, "message/rfc822") || view_is(type, "message/global") ||
	       view_is(type, "message/news") || view_is(type, "message/partial") ||
	       view_is(type, "text/rfc822-headers") || view_is(type, "message/global-headers") ||
	       view_is(type, "message/rfc822-headers");
}

static struct view type_of(struct scan *s, const struct message_part *part)
{
	const struct message_field *f = message_field(part, "Content-Type", 0);
	struct view type =
		f == NULL ? view_make(NULL, 0) : message_type_of(s->tree->m->arena, f->value);

	if (type.len > 0)
		return type;
	if (part->parent != NULL && view_is(part->parent->type, "multipart/digest"))
		return VIEW("message/rfc822");
	return VIEW("text/plain");
}

/* The header that is being read ends there. */
static void end_header(struct scan *s, size_t at)
{
	struct tree *t = s->tree;
	struct message_part *part = &top(s)->part->shown;
	struct message_field *fields = NULL;

	if (t->field_count > 0) {
		fields = arena_alloc(t->m->arena, t->field_count * sizeof *fields);
		memcpy(fields, t->fields, t->field_count * sizeof *fields);
		for (size_t i = 0; i < t->field_count; i++)
			fields[i].value = view_trim(fields[i].value);
	}
	part->fields = fields;
	part->field_count = t->field_count;
	part->header = text_between(s, s->header_start, at);
	part->type = type_of(s, part);
	s->in_header = false;
}

/* The body of the part on top begins there: what will it hold? */
static void begin_body(struct scan *s, size_t at)
{
	struct open *o = top(s);
	struct message_part *part = &o->part->shown;
	enum message_encoding encoding;

	part->body = text_between(s, at, s->lines.text.len);
	s->body_start = at;
	if (view_starts(part->type, VIEW("multipart/"))) {
		const struct message_field *f = message_field(part, "Content-Type", 0);

		if (part->depth == MESSAGE_DEPTH_MAX) {
			s->tree->m->defects |= MESSAGE_TOO_DEEP;
			return;
		}
		o->multipart = true;
		o->boundary = view_trim(message_param_raw(s->tree->m, f->value, "boundary"));
		s->boundaries++;
		return;
	}
	if (!holds_message(part->type))
		return;
	encoding = message_encoding_of(part);
	if (encoding == MESSAGE_BASE64 || encoding == MESSAGE_QP)
		o->encoded = true;
	else
		(void)begin_part(s, at, true);
}

static void read_encoded(struct scan *s, struct part *p)
{
	struct tree *t = s->tree;
	struct view text =
		message_undo(t->m, message_encoding_of(&p->shown), p->shown.body, t->decode_left);

	t->decode_left -= text.len;
	if (text.len > 0)
		read_text(t, text, p);
}

/* Ends the part on top: its last octet stands before `end`. */
static void end_part(struct scan *s, size_t start, size_t end)
{
	struct open o = *top(s);

	if (s->in_header) {
		end_header(s, start);
		o.part->shown.body = text_between(s, start, start);
	} else {
		size_t from = (size_t)(o.part->shown.body.p - s->lines.text.p);

		o.part->shown.body = text_between(s, from, end);
	}
	s->depth--;
	if (o.multipart) {
		s->boundaries--;
		if (!o.seen) {
			o.part->shown.preamble = o.part->shown.body;
			s->tree->m->defects |= MESSAGE_NO_BOUNDARY;
		} else if (!o.closed) {
			s->tree->m->defects |= MESSAGE_NO_END;
		}
	}
	if (o.encoded)
		read_encoded(s, o.part);
}

/* --- headers --- */

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

/* The next line. */
static bool peek(struct message_lines *ahead, struct view *line)
{
	struct message_line l;

	if (!message_line(ahead, &l))
		return false;
	*line = view_sub(ahead->text, l.start, l.end - l.start);
	return true;
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
		if (!peek(&ahead, &next) || next.len == 0)
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
	struct message_lines ahead = s->lines, mark = ahead;
	struct message_line l;
	size_t value;

	if (s->tree->field_count > 0 || !top(s)->message)
		return false;
	while (message_line(&ahead, &l)) {
		struct view line = text_between(s, l.start, l.end);

		if (line.len == 0) {
			mark = ahead;
			continue;
		}
		if (message_field_name(line, &value) == 0 && !is_mbox_line(line))
			return false;
		s->lines = mark;
		return true;
	}
	return false;
}

static void end_and_begin(struct scan *s, const struct message_line *l, size_t body)
{
	end_header(s, l->start);
	begin_body(s, body);
}

static bool boundary_line(struct scan *s, const struct message_line *l);

/* A boundary of the part's own, though no empty line has ended its header. */
static bool is_early_boundary(const struct scan *s, struct view line)
{
	const struct tree *t = s->tree;

	if (!view_starts(line, VIEW("--")))
		return false;
	for (size_t i = 0; i < t->field_count; i++)
		if (view_eq_nocase(t->fields[i].name, VIEW("Content-Type")))
			return view_starts_nocase(view_trim(t->fields[i].value), VIEW("multipart"));
	return false;
}

static void header_line(struct scan *s, const struct message_line *l)
{
	struct view line = text_between(s, l->start, l->end);
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
		/* Nothing but blanks is an empty line that something added to. */
		if (view_trim(line).len == 0 && !still_header(s, line))
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
	if (is_early_boundary(s, line)) {
		end_and_begin(s, l, l->start);
		(void)boundary_line(s, l);
	} else if (!still_header(s, line))
		end_and_begin(s, l, l->start);
}

/* --- boundaries --- */

static bool content_follows(const struct scan *s)
{
	struct message_lines ahead = s->lines;
	struct view next;

	return peek(&ahead, &next) && view_starts_nocase(next, VIEW("content-"));
}

/* Whether the line, without its first two dashes, is that boundary; *last: the closing one. */
static bool is_boundary(const struct scan *s, const struct open *o, struct view line, bool *last)
{
	size_t len = o->boundary.len;

	*last = line.len == len + 2;
	if ((line.len != len && !*last) || memcmp(line.p, o->boundary.p, len) != 0)
		return false;
	if (*last)
		return line.p[len] == '-' && line.p[len + 1] == '-';
	/* "--" alone begins many a signature. */
	return len > 0 || content_follows(s);
}

/* Which open multipart the line belongs to, from the innermost outwards, or NULL. One that
 * was closed goes on where nobody else claims the line: the closing one came too early. */
static struct open *find_boundary(struct scan *s, struct view line, bool *last)
{
	struct open *again = NULL;
	bool again_last = false;

	for (size_t i = s->depth; i-- > 0;) {
		struct open *o = &s->open[i];

		if (!o->multipart || o->boundary.p == NULL || !is_boundary(s, o, line, last))
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
	struct open *o = top(s);

	if (s->in_header || !o->multipart || o->seen || line.len == 0 || !content_follows(s))
		return NULL;
	s->tree->m->defects |= MESSAGE_NO_BOUNDARY;
	o->boundary = line;
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

	part->preamble = text_between(s, (size_t)(part->body.p - s->lines.text.p), s->before);
}

/* False: the line is no boundary. */
static bool boundary_line(struct scan *s, const struct message_line *l)
{
	struct view line = text_between(s, l->start, l->end);
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
	while (top(s) != o)
		end_part(s, l->start, s->before);
	if (!o->seen)
		end_preamble(s, o);
	o->seen = true;
	o->closed = last;
	if (!last && !begin_part(s, l->next, false))
		s->stop = true;
	return true;
}

static void read_text(struct tree *t, struct view text, struct part *parent)
{
	struct scan *s = arena_alloc(t->m->arena, sizeof *s);
	struct message_line l;

	s->tree = t;
	s->parent = parent;
	message_lines_init(&s->lines, text);
	if (!begin_part(s, 0, true))
		return;
	/* Where no boundary is waited for, nothing of a body needs to be looked at. */
	while (!s->stop && (s->in_header || s->boundaries > 0) && message_line(&s->lines, &l)) {
		if ((s->boundaries == 0 || !boundary_line(s, &l)) && s->in_header)
			header_line(s, &l);
		s->before = l.end;
	}
	while (s->depth > 0)
		end_part(s, text.len, text.len);
}

void message_read(struct view bytes, struct arena *a, struct message *out)
{
	struct tree t = {.m = out, .fields_left = MESSAGE_ALL_FIELDS_MAX};
	const struct message_part **parts;

	*out = (struct message){.bytes = bytes, .arena = a};
	t.decode_left = bytes.len;
	read_text(&t, bytes.len > 0 ? bytes : view_make("", 0), NULL);
	parts = arena_alloc(a, t.count * sizeof *parts);
	for (struct part *p = t.first; p != NULL; p = p->after)
		parts[p->shown.number] = &p->shown;
	out->root = &t.first->shown;
	out->parts = parts;
	out->part_count = t.count;
	out->cache = arena_alloc(a, t.count * sizeof *out->cache);
}
