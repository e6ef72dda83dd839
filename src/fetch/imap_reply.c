/* From one whole response to what it says. */
#include "fetch/imap_reply.h"
#include "base/fail.h"
#include "base/i18n.h"

enum { NESTING_MAX = 16 };

struct parser {
	struct view in; /* what is still to be read */
	const struct imap_reader *reader;
	struct arena *arena;
};

static bool at(const struct parser *p, char c)
{
	return p->in.len > 0 && p->in.p[0] == c;
}

static bool skip(struct parser *p, char c)
{
	if (!at(p, c))
		return false;
	(void)view_take(&p->in, 1);
	return true;
}

static void skip_spaces(struct parser *p)
{
	while (skip(p, ' '))
		;
}

/* An atom in the widest sense: up to a space, a parenthesis or the end; brackets hold
 * together what stands in them ("BODY[HEADER.FIELDS (TO)]"). */
static struct view take_atom(struct parser *p)
{
	size_t n = 0;
	bool inside = false;

	for (; n < p->in.len; n++) {
		char c = p->in.p[n];

		inside = inside ? c != ']' : c == '[';
		if (!inside && (c == ' ' || c == '(' || c == ')' || c == '"' || c == '\r'))
			break;
	}
	return view_take(&p->in, n);
}

/* Up to the closing quote, with its backslashes undone. */
static bool take_quoted(struct parser *p, struct view *out)
{
	struct view in = view_from(p->in, 1);
	size_t end = 0, n = 0;
	char *text;

	while (end < in.len && in.p[end] != '"')
		end += in.p[end] == '\\' ? 2 : 1;
	if (end >= in.len)
		return false;
	text = arena_alloc(p->arena, end + 1);
	for (size_t i = 0; i < end; i++) {
		if (in.p[i] == '\\')
			i++;
		text[n++] = in.p[i];
	}
	*out = view_make(text, n);
	p->in = view_from(in, end + 1);
	return true;
}

static bool take_literal(struct parser *p, struct view *out)
{
	struct view head;
	ptrdiff_t end = view_find(p->in, VIEW("}\r\n"));
	uint64_t size;

	if (end < 1)
		return false;
	head = view_sub(p->in, 1, (size_t)end - 1);
	if (view_ends(head, VIEW("+")))
		head.len--;
	if (!view_u64(head, UINT32_MAX, &size) || size > p->in.len - (size_t)end - 3)
		return false;
	p->in = view_from(p->in, (size_t)end + 3);
	*out = view_take(&p->in, (size_t)size);
	return true;
}

/* A string in any form, or an atom; NIL is the empty one. */
static bool take_string(struct parser *p, struct view *out)
{
	if (at(p, '"'))
		return take_quoted(p, out);
	if (at(p, '{'))
		return take_literal(p, out);
	*out = take_atom(p);
	if (view_eq_nocase(*out, VIEW("NIL")))
		*out = VIEW("");
	return true;
}

/* Whatever stands here, parentheses and all. */
static bool skip_value(struct parser *p)
{
	struct view any;
	unsigned depth = 0;

	do {
		size_t before;

		skip_spaces(p);
		before = p->in.len;
		if (skip(p, '(')) {
			if (++depth > NESTING_MAX)
				return false;
		} else if (depth > 0 && skip(p, ')')) {
			depth--;
		} else if (!take_string(p, &any) || p->in.len == before) {
			return false;
		}
	} while (depth > 0 && p->in.len > 0);
	return depth == 0;
}

static bool take_number(struct parser *p, uint64_t max, uint64_t *out)
{
	return view_u64(take_atom(p), max, out);
}

/* --- statuses ------------------------------------------------------------- */

