#ifndef FETCH_IMAP_H
#define FETCH_IMAP_H
#include "base/vec.h"
#include "fetch/imap_reply.h"
#include "fetch/link.h"
#include "fetch/login.h"
#include "fetch/window.h"
struct fail;
struct settings_mailbox;

/* imap - a dialogue with an IMAP server (RFC 3501), a command at a time. What comes without
 * being asked for is taken note of here: messages that go away, capabilities, BYE. */
enum imap_ability {
	IMAP_CAN_SASL_IR = 1 << 0,  /* RFC 4959 */
	IMAP_CAN_MOVE = 1 << 1,	    /* RFC 6851 */
	IMAP_CAN_UIDPLUS = 1 << 2,  /* RFC 4315 */
	IMAP_NO_LOGIN = 1 << 3,	    /* LOGINDISABLED */
	IMAP_CAN_NAMESPACE = 1 << 4 /* RFC 2342 */
};
struct imap {
	const struct settings_mailbox *box;
	struct fetch_link link;
	struct imap_reader reader;
	struct arena arena; /* of the response that was read last */
	struct str line;
	unsigned tag;
	bool open, capable; /* connected; the server has said what it can */
	unsigned abilities, sasl;
	/* How folders are named here, once that was asked. */
	bool named;
	char separator; /* between the parts of a name; 0: there is none */
	struct str prefix;
	/* Of the folder that is selected. */
	bool writable;
	uint32_t exists, uidvalidity, uidnext;
	struct fetch_window window;
	struct str code, words; /* of the last tagged answer */
	enum net_trouble trouble;
	char refusal[FETCH_SAID_MAX + 1]; /* why the login was refused */
};

void imap_init(struct imap *imap, const struct settings_mailbox *box);
void imap_free(struct imap *imap); /* says LOGOUT where there is somebody to hear it */
/* Connects: `peer` as of fetch_link_open(). 0, or -1: f, imap->trouble. */
int imap_connect(struct imap *imap, struct net_peer *peer, struct fail *f);
/* With the password of the mailbox: *kind is how ("SCRAM-SHA-256", "LOGIN"). */
int imap_login(struct imap *imap, const char **kind, struct fail *f);

/* Says a command, its tag in front and CRLF behind. */
int imap_say(struct imap *imap, struct fail *f, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The next response; BYE is a failure. */
int imap_hear(struct imap *imap, struct imap_response *out, struct fail *f);
/* The rest of the last command's answer. 1: OK; 0: NO or BAD, see code and words; -1: f. */
int imap_end(struct imap *imap, struct fail *f);
/* Whether a response is the end of the last command; as imap_end() then, through *ok. */
bool imap_is_end(struct imap *imap, const struct imap_response *r, int *ok);
/* Both at once. */
int imap_command(struct imap *imap, struct fail *f, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds `text` as a quoted string. -1 with f set: it holds what cannot be quoted. */
int imap_quote(struct str *out, struct view text, struct fail *f);
/* Adds a folder of the configuration, "/" between its parts, as a quoted string in the
 * server's form. */
int imap_quote_folder(struct imap *imap, struct str *out, const char *folder, struct fail *f);
/* Opens the mailbox's folder. 1: done; 0: the server does not know it or will not open it;
 * -1: f. */
int imap_select(struct imap *imap, bool writable, struct fail *f);
/* For each folder there is; `name` is decoded, and as the configuration would have it. */
typedef void (*imap_folder_fn)(void *ctx, struct view name, bool selectable);
int imap_folders(struct imap *imap, imap_folder_fn fn, void *ctx, struct fail *f);
#endif
