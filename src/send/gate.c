#include "send/gate.h"
#include "base/fail.h"
#include "settings/settings.h"

int send_gate_open(
	struct send_gate *out, const struct settings_relay *relay, int64_t at, struct fail *f)
{
	*out = (struct send_gate){.at = at};
	if (relay->send_between == NULL ||
		hours_new(view_of(relay->send_between), &out->hours, f) == 0)
		return 0;
	return fail_wrap(f, "relays.%s.send_between", relay->name);
}

void send_gate_close(struct send_gate *g)
{
	hours_free(&g->hours);
}

int64_t send_gate_opens(const struct send_gate *g, int64_t now)
{
	return hours_opens(g->hours, g->at > now ? g->at : now);
}

int64_t send_gate_closes(const struct send_gate *g, int64_t open)
{
	return g->hours != NULL ? hours_change(g->hours, open) : INT64_MAX;
}
