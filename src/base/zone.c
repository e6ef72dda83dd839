#include "base/zone.h"
#include <dirent.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "base/time.h"
#include "base/zone_private.h"

enum {
	HEADER_SIZE = 44,
	HEADER_COUNTS = 20, /* where the six counts stand */
	ZONE_TIMES_MAX = 4096,
	ZONE_TYPES_MAX = 256,
	ZONE_OFFSET_MAX = 26 * 3600, /* RFC 8536 section 3.2: utoff */
	TYPE_SIZE = 6,
	ZONE_DEPTH = 3, /* America/Argentina/Ushuaia */
};
/* Of what four digits of a year can say. */
static const int64_t FIRST = INT64_C(-62167219200000), LAST = INT64_C(253402300799999);

struct zone {
	size_t count;
	int64_t *at; /* seconds, ascending */
	int *after;  /* the offset from that second on */
	int first;   /* the offset before them all */
	bool has_rule;
	struct zone_rule rule; /* after the last */
};

/* --- reading ------------------------------------------------------------- */

/* The counts of a header, in the order in which they stand there. */
struct counts {
	uint64_t utc, standard, leaps, times, types, chars;
};

static uint64_t number(struct view v, size_t at, size_t width)
{
	uint64_t n = 0;

	for (size_t i = 0; i < width; i++)
		n = n << 8 | (unsigned char)v.p[at + i];
	return n;
}

static int64_t moment(struct view v, size_t at, size_t width)
{
	uint64_t n = number(v, at, width);

	return width == 8 ? (int64_t)n : (int64_t)(int32_t)(uint32_t)n;
}

static bool take_header(struct view *v, struct counts *c, char *version)
{
	uint64_t *const all[] = {&c->utc, &c->standard, &c->leaps, &c->times, &c->types, &c->chars};

	if (v->len < HEADER_SIZE || !view_starts(*v, VIEW("TZif")))
		return false;
	*version = v->p[4];
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		*all[i] = number(*v, HEADER_COUNTS + 4 * i, 4);
	*v = view_from(*v, HEADER_SIZE);
	return true;
}

static uint64_t block_size(const struct counts *c, uint64_t width)
{
	return c->times * (width + 1) + c->types * TYPE_SIZE + c->chars + c->leaps * (width + 4) +
	       c->standard + c->utc;
}

static bool read_offset(struct view types, size_t i, int *out)
{
	int64_t offset = moment(types, i * TYPE_SIZE, 4);

	*out = (int)offset;
	return offset > -ZONE_OFFSET_MAX && offset < ZONE_OFFSET_MAX;
}

/* The moments of change, which ascend, and what holds from each on. */
static bool read_block(struct zone *z, struct view v, const struct counts *c, size_t width)
{
	struct view kinds = view_from(v, c->times * width), types = view_from(kinds, c->times);

	z->at = mem_alloc((c->times + 1) * sizeof *z->at);
	z->after = mem_alloc((c->times + 1) * sizeof *z->after);
	if (!read_offset(types, 0, &z->first))
		return false;
	for (z->count = 0; z->count < c->times; z->count++) {
		size_t i = z->count, kind = (unsigned char)kinds.p[i];

		z->at[i] = moment(v, i * width, width);
		if (kind >= c->types || !read_offset(types, kind, &z->after[i]) ||
			(i > 0 && z->at[i] <= z->at[i - 1]))
			return false;
	}
	return true;
}

static bool sizes_fit(const struct counts *c, size_t width, size_t len)
{
	return c->times <= ZONE_TIMES_MAX && c->types > 0 && c->types <= ZONE_TYPES_MAX &&
	       c->leaps == 0 && block_size(c, width) <= len;
}

/* After the second block: a line end, the rule, a line end. */
static bool read_rule(struct zone *z, struct view v)
{
	struct view line;

	if (v.len < 2 || v.p[0] != '\n')
		return false;
	v = view_from(v, 1);
	if (!view_split(&v, '\n', &line) || v.p == NULL)
		return false;
	z->has_rule = line.len > 0;
	return !z->has_rule || zone_rule_parse(line, &z->rule);
}

/* The first block has moments of 32 bits, for readers of before; a newer file has
 * another behind it. */
static bool read_all(struct zone *z, struct view v)
{
	struct counts c;
	char version;
	uint64_t size;

	if (!take_header(&v, &c, &version))
		return false;
	if (version < '2')
		return sizes_fit(&c, 4, v.len) && read_block(z, v, &c, 4);
	size = block_size(&c, 4);
	if (size > v.len)
		return false;
	v = view_from(v, (size_t)size);
	if (!take_header(&v, &c, &version) || !sizes_fit(&c, 8, v.len))
		return false;
	return read_block(z, v, &c, 8) && read_rule(z, view_from(v, (size_t)block_size(&c, 8)));
}

int zone_parse(struct view bytes, struct zone **out, struct fail *f)
{
	struct zone *z = mem_alloc(sizeof *z);

	if (bytes.len <= ZONE_FILE_MAX && read_all(z, bytes)) {
		*out = z;
		return 0;
	}
	zone_free(&z);
	return fail_set(f, FAIL_DATA, "%s", _("this is no file of the time zone database"));
}

