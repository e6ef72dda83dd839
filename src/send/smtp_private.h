#ifndef SEND_SMTP_PRIVATE_H
#define SEND_SMTP_PRIVATE_H
#include "base/fail.h"
#include "net/loop.h"
#include "send/transport.h"
#include "settings/settings.h"
#include "smtp/client.h"

/* smtp_private - a relay by SMTP: smtp.c (what the engine asks for, and what the server
 * said) and smtp_lane.c (the connections). */
enum { SMTP_STATUS_SIZE = 24, SMTP_HELO_SIZE = 256, SMTP_CONNECTIONS_MAX = 100 };

/* An answer never came. It may be that the server, or what stands before it, cannot bear
 * what comes early: then messages wait for each other, and where that was no help commands
 * do. It may also have been a cable: after a good while it is tried again. */
enum caution { CAUTION_NONE, CAUTION_MESSAGES, CAUTION_MOST };

struct lane { /* one connection, or the wait for the next try */
	struct smtp_client *client;
	int64_t again_at;     /* monotonic ms; 0: now */
	int64_t opened;	      /* monotonic ms */
	uint64_t sent;	      /* messages on this connection */
	uint64_t refused;     /* recipients on this connection that were not taken */
	bool stirred;	      /* it may have something to say, or to write, before the next wait */
	size_t flying, slow;  /* messages in it now, and those of slow providers among them */
	int64_t answered;     /* monotonic ms: of the last message that was */
	bool cut;	      /* it ended with one of them in it */
	enum caution caution; /* with which it was made */
	unsigned tries;	      /* connections in a row without a message getting through */
	bool quitting;
	bool in; /* the login is over, or none was wanted */
};
struct owner { /* which lane has a message in flight */
	uint64_t id;
	size_t lane;
	bool slow;
	int64_t completed; /* monotonic ms */
};
struct smtp {
	struct send_transport base;
	const struct settings_relay *relay;
	struct net_loop *loop; /* borrowed */
	struct str secret;     /* password or token; clients borrow it while they log in */
	int64_t secret_at;
	/* Once it has worked. Until then one connection at a time logs in: a wrong password
	 * is to be tried once, not once per connection. */
	bool logged_in;
	unsigned login_cuts; /* connections in a row that ended while logging in */
	struct lane *lanes;
	size_t lane_count, limit; /* only the first `limit` may have a connection */
	size_t speaker;		  /* the lane that is asked next for what it has heard */
	struct vec owners;	  /* struct owner */
	unsigned failures;	  /* connections in a row that ended without a message through */
	struct smtp_caps caps;
	char helo[SMTP_HELO_SIZE];
	unsigned tries; /* how many of those there may be */
	struct fail broken;
	bool later;	       /* broken, but it may be tried again */
	struct net_peer *peer; /* of a probe, else NULL */
	bool wanted;	       /* there is something to send: worth a connection */
	enum caution caution;  /* of new connections */
	unsigned losses;       /* answers that never came */
	uint64_t good;	       /* answers since caution was last changed */
	bool finishing;
	char status[SMTP_STATUS_SIZE]; /* of the event given out last */
};

/* The ways in which it may be logged in; 0: no login. */
unsigned smtp_login_kinds(const struct settings_relay *r);
/* The password, once, or the token: anew when the one we have may be about to expire. */
int smtp_read_secret(struct smtp *s, int timeout_ms, struct fail *f);
void smtp_choose_helo(struct smtp *s);
/* How long the first wait after a connection of the lane that came to nothing is. */
enum smtp_wait { SMTP_RECONNECT_MS = 1000, SMTP_LOGIN_LATER_MS = 5000 };
/* `why`, in the end, is why we stop. */
void smtp_lane_failed(
	struct smtp *s, struct lane *lane, enum smtp_wait first, const struct fail *why);
struct smtp_client *smtp_open_client(struct smtp *s, struct fail *f);
/* Lanes without a connection get one when their time has come. */
void smtp_open_lanes(struct smtp *s);
/* How many more it takes now. */
size_t smtp_lane_room(const struct smtp *s, struct lane *lane);
/* Whether a message to a slow provider, or to another, may go there. */
bool smtp_lane_suits(const struct smtp *s, const struct lane *lane, bool slow);
/* The connection with the most room: they share the work. NULL: none has any. */
struct lane *smtp_freest_lane(struct smtp *s, bool slow);
#endif
