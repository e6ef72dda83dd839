#include "send/crowd.h"
#include "store/campaign.h"

void send_crowd_init(struct send_crowd *c, const struct settings *s, const struct send_gate *gate)
{
	c->count = 0;
	for (size_t i = 0; i < s->destination_count && c->count < SEND_CROWD_MAX; i++) {
		struct send_crowd_group *g = &c->groups[c->count];

		if (s->destinations[i].rate.count == 0)
			continue;
		*g = (struct send_crowd_group){.at = &s->destinations[i]};
		pace_init_rate(&g->pace, &g->at->rate, gate);
		c->count++;
	}
}

static struct send_crowd_group *group_of(struct send_crowd *c, struct view name)
{
	for (size_t i = 0; i < c->count; i++)
		if (view_is(name, c->groups[i].at->name))
			return &c->groups[i];
	return NULL;
}

void send_crowd_add(struct send_crowd *c, const struct vec *all, struct view domain)
{
	for (size_t i = 0; c->count > 0 && i < all->len; i++) {
		const struct store_destination *d = vec_at(all, i);
		struct send_crowd_group *g;

		if (!view_eq(d->domain, domain))
			continue;
		g = group_of(c, d->name);
		if (g != NULL)
			g->left++;
		return;
	}
}

struct look {
	struct send_crowd *crowd;
	int64_t left[SEND_CROWD_MAX];
};

static int note(void *ctx, int64_t count, struct view name)
{
	struct look *look = ctx;
	const struct send_crowd_group *g = group_of(look->crowd, name);

	if (g != NULL)
		look->left[g - look->crowd->groups] += count;
	return 0;
}

int send_crowd_look(
	struct send_crowd *c, struct store *s, int64_t campaign, int64_t now, struct fail *f)
{
	struct look look = {.crowd = c};

	if (c->count == 0)
		return 0;
	if (store_campaign_crowd(s, campaign, note, &look, f) < 0)
		return -1;
	for (size_t i = 0; i < c->count; i++) {
		struct send_crowd_group *g = &c->groups[i];

		if (g->looked != 0 && look.left[i] < g->left)
			pace_spend(&g->pace, now, (uint64_t)(g->left - look.left[i]));
		g->left = look.left[i];
		g->looked = now;
	}
	return 0;
}

int64_t send_crowd_finish(const struct send_crowd *c, int64_t now, int64_t finish)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct send_crowd_group *g = &c->groups[i];
		int64_t from = g->looked != 0 ? g->looked : now, end;

		if (g->left == 0)
			continue;
		end = pace_finish(&g->pace, from, g->left);
		finish = end > finish ? end : finish;
	}
	return finish;
}
