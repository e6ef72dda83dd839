#ifndef FETCH_POP3_H
#define FETCH_POP3_H
#include "fetch/link.h"
#include "fetch/login.h"
#include "fetch/pop3_reply.h"
struct fail;
struct settings_mailbox;

/* pop3 - a dialogue with a POP3 server. DELE is never said. */
struct pop3 {
	const struct settings_mailbox *box;
	struct fetch_link link;
	struct str line, said; /* a line of the server; a command of ours */
	bool open;
	bool can_uidl, can_user, can_pipeline;
	unsigned sasl;
	enum net_trouble trouble;
	char refusal[FETCH_SAID_MAX + 1]; /* why the login was refused */
};
void pop3_init(struct pop3 *pop3, const struct settings_mailbox *box);
void pop3_free(struct pop3 *pop3); /* says QUIT where there is somebody to hear it */
int pop3_connect(struct pop3 *pop3, struct net_peer *peer, struct fail *f);
int pop3_login(struct pop3 *pop3, const char **kind, struct fail *f);

int pop3_say(struct pop3 *pop3, struct fail *f, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The next line, into pop3->line. */
int pop3_hear(struct pop3 *pop3, struct fail *f);
/* The same for the first line of an answer: 1: +OK; 0: -ERR; -1. */
int pop3_answer(struct pop3 *pop3, struct fail *f);
/* One line of a text of several, its dots undone: 1; 0: the text is over; -1. */
int pop3_text_line(struct pop3 *pop3, struct view *line, struct fail *f);
/* How many messages there are (STAT). */
int pop3_count(struct pop3 *pop3, uint32_t *count, struct fail *f);
#endif
