#include "bounce/read_private.h"

/* Only marks and quotes stand before it: the line is about this address. */
static bool is_bare(struct view before)
{
	for (size_t i = 0; i < before.len; i++)
		if (strchr(" \t*>-<\"'[(:\\", before.p[i]) == NULL)
			return false;
	return true;
}

/* What may follow the address of a line of its own. */
static bool is_list_end(struct view after)
{
	static const char *const heads[] = {":", ",", "[", "(", "...", " ...", " [", " (", " on ",
		" am ", " le ", " op ", " il ", " el ", " em ", " - ", " -", ";", ">,", "=", " <",
		" :"};

	while (after.len > 0 && strchr(">\"')]", after.p[0]) != NULL)
		after = view_from(after, 1);
	if (view_trim(after).len == 0)
		return true;
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (view_starts(after, view_of(heads[i])))
			return true;
	return false;
}

static bool tells_why(struct reading *r, struct view after)
{
	struct match_text words;

	match_read(&words, after, r->a);
	return match_first(&words, TABLE_ADDRESS) != NULL ||
	       match_first(&words, TABLE_MAILBOX) != NULL ||
	       match_first(&words, TABLE_MESSAGE) != NULL ||
	       match_first(&words, TABLE_SYSTEM) != NULL;
}

/* "550 5.1.1 <ana@example.org>... User unknown" */
static bool is_code_line(struct view before, struct view after)
{
	struct view code = view_sub(before, 0, 3), rest = view_from(before, 3);
	struct view status = diagnosis_status(rest);
	uint64_t n;

	if (!view_u64(code, 599, &n) || n < 400)
		return false;
	if (status.len > 0)
		rest = view_from(rest, (size_t)(status.p - rest.p) + status.len);
	if (!is_bare(rest))
		return false;
	while (after.len > 0 && after.p[0] == '>')
		after = view_from(after, 1);
	return view_starts(after, VIEW("..."));
}

/* The row of TABLE_LEADS whose phrase ends right before the address. */
static const struct bounce_row *lead(struct reading *r, struct view before)
{
	const struct bounce_table *t = bounce_tables[TABLE_LEADS];
	struct view folded;

	while (before.len > 0 && strchr(" \t<\"'[(:;", before.p[before.len - 1]) != NULL &&
		before.p[before.len - 1] != ':')
		before.len--;
	if (before.len > 5 && view_eq_nocase(view_from(before, before.len - 5), VIEW("smtp:")))
		before.len -= 5;
	while (before.len > 0 && strchr(" \t<\"'[(", before.p[before.len - 1]) != NULL)
		before.len--;
	folded = words_fold(before, r->a);
	for (size_t i = 0; i < t->count; i++)
		if (view_ends(folded, view_of(t->row[i].a)))
			return &t->row[i];
	return NULL;
}

static void add(
	struct reading *r, struct view address, struct view line, unsigned weight, const char *rule)
{
	struct place *p;

	if (r->places.len >= READ_PLACES_MAX)
		return;
	p = vec_push(&r->places);
	*p = (struct place){.address = address, .block = line, .weight = weight, .rule = rule};
}

/* Of the place that was added last. */
static void set_code(struct reading *r, struct view before)
{
	uint64_t n = 0;

	(void)view_u64(view_sub(before, 0, 3), 599, &n);
	if (r->places.len > 0)
		((struct place *)vec_at(&r->places, r->places.len - 1))->code = (int)n;
}

static bool is_weak(struct reading *r, struct view address, unsigned weight)
{
	enum { WEAK = 85 };

	return weight <= WEAK && (address_is(address, r->to) || address_is(address, r->from) ||
					 address_is_daemon(address));
}

static void read_line(struct reading *r, struct view line)
{
	size_t at = 0, begin, last = 0;
	struct view address;

	while ((address = address_next(line, &at, &begin)).len > 0) {
		struct view before = view_sub(line, last, begin - last);
		struct view after = view_from(line, begin + address.len);
		const struct bounce_row *row;

		if (last == 0 && is_bare(before) && (is_list_end(after) || tells_why(r, after))) {
			add(r, address, line, PLACE_LINE, "address.line");
			return;
		}
		if (last == 0 && is_code_line(before, after)) {
			add(r, address, line, PLACE_CODE, "address.code-line");
			set_code(r, before);
			return;
		}
		row = lead(r, before);
		if (row != NULL && !is_weak(r, address, row->confidence))
			add(r, address, line, row->confidence, row->name);
		last = at;
	}
}

/* A place's block goes to the next place of another address; that of a line in a transcript
 * begins after the one before, for there the reason comes first. */
static void stretch(struct reading *r)
{
	const char *end, *done = r->text.p;

	if (r->places.len == 0)
		return;
	end = r->text.p + r->text.len;
	for (size_t i = 0; i < r->places.len; i++) {
		struct place *p = vec_at(&r->places, i);
		const char *next = end;

		if (p->weight == PLACE_CODE) {
			const char *stop = p->block.p + p->block.len;

			p->block = view_make(done, (size_t)(stop - done));
			done = stop;
			continue;
		}
		if (p->weight != PLACE_LINE)
			continue;
		for (size_t j = i + 1; j < r->places.len; j++) {
			const struct place *q = vec_at(&r->places, j);

			if (q->weight == PLACE_LINE && !address_is(q->address, p->address)) {
				next = q->block.p;
				break;
			}
		}
		p->block = view_make(p->block.p, (size_t)(next - p->block.p));
	}
}

void place_find(struct reading *r)
{
	struct view rest = r->text, line;

	while (rest.len > 0 && view_line(&rest, &line)) {
		struct view bare = view_trim(line);

		if (memchr(line.p, '@', line.len) == NULL)
			continue;
		while (bare.len > 1 && bare.p[0] == '>' && bare.p[1] == ' ')
			bare = view_trim(view_from(bare, 1));
		read_line(r, bare);
	}
	stretch(r);
}

const struct place *place_of(const struct reading *r, struct view address)
{
	const struct place *best = NULL;

	for (size_t i = 0; i < r->places.len; i++) {
		const struct place *p = vec_at(&r->places, i);

		if (address_is(p->address, address) && (best == NULL || p->weight > best->weight))
			best = p;
	}
	return best;
}
