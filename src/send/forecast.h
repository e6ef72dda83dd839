#ifndef SEND_FORECAST_H
#define SEND_FORECAST_H
#include "send/crowd.h"
#include "send/gate.h"
#include "send/pace.h"
#include "settings/settings.h"

/* forecast - when a campaign may begin and how long it will take, by what is known of its relay,
 * or of all those of its group that are not in reserve, without one running. */
struct send_forecast {
	struct send_gate gates[SETTINGS_SHARES_MAX];
	struct pace paces[SETTINGS_SHARES_MAX]; /* each with its relay */
	size_t count;
	struct send_crowd crowd; /* with nobody in it: the caller's to fill */
	int64_t opens;		 /* when the first of them may be used; that moment, or `now` */
};
/* `at`: not before; 0: at once. FAIL_CONF when sending hours are not known. */
int send_forecast_open(struct send_forecast *out, struct store *s, const struct settings *settings,
	const struct settings_relay *relay, int64_t at, int64_t now, struct fail *f);
void send_forecast_close(struct send_forecast *fc);
/* When `left` more will have gone, from `opens` on; INT64_MAX: years. */
int64_t send_forecast_finish(const struct send_forecast *fc, int64_t left);
#endif
