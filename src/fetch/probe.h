#ifndef FETCH_PROBE_H
#define FETCH_PROBE_H
#include "base/vec.h"
#include "net/peer.h"
struct fail;
struct settings;
struct settings_mailbox;

/* probe - tries a mailbox step by step and tells of each what was found, and what to do where
 * it fails, in the words of somebody who has never heard of IMAP. Nothing in the mailbox
 * changes, and no message is read. */
enum fetch_probe_result {
	FETCH_PROBE_OK,
	FETCH_PROBE_WARNING, /* it works, but should be known */
	FETCH_PROBE_FAILED,
};
struct fetch_probe_step {
	const char *name;  /* for programs: "name", "connection", "greeting", "encryption",
			     "login", "folder", "messages", "moving", "addresses" */
	const char *title; /* for people, translated */
	enum fetch_probe_result result;
	const char *code;   /* "cert-expired"; "" where all is well */
	const char *text;   /* translated, valid during the call */
	const char *advice; /* the same; "" for none */
};
struct fetch_probe_facts {
	struct vec addresses; /* struct net_address */
	struct net_peer peer;
	char login[32];	    /* the kind of login that worked; "" for none */
	struct vec folders; /* char *: as the configuration would name them */
	bool counted;	    /* messages is known */
	size_t messages;
};
struct fetch_probe {
	const struct settings *settings;
	const struct settings_mailbox *box;
	void (*tell)(void *ctx, const struct fetch_probe_step *step);
	void *ctx;
};

void fetch_probe_facts_init(struct fetch_probe_facts *facts);
void fetch_probe_facts_free(struct fetch_probe_facts *facts);
/* 0: it can be read; 1: a step failed, and was told; -1: the configuration or its secret
 * cannot be used (f, FAIL_CONF). */
int fetch_probe_run(const struct fetch_probe *p, struct fetch_probe_facts *facts, struct fail *f);
#endif
