#ifndef SEND_GATE_H
#define SEND_GATE_H
#include "base/hours.h"
struct fail;
struct settings_relay;

/* gate - when a campaign may send at all: not before the moment it was given (--at), and
 * only in the sending hours of its relay. */
struct send_gate {
	int64_t at;	     /* 0: it was given none */
	struct hours *hours; /* NULL: at any hour */
};
/* FAIL_CONF when the hours or their zone are not known; *out then needs no closing. */
int send_gate_open(
	struct send_gate *out, const struct settings_relay *relay, int64_t at, struct fail *f);
void send_gate_close(struct send_gate *g);
/* `now` itself while messages may go, else when they may. */
int64_t send_gate_opens(const struct send_gate *g, int64_t now);
/* From an open moment on: when it closes; INT64_MAX: never. */
int64_t send_gate_closes(const struct send_gate *g, int64_t open);
#endif
