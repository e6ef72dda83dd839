#ifndef CMD_STEPS_H
#define CMD_STEPS_H
#include <jansson.h>
struct net_peer;
struct vec;

/* steps - how `relay test` and `mailbox test` tell what they try: in words as it happens, or
 * gathered for JSON. */
enum step_result { STEP_OK, STEP_WARNING, STEP_FAILED };
struct step {
	const char *name, *title; /* for programs; for people, translated */
	enum step_result result;
	const char *code, *text, *advice; /* "" for none */
};
/* Adds it to the array; NULL: prints it in words. */
void steps_tell(json_t *steps, const struct step *step);
json_t *steps_peer(const struct net_peer *peer);      /* null where no certificate was seen */
json_t *steps_addresses(const struct vec *addresses); /* of struct net_address */
#endif
