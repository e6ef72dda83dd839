#include <assert.h>
#include <pthread.h>
#include "base/mem.h"
#include "base/vec.h"
#include "bounce/match.h"

/* One automaton (Aho and Corasick) for the phrases of all tables, complete: one look-up per
 * octet of the text. Built when it is first needed and kept for as long as the program runs. */
enum { STATES_MAX = 32767, STATE_ENDS = 0x8000, NO_PHRASE = 0xFFFF };

static struct {
	unsigned classes;
	unsigned char of[256]; /* octet to class; 0: stands in no phrase */
	size_t states, phrases;
	uint16_t *next;	   /* state * classes + class; with STATE_ENDS where `first` is one */
	uint16_t *phrase;  /* that ends in this state */
	uint16_t *shorter; /* the nearest state with a phrase that is an end of this one */
	uint16_t *fallback;
	uint16_t *first; /* itself where a phrase ends in it, else `shorter`; 0: none */
	struct {
		uint16_t a, b;
	} * number[TABLES]; /* of each row */
	const char **text;  /* of each phrase */
} machine;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint16_t *step(size_t state, unsigned klass)
{
	return &machine.next[state * machine.classes + klass];
}

static void classify(const char *phrase)
{
	for (const unsigned char *p = (const unsigned char *)phrase; *p != '\0'; p++)
		if (machine.of[*p] == 0)
			machine.of[*p] = (unsigned char)machine.classes++;
}

static uint16_t insert(const char *phrase)
{
	size_t state = 0;

	for (const unsigned char *p = (const unsigned char *)phrase; *p != '\0'; p++) {
		uint16_t *next = step(state, machine.of[*p]);

		if (*next == 0) {
			assert(machine.states < STATES_MAX);
			*next = (uint16_t)machine.states;
			machine.phrase[machine.states++] = NO_PHRASE;
		}
		state = *next;
	}
	if (machine.phrase[state] == NO_PHRASE) {
		assert(machine.phrases < WORDS_MAX);
		machine.text[machine.phrases] = phrase;
		machine.phrase[state] = (uint16_t)machine.phrases++;
	}
	return machine.phrase[state];
}

/* Breadth first, so that what a state falls back to is complete before it is. */
static void complete(void)
{
	struct vec queue;

	vec_init(&queue, sizeof(uint16_t));
	*(uint16_t *)vec_push(&queue) = 0;
	for (size_t i = 0; i < queue.len; i++) {
		size_t state = *(uint16_t *)vec_at(&queue, i), back = machine.fallback[state];

		machine.shorter[state] =
			machine.phrase[back] != NO_PHRASE ? (uint16_t)back : machine.shorter[back];
		machine.first[state] = machine.phrase[state] != NO_PHRASE ? (uint16_t)state
									  : machine.shorter[state];
		for (unsigned k = 1; k < machine.classes; k++) {
			uint16_t *next = step(state, k), other = state == 0 ? 0 : *step(back, k);

			if (*next == 0) {
				*next = other;
				continue;
			}
			machine.fallback[*next] = other;
			*(uint16_t *)vec_push(&queue) = *next;
		}
	}
	vec_free(&queue);
}

static size_t measure(void)
{
	size_t octets = 1;

	machine.classes = 1;
	for (size_t t = 0; t < TABLES; t++)
		for (size_t i = 0; i < bounce_tables[t]->count; i++) {
			const struct bounce_row *row = &bounce_tables[t]->row[i];

			classify(row->a);
			octets += strlen(row->a);
			if (row->b == NULL)
				continue;
			classify(row->b);
			octets += strlen(row->b);
		}
	return octets;
}

/* Few states end a phrase: most octets then need no more than the one look-up. */
static void mark(void)
{
	for (size_t i = 0; i < machine.states * machine.classes; i++)
		if (machine.first[machine.next[i]] != 0)
			machine.next[i] |= STATE_ENDS;
}

static void build(void)
{
	size_t octets = measure();

	machine.next = mem_alloc(octets * machine.classes * sizeof *machine.next);
	machine.phrase = mem_alloc(octets * sizeof *machine.phrase);
	machine.shorter = mem_alloc(octets * sizeof *machine.shorter);
	machine.fallback = mem_alloc(octets * sizeof *machine.fallback);
	machine.first = mem_alloc(octets * sizeof *machine.first);
	machine.text = mem_alloc(WORDS_MAX * sizeof *machine.text);
	machine.phrase[0] = NO_PHRASE;
	machine.states = 1;
	for (size_t t = 0; t < TABLES; t++) {
		machine.number[t] =
			mem_alloc((bounce_tables[t]->count + 1) * sizeof *machine.number[t]);
		for (size_t i = 0; i < bounce_tables[t]->count; i++) {
			const struct bounce_row *row = &bounce_tables[t]->row[i];

			machine.number[t][i].a = insert(row->a);
			machine.number[t][i].b = row->b == NULL ? NO_PHRASE : insert(row->b);
		}
	}
	complete();
	mark();
}

void words_find(struct view folded, struct words_found *out)
{
	size_t state = 0;

	(void)pthread_once(&once, build);
	memset(out->seen, 0, sizeof out->seen);
	for (size_t i = 0; i < folded.len; i++) {
		uint16_t next = machine.next[state * machine.classes +
					     machine.of[(unsigned char)folded.p[i]]];

		state = next & ~STATE_ENDS & 0xFFFF;
		if ((next & STATE_ENDS) == 0)
			continue;
		for (size_t s = machine.first[state]; s != 0; s = machine.shorter[s]) {
			unsigned n = machine.phrase[s];

			if (words_seen(out, n))
				continue;
			out->seen[n / 64] |= (uint64_t)1 << (n % 64);
			out->end[n] = (uint32_t)(i + 1);
		}
	}
}

size_t words_count(void)
{
	(void)pthread_once(&once, build);
	return machine.phrases;
}

void match_read(struct match_text *m, struct view text, struct arena *a)
{
	m->raw = text;
	m->folded = words_fold(text, a);
	words_find(m->folded, &m->found);
}

const struct bounce_row *match_next(const struct match_text *m, enum table table, size_t *from)
{
	const struct bounce_table *t = bounce_tables[table];

	for (size_t i = *from; i < t->count; i++) {
		unsigned a = machine.number[table][i].a, b = machine.number[table][i].b;

		if (words_seen(&m->found, a) && (b == NO_PHRASE || words_seen(&m->found, b))) {
			*from = i + 1;
			return &t->row[i];
		}
	}
	*from = t->count;
	return NULL;
}

const struct bounce_row *match_first(const struct match_text *m, enum table table)
{
	size_t from = 0;

	return match_next(m, table, &from);
}

size_t match_end(const struct match_text *m, enum table table, const struct bounce_row *row)
{
	size_t i = (size_t)(row - bounce_tables[table]->row);

	return m->found.end[machine.number[table][i].a];
}

struct view match_words(const struct match_text *m, enum table table, const struct bounce_row *row)
{
	size_t len = strlen(row->a), end = match_end(m, table, row);

	return words_source(m->raw, end - len, len);
}
