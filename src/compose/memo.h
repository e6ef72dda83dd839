#ifndef COMPOSE_MEMO_H
#define COMPOSE_MEMO_H
#include "base/str.h"
#include "compose/check.h"

/* memo - between check.c and memo.c: the pieces of the message before that are good in
 * any message. A message is taken from its begin to its end; what it has in common with the
 * one before stands in the same order, give or take a few pieces. */
enum compose_piece { PIECE_FIELD, PIECE_PLAIN, PIECE_QP, PIECE_BASE64 };

/* `message` is borrowed until the end. */
void compose_memo_begin(struct compose_memo *m, struct view message);
/* Did these bytes, read as this kind, stand in the message before and were good? */
bool compose_memo_knows(struct compose_memo *m, enum compose_piece kind, struct view raw);
void compose_memo_note(struct compose_memo *m, enum compose_piece kind, struct view raw);
void compose_memo_end(struct compose_memo *m);
struct str *compose_memo_room(struct compose_memo *m); /* for a text that is decoded */
#endif