static bool status_of(struct view word, enum imap_status *out)
{
	static const char *const names[] = {[IMAP_OK] = "OK",
		[IMAP_NO] = "NO",
		[IMAP_BAD] = "BAD",
		[IMAP_BYE] = "BYE",
		[IMAP_PREAUTH] = "PREAUTH"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (view_eq_nocase(word, view_of(names[i]))) {
			*out = (enum imap_status)i;
			return true;
		}
	return false;
}

/* "[UIDVALIDITY 7] UIDs valid". */
static void read_words(struct parser *p, struct imap_response *out)
{
	skip_spaces(p);
	if (at(p, '[')) {
		ptrdiff_t end = view_chr(p->in, ']');

		if (end > 0) {
			out->code = view_sub(p->in, 1, (size_t)end - 1);
			p->in = view_from(p->in, (size_t)end + 1);
		}
	}
	out->words = view_trim(p->in);
}

bool imap_code_is(struct view code, const char *key)
{
	struct view word;

	return view_split(&code, ' ', &word) && view_eq_nocase(word, view_of(key));
}

bool imap_code_number(struct view code, const char *key, uint32_t *out)
{
	struct view word;
	uint64_t n;

	if (!view_split(&code, ' ', &word) || !view_eq_nocase(word, view_of(key)) ||
		!view_split(&code, ' ', &word) || !view_u64(word, UINT32_MAX, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

bool imap_has_word(struct view words, const char *word)
{
	struct view one;

	while (view_split(&words, ' ', &one))
		if (view_eq_nocase(one, view_of(word)))
			return true;
	return false;
}

/* --- FETCH and LIST ------------------------------------------------------- */

static bool read_flags(struct parser *p, struct imap_response *out)
{
	if (!skip(p, '('))
		return false;
	out->has_flags = true;
	while (p->in.len > 0 && !skip(p, ')')) {
		struct view flag = take_atom(p);

		if (view_eq_nocase(flag, VIEW("\\Seen")))
			out->seen = true;
		if (flag.len == 0 && !skip(p, ' '))
			return false;
	}
	return true;
}

/* NIL is what a server says whose message somebody else has just deleted: no body, and not an
 * empty one. */
static bool read_body(struct parser *p, struct imap_response *out)
{
	bool nil = view_starts_nocase(p->in, VIEW("NIL"));

	out->has_body = !nil;
	if (!take_string(p, &out->body))
		return false;
	if (p->reader->has_body)
		out->body = str_view(&p->reader->body);
	return true;
}

static bool read_item(struct parser *p, struct imap_response *out)
{
	struct view name = take_atom(p);
	uint64_t n = 0;

	if (name.len == 0)
		return false;
	skip_spaces(p);
	if (view_eq_nocase(name, VIEW("UID"))) {
		if (!take_number(p, UINT32_MAX, &n))
			return false;
		out->uid = (uint32_t)n;
		return n > 0;
	}
	if (view_eq_nocase(name, VIEW("RFC822.SIZE"))) {
		out->has_size = take_number(p, INT64_MAX, &out->size);
		return out->has_size;
	}
	if (view_eq_nocase(name, VIEW("FLAGS")))
		return read_flags(p, out);
	if (view_eq_nocase(name, VIEW("BODY[]")) || view_eq_nocase(name, VIEW("BODY[]<0>")))
		return read_body(p, out);
	return skip_value(p);
}

static bool read_fetch(struct parser *p, struct imap_response *out)
{
	skip_spaces(p);
	if (!skip(p, '('))
		return false;
	for (;;) {
		skip_spaces(p);
		if (skip(p, ')'))
			return true;
		if (!read_item(p, out))
			return false;
	}
}

static bool read_list(struct parser *p, struct imap_response *out)
{
	struct view separator;

	out->selectable = true;
	skip_spaces(p);
	if (!skip(p, '('))
		return false;
	while (p->in.len > 0 && !skip(p, ')')) {
		struct view flag = take_atom(p);

		if (view_eq_nocase(flag, VIEW("\\Noselect")) ||
			view_eq_nocase(flag, VIEW("\\NonExistent")))
			out->selectable = false;
		if (flag.len == 0 && !skip(p, ' '))
			return false;
	}
	skip_spaces(p);
	if (!take_string(p, &separator) || separator.len > 1)
		return false;
	out->separator = separator.len > 0 ? separator.p[0] : '\0';
	skip_spaces(p);
	return take_string(p, &out->name) && out->name.len <= IMAP_FOLDER_MAX;
}

/* Of the personal namespaces the first (RFC 2342). */
static bool read_namespace(struct parser *p, struct imap_response *out)
{
	struct view separator;

	skip_spaces(p);
	for (int brackets = 0; brackets < 2; brackets++)
		if (!skip(p, '('))
			return true; /* NIL: there is none */
	if (!take_string(p, &out->name) || out->name.len > IMAP_FOLDER_MAX)
		return false;
	skip_spaces(p);
	if (!take_string(p, &separator) || separator.len > 1)
		return false;
	out->kind = IMAP_NAMESPACE;
	out->separator = separator.len > 0 ? separator.p[0] : '\0';
	return true;
}

/* --- the whole ------------------------------------------------------------ */

static bool read_numbered(struct parser *p, uint32_t number, struct imap_response *out)
{
	static const struct {
		const char *word;
		enum imap_kind kind;
	} kinds[] = {{"EXISTS", IMAP_EXISTS}, {"EXPUNGE", IMAP_EXPUNGE}, {"FETCH", IMAP_FETCH}};
	struct view word;

	skip_spaces(p);
	word = take_atom(p);
	out->number = number;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (view_eq_nocase(word, view_of(kinds[i].word)))
			out->kind = kinds[i].kind;
	if (out->kind != IMAP_OTHER && out->kind != IMAP_EXISTS && number == 0)
		return false;
	return out->kind != IMAP_FETCH || read_fetch(p, out);
}

static bool read_untagged(struct parser *p, struct imap_response *out)
{
	struct view word;
	uint64_t number;

	skip_spaces(p);
	word = take_atom(p);
	if (view_u64(word, UINT32_MAX, &number))
		return read_numbered(p, (uint32_t)number, out);
	if (status_of(word, &out->status)) {
		out->kind = IMAP_STATUS;
		read_words(p, out);
	} else if (view_eq_nocase(word, VIEW("CAPABILITY"))) {
		out->kind = IMAP_CAPABILITY;
		out->words = view_trim(p->in);
	} else if (view_eq_nocase(word, VIEW("LIST"))) {
		out->kind = IMAP_LIST;
		return read_list(p, out);
	} else if (view_eq_nocase(word, VIEW("NAMESPACE"))) {
		return read_namespace(p, out);
	}
	return true;
}

static bool read_all(struct parser *p, struct imap_response *out)
{
	struct view head = take_atom(p);

	if (view_is(head, "*"))
		return read_untagged(p, out);
	if (view_is(head, "+")) {
		out->kind = IMAP_CONTINUE;
		out->words = view_trim(p->in);
		return true;
	}
	skip_spaces(p);
	out->kind = IMAP_TAGGED;
	out->tag = head;
	if (head.len == 0 || !status_of(take_atom(p), &out->status) || out->status > IMAP_BAD)
		return false;
	read_words(p, out);
	return true;
}

int imap_parse(
	const struct imap_reader *r, struct arena *a, struct imap_response *out, struct fail *f)
{
	struct parser p = {.in = str_view(&r->text), .reader = r, .arena = a};

	*out = (struct imap_response){.kind = IMAP_OTHER};
	if (read_all(&p, out))
		return 0;
	return fail_set(f, FAIL_TEMP,
		_("the server sent a line that makes no sense: it may not be a mail server, or "
		  "it is out of order"));
}
