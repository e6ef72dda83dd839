/* facteur bounce: list, show, review: what came back, as it was stored. */
#include "base/time.h"
#include "cmd/bounce.h"
#include "cmd/names.h"
#include "cmd/reason.h"
#include "cmd/verdict.h"
#include "report/report.h"
#include "returns/record.h"
#include "returns/take.h"
#include "store/returned.h"

enum { BOUNCE_LIST_MOST = 50 };

static struct opt_uint limit;
static struct opt_uint accept_one, dismiss_one;

/* One message as it was stored. */
struct stored {
	struct store_returned row;
	struct vec rcpts; /* struct store_returned_rcpt */
	struct bounce_verdict v;
};

static int load(
	struct app *app, int64_t number, struct arena *a, struct stored *out, struct fail *f)
{
	vec_init(&out->rcpts, sizeof(struct store_returned_rcpt));
	if (store_returned_get(app->store, number, a, &out->row, &out->rcpts, f) < 0) {
		vec_free(&out->rcpts);
		return -1;
	}
	returns_verdict(&out->row, &out->rcpts, a, &out->v);
	return 0;
}

static json_t *moment(int64_t at)
{
	char iso[TIME_ISO_SIZE];

	if (at == 0)
		return json_null();
	time_iso(at, iso);
	return json_string(iso);
}

/* As "bounce parse --json" writes it, with what was done. */
static json_t *stored_json(const struct stored *s)
{
	json_t *rcpts = verdict_recipients_json(&s->v);

	for (size_t i = 0; i < s->rcpts.len; i++) {
		const struct store_returned_rcpt *r = vec_at(&s->rcpts, i);
		json_t *row = json_array_get(rcpts, i);

		(void)json_object_set_new(row, "campaign", verdict_number(r->campaign));
		(void)json_object_set_new(row, "contact", verdict_number(r->contact));
		(void)json_object_set_new(row, "did", verdict_fact(r->did));
		(void)json_object_set_new(row, "review", json_boolean(r->review == REVIEW_OPEN));
	}
	return json_pack("{s:i, s:I, s:o, s:o, s:o, s:o, s:o, s:{s:b, s:o, s:o}, s:{s:o, s:o}}",
		"schema", 1, "id", (json_int_t)s->row.id, "place", verdict_fact(s->row.place),
		"read", moment(s->row.at), "kind", verdict_fact(s->row.kind), "subject",
		verdict_fact(s->row.subject), "recipients", rcpts, "token", "valid", s->row.valid,
		"campaign", verdict_number(s->row.campaign), "contact",
		verdict_number(s->row.contact), "original", "message_id",
		verdict_fact(s->row.message_id), "envelope_id", verdict_fact(s->row.envelope_id));
}

/* --- list ---------------------------------------------------------------- */

