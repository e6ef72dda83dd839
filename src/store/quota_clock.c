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
	int64_t wall = c->at.wall, passed = 0;

	if (same)
		passed = not_negative(m->since_boot - c->at.since_boot);
	else if (!c->lost)
		passed = not_negative(m->wall - wall);
	/* What the noted wall clock would show by now, had nobody set it. */
	if (same)
		wall += passed;
	*ms = c->ms + passed;
	if (same && m->wall <= wall + QUOTA_CLOCK_SLACK_MS && passed < QUOTA_CLOCK_NOTE_MS)
		return false;
	/* Only at its start does a boot tell whether its clock went on while it was off. */
	c->lost = m->wall < wall && (c->lost || !same);
	c->at = *m;
	if (m->wall < wall)
		c->at.wall = wall;
	c->ms = *ms;
	return true;
}
