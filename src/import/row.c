#include "import/row.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "import/title.h"
#include "mail/mailbox.h"

struct row_maker {
	const struct columns *columns;
	size_t *order; /* the columns that go into the JSON, by their key */
	size_t n_order;
	struct view *members; /* in that order: ,"key":" */
	struct view *values;  /* of each column: trimmed and clean */
	struct str *clean;    /* behind the values that had to be changed */
	struct str key, name, json;
	struct arena memory, scratch; /* for all rows; for one */
	uint64_t joined;
};

/* Sorted keys: the same values give the same JSON whatever the order of columns. */
static void plan_order(struct row_maker *m)
{
	const struct columns *c = m->columns;

	for (size_t i = 0; i < c->n; i++) {
		enum column_role role = c->items[i].role;

		size_t k = m->n_order;

		if (role != COLUMN_VARIABLE && role != COLUMN_GIVEN && role != COLUMN_FAMILY)
			continue;
		for (; k > 0 && view_cmp(c->items[i].key, c->items[m->order[k - 1]].key) < 0; k--)
			m->order[k] = m->order[k - 1];
		m->order[k] = i;
		m->n_order++;
	}
	m->members = arena_alloc(&m->memory, c->n * sizeof *m->members);
	for (size_t k = 0; k < m->n_order; k++) {
		struct str member;

		str_init(&member, 2 * TITLE_KEY_MAX);
		(void)str_addf(&member, ",\"%.*s\":\"", VIEW_ARG(c->items[m->order[k]].key));
		m->members[k] = arena_dup(&m->memory, str_view(&member));
		str_free(&member);
	}
}

struct row_maker *row_maker_new(const struct columns *c)
{
	struct row_maker *m = mem_alloc(sizeof *m);

	m->columns = c;
	arena_init(&m->memory);
	arena_init(&m->scratch);
	m->order = arena_alloc(&m->memory, c->n * sizeof *m->order);
	m->values = arena_alloc(&m->memory, c->n * sizeof *m->values);
	m->clean = arena_alloc(&m->memory, c->n * sizeof *m->clean);
	for (size_t i = 0; i < c->n; i++)
		str_init(&m->clean[i], ROW_VALUE_MAX);
	str_init(&m->key, ADDR_KEY_MAX);
	str_init(&m->name, 2 * ROW_NAME_MAX + 1);
	str_init(&m->json, 2 * CSV_RECORD_MAX + (size_t)CSV_FIELDS_MAX * ROW_NAME_MAX);
	plan_order(m);
	return m;
}

void row_maker_free(struct row_maker **m)
{
	if (*m == NULL)
		return;
	for (size_t i = 0; i < (*m)->columns->n; i++)
		str_free(&(*m)->clean[i]);
	str_free(&(*m)->key);
	str_free(&(*m)->name);
	str_free(&(*m)->json);
	arena_free(&(*m)->scratch);
	arena_free(&(*m)->memory);
	free(*m);
	*m = NULL;
}

uint64_t row_joined(const struct row_maker *m)
{
	return m->joined;
}

/* Can v hold no control character (utf8_is_control) and no blank or apostrophe
 * at its ends? By single bytes: C2, D8 and E2 begin some that are. */
static bool is_tidy(struct view v)
{
	static const bool careful[256] = {
		[0x7F] = true, [0xC2] = true, [0xD8] = true, [0xE2] = true};
	unsigned char found = 0;

	if (v.len == 0)
		return true;
	if (v.p[0] == ' ' || v.p[0] == '\'' || v.p[v.len - 1] == ' ')
		return false;
	for (size_t i = utf8_printable(v); i < v.len; i++)
		found |= (unsigned char)v.p[i] < 0x20 || careful[(unsigned char)v.p[i]];
	return found == 0;
}

/* Without blanks at both ends, the no-break space of spreadsheets among them. */
static struct view trim(struct view v)
{
	static const struct view nbsp = {"\xC2\xA0", 2};

	for (;;) {
		v = view_trim(v);
		if (view_starts(v, nbsp))
			v = view_from(v, nbsp.len);
		else if (view_ends(v, nbsp))
			v.len -= nbsp.len;
		else
			return v;
	}
}

static int refuse_control(const struct column *c, uint32_t cp, struct fail *why)
{
	return fail_set(why, FAIL_DATA,
		_("\"%.*s\" holds the control character U+%04X, which cannot be seen but does harm "
		  "in a message"),
		VIEW_ARG(c->title), (unsigned)cp);
}

/* TAB and line ends as one space; 0, or -1 with why set. */
static int make_clean(const struct column *c, struct view in, struct str *out, struct fail *why)
{
	bool gap = false;
	uint32_t cp;

	str_clear(out);
	while (in.len > 0) {
		struct view before = in;

		if (utf8_next(&in, &cp) < 0)
			return fail_set(why, FAIL_BUG, "a value is not UTF-8");
		if (cp == '\t' || cp == '\r' || cp == '\n') {
			if (!gap)
				(void)str_addc(out, ' ');
			gap = true;
			continue;
		}
		if (cp == ' ' && gap)
			continue;
		if (utf8_is_control(cp))
			return refuse_control(c, cp, why);
		gap = false;
		(void)str_addv(out, view_sub(before, 0, before.len - in.len));
	}
	return 0;
}

