#include "mail/message_scan.h"

static void read_text(struct tree *t, struct view text, struct part *parent);

/* Opens a part whose header begins there. False, and noted, where a limit forbids it. */
bool scan_begin_part(struct scan *s, size_t at, bool message)
{
	struct tree *t = s->tree;
	struct part *parent = s->depth > 0 ? scan_top(s)->part : s->parent, *p;
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
	t->typed = t->multipart = false;
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
void scan_end_header(struct scan *s, size_t at)
{
	struct tree *t = s->tree;
	struct message_part *part = &scan_top(s)->part->shown;
	struct message_field *fields = NULL;

	if (t->field_count > 0) {
		fields = arena_alloc(t->m->arena, t->field_count * sizeof *fields);
		memcpy(fields, t->fields, t->field_count * sizeof *fields);
		for (size_t i = 0; i < t->field_count; i++)
			fields[i].value = view_trim(fields[i].value);
	}
	part->fields = fields;
	part->field_count = t->field_count;
	part->header = scan_text(s, s->header_start, at);
	part->type = type_of(s, part);
	s->in_header = false;
}

/* The body of the part on top begins there: what will it hold? */
void scan_begin_body(struct scan *s, size_t at)
{
	struct open *o = scan_top(s);
	struct message_part *part = &o->part->shown;
	enum message_encoding encoding;

	part->body = scan_text(s, at, s->lines.text.len);
	if (view_starts(part->type, VIEW("multipart/"))) {
		const struct message_field *f = message_field(part, "Content-Type", 0);

		if (part->depth == MESSAGE_DEPTH_MAX) {
			s->tree->m->defects |= MESSAGE_TOO_DEEP;
			return;
		}
		o->multipart = true;
		o->boundary = view_trim(message_param_raw(s->tree->m, f->value, "boundary"));
		s->boundaries++;
		s->lengths |= scan_lengths_of(o);
		return;
	}
	if (!holds_message(part->type))
		return;
	encoding = message_encoding_of(part);
	if (encoding == MESSAGE_BASE64 || encoding == MESSAGE_QP)
		o->encoded = true;
	else
		(void)scan_begin_part(s, at, true);
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
void scan_end_part(struct scan *s, size_t start, size_t end)
{
	struct open o = *scan_top(s);

	if (s->in_header) {
		scan_end_header(s, start);
		o.part->shown.body = scan_text(s, start, start);
	} else {
		size_t from = (size_t)(o.part->shown.body.p - s->lines.text.p);

		o.part->shown.body = scan_text(s, from, end);
	}
	s->depth--;
	if (o.multipart) {
		s->boundaries--;
		s->lengths = 0;
		for (size_t i = 0; i < s->depth; i++)
			s->lengths |= scan_lengths_of(&s->open[i]);
		if (!o.seen) {
			o.part->shown.preamble = o.part->shown.body;
			/* A header alone was meant to be one. */
			if (o.part->shown.body.len > 0)
				s->tree->m->defects |= MESSAGE_NO_BOUNDARY;
		} else if (!o.closed) {
			s->tree->m->defects |= MESSAGE_NO_END;
		}
	}
	if (o.encoded)
		read_encoded(s, o.part);
}

static void read_text(struct tree *t, struct view text, struct part *parent)
{
	struct scan *s = arena_alloc(t->m->arena, sizeof *s);
	struct message_line l;

	s->tree = t;
	s->parent = parent;
	message_lines_init(&s->lines, text);
	if (!scan_begin_part(s, 0, true))
		return;
	/* Where no boundary is waited for, nothing of a body needs to be looked at. */
	while (!s->stop && (s->in_header || s->boundaries > 0) && message_line(&s->lines, &l)) {
		if ((s->boundaries == 0 || !scan_boundary_line(s, &l)) && s->in_header)
			scan_header_line(s, &l);
		s->before = l.end;
	}
	while (s->depth > 0)
		scan_end_part(s, text.len, text.len);
}

void message_read(struct view bytes, struct arena *a, struct message *out)
{
	struct tree t = {.m = out, .fields_left = MESSAGE_ALL_FIELDS_MAX};
	const struct message_part **parts;

	*out = (struct message){.bytes = bytes, .arena = a};
	t.decode_left = bytes.len;
	read_text(&t, bytes.len > 0 ? bytes : view_make("", 0), NULL);
	parts = arena_alloc(a, t.count * sizeof(void *));
	for (struct part *p = t.first; p != NULL; p = p->after)
		parts[p->shown.number] = &p->shown;
	out->root = &t.first->shown;
	out->parts = parts;
	out->part_count = t.count;
	out->cache = arena_alloc(a, t.count * sizeof *out->cache);
}
