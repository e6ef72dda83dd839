#include "send/forecast.h"
#include "store/watch.h"

static int add_way(struct send_forecast *fc, struct store *s, const struct settings_relay *relay,
	int64_t at, int64_t now, struct fail *f)
{
	struct send_gate *gate = &fc->gates[fc->count];
	struct pace *pace = &fc->paces[fc->count];
	int64_t first_use, opens;

	if (send_gate_open(gate, relay, at, f) < 0)
		return -1;
	fc->count++;
	opens = send_gate_opens(gate, now);
	if (opens < fc->opens)
		fc->opens = opens;
	if (store_relay_first_use(s, view_of(relay->name), &first_use, f) < 0)
		return -1;
	pace_init(pace, relay, first_use, gate, opens);
	return pace_read(pace, s, opens, f);
}

int send_forecast_open(struct send_forecast *out, struct store *s, const struct settings *settings,
	const struct settings_relay *relay, int64_t at, int64_t now, struct fail *f)
{
	out->count = 0;
	out->opens = INT64_MAX;
	for (size_t i = 0; i < settings_relay_ways(relay); i++) {
		unsigned weight;
		const struct settings_relay *way = settings_relay_way(settings, relay, i, &weight);

		if (weight == 0 || add_way(out, s, way, at, now, f) == 0)
			continue;
		send_forecast_close(out);
		return -1;
	}
	/* Each of several relays has hours of its own. */
	send_crowd_init(&out->crowd, settings, out->count == 1 ? out->gates : NULL);
	return 0;
}

void send_forecast_close(struct send_forecast *fc)
{
	while (fc->count > 0)
		send_gate_close(&fc->gates[--fc->count]);
}

int64_t send_forecast_finish(const struct send_forecast *fc, int64_t left)
{
	return send_crowd_finish(
		&fc->crowd, fc->opens, pace_finish_all(fc->paces, fc->count, fc->opens, left));
}
