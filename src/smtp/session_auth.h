#ifndef SMTP_SESSION_AUTH_H
#define SMTP_SESSION_AUTH_H
#include "base/fail.h"
#include "net/conn.h"
#include "net/blot.h"
#include "net/sasl.h"
struct smtp_event;
struct smtp_reply;
struct smtp_session;

/* The login of a session, between EHLO and OPEN: one line out, one reply in, until
 * the server says yes or no. No once is no: nothing is tried twice, for servers lock
 * accounts; only where the server has never heard of a kind of login (504) the next
 * weaker one follows. */
enum { SMTP_AUTH_LINE_MAX = 12288 }; /* octets, CRLF included: RFC 4954 section 4 */

struct session_auth {
	struct net_login login; /* its texts are the caller's */
	unsigned left;		/* kinds that are offered, allowed and not tried yet */
	enum net_sasl_kind kind;
	struct net_sasl *sasl; /* NULL: no login is under way */
	struct str response;   /* the latest, in base64; wiped, as is line */
	struct str line;       /* to be written when `due` */
	size_t written;	       /* octets of the session's buffer that hold such lines */
	bool due;
	bool kept;	/* response did not fit behind AUTH, and goes out at the first 334 */
	bool cancelled; /* "*" is on its way or answered; fail says why */
	struct net_blot blot;
	struct str words;	  /* a reply in which the secret was blotted out */
	enum net_trouble trouble; /* NET_TROUBLE_NONE: no login has failed */
	struct fail fail;
};

void session_auth_init(struct smtp_session *s);
void session_auth_free(struct smtp_session *s);
/* The capabilities are known. False: nobody wants to log in. */
bool session_auth_begin(struct smtp_session *s);
/* A reply while logging in. True: *ev was filled. */
bool session_auth_reply(struct smtp_session *s, const struct smtp_reply *r, struct smtp_event *ev);
bool session_auth_write(struct smtp_session *s);
/* Makes a reply fit to be told: without the secret, whenever the server says it. The
 * text stays valid until the next call. */
void session_auth_blot(struct smtp_session *s, struct smtp_reply *r);
#endif
