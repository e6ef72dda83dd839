#ifndef RETURNS_QUESTION_H
#define RETURNS_QUESTION_H
#include "base/view.h"
struct returns;
struct vec;

/* question - somebody wants to leave a list, but without the token that proves who it is: a
 * member is asked by a message whether it was he or she. Never an answer to automatic mail (RFC
 * 3834), one a day to one address, and in all as many as bounces.replies says; each was written
 * down before it is sent, so that it is never sent twice. */
struct returns_question {
	int64_t number;		   /* of the message, for "bounce show" */
	int64_t campaign, contact; /* for the token that the answer will bear */
	struct view to;		   /* the member's address, as it goes on the wire */
	struct view message_id;	   /* of what is answered, without its brackets; or empty */
	struct view subject;
};
/* Those of what was committed so far (struct returns_question); texts valid until
 * returns_free(). */
const struct vec *returns_questions(const struct returns *r);

/* What the headers of a message say about answering it by a program; `own` are keys of our own
 * addresses. */
struct returns_asker {
	struct view header; /* the message, its header at least */
	struct view key;    /* of its author */
	const struct view *own;
	unsigned own_count;
};
bool returns_may_answer(const struct returns_asker *asker);
#endif
