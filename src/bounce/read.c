#include "bounce/read_private.h"

static bool is_returned(const struct message_part *p)
{
	static const char *const types[] = {"message/rfc822", "message/global", "message/partial",
		"text/rfc822-headers", "text/rfc822", "message/global-headers",
		"message/rfc822-headers"};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (view_is(p->type, types[i]))
			return true;
	return false;
}

static bool is_below(const struct message_part *p, const struct message_part *top)
{
	while (p != NULL && p != top)
		p = p->parent;
	return p == top;
}

static bool is_in_returned(const struct reading *r, const struct message_part *p)
{
	for (p = p->parent; p != NULL && p != r->root->parent; p = p->parent)
		if (is_returned(p))
			return true;
	return false;
}

static bool is_status(const struct message_part *p)
{
	return view_is(p->type, "message/delivery-status") ||
	       view_is(p->type, "message/global-delivery-status") ||
	       view_is(p->type, "message/x-delivery-status");
}

static bool is_text(const struct message_part *p)
{
	return view_starts(p->type, VIEW("text/")) || view_starts(p->type, VIEW("multipart/"));
}

/* The first text that says something; plain before HTML, where both say the same. */
static void take_text(struct reading *r, const struct message_part *p)
{
	struct view words;

	if (r->text_part != NULL || !is_text(p))
		return;
	if (view_starts(p->type, VIEW("multipart/")) && p->first != NULL)
		return;
	words = message_words(r->m, p);
	if (view_trim(words).len == 0)
		return;
	r->text_part = p;
	r->text = words;
}

/* Cuts what is returned off the text: after a line that says so, or where lines that can
 * only be a header begin. */
static size_t header_begins(struct view text)
{
	static const char *const names[] = {"received:", "return-path:", "x-received:",
		"dkim-signature:", "arc-seal:", "x-originating-ip:", "message-id:",
		"content-type: message/rfc822", "content-type: text/rfc822-headers"};
	struct view rest = text, line;

	while (rest.len > 0 && view_line(&rest, &line)) {
		struct view bare = line;

		while (bare.len > 0 && (bare.p[0] == '>' || bare.p[0] == ' '))
			bare = view_from(bare, 1);
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			if (view_starts_nocase(bare, view_of(names[i])) && line.p != text.p)
				return (size_t)(line.p - text.p);
	}
	return text.len;
}

/* Where the line ends in which the folded text's octet `at` stands. */
static size_t line_end(struct view text, struct view words)
{
	size_t i = (size_t)(words.p - text.p) + words.len;

	while (i < text.len && text.p[i] != '\n' && text.p[i] != '\r')
		i++;
	return i;
}

static void cut_text(struct reading *r)
{
	struct view all = view_sub(r->text, 0, READ_TEXT_MAX);
	size_t cut = header_begins(all), from = 0, header = cut;
	const struct bounce_row *row;

	match_read(&r->words, view_sub(all, 0, cut), r->a);
	while ((row = match_next(&r->words, TABLE_ENDS, &from)) != NULL) {
		size_t end = line_end(all, match_words(&r->words, TABLE_ENDS, row));

		if (end < cut)
			cut = end;
	}
	r->rest = view_from(r->text, cut);
	r->text = view_sub(r->text, 0, cut);
	if (cut < header)
		match_read(&r->words, r->text, r->a);
}

static void take_part(struct reading *r, const struct message_part *p)
{
	if (is_returned(p)) {
		if (r->returned == NULL && p->first != NULL)
			r->returned = p->first;
		return;
	}
	if (is_status(p) && r->status_count < READ_REPORTS_MAX)
		r->status[r->status_count++] = p;
	else if (view_is(p->type, "message/feedback-report") && r->feedback == NULL)
		r->feedback = p;
	else if (view_is(p->type, "message/disposition-notification") && r->disposition == NULL)
		r->disposition = p;
	else
		take_text(r, p);
}

/* A report that a gateway or a person has put into a message of its own: the outer one has no
 * fields for machines, and the first that it holds is a report. */
static const struct message_part *report_root(struct reading *r)
{
	const struct message_part *inner = NULL;

	for (size_t i = 0; i < r->m->part_count; i++) {
		const struct message_part *p = r->m->parts[i];

		if (is_status(p) && is_in_returned(r, p) && inner != NULL && is_below(p, inner) &&
			view_is(inner->type, "multipart/report") && p->parent == inner)
			return inner;
		if (is_status(p) || view_is(p->type, "message/feedback-report"))
			return r->m->root;
		if (inner == NULL && view_is(p->type, "message/rfc822"))
			inner = p->first;
	}
	return r->m->root;
}

void read_parts(struct reading *r)
{
	const struct message_part *root;

	r->root = r->m->root;
	r->root = root = report_root(r);

	r->from_all = message_text(r->m, root, "From");
	r->from = address_first(r->from_all);
	r->to = address_first(message_text(r->m, root, "To"));
	r->v->from = r->from;
	r->v->subject = message_text(r->m, root, "Subject");
	r->v->date = when_read(message_text(r->m, root, "Date"));
	match_read(&r->subject, view_sub(r->v->subject, 0, READ_SUBJECT_MAX), r->a);
	r->says_report = view_eq_nocase(message_param(r->m, root, "Content-Type", "report-type"),
				 VIEW("delivery-status")) &&
			 view_starts(root->type, VIEW("multipart/"));
	for (size_t i = 0; i < r->m->part_count; i++)
		if (is_below(r->m->parts[i], root) && !is_in_returned(r, r->m->parts[i]))
			take_part(r, r->m->parts[i]);
	cut_text(r);
	r->is_open = r->returned == NULL && r->rest.len == 0 &&
		     (r->m->part_count == 1 || (r->m->defects & MESSAGE_NO_END) != 0);
	place_find(r);
}

/* A field in what the text returns, after the cut: a header that is not one of MIME. */
static struct view field_in_text(struct view text, struct view name)
{
	enum { HEADER_LINES = 200 };
	struct view line;

	for (size_t n = 0; n < HEADER_LINES && text.len > 0 && view_line(&text, &line); n++) {
		while (line.len > 0 && (line.p[0] == '>' || line.p[0] == ' '))
			line = view_from(line, 1);
		if (line.len > name.len && line.p[name.len] == ':' &&
			view_starts_nocase(line, name)) {
			struct view value = view_trim(view_from(line, name.len + 1)), next = text;

			/* Folded right behind the name. */
			if (value.len == 0 && view_line(&next, &line) && line.len > 0 &&
				(line.p[0] == ' ' || line.p[0] == '\t'))
				value = view_trim(line);
			return value;
		}
	}
	return VIEW("");
}

struct view read_returned(struct reading *r, const char *name)
{
	if (r->returned != NULL) {
		struct view value = message_text(r->m, r->returned, name);

		if (value.len > 0)
			return value;
	}
	return message_decode(r->m, field_in_text(r->rest, view_of(name)));
}
