#ifndef CMD_VERDICT_H
#define CMD_VERDICT_H
#include <jansson.h>
#include "bounce/verdict.h"

/* verdict - what a message that came back says, in plain words with what it was read from, and
 * as JSON; the same for one that is read now and for one that was stored. */
/* `title` is what the message is called: its file, its number. */
void verdict_print(const char *title, const struct bounce_verdict *v);
const char *verdict_kind_words(enum bounce_kind kind); /* "not delivered", ... */
const char *verdict_kind_word(enum bounce_kind kind);  /* "failed", ...: for a table */
/* The reason for people; "-" where there is none to give. */
struct view verdict_reason(enum bounce_kind kind, enum bounce_reason reason);
/* The recipients of "bounce parse --json"; what decided something; absent facts are null. */
json_t *verdict_recipients_json(const struct bounce_verdict *v);
json_t *verdict_evidence_json(const struct bounce_evidence *e);
json_t *verdict_fact(struct view v);
json_t *verdict_number(int64_t n); /* 0 is absent */
#endif