void zone_free(struct zone **z)
{
	if (*z == NULL)
		return;
	free((*z)->at);
	free((*z)->after);
	free(*z);
	*z = NULL;
}

/* --- by name ------------------------------------------------------------- */

/* Nothing that leads out of the folder. */
static bool name_ok(struct view name)
{
	if (name.len == 0 || name.len > ZONE_NAME_MAX || !ascii_is_alpha(name.p[0]) ||
		view_find(name, VIEW("//")) >= 0)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alnum(name.p[i]) && strchr("/_+-", name.p[i]) == NULL)
			return false;
	return true;
}

struct search {
	const char *folder;
	struct view word;
	struct suggest near;
	char found[ZONE_NAME_MAX + 1]; /* where near.best points to */
	bool same_place;
};

/* "Noumea" for Pacific/Noumea: who knows the place may not know the part of the world. */
static void offer(struct search *s, struct view name)
{
	struct view place = name;

	while (view_chr(place, '/') >= 0)
		place = view_from(place, (size_t)view_chr(place, '/') + 1);
	if (s->same_place)
		return;
	s->same_place = view_eq_nocase(place, s->word);
	if (s->same_place || suggest_offer(&s->near, name)) {
		(void)snprintf(s->found, sizeof s->found, "%.*s", VIEW_ARG(name));
		s->near.best = view_of(s->found);
	}
}

/* Capitals begin the names; in small letters there are tables, and the same zones again. */
static void walk(struct search *s, const char *under, int depth)
{
	char path[sizeof ZONE_FOLDER + 512], name[ZONE_NAME_MAX + 1];
	const struct dirent *entry;
	DIR *dir;

	(void)snprintf(path, sizeof path, "%s/%s", s->folder, under);
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		int len = snprintf(name, sizeof name, "%s%s%s", under, under[0] != '\0' ? "/" : "",
			entry->d_name);

		if (len < 0 || (size_t)len >= sizeof name || !name_ok(view_of(name)) ||
			ascii_lower(entry->d_name[0]) == entry->d_name[0])
			continue;
		offer(s, view_of(name));
		if (depth > 1)
			walk(s, name, depth - 1);
	}
	if (dir != NULL)
		(void)closedir(dir);
}

static int unknown(const char *folder, struct view name, struct fail *f)
{
	struct search s = {.folder = folder, .word = name};

	suggest_start(&s.near, name);
	if (name.len <= SUGGEST_WORD_MAX)
		walk(&s, "", ZONE_DEPTH);
	if (s.near.best.len > 0)
		return fail_set(f, FAIL_NOINPUT,
			_("there is no time zone \"%.*s\"; did you mean %.*s?"), VIEW_ARG(name),
			VIEW_ARG(s.near.best));
	return fail_set(f, FAIL_NOINPUT,
		_("there is no time zone \"%.*s\"; names are those of the folder %s, such as "
		  "Europe/Paris"),
		VIEW_ARG(view_sub(name, 0, ZONE_NAME_MAX)), folder);
}

static struct zone *utc(void)
{
	struct zone *z = mem_alloc(sizeof *z);

	z->has_rule = true;
	return z;
}

int zone_open(const char *folder, struct view name, struct zone **out, struct fail *f)
{
	char path[sizeof ZONE_FOLDER + 512];
	struct fail why;
	struct str bytes;
	int ret = -1;

	if (view_is(name, "UTC")) {
		*out = utc();
		return 0;
	}
	if (!name_ok(name))
		return unknown(folder, name, f);
	(void)snprintf(path, sizeof path, "%s/%.*s", folder, VIEW_ARG(name));
	str_init(&bytes, ZONE_FILE_MAX);
	if (file_read(path, &bytes, &why) < 0)
		(void)unknown(folder, name, f);
	else
		ret = zone_parse(str_view(&bytes), out, f) < 0 ? fail_wrap(f, "%s", path) : 0;
	str_free(&bytes);
	return ret;
}

/* --- telling ------------------------------------------------------------- */

static int64_t seconds(int64_t at)
{
	if (at < FIRST)
		at = FIRST;
	if (at > LAST)
		at = LAST;
	return at / TIME_SECOND - (at % TIME_SECOND < 0);
}

/* How many changes are not after that second. */
static size_t past(const struct zone *z, int64_t second)
{
	size_t low = 0, high = z->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (z->at[middle] <= second)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int zone_offset(const struct zone *z, int64_t at)
{
	int64_t second = seconds(at);
	size_t n = past(z, second);

	if (n == z->count && z->has_rule)
		return zone_rule_offset(&z->rule, second);
	return n > 0 ? z->after[n - 1] : z->first;
}

int64_t zone_next(const struct zone *z, int64_t at)
{
	int64_t second = seconds(at), next = INT64_MAX;
	size_t n = past(z, second);

	if (n < z->count)
		next = z->at[n];
	else if (z->has_rule)
		next = zone_rule_next(&z->rule, second);
	return next <= LAST / TIME_SECOND ? next * TIME_SECOND : INT64_MAX;
}
