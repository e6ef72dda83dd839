#ifndef CMD_SENDING_H
#define CMD_SENDING_H
#include "cmd/cmd.h"
#include "send/engine.h"
#include "send/plan.h"

/* sending - what `send` and the campaign commands share: options, the plan in
 * words, the question, the run with its progress, and the summary. */
struct sending_opts {
	const char *to, *template, *relay, *mode, *name, *progress, *at, *deadline;
	struct opt_uint limit, expect_count;
	bool yes, dry_run, wait, force_relay, late, restored, notify_success;
};
extern struct sending_opts sending;

/* Reads --to, --template and the rest; makes the plan. */
int sending_plan(struct app *app, struct send_request *r, struct send_plan *p, struct fail *f);
void sending_show_plan(const struct app *app, const struct send_plan *p);
/* Asks, or holds --yes --expect-count against `recipients`. -1 with FAIL_GUARD: no. */
int sending_confirm(int64_t recipients, struct fail *f);
/* A campaign whose time has passed by more than a day, and that has reached nobody: was it
 * forgotten, or is this an old copy of the database? Somebody has to say so, here or by
 * --late. -1 with FAIL_GUARD: no. */
int sending_confirm_late(const struct app *app, const struct store_campaign *c, struct fail *f);
/* The same of a campaign that mails people, where the database is an old copy (copy.h); a
 * folder can tell what it got. */
int sending_check_copy(struct app *app, const struct store_campaign *c, struct fail *f);
/* When the campaign may send, by its time and its relay's hours; 0: now. */
int sending_opens(struct app *app, const struct store_campaign *c, int64_t *opens, struct fail *f);
void sending_tell_closed(int64_t campaign, int64_t opens);
/* Prints the summary, in words or as the JSON of a run, and sets app->exit_code. */
void sending_tell(struct app *app, const struct send_outcome *o);
/* Runs the engine, then the same. */
int sending_run(struct app *app, int64_t campaign, struct fail *f);
#endif
