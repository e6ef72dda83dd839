#ifndef FETCH_LOGIN_H
#define FETCH_LOGIN_H
#include "base/str.h"
#include "net/blot.h"
#include "net/conn.h"
#include "net/sasl.h"
struct fail;
struct settings_mailbox;

/* login - who logs in to a mailbox, and the part of it that IMAP (AUTHENTICATE) and POP3
 * (AUTH, RFC 5034) have in common. One attempt; a no is final, so that the account is not
 * locked. What the server repeats of the secret is blotted out. */
enum { FETCH_SAID_MAX = 320 }; /* octets of a server's words that we repeat */
struct fetch_login {
	struct net_login as; /* its secret is `secret` */
	struct str secret;
	struct net_blot blot;
	enum net_sasl_kind kind; /* NET_SASL_KINDS: the protocol's own way, LOGIN or USER */
	enum net_trouble trouble;
	char said[FETCH_SAID_MAX + 1]; /* a no of the server, fit to be shown */
};
/* Reads the password or token: 0, or -1 (FAIL_CONF). */
int fetch_login_begin(struct fetch_login *l, const struct settings_mailbox *box, struct fail *f);
void fetch_login_end(struct fetch_login *l); /* wipes it */
/* Picks among what the server offers, as bits; `own`: its own way is possible too. 0, or -1. */
int fetch_login_pick(struct fetch_login *l, unsigned offered, bool own, struct fail *f);

enum fetch_answer { FETCH_CONTINUE, FETCH_YES, FETCH_NO, FETCH_LATER };
struct fetch_talk {
	void *ctx;
	int (*say)(void *ctx, struct view line, struct fail *f); /* a whole line, CRLF too */
	/* `text` is what stands behind "+", or a no's words; valid until the next call. */
	int (*hear)(void *ctx, enum fetch_answer *answer, struct view *text, struct fail *f);
};
/* `command` is "F1 AUTHENTICATE" or "AUTH"; `initial`: the first response may stand behind
 * it. 0: logged in; -1: f and l->trouble. */
int fetch_login_sasl(struct fetch_login *l, const struct fetch_talk *talk, const char *command,
	bool initial, struct fail *f);
/* f for a no with these words: -1. */
int fetch_login_refused(struct fetch_login *l, bool later, struct view words, struct fail *f);
/* A no with that code in brackets, or those words, is for the moment only. */
bool fetch_login_is_later(struct view code, struct view words);
#endif
