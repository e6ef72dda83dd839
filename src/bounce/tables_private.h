#ifndef BOUNCE_TABLES_PRIVATE_H
#define BOUNCE_TABLES_PRIVATE_H
#include "bounce/tables.h"
#include "bounce/verdict.h"

/* The tables, one a file; tables.c puts them together. */
extern const struct bounce_table bounce_receivers, bounce_phrases_sender, bounce_phrases_mailbox,
	bounce_phrases_message, bounce_phrases_address, bounce_phrases_system, bounce_commands,
	bounce_writers, bounce_ends, bounce_delays, bounce_kinds, bounce_subjects, bounce_leads;
#endif
