#ifndef MAIL_REPORT_H
#define MAIL_REPORT_H
#include "mail/message.h"

/* report - the fields of a report: message/delivery-status (RFC 3464, RFC 6533 with its
 * UTF-8), message/feedback-report (RFC 5965), message/disposition-notification (RFC 8098).
 *
 * Any part may be read as one: its body is decoded first. Empty lines within a group and missing
 * ones between groups do no harm: a group of a delivery status begins where a recipient does.
 * Lines that are no field are passed over. Costs time and memory in proportion to the part. */
enum { REPORT_FIELDS_MAX = 20 * 1000, REPORT_GROUPS_MAX = 1001 };

struct report_group {
	const struct message_field *fields; /* names and values as in message_field */
	size_t count;
};
struct report {
	/* The first is about the message and may be empty; the others, of a delivery status
	 * only, are about a recipient each. */
	const struct report_group *groups;
	size_t group_count; /* at least 1 */
};
void report_read(struct message *m, const struct message_part *part, struct report *out);

/* The nth field of that name in a group (from 0), or NULL. */
const struct message_field *report_field(
	const struct report_group *group, const char *name, size_t nth);
/* Its value unfolded and decoded (RFC 2047) to UTF-8; empty where there is none. */
struct view report_text(struct message *m, const struct report_group *group, const char *name);

/* "rfc822; a@b.example", "smtp; 550 5.1.1 no such user" (RFC 3464 2.1.2): the type, empty where
 * the value has none, and what follows it, without blanks at the ends. */
struct report_typed {
	struct view type, text;
};
struct report_typed report_type(struct view value);
/* The address in a typed value, or one that is left without its type: without brackets, display
 * name, "smtp:" and the like; xtext (RFC 3461 4) and utf-8-addr-xtext (RFC 6533 3) undone. Not
 * checked: it may be no address. */
struct view report_address(struct message *m, struct view value);
/* Undoes "+2B" (RFC 3461 section 4). What is no such code stays. */
struct view report_xtext(struct message *m, struct view text);
#endif
