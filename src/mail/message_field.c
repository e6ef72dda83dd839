#include "mail/message_scan.h"

static size_t find(struct view text, size_t from, char c)
{
	const char *p = from < text.len ? memchr(text.p + from, c, text.len - from) : NULL;

	return p == NULL ? text.len : (size_t)(p - text.p);
}

void message_lines_init(struct message_lines *l, struct view text)
{
	l->text = text;
	l->at = 0;
	l->lf = find(text, 0, '\n');
	l->cr = find(text, 0, '\r');
}

bool message_line(struct message_lines *l, struct message_line *out)
{
	const char *p = l->text.p;
	size_t len = l->text.len;

	if (l->at >= len)
		return false;
	if (l->lf < l->at)
		l->lf = find(l->text, l->at, '\n');
	if (l->cr < l->at)
		l->cr = find(l->text, l->at, '\r');
	out->start = l->at;
	if (l->lf <= l->cr) {
		out->end = l->lf;
		out->next = l->lf < len ? l->lf + 1 : len;
	} else {
		out->end = l->cr;
		out->next = l->cr + 1;
		if (l->lf < len &&
			(l->lf == l->cr + 1 || (l->lf == l->cr + 2 && p[l->cr + 1] == '\r')))
			out->next = l->lf + 1;
	}
	l->at = out->next;
	return true;
}

bool scan_peek(struct message_lines *ahead, struct view *line)
{
	struct message_line l;

	if (!message_line(ahead, &l))
		return false;
	*line = view_sub(ahead->text, l.start, l.end - l.start);
	return true;
}

size_t message_field_name(struct view line, size_t *value)
{
	size_t name = 0, colon;

	while (name < line.len && line.p[name] > ' ' && line.p[name] <= '~' && line.p[name] != ':')
		name++;
	for (colon = name; colon < line.len; colon++)
		if (line.p[colon] != ' ' && line.p[colon] != '\t')
			break;
	if (colon >= line.len || line.p[colon] != ':')
		return 0;
	*value = colon + 1;
	return name;
}

const struct message_field *message_field(
	const struct message_part *part, const char *name, size_t nth)
{
	struct view want = view_of(name);

	for (size_t i = 0; i < part->field_count; i++) {
		const struct message_field *f = &part->fields[i];

		if (f->name.len != want.len || !view_eq_nocase(f->name, want))
			continue;
		if (nth-- == 0)
			return f;
	}
	return NULL;
}

struct view message_text(struct message *m, const struct message_part *part, const char *name)
{
	const struct message_field *f = message_field(part, name, 0);

	return f == NULL ? view_make("", 0) : message_decode(m, f->value);
}
