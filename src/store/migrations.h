#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H
#include <stdbool.h>
#include <stdint.h>
struct store;
struct fail;

/* The version that this build makes and understands. */
extern const int64_t store_schema_version;

/* Brings the database to that version, each step in its own transaction. A
 * newer one, and an older one that may not be written to, are refused in words. */
int store_migrate(struct store *s, bool may_write, struct fail *f);
#endif
