#include "base/fail.h"
#include "import/import.h"

struct into_store {
	struct store_import *import;
};

static int take(void *ctx, const struct store_import_row *row, struct fail *f)
{
	struct into_store *into = ctx;

	return store_import_row(into->import, row, f);
}

static int done(void *ctx, struct import_result *out, struct fail *f)
{
	struct into_store *into = ctx;
	struct store_import_counts counts;

	if (store_import_finish(&into->import, &counts, f) < 0)
		return -1;
	out->added = counts.added;
	out->updated = counts.updated;
	out->duplicate = counts.duplicate;
	out->unsubscribed_kept = counts.kept_out;
	return 0;
}

int import_csv(struct store *s, const struct store_import_options *to,
	const struct import_options *o, struct import_result *out, struct fail *f)
{
	struct into_store into = {NULL};
	const struct import_taker taker = {take, done, &into};
	int ret;

	if (store_import_begin(s, to, &into.import, f) < 0)
		return -1;
	ret = import_rows(o, &taker, out, f);
	store_import_abort(&into.import); /* nothing to do after a good end */
	return ret;
}
