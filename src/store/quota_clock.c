#include "store/quota_clock.h"
#include <unistd.h>
#include "base/time.h"
#include "store/sender.h"

/* A time namespace may have its own count of the time since boot. */
void quota_moment_read(const char *proc, struct quota_moment *out)
{
	char link[128], space[64];
	struct sender_id self;
	ssize_t len;

	*out = (struct quota_moment){0};
	sender_self(proc, &self);
	(void)snprintf(link, sizeof link, "%s/self/ns/time", proc);
	len = readlink(link, space, sizeof space - 1);
	space[len > 0 ? len : 0] = '\0';
	(void)snprintf(out->boot, sizeof out->boot, "%s %s", self.boot, space);
	quota_moment_refresh(out);
}

void quota_moment_refresh(struct quota_moment *m)
{
	m->since_boot = time_since_boot();
	m->wall = time_now();
}

static int64_t not_negative(int64_t ms)
{
	return ms > 0 ? ms : 0;
}

bool quota_clock_read(struct quota_clock *c, const struct quota_moment *m, int64_t *ms)
{
	bool same = c->at.boot[0] != '\0' && strcmp(c->at.boot, m->boot) == 0;
	int64_t passed =
		not_negative(same ? m->since_boot - c->at.since_boot : m->wall - c->at.wall);
	/* What the noted wall clock would show by now, had nobody set it. */
	int64_t wall = same ? c->at.wall + passed : c->at.wall;

	*ms = c->ms + passed;
	if (same && m->wall <= wall + QUOTA_CLOCK_SLACK_MS)
		return false;
	c->at = *m;
	c->at.wall = m->wall > wall ? m->wall : wall;
	c->ms = *ms;
	return true;
}
