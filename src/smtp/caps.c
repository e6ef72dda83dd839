#include "smtp/caps.h"
#include <stddef.h>
#include "net/sasl.h"

static const struct {
	const char *keyword;
	size_t flag; /* offset of a bool */
} caps_flags[] = {
	{"PIPELINING", offsetof(struct smtp_caps, pipelining)},
	{"CHUNKING", offsetof(struct smtp_caps, chunking)},
	{"8BITMIME", offsetof(struct smtp_caps, eightbitmime)},
	{"SMTPUTF8", offsetof(struct smtp_caps, smtputf8)},
	{"DSN", offsetof(struct smtp_caps, dsn)},
	{"ENHANCEDSTATUSCODES", offsetof(struct smtp_caps, enhanced)},
	{"SIZE", offsetof(struct smtp_caps, size)},
	{"BURL", offsetof(struct smtp_caps, burl)},
};

static void caps_limit(struct view word, struct view name, uint64_t *out)
{
	if (view_starts_nocase(word, name))
		(void)view_u64(view_from(word, name.len), UINT64_MAX, out);
}

static void caps_line(struct smtp_caps *caps, struct view line)
{
	struct view word, keyword;

	if (!view_split(&line, ' ', &keyword))
		return;
	for (size_t i = 0; i < sizeof caps_flags / sizeof *caps_flags; i++) {
		if (view_eq_nocase(keyword, view_of(caps_flags[i].keyword)))
			*(bool *)(void *)((char *)caps + caps_flags[i].flag) = true;
	}
	if (view_eq_nocase(keyword, VIEW("AUTH")))
		caps->auth |= net_sasl_read(line);
	/* "AUTH=LOGIN": from before the standard, next to the other or alone. */
	else if (view_starts_nocase(keyword, VIEW("AUTH=")))
		caps->auth |= net_sasl_read(view_from(keyword, 5)) | net_sasl_read(line);
	while (view_split(&line, ' ', &word)) {
		if (view_eq_nocase(keyword, VIEW("SIZE")))
			(void)view_u64(word, UINT64_MAX, &caps->size_max);
		if (!view_eq_nocase(keyword, VIEW("LIMITS")))
			continue;
		caps_limit(word, VIEW("RCPTMAX="), &caps->rcpt_max);
		caps_limit(word, VIEW("MAILMAX="), &caps->mail_max);
	}
}

void smtp_caps_read(struct smtp_caps *caps, struct view text)
{
	struct view line;

	*caps = (struct smtp_caps){0};
	(void)view_split(&text, '\n', &line);
	while (view_split(&text, '\n', &line))
		caps_line(caps, line);
}
