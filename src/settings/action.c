#include "base/time.h"
#include "settings/settings_private.h"

enum { ACTION_WEIGHT_DIGITS = 2, ACTION_WEIGHT_MAX = 10000, ACTION_TIMES_MAX = 1000 };
#define ACTION_SPAN_MAX (400 * (uint64_t)TIME_DAY)

bool settings_decimal(struct view text, unsigned digits, uint64_t max, uint64_t *out)
{
	ptrdiff_t point = view_chr(text, '.');
	struct view whole = point < 0 ? text : view_sub(text, 0, (size_t)point);
	struct view part = point < 0 ? VIEW("") : view_from(text, (size_t)point + 1);
	uint64_t n, rest = 0, scale = 1;

	if (!view_u64(whole, max, &n) || part.len > digits || (point >= 0 && part.len == 0) ||
		(part.len > 0 && !view_u64(part, max, &rest)))
		return false;
	for (unsigned i = 0; i < digits; i++)
		scale *= 10;
	for (size_t i = part.len; i < digits; i++)
		rest *= 10;
	if (n > max / scale || n * scale + rest > max)
		return false;
	*out = n * scale + rest;
	return true;
}

/* "30d", "12h". */
static bool span(struct view text, int64_t *out)
{
	uint64_t worth, n;

	if (text.len == 0)
		return false;
	switch (text.p[text.len - 1]) {
	case 'd':
		worth = TIME_DAY;
		break;
	case 'h':
		worth = TIME_HOUR;
		break;
	default:
		return false;
	}
	if (!view_u64(view_sub(text, 0, text.len - 1), ACTION_SPAN_MAX / worth, &n) || n == 0)
		return false;
	*out = (int64_t)(n * worth);
	return true;
}

/* The next word off *in. */
static struct view word(struct view *in)
{
	struct view w = VIEW("");

	*in = view_trim(*in);
	(void)view_split(in, ' ', &w);
	return w;
}

/* What stands behind "suppress". */
static bool read_suppress(struct view rest, struct settings_action *a)
{
	struct view w = word(&rest);
	uint64_t n;

	if (w.len == 0)
		return true;
	if (view_eq_nocase(w, VIEW("after")))
		return span(word(&rest), &a->after) && view_trim(rest).len == 0;
	if (!view_eq_nocase(w, VIEW("at")) || !view_u64(word(&rest), ACTION_TIMES_MAX, &n) ||
		n == 0)
		return false;
	a->times = (unsigned)n;
	w = word(&rest);
	if (w.len == 0)
		return true;
	return view_eq_nocase(w, VIEW("within")) && span(word(&rest), &a->within) &&
	       view_trim(rest).len == 0;
}

bool settings_action_parse(struct view text, struct settings_action *out)
{
	struct settings_action a = {.weight = SETTINGS_WEIGHT_ONE, .times = 1};
	struct view rest = text, first = word(&rest);
	uint64_t weight;

	if (view_eq_nocase(first, VIEW("suppress"))) {
		a.act = SETTINGS_ACT_SUPPRESS;
		if (!read_suppress(rest, &a))
			return false;
	} else if (view_eq_nocase(first, VIEW("count"))) {
		a.act = SETTINGS_ACT_COUNT;
		if (!settings_decimal(
			    view_trim(rest), ACTION_WEIGHT_DIGITS, ACTION_WEIGHT_MAX, &weight))
			return false;
		a.weight = (unsigned)weight;
	} else {
		bool hold = view_eq_nocase(first, VIEW("hold"));

		if ((!hold && !view_eq_nocase(first, VIEW("none"))) || view_trim(rest).len > 0)
			return false;
		a = (struct settings_action){.act = hold ? SETTINGS_ACT_HOLD : SETTINGS_ACT_NONE};
	}
	*out = a;
	return true;
}

const struct settings_action *settings_bounce_action(const struct settings *s, struct view reason)
{
	const struct settings_row *row;
	struct str path;

	str_init(&path, SETTINGS_PATH_TEXT_MAX);
	(void)str_addf(&path, "bounces.policy.%.*s", VIEW_ARG(reason));
	row = str_ok(&path) ? settings_schema_find(str_view(&path)) : NULL;
	str_free(&path);
	return row != NULL ? (const void *)((const char *)s + row->offset) : NULL;
}
