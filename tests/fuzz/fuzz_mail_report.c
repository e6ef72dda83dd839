#include <assert.h>
#include "base/utf8.h"
#include "mail/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const types[] = {"message/delivery-status", "message/global-delivery-status",
	"message/feedback-report", "message/disposition-notification", "text/plain"};

/* The first octet chooses the type and whether it is in base64; the groups hold every field of the
 * part once, and all values can be taken apart. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct message m;
	struct report report;
	struct str text;
	size_t count = 0;

	if (size < 1)
		return 0;
	arena_init(&a);
	str_init(&text, size + 200);
	(void)str_addf(&text, "Content-Type: %s\n%s\n", types[data[0] % 5],
		data[0] & 0x80 ? "Content-Transfer-Encoding: base64\n" : "");
	(void)str_add(&text, data + 1, size - 1);
	message_read(str_view(&text), &a, &m);
	report_read(&m, m.root, &report);
	assert(report.group_count >= 1 && report.group_count <= REPORT_GROUPS_MAX);
	for (size_t i = 0; i < report.group_count; i++) {
		const struct report_group *g = &report.groups[i];

		assert(i == 0 || (g->count > 0 && g->fields == g[-1].fields + g[-1].count));
		for (size_t k = 0; k < g->count; k++) {
			struct view value = g->fields[k].value;

			assert(g->fields[k].name.len > 0);
			assert(utf8_valid(report_address(&m, value), NULL) || value.len > 0);
			assert(report_type(value).text.len <= value.len);
			(void)report_xtext(&m, value);
		}
		count += g->count;
		(void)report_text(&m, g, "Diagnostic-Code");
	}
	assert(count <= REPORT_FIELDS_MAX);
	str_free(&text);
	arena_free(&a);
	return 0;
}