static const struct opt list_opts[] = {
	{OPT_UINT, 'n', "limit", &limit, "N", N_("the newest N; 50 when not said, 0 is all")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

static int keep_number(void *ctx, const struct store_returned *r)
{
	*(int64_t *)vec_push(ctx) = r->id;
	return 0;
}

static void list_row(struct out_table *t, const struct stored *s)
{
	const struct store_returned_rcpt *first = s->rcpts.len > 0 ? vec_at(&s->rcpts, 0) : NULL;
	char at[OUT_WHEN_SIZE];

	out_cell_n(t, s->row.id);
	out_cellz(t, out_when(s->row.at, at));
	out_cellz(t, verdict_kind_word(s->v.kind));
	out_cell(t, first != NULL && first->address.len > 0 ? first->address : s->row.author);
	out_cell(t,
		first != NULL ? verdict_reason(s->v.kind, s->v.recipients[0].reason) : VIEW("-"));
	out_cellz(t, first != NULL && first->review == REVIEW_OPEN ? _("to be looked at") : "");
}

static struct out_table *list_table(void)
{
	static const char *const heads[] = {
		N_("Number"), N_("Read"), N_("Kind"), N_("Who"), N_("Reason"), N_("Review")};
	enum { HEADS = sizeof heads / sizeof *heads };
	struct out_table *t = out_table_new(HEADS);

	for (size_t i = 0; i < HEADS; i++)
		out_cellz(t, _(heads[i]));
	return t;
}

static int list_run(struct app *app, int argc, char **argv, struct fail *f)
{
	int64_t most = !limit.given			     ? BOUNCE_LIST_MOST
		       : limit.n == 0 || limit.n > INT64_MAX ? INT64_MAX
							     : (int64_t)limit.n;
	struct out_table *t = app->json ? NULL : list_table();
	struct vec numbers;
	struct arena a;
	int ret;

	(void)argc;
	(void)argv;
	arena_init(&a);
	vec_init(&numbers, sizeof(int64_t));
	ret = store_returned_each(app->store, most, keep_number, &numbers, f);
	for (size_t i = 0; ret == 0 && i < numbers.len; i++) {
		struct stored s;

		arena_reset(&a);
		ret = load(app, *(int64_t *)vec_at(&numbers, i), &a, &s, f);
		if (ret < 0)
			break;
		if (app->json)
			out_json_line(stored_json(&s));
		else
			list_row(t, &s);
		vec_free(&s.rcpts);
	}
	if (t != NULL && numbers.len == 0)
		out_say("%s", _("Nothing came back so far: facteur bounce fetch looks for it."));
	if (t != NULL)
		out_table_print(&t);
	if (ret == 0 && !app->json && (int64_t)numbers.len == most)
		out_say(_("These are the newest %lld; with -n 0 all are shown."), (long long)most);
	vec_free(&numbers);
	arena_free(&a);
	return ret;
}

const struct cmd cmd_bounce_list = {
	.noun = "bounce",
	.verb = "list",
	.args = "",
	.summary = N_("show what came back, the newest first"),
	.needs = CMD_STORE_READ,
	.reads = true,
	.opts = list_opts,
	.run = list_run,
};

/* --- show ---------------------------------------------------------------- */

static void show_done(const struct store_returned_rcpt *r)
{
	static const struct {
		const char *did, *words;
	} deeds[] = {
		{"suppressed", N_("the address is never mailed again")},
		{"counted", N_("it counts against the address")},
		{"held", N_("held: somebody has to decide")},
		{"unsubscribed", N_("the member was taken off the list")},
		{"bounced", N_("noted in the campaign")},
		{"delivered", N_("noted in the campaign")},
		{"complained", N_("noted in the campaign")},
		{"moved", N_("the contact has the new address")},
	};

	if (r->campaign != 0)
		out_line(_("  Campaign:   %lld, member %.*s"), (long long)r->campaign,
			VIEW_ARG(r->member.len > 0 ? r->member : view_of(_("(forgotten)"))));
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
		if (view_is(r->did, deeds[i].did))
			out_line(_("  Done:       %s"), _(deeds[i].words));
	if (r->did.len == 0)
		out_line("%s", _("  Done:       nothing"));
	if (r->review == REVIEW_OPEN)
		out_line(_("  To decide:  facteur bounce review --accept %lld, or --dismiss %lld"),
			(long long)r->returned, (long long)r->returned);
}

/* Line by line, for it may hold anything. */
static void show_raw(struct view raw)
{
	struct view line;

	if (raw.len > 0)
		out_line("%s", "");
	while (raw.len > 0 && view_line(&raw, &line))
		out_line("%.*s", VIEW_ARG(line));
}

int bounce_show_stored(struct app *app, int64_t number, struct fail *f)
{
	struct stored s;
	char title[24];

	if (load(app, number, &app->arena, &s, f) < 0)
		return -1;
	if (app->json) {
		out_json(stored_json(&s));
	} else {
		(void)snprintf(title, sizeof title, "%lld", (long long)number);
		verdict_print(title, &s.v);
		out_line("%s", "");
		out_line("%s", s.row.valid
				       ? _("Token:        valid: this is about a message of ours")
				       : _("Token:        none that is valid: by itself it does "
					   "nothing"));
		for (size_t i = 0; i < s.rcpts.len; i++)
			show_done(vec_at(&s.rcpts, i));
		show_raw(s.row.raw);
	}
	vec_free(&s.rcpts);
	return 0;
}

static int show_run(struct app *app, int argc, char **argv, struct fail *f)
{
	uint64_t number;

	(void)argc;
	if (!view_u64(view_of(argv[0]), INT64_MAX, &number) || number == 0)
		return bounce_show_path(app, argv[0], f);
	if (cmd_open(app, CMD_STORE_READ, f) < 0)
		return -1;
	return bounce_show_stored(app, (int64_t)number, f);
}

const struct cmd cmd_bounce_show = {
	.noun = "bounce",
	.verb = "show",
	.args = "NUMBER|FILE|-",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("one such message explained, and what was done"),
	.more = N_("By the number that facteur bounce list shows, or in a file, or - for stdin."),
	.needs = CMD_NOTHING,
	.reads = true,
	.run = show_run,
};

/* --- review -------------------------------------------------------------- */

static const struct opt review_opts[] = {
	{OPT_UINT, 0, "accept", &accept_one, "NUMBER", N_("do what is proposed")},
	{OPT_UINT, 0, "dismiss", &dismiss_one, "NUMBER", N_("do nothing, and ask no more")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

static struct view proposal(const struct store_returned_rcpt *r)
{
	if (r->moved_to.len > 0)
		return view_of(r->valid ? _("new address") : _("new address; no valid token"));
	if (view_is(r->did, "held") && view_is(r->reason, "domain-unknown"))
		return view_of(_("never mail again; many of the domain at once"));
	if (view_is(r->did, "held"))
		return view_of(_("never mail again; held as configured"));
	if (r->did.len > 0 && (view_is(r->reason, "unknown") || view_is(r->reason, "unclear")))
		return view_of(_("never mail again; the reason is not clear"));
	/* A token, but one that others know, too (returns/take.h). */
	if (view_is(r->kind, "unsubscribe"))
		return view_of(r->valid ? _("take off the list; somebody else wrote")
					: _("take off the list; no valid token"));
	if (view_is(r->kind, "complaint"))
		return view_of(
			r->valid ? _("take off the list, never mail again; others know its token")
				 : _("take off the list, never mail again; no valid token"));
	return view_of(r->valid ? _("never mail again; others know its token")
				: _("never mail again; no valid token"));
}

/* What it is about: of a failure the reason, else what the member wants. */
static struct view why(const struct store_returned_rcpt *r)
{
	if (view_is(r->kind, "unsubscribe"))
		return verdict_reason(BOUNCE_UNSUBSCRIBE, REASON_UNKNOWN);
	if (view_is(r->kind, "complaint"))
		return verdict_reason(BOUNCE_COMPLAINT, REASON_UNKNOWN);
	return view_is(r->kind, "auto-reply") ? view_of(_("an automatic reply"))
					      : reason_words(r->reason);
}

struct review {
	struct out_table *t;
	bool json, some;
};

static int review_row(void *ctx, const struct store_returned_rcpt *r)
{
	struct review *review = ctx;

	review->some = true;
	if (review->json) {
		out_json_line(json_pack("{s:i, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}",
			"schema", 1, "id", (json_int_t)r->returned, "address",
			verdict_fact(r->address), "member", verdict_fact(r->member), "campaign",
			verdict_number(r->campaign), "reason", verdict_fact(r->reason), "did",
			verdict_fact(r->did), "new_address", verdict_fact(r->moved_to), "kind",
			verdict_fact(r->kind), "valid", r->valid));
		return 0;
	}
	out_cell_n(review->t, r->returned);
	out_cell(review->t, r->member.len > 0 ? r->member : r->address);
	out_cell(review->t, why(r));
	out_cell(review->t, proposal(r));
	out_cell(review->t, r->moved_to);
	return 0;
}

static int judge(struct app *app, struct fail *f)
{
	bool accept = accept_one.given;
	int64_t number = (int64_t)(accept ? accept_one.n : dismiss_one.n);
	struct returns *r;
	size_t n = 0;
	int ret;

	if (returns_new(app->store, app->settings, NULL, &r, f) < 0)
		return -1;
	ret = accept ? returns_accept(r, number, app->now, &n, f)
		     : returns_dismiss(r, number, app->now, &n, f);
	returns_free(&r);
	if (ret < 0)
		return -1;
	if (n == 0)
		out_say(_("Nothing about %lld waits for a decision."), (long long)number);
	else if (accept)
		out_say(_("Done: facteur bounce show %lld tells what."), (long long)number);
	else
		out_say("%s", _("Nothing was done, and it is not asked again."));
	return 0;
}

static int review_run(struct app *app, int argc, char **argv, struct fail *f)
{
	static const char *const heads[] = {
		N_("Number"), N_("Who"), N_("Reason"), N_("Proposed"), N_("New address")};
	enum { HEADS = sizeof heads / sizeof *heads };
	struct review review = {.json = app->json};
	int ret;

	(void)argc;
	(void)argv;
	if (accept_one.given && dismiss_one.given)
		return fail_set(f, FAIL_USAGE, "%s", _("--accept or --dismiss, not both"));
	if (accept_one.given || dismiss_one.given)
		return judge(app, f);
	if (!app->json) {
		review.t = out_table_new(HEADS);
		for (size_t i = 0; i < HEADS; i++)
			out_cellz(review.t, _(heads[i]));
	}
	ret = store_returned_open(app->store, review_row, &review, f);
	if (!app->json && !review.some)
		out_say("%s", _("Nothing waits for a decision."));
	if (review.t != NULL)
		out_table_print(&review.t);
	if (ret == 0 && !app->json && review.some)
		out_say("%s", _("To do what is proposed: facteur bounce review --accept NUMBER; "
				"not to: --dismiss NUMBER"));
	return ret;
}

const struct cmd cmd_bounce_review = {
	.noun = "bounce",
	.verb = "review",
	.args = "",
	.summary = N_("decide about what did nothing by itself"),
	.more = N_(
		"What bears no valid token of ours may be forged: it is only proposed, matched by\n"
		"address and time. --accept NUMBER does it all the same; facteur bounce show\n"
		"NUMBER tells what it says."),
	.needs = CMD_STORE_WRITE,
	.reads = true,
	.opts = review_opts,
	.run = review_run,
};
