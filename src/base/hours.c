#include "base/hours.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/zone.h"

enum {
	MINUTES = 24 * 60,
	WEEK = 7,
	ALL_DAYS = (1 << WEEK) - 1,
	/* Of a search: two edges a day for more than a week, and the clock being set meanwhile. */
	STEPS_MAX = 4 * WEEK + 4,
};

struct hours {
	struct hours_rule rule;
	struct zone *zone;
};

/* --- reading ------------------------------------------------------------- */

static bool read_day(struct view word, int *day)
{
	static const char *const names[][WEEK] = {
		{"sun", "mon", "tue", "wed", "thu", "fri", "sat"},
		{"dim", "lun", "mar", "mer", "jeu", "ven", "sam"},
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (*day = 0; *day < WEEK; (*day)++)
			if (view_eq_nocase(word, view_of(names[i][*day])))
				return true;
	return false;
}

/* "mon-fri,sun"; sat-mon goes over the end of the week. */
static bool read_days(struct view word, unsigned *days)
{
	struct view part;

	*days = 0;
	while (view_split(&word, ',', &part)) {
		ptrdiff_t dash = view_chr(part, '-');
		int from, to;

		if (!read_day(dash < 0 ? part : view_sub(part, 0, (size_t)dash), &from))
			return false;
		to = from;
		if (dash >= 0 && !read_day(view_from(part, (size_t)dash + 1), &to))
			return false;
		for (int day = from;; day = (day + 1) % WEEK) {
			*days |= 1u << day;
			if (day == to)
				break;
		}
	}
	return *days != 0;
}

static bool read_clock(struct view v, int *minute)
{
	ptrdiff_t colon = view_chr(v, ':');
	uint64_t hours, minutes;

	if (colon < 1 || colon > 2 || v.len != (size_t)colon + 3 ||
		!view_u64(view_sub(v, 0, (size_t)colon), 24, &hours) ||
		!view_u64(view_from(v, (size_t)colon + 1), 59, &minutes))
		return false;
	*minute = (int)(hours * 60 + minutes);
	return *minute <= MINUTES;
}

static bool read_span(struct view word, struct hours_rule *out)
{
	ptrdiff_t dash = view_chr(word, '-');

	return dash > 0 && read_clock(view_sub(word, 0, (size_t)dash), &out->opens) &&
	       read_clock(view_from(word, (size_t)dash + 1), &out->closes) &&
	       out->opens < MINUTES && out->closes > 0 && out->opens != out->closes;
}

static struct view next_word(struct view *rest)
{
	struct view word = {NULL, 0};

	*rest = view_trim(*rest);
	if (rest->len > 0)
		(void)view_split(rest, ' ', &word);
	return word;
}

bool hours_rule_parse(struct view text, struct hours_rule *out)
{
	struct view rest = text, word = next_word(&rest);

	out->days = ALL_DAYS;
	if (word.len > 0 && ascii_is_alpha(word.p[0])) {
		if (!read_days(word, &out->days))
			return false;
		word = next_word(&rest);
	}
	if (!read_span(word, out))
		return false;
	out->zone = next_word(&rest);
	return out->zone.len > 0 && view_trim(rest).len == 0;
}

int hours_new(struct view text, struct hours **out, struct fail *f)
{
	struct hours *h = mem_alloc(sizeof *h);

	if (!hours_rule_parse(text, &h->rule))
		(void)fail_set(f, FAIL_CONF,
			_("\"%.*s\" are no hours; write them as in \"mon-fri 08:00-20:00 "
			  "Europe/Paris\""),
			VIEW_ARG(text));
	else if (zone_open(ZONE_FOLDER, h->rule.zone, &h->zone, f) < 0)
		f->kind = FAIL_CONF;
	if (h->zone == NULL) {
		hours_free(&h);
		return -1;
	}
	h->rule.zone = VIEW(""); /* it was the caller's text */
	*out = h;
	return 0;
}

void hours_free(struct hours **h)
{
	if (*h == NULL)
		return;
	zone_free(&(*h)->zone);
	free(*h);
	*h = NULL;
}

/* --- telling ------------------------------------------------------------- */

static bool has_day(const struct hours_rule *r, int weekday)
{
	return (r->days >> weekday & 1) != 0;
}

/* By what the clock shows. */
static bool open_at(const struct hours_rule *r, const struct time_civil *c)
{
	int minute = c->hour * 60 + c->minute;
	int yesterday = (c->weekday + WEEK - 1) % WEEK;

	if (r->opens < r->closes)
		return minute >= r->opens && minute < r->closes && has_day(r, c->weekday);
	return (minute >= r->opens && has_day(r, c->weekday)) ||
	       (minute < r->closes && has_day(r, yesterday));
}

static int64_t shown(const struct hours *h, int64_t at)
{
	return at + (int64_t)zone_offset(h->zone, at) * TIME_SECOND;
}

bool hours_open(const struct hours *h, int64_t at)
{
	struct time_civil c;

	time_civil(shown(h, at), &c);
	return open_at(&h->rule, &c);
}

/* How long until the clock shows that minute of a day, from 1 ms to a day. */
static int64_t until_minute(int64_t clock, int minute)
{
	int64_t in_day = clock % TIME_DAY + (clock % TIME_DAY < 0 ? TIME_DAY : 0);
	int64_t wait = (minute % MINUTES) * (int64_t)TIME_MINUTE - in_day;

	return wait > 0 ? wait : wait + TIME_DAY;
}

/* From edge to edge: the minutes of the rule, and the moments at which the clock is set. */
int64_t hours_change(const struct hours *h, int64_t at)
{
	bool state = hours_open(h, at);

	for (int i = 0; i < STEPS_MAX; i++) {
		int64_t clock = shown(h, at), set = zone_next(h->zone, at);
		int64_t opens = until_minute(clock, h->rule.opens);
		int64_t closes = until_minute(clock, h->rule.closes);
		int64_t next = at + (opens < closes ? opens : closes);

		at = set < next ? set : next;
		if (hours_open(h, at) != state)
			return at;
	}
	return INT64_MAX;
}

int64_t hours_opens(const struct hours *h, int64_t at)
{
	return h == NULL || hours_open(h, at) ? at : hours_change(h, at);
}
