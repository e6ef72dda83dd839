#include "bounce/words.h"

/* Folding. A position in the text as it was is found again by folding it once more: that is
 * asked once for what decided, not for every octet of every message. */
struct fold {
	struct view text;
	size_t at;    /* in text */
	char *out;    /* or NULL: only count */
	size_t len;   /* of what is folded so far */
	size_t start; /* of the last word */
	char last;
};

/* U+00C0 to U+00FF without their accents; 0 stays as it is. */
static const char latin[] = "aaaaaaaceeeeiiiidnooooo\0ouuuuy\0saaaaaaaceeeeiiiidnooooo\0ouuuuy\0y";

static void put(struct fold *f, char c)
{
	if (c == ' ' && (f->last == ' ' || f->len == 0))
		return;
	f->out[f->len++] = c;
	f->last = c;
}

static bool is_local(char c)
{
	return ascii_is_alnum(c) || (c != '\0' && strchr("._+-=!#$%&*/?^~{|}", c) != NULL);
}

/* "@" at hand: what was put of the local part goes, and the domain is skipped. */
static void put_address(struct fold *f)
{
	size_t from = f->len;

	while (from > 0 && is_local(f->out[from - 1]))
		from--;
	f->at++;
	if (from < f->len && f->at < f->text.len && ascii_is_alnum(f->text.p[f->at])) {
		f->len = from;
		while (f->at < f->text.len &&
			(ascii_is_alnum(f->text.p[f->at]) ||
				(strchr(".-_", f->text.p[f->at]) != NULL &&
					f->at + 1 < f->text.len &&
					ascii_is_alnum(f->text.p[f->at + 1]))))
			f->at++;
	}
	f->last = from > 0 ? f->out[from - 1] : '\0';
	put(f, '@');
}

/* U+2018 to U+201D, U+00A0, accents, Cyrillic capitals. Takes what it has made. */
static bool put_wide(struct fold *f)
{
	const unsigned char *p = (const unsigned char *)f->text.p + f->at;
	size_t left = f->text.len - f->at;

	if (left >= 2 && p[0] == 0xC2 && p[1] == 0xA0) {
		put(f, ' ');
	} else if (left >= 2 && p[0] == 0xC3 && p[1] >= 0x80 && p[1] < 0xC0 &&
		   latin[p[1] - 0x80] != '\0') {
		put(f, latin[p[1] - 0x80]);
	} else if (left >= 2 && p[0] == 0xD0 && p[1] >= 0x90 && p[1] < 0xB0) {
		put(f, (char)(p[1] < 0xA0 ? 0xD0 : 0xD1));
		put(f, (char)(p[1] < 0xA0 ? p[1] + 0x20 : p[1] - 0x20));
	} else if (left >= 3 && p[0] == 0xE2 && p[1] == 0x80 && p[2] >= 0x98 && p[2] <= 0x9D) {
		put(f, p[2] <= 0x99 ? '\'' : '"');
		f->at++;
	} else {
		return false;
	}
	f->at += 2;
	return true;
}

static size_t digits(struct view v, size_t at, size_t max)
{
	size_t n = 0;

	while (n < max && at + n < v.len && ascii_is_digit(v.p[at + n]))
		n++;
	return n;
}

/* The length of "550-5.1.1 ", "550 " and the like; 0 where there is none. */
static size_t code_length(struct view v, size_t at)
{
	size_t i = at + 3, part;

	if (digits(v, at, 4) != 3 || v.p[at] < '2' || v.p[at] > '5' || i >= v.len ||
		(v.p[i] != ' ' && v.p[i] != '-'))
		return 0;
	i++;
	if (i + 4 < v.len && v.p[i] == '#')
		i++;
	if (i + 4 < v.len && v.p[i] == v.p[at] && v.p[i + 1] == '.') {
		size_t j = i + 2;

		part = digits(v, j, 3);
		if (part > 0 && j + part < v.len && v.p[j + part] == '.' &&
			digits(v, j + part + 1, 3) > 0)
			i = j + part + 1 + digits(v, j + part + 1, 3);
	}
	return i - at;
}

static void fold_step(struct fold *f)
{
	char c = f->text.p[f->at];
	size_t code;

	if (c == '@') {
		put_address(f);
		return;
	}
	if ((unsigned char)c >= 0x80 && put_wide(f))
		return;
	if (c >= '2' && c <= '5' && (f->last == ' ' || f->last == '\0') &&
		(code = code_length(f->text, f->at)) > 0) {
		f->at += code;
		return;
	}
	if (c == '`')
		c = '\'';
	put(f, (unsigned char)c <= ' ' || c == 127 ? ' ' : ascii_lower(c));
	f->at++;
}

/* Most of a text is letters: they need no look at what stands around them. */
static void fold_letters(struct fold *f)
{
	size_t from = f->at;

	while (f->at < f->text.len && ascii_is_alpha(f->text.p[f->at]))
		f->out[f->len++] = ascii_lower(f->text.p[f->at++]);
	if (f->at > from)
		f->last = f->out[f->len - 1];
}

struct view words_fold(struct view text, struct arena *a)
{
	struct fold f = {.text = view_sub(text, 0, WORDS_TEXT_MAX)};

	f.out = arena_alloc(a, f.text.len + 1);
	while (f.at < f.text.len) {
		fold_letters(&f);
		if (f.at < f.text.len)
			fold_step(&f);
	}
	return view_make(f.out, f.len);
}

struct view words_source(struct view text, size_t from, size_t len)
{
	struct fold f = {.text = view_sub(text, 0, WORDS_TEXT_MAX)};
	size_t begin = 0;
	struct arena a;

	arena_init(&a);
	f.out = arena_alloc(&a, f.text.len + 1);
	while (f.at < f.text.len && f.len < from + len) {
		if (f.len <= from)
			begin = f.at;
		fold_step(&f);
	}
	arena_free(&a);
	return view_trim(view_sub(text, begin, f.at - begin));
}
