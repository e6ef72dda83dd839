#ifndef SEND_PROBE_H
#define SEND_PROBE_H
#include "base/vec.h"
#include "net/peer.h"
#include "smtp/caps.h"
#include "net/sasl.h"
struct fail;
struct settings;
struct settings_relay;

/* probe - tries a relay step by step and tells of each what was found, and what to do
 * where it fails, in the words of somebody who has never heard of SMTP. Nothing is
 * mailed: a server is asked whether it takes the sender (MAIL), which is taken back
 * (RSET); into a folder goes an empty file that is removed again. */
enum send_probe_result {
	SEND_PROBE_OK,
	SEND_PROBE_WARNING, /* it works, but should be known */
	SEND_PROBE_FAILED,
};
struct send_probe_step {
	const char *name;  /* for programs: "name", "connection", "greeting", "encryption",
			     "abilities", "login", "sender", "limits", "speed", "folder" */
	const char *title; /* for people, translated */
	enum send_probe_result result;
	const char *code;   /* "cert-expired"; "" where all is well */
	const char *text;   /* translated, valid during the call */
	const char *advice; /* the same; "" for none */
};
struct send_probe_speed {     /* what send_probe_speed_make works out */
	double round_trips;   /* that a message needs */
	double one;	      /* messages a second on one connection */
	double quota;	      /* that the quotas allow; 0: no quota */
	unsigned connections; /* worth having */
	double all;	      /* messages a second in all */
};
struct send_probe_facts {
	struct vec addresses; /* struct net_address */
	struct net_peer peer;
	bool spoke; /* caps are what it said */
	struct smtp_caps caps;
	char login[32];	       /* the kind of login that worked: "SCRAM-SHA-256"; "" for none */
	int64_t round_trip_us; /* median; 0: not measured */
	struct send_probe_speed speed;
};
struct send_probe {
	const struct settings *settings;
	const struct settings_relay *relay;
	void (*tell)(void *ctx, const struct send_probe_step *step);
	void *ctx;
};

void send_probe_facts_init(struct send_probe_facts *facts);
void send_probe_facts_free(struct send_probe_facts *facts);
/* 0: it can be used; 1: a step failed, and was told; -1: the configuration or its secret
 * cannot be used (f, FAIL_CONF). */
int send_probe_run(const struct send_probe *p, struct send_probe_facts *facts, struct fail *f);

/* How many connections are worth having, and what that makes: as many as the quotas
 * ask for at this round trip, else for PROBE_GOAL messages a second. */
void send_probe_speed_make(const struct settings_relay *relay, const struct smtp_caps *caps,
	int64_t round_trip_us, unsigned connections_max, struct send_probe_speed *out);
#endif
