#include "mail/report.h"
#include "mail/message_private.h"

/* A field and what stood before it. */
struct row {
	struct message_field field;
	bool gap;	/* an empty line before it */
	bool recipient; /* a field that only a recipient has */
	int once;	/* its place in `once`, or -1 */
	bool in_block;	/* of the fields up to the next empty line, one is a recipient's */
};
struct rows {
	struct row *row;
	size_t count;
};

/* RFC 3464 2.3: what comes once in a group, so that its coming again begins another. */
enum { FINAL, ORIGINAL, ACTION, STATUS };
static const char *const once[] = {"Final-Recipient", "Original-Recipient", "Action", "Status"};
static const char *const others[] = {"Remote-MTA", "Diagnostic-Code", "Last-Attempt-Date",
	"Final-Log-ID", "Will-Retry-Until", "X-Actual-Recipient"};

static int index_of(struct view name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (view_eq_nocase(name, view_of(list[i])))
			return (int)i;
	return -1;
}

static void judge(struct row *r)
{
	r->once = index_of(r->field.name, once, sizeof once / sizeof *once);
	r->recipient = r->once >= 0 ||
		       index_of(r->field.name, others, sizeof others / sizeof *others) >= 0;
}

static size_t count_lines(struct view text)
{
	struct message_lines lines;
	struct message_line l;
	size_t n = 0;

	message_lines_init(&lines, text);
	while (n < REPORT_FIELDS_MAX && message_line(&lines, &l))
		n++;
	return n;
}

static void read_rows(struct message *m, struct view text, struct rows *out)
{
	struct message_lines lines;
	struct message_line l;
	struct row *last = NULL;
	size_t most = count_lines(text);
	bool gap = false;

	out->row = arena_alloc(m->arena, (most + 1) * sizeof *out->row);
	message_lines_init(&lines, text);
	while (message_line(&lines, &l)) {
		struct view line = view_sub(text, l.start, l.end - l.start);
		size_t value = 0, name;

		if (view_trim(line).len == 0) {
			gap = true;
			last = NULL;
			continue;
		}
		if (line.p[0] == ' ' || line.p[0] == '\t') {
			if (last != NULL)
				last->field.value.len =
					(size_t)(line.p + line.len - last->field.value.p);
			/* Some indent all of it. */
			if (last != NULL || message_field_name(view_trim(line), &value) == 0)
				continue;
			line = view_trim(line);
		}
		name = message_field_name(line, &value);
		last = NULL;
		if (name == 0 || out->count == most)
			continue;
		last = &out->row[out->count++];
		last->field =
			(struct message_field){view_sub(line, 0, name), view_from(line, value)};
		last->gap = gap;
		gap = false;
		judge(last);
	}
}

static void finish_rows(struct rows *rows)
{
	bool recipient = false;

	for (size_t i = rows->count; i-- > 0;) {
		struct row *r = &rows->row[i];

		r->field.value = view_trim(r->field.value);
		recipient = recipient || r->recipient;
		r->in_block = recipient;
		if (r->gap)
			recipient = false;
	}
}

/* What the group that is being filled has already. */
struct seen {
	bool any, once[sizeof once / sizeof *once];
};

/* Whether a field from i to the next empty line is in the group already. */
static bool block_repeats(const struct rows *rows, size_t i, const struct seen *seen)
{
	for (size_t k = i; k < rows->count && (k == i || !rows->row[k].gap); k++)
		if (rows->row[k].once >= 0 && seen->once[rows->row[k].once])
			return true;
	return false;
}

/* Whether the field, in a group of a recipient, begins the next. */
static bool begins_next(const struct rows *rows, size_t i, const struct seen *seen)
{
	const struct row *r = &rows->row[i];

	if (r->once < 0)
		return false;
	if (seen->once[r->once])
		return true;
	/* A name of the recipient after its status: of the next one? */
	if (r->once > ORIGINAL || !(seen->once[ACTION] || seen->once[STATUS]))
		return false;
	if (!seen->once[FINAL] && !seen->once[ORIGINAL])
		return r->gap && block_repeats(rows, i, seen);
	return r->gap || (r->once == ORIGINAL && i + 1 < rows->count && !rows->row[i + 1].gap &&
				 rows->row[i + 1].once == FINAL);
}

/* Whether it ends the group about the message. */
static bool begins_first(const struct rows *rows, size_t i)
{
	const struct row *r = &rows->row[i];

	return r->recipient ||
	       (r->gap && r->in_block && view_starts_nocase(r->field.name, VIEW("X-")));
}

static void group(struct message *m, const struct rows *rows, bool many, struct report *out)
{
	struct message_field *fields = arena_alloc(m->arena, (rows->count + 1) * sizeof *fields);
	struct report_group *groups;
	struct seen seen = {0};
	size_t n = 0, count = 1;

	/* No more groups than recipients' fields. */
	for (size_t i = 0; i < rows->count; i++)
		count += many && rows->row[i].recipient && count < REPORT_GROUPS_MAX;
	groups = arena_alloc(m->arena, count * sizeof *groups);
	groups[0].fields = fields;
	for (size_t i = 0; i < rows->count; i++) {
		int at = rows->row[i].once;

		if (n + 1 < count &&
			(n == 0 ? begins_first(rows, i) : begins_next(rows, i, &seen))) {
			groups[++n].fields = fields + i;
			seen = (struct seen){0};
		}
		if (at >= 0)
			seen.once[at] = true;
		fields[i] = rows->row[i].field;
		groups[n].count++;
	}
	out->groups = groups;
	out->group_count = n + 1;
}

static bool has_groups(const struct message_part *part)
{
	return !view_is(part->type, "message/feedback-report") &&
	       !view_is(part->type, "message/disposition-notification") &&
	       !view_is(part->type, "message/global-disposition-notification");
}

void report_read(struct message *m, const struct message_part *part, struct report *out)
{
	struct rows rows = {0};

	read_rows(m, message_body(m, part), &rows);
	finish_rows(&rows);
	group(m, &rows, has_groups(part), out);
}

const struct message_field *report_field(
	const struct report_group *group, const char *name, size_t nth)
{
	struct view want = view_of(name);

	for (size_t i = 0; i < group->count; i++)
		if (view_eq_nocase(group->fields[i].name, want) && nth-- == 0)
			return &group->fields[i];
	return NULL;
}

struct view report_text(struct message *m, const struct report_group *group, const char *name)
{
	const struct message_field *f = report_field(group, name, 0);

	return f == NULL ? view_make("", 0) : message_decode(m, f->value);
}
