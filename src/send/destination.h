#ifndef SEND_DESTINATION_H
#define SEND_DESTINATION_H
#include "base/arena.h"
#include "base/vec.h"
struct settings;

/* destination - the providers that many members have their mailboxes with, each with all
 * its domains: what slows one of them slows all. The table is ours (destination.c);
 * `destinations:` in the configuration adds to it, or takes domains for groups of its own. */
enum { SEND_DESTINATIONS_MAX = 63 }; /* groups; whoever is past them is with everybody else */

/* Pushes one struct store_destination (store/campaign.h) for each domain; texts in the
 * arena or in the settings. Numbers count from 1, the configured groups first. */
void send_destinations(const struct settings *s, struct arena *a, struct vec *out);
#endif
