#ifndef MAIL_PRIVATE_H
#define MAIL_PRIVATE_H
#include "base/str.h"
struct fail;

/* spot - pointing at a place in a text that a person wrote. */

/* Its number as people count: characters, from 1. */
size_t spot_at(struct view whole, size_t offset);
/* "a comma at character 5, which cannot stand there"; returns -1. */
int spot_fail(struct view whole, size_t offset, struct fail *f);
/* Refuses what no line of text may hold: invalid UTF-8, control characters,
 * line ends and TAB among them, and the bidirectional overrides. Returns 0, or
 * -1 with f set. */
int spot_check_text(struct view whole, struct fail *f);
/* And what no address may hold: blanks and marks that cannot be seen. */
int spot_check_visible(struct view whole, struct fail *f);

bool mail_is_atext(char c); /* RFC 5322 3.2.3, ASCII */
bool mail_is_ascii(struct view v);
/* Adds the text with its ASCII letters in lower case. */
void mail_add_lower(struct str *out, struct view text);
/* Adds the text as a quoted string, RFC 5322 3.2.4. */
void mail_add_quoted(struct str *out, struct view text);

/* Checks the domain that stands in `whole` from `from` on. `flags` are
 * addr_parse()'s. */
int domain_check(struct view whole, size_t from, unsigned flags, struct fail *f);
#endif