static int take_value(struct row_maker *m, size_t i, struct view in, struct fail *why)
{
	const struct column *c = &m->columns->items[i];
	struct str *clean = &m->clean[i];
	size_t max = c->role == COLUMN_VARIABLE ? ROW_VALUE_MAX : ROW_NAME_MAX;

	bool tidy = is_tidy(in);

	if (!tidy)
		in = trim(csv_unguard(trim(in)));
	m->values[i] = in;
	if (in.len > max)
		return fail_set(why, FAIL_DATA, _("\"%.*s\" is longer than %zu bytes"),
			VIEW_ARG(c->title), max);
	if (tidy)
		return 0;
	if (make_clean(c, in, clean, why) < 0)
		return -1;
	if (c->role == COLUMN_ADDRESS)
		return 0; /* its parser names what it does not want */
	m->joined += !view_eq(str_view(clean), in);
	m->values[i] = str_view(clean);
	return 0;
}

bool row_short(const struct columns *c, const struct csv_record *in)
{
	for (size_t i = in->n; i < c->n; i++)
		if (c->items[i].title.len > 0)
			return true;
	return false;
}

/* Fields too few or too many; empty ones at the end harm nobody. */
static int check_fields(const struct row_maker *m, const struct csv_record *in, struct fail *why)
{
	bool fits = !row_short(m->columns, in);

	for (size_t i = m->columns->n; i < in->n; i++)
		fits = fits && trim(in->fields[i]).len == 0;
	if (!fits)
		return fail_set(
			why, FAIL_DATA, _("%zu fields instead of %zu"), in->n, m->columns->n);
	if (in->stray)
		return fail_set(why, FAIL_DATA,
			_("text after a closing quote: a quote within quotes is written twice"));
	return 0;
}

static bool is_blank(const struct csv_record *in)
{
	for (size_t i = 0; i < in->n; i++)
		if (trim(in->fields[i]).len > 0)
			return false;
	return true;
}

static int read_address(struct row_maker *m, struct store_import_row *out, struct fail *why)
{
	struct view in = m->values[m->columns->address];
	struct mailbox box = {0};

	if (in.len == 0)
		return fail_set(why, FAIL_DATA, _("no address"));
	if (view_chr(in, '<') < 0 && view_chr(in, '(') < 0) {
		if (addr_parse(in, ADDR_MEMBER, &box.addr, why) < 0)
			return -1;
		out->address = in;
	} else {
		const char *end;

		if (mailbox_parse(in, ADDR_MEMBER, &m->scratch, &box, why) < 0)
			return -1;
		end = box.addr.domain.p + box.addr.domain.len;
		out->address = view_make(box.addr.local.p, (size_t)(end - box.addr.local.p));
	}
	out->name = box.name;
	str_clear(&m->key);
	if (addr_key(&box.addr, &m->key, why) < 0)
		return -1;
	out->key = str_view(&m->key);
	return 0;
}

static struct view value(const struct row_maker *m, int column)
{
	return column == COLUMNS_NONE ? view_make(NULL, 0) : m->values[column];
}

static void make_name(struct row_maker *m, struct store_import_row *out)
{
	struct view given = value(m, m->columns->given), family = value(m, m->columns->family);
	struct view name = value(m, m->columns->name);

	if (name.len > 0) {
		out->name = name;
	} else if (given.len > 0 || family.len > 0) {
		str_clear(&m->name);
		(void)str_addv(&m->name, given);
		if (given.len > 0 && family.len > 0)
			(void)str_addc(&m->name, ' ');
		(void)str_addv(&m->name, family);
		out->name = str_view(&m->name);
	}
}

/* RFC 8259 section 7; control characters are gone already. */
static char *put_json_text(char *to, struct view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == '"' || v.p[i] == '\\')
			*to++ = '\\';
		*to++ = v.p[i];
	}
	*to++ = '"';
	return to;
}

static void make_json(struct row_maker *m, struct store_import_row *out)
{
	str_clear(&m->json);
	for (size_t k = 0; k < m->n_order; k++) {
		struct view v = m->values[m->order[k]], member = m->members[k];
		char *room;

		if (v.len == 0 || (room = str_room(&m->json, member.len + 2 * v.len + 1)) == NULL)
			continue;
		memcpy(room, member.p, member.len);
		room[0] = m->json.len == 0 ? '{' : ',';
		str_added(&m->json, (size_t)(put_json_text(room + member.len, v) - room));
	}
	(void)str_addz(&m->json, m->json.len == 0 ? "{}" : "}");
	out->fields = str_view(&m->json);
}

int row_make(struct row_maker *m, const struct csv_record *in, struct store_import_row *out,
	struct fail *why)
{
	if (is_blank(in))
		return 0;
	if (check_fields(m, in, why) < 0)
		return -1;
	arena_reset(&m->scratch);
	for (size_t i = 0; i < m->columns->n; i++) {
		struct view field = i < in->n ? in->fields[i] : view_make(NULL, 0);

		if (m->columns->items[i].role != COLUMN_SKIP && take_value(m, i, field, why) < 0)
			return -1;
	}
	*out = (struct store_import_row){0};
	if (read_address(m, out, why) < 0)
		return -1;
	make_name(m, out);
	make_json(m, out);
	if (!str_ok(&m->json))
		return fail_set(why, FAIL_DATA, _("the values are too long together"));
	return 1;
}
