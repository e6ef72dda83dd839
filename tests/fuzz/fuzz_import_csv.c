#include "base/fail.h"
#include "import/columns.h"
#include "import/dialect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The dialect, the columns, and what a record written again reads back as. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size);
	struct arena a;
	struct dialect d;
	struct columns c;
	struct str out;
	struct fail f;

	arena_init(&a);
	str_init(&out, 8 * CSV_RECORD_MAX);
	dialect_find(in, true, '\0', &a, &d);
	if (d.n > 0 && columns_plan(&c, d.rows, d.n, NULL, 0, &f) == 0) {
		(void)columns_describe(&c, &out);
		columns_free(&c);
	}
	str_clear(&out);
	for (size_t i = 0; d.n > 0 && i < d.rows[0].n; i++) {
		(void)csv_put(&out, d.rows[0].fields[i], ',');
		(void)str_addc(&out, i + 1 < d.rows[0].n ? ',' : '\n');
	}
	if (d.n > 0 && out.len > 1) {
		struct dialect again;

		dialect_find(str_view(&out), true, ',', &a, &again);
		if (!again.told && (again.n != 1 || again.rows[0].n != d.rows[0].n))
			__builtin_trap();
		for (size_t i = 0; !again.told && i < d.rows[0].n; i++)
			if (!view_eq(csv_unguard(again.rows[0].fields[i]),
				    csv_unguard(d.rows[0].fields[i])))
				__builtin_trap();
	}
	str_free(&out);
	arena_free(&a);
	return 0;
}
