#ifndef MAIL_FOLD_H
#define MAIL_FOLD_H
#include "base/str.h"
struct fail;

/* fold - a header field while it is being written: where its line began, and
 * the words that go onto it. Private to the header writers. */
struct fold {
	struct str *out;
	size_t start; /* of the field in out */
	size_t line;  /* of the current line in out */
	bool encoded; /* that line holds an encoded word: 76 columns, not 78 */
};

/* "Name:" */
void fold_begin(struct fold *h, struct str *out, const char *name);
size_t fold_column(const struct fold *h);
/* A blank and the word, on a new line where it would pass HEADER_FOLD. */
void fold_word(struct fold *h, struct view word);
/* The same for a text that folds at its blanks. */
void fold_words(struct fold *h, struct view text);
/* True when every word of the text fits a line and single blanks part them,
 * so that fold_words() gives back just this text. */
bool fold_fits(const struct fold *h, struct view text);
/* A blank and the text as encoded words of RFC 2047, Q or B as is shorter. */
void fold_encoded(struct fold *h, struct view text);
/* The line end; or, when ret is -1 or out is full, nothing of the field at all. */
int fold_end(struct fold *h, int ret, const char *name, struct fail *f);

/* Refuses text that is too long for a field or holds what none may hold. */
int fold_check(struct view text, struct fail *f);
#endif
