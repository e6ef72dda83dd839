#include "send/warmup.h"
#include "settings/settings.h"

static int64_t every(const struct settings_warmup *w)
{
	return w->double_every > 0 ? w->double_every : WARMUP_DOUBLE_MS;
}

static int64_t steps(const struct settings_warmup *w, int64_t first_use, int64_t now)
{
	return first_use > 0 && first_use < now ? (now - first_use) / every(w) : 0;
}

bool send_warmup_window(const struct settings_warmup *w, int64_t first_use, int64_t now,
	struct settings_window *out)
{
	uint64_t count = w->start.count;

	if (count == 0)
		return false;
	for (int64_t i = steps(w, first_use, now); i > 0 && count <= WARMUP_COUNT_MAX; i--)
		count *= 2;
	if (count > WARMUP_COUNT_MAX)
		return false;
	*out = (struct settings_window){count, w->start.window_ms};
	return true;
}

int64_t send_warmup_next(const struct settings_warmup *w, int64_t first_use, int64_t now)
{
	struct settings_window window;
	int64_t from = first_use > 0 && first_use < now ? first_use : now;

	if (!send_warmup_window(w, first_use, now, &window))
		return INT64_MAX;
	return from + (steps(w, first_use, now) + 1) * every(w);
}
