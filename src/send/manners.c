#include "send/manners.h"

void manners_init(struct manners *m, size_t most)
{
	*m = (struct manners){.most = most > 0 ? most : SIZE_MAX};
	m->limit = m->most;
}

bool manners_allow(const struct manners *m, size_t flying, int64_t now)
{
	return now >= m->until && flying < m->limit;
}

int64_t manners_next(const struct manners *m, int64_t now)
{
	return m->until > now ? m->until : now;
}

void manners_good(struct manners *m)
{
	m->bad = m->closures = 0;
	m->until = 0;
	if (m->limit >= m->most || ++m->good < m->limit)
		return;
	m->limit++;
	m->good = 0;
}

int64_t manners_closure(unsigned n, unsigned char random)
{
	int64_t ms = MANNERS_CLOSE_MS;

	for (unsigned i = 1; i < n && ms < MANNERS_CLOSE_MAX_MS; i++)
		ms *= 2;
	if (ms > MANNERS_CLOSE_MAX_MS)
		ms = MANNERS_CLOSE_MAX_MS;
	/* A quarter of jitter: several senders must not come back in the same second. */
	return ms + ms / 4 * random / 255;
}

bool manners_slow(struct manners *m, size_t flying, int64_t now, unsigned char random)
{
	size_t had = flying < m->limit ? flying : m->limit;

	/* What was on its way already says nothing new about the lower limit. */
	if (now < m->until)
		return false;
	m->good = 0;
	m->limit = had > 1 ? had / 2 : 1;
	if (++m->bad < MANNERS_CLOSE_AFTER && m->closures == 0)
		return false;
	m->limit = 1;
	m->bad = 0;
	m->closures++;
	m->until = now + manners_closure(m->closures, random);
	return true;
}

bool manners_is_slow(const struct manners *m)
{
	return m->limit < m->most;
}
