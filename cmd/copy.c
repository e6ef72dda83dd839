#include "cmd/copy.h"
#include "store/witness.h"

static int refuse(int64_t at, struct fail *f)
{
	char when[OUT_WHEN_SIZE];

	return fail_set(f, FAIL_GUARD,
		_("this database is an older copy: messages left until %s at least, and it knows "
		  "nothing of them. Whoever got one would get it again, and whoever unsubscribed "
		  "since would be written to; so nothing was sent. If there is a newer database, "
		  "put that back. Else see what the relay's own log says, cancel what was sent "
		  "already (facteur campaign list, facteur campaign cancel NUMBER), and add "
		  "--restored to send all the same"),
		out_when(at, when));
}

int copy_check(struct app *app, bool begun, bool meant, struct fail *f)
{
	int64_t at;
	int says = store_witness_ask(app->store, &at, f);

	if (says < 0)
		return -1;
	if (says == STORE_WITNESS_OLDER && !meant)
		return refuse(at, f);
	if (says == STORE_WITNESS_OLDER)
		out_warn("%s", _("This database is an older copy: some people may get it twice."));
	else if (says == STORE_WITNESS_NOTHING && begun && !meant)
		out_say(_("Without the file %s nobody can tell whether this database is the newest "
			  "one. If it comes from a backup, stop now: whoever was sent to since "
			  "would get it again."),
			store_witness_path(app->store));
	return 0;
}
