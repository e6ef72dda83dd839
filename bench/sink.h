#ifndef BENCH_SINK_H
#define BENCH_SINK_H
#include "base/str.h"

/* What the two files of the sink share: the dialogue knows no sockets, only what came in and
 * what is to be answered. */
enum {
	BUFFER = 256 * 1024,  /* what one recv() takes */
	REPLIES = 256 * 1024, /* answers that wait, at most */
};

enum place { AT_COMMANDS, IN_DATA, IN_CHUNK };

struct session {
	int fd;
	enum place place;
	bool mail, header;
	bool quit;	     /* closed when the answers are away */
	bool open_line;	     /* a chunk ended inside a line */
	uint64_t chunk_left; /* of the BDAT that comes in */
	bool chunk_last;
	uint64_t recipients, bytes;
	size_t len;
	char in[BUFFER];
	struct str out;
};

struct tally {
	uint64_t sessions, messages, recipients, bytes, ids, strange;
};

struct sink {
	struct tally tally;
	bool pipelining, chunking; /* offered */
};
extern struct sink sink;

void session_greet(struct session *s);
/* Everything that is whole in the buffer, answered. */
void session_take(struct session *s);
/* All Message-IDs are new again. */
void session_forget_ids(void);
#endif
