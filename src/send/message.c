#include "base/mem.h"
#include "send/transport.h"

enum { MESSAGE_MAX = 64 * 1024 * 1024 };

struct send_message *send_message_new(void)
{
	struct send_message *m = mem_alloc(sizeof *m);

	arena_init(&m->arena);
	vec_init(&m->rcpts, sizeof(struct send_rcpt));
	str_init(&m->data, MESSAGE_MAX);
	return m;
}

void send_message_free(struct send_message **m)
{
	if (*m == NULL)
		return;
	arena_free(&(*m)->arena);
	vec_free(&(*m)->rcpts);
	str_free(&(*m)->data);
	free(*m);
	*m = NULL;
}
