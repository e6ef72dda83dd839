#include "opt.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "base/view.h"

enum { OPT_NAME_MAX = 64, OPT_NAMES_MAX = 64 };

const char *opt_did_you_mean(const char *typed, const char *const *names, size_t count)
{
	struct suggest s;

	suggest_start(&s, view_of(typed));
	for (size_t i = 0; i < count; i++)
		(void)suggest_offer(&s, view_of(names[i]));
	return s.best.p; /* all of a C string */
}

static const struct opt *find_long(const struct opt *const *tables, struct view name)
{
	for (; *tables != NULL; tables++)
		for (const struct opt *o = *tables; o->kind != OPT_END; o++)
			if (o->name != NULL && view_is(name, o->name))
				return o;
	return NULL;
}

static const struct opt *find_short(const struct opt *const *tables, char letter)
{
	for (; *tables != NULL; tables++)
		for (const struct opt *o = *tables; o->kind != OPT_END; o++)
			if (o->letter == letter)
				return o;
	return NULL;
}

static int unknown_long(const struct opt *const *tables, struct view name, struct fail *f)
{
	const char *names[OPT_NAMES_MAX], *near;
	char typed[OPT_NAME_MAX + 1];
	size_t count = 0;

	(void)snprintf(typed, sizeof typed, "%.*s", VIEW_ARG(name));
	for (; *tables != NULL; tables++)
		for (const struct opt *o = *tables; o->kind != OPT_END; o++)
			if (o->name != NULL && count < OPT_NAMES_MAX)
				names[count++] = o->name;
	near = opt_did_you_mean(typed, names, count);
	if (near != NULL)
		return fail_set(f, FAIL_USAGE, _("there is no option --%s; did you mean --%s?"),
			typed, near);
	return fail_set(f, FAIL_USAGE, _("there is no option --%s; -h lists them"), typed);
}

static int set_choice(const struct opt *o, const char *value, struct fail *f)
{
	struct view rest = view_of(o->arg), choice;

	while (view_split(&rest, '|', &choice)) {
		if (!view_is(choice, value))
			continue;
		*(const char **)o->value = value;
		return 0;
	}
	return fail_set(f, FAIL_USAGE, _("--%s is one of %s, not \"%s\""), o->name, o->arg, value);
}

static int set_value(const struct opt *o, const char *value, struct fail *f)
{
	struct opt_list *list;
	struct opt_uint *n;
	uint64_t read;

	switch (o->kind) {
	case OPT_TEXT:
		*(const char **)o->value = value;
		return 0;
	case OPT_UINT:
		n = o->value;
		if (!view_u64(view_of(value), INT64_MAX, &read))
			return fail_set(f, FAIL_USAGE, _("--%s wants a whole number, not \"%s\""),
				o->name, value);
		n->given = true;
		n->n = read;
		return 0;
	case OPT_LIST:
		list = o->value;
		if (list->len == OPT_LIST_MAX)
			return fail_set(f, FAIL_USAGE, _("--%s can be given %d times at most"),
				o->name, OPT_LIST_MAX);
		list->item[list->len++] = value;
		return 0;
	case OPT_CHOICE:
		return set_choice(o, value, f);
	case OPT_END:
	case OPT_FLAG:
		break;
	}
	*(bool *)o->value = true;
	return 0;
}

static int parse_long(
	const struct opt *const *tables, char **argv, int *i, int argc, struct fail *f)
{
	struct view word = view_of(argv[*i] + 2);
	ptrdiff_t eq = view_chr(word, '=');
	struct view name = eq < 0 ? word : view_sub(word, 0, (size_t)eq);
	const struct opt *o = find_long(tables, name);

	if (o == NULL)
		return unknown_long(tables, name, f);
	if (o->kind == OPT_FLAG && eq >= 0)
		return fail_set(f, FAIL_USAGE, _("--%s takes no value"), o->name);
	if (o->kind == OPT_FLAG)
		return set_value(o, NULL, f);
	if (eq >= 0)
		return set_value(o, argv[*i] + 2 + eq + 1, f);
	if (*i + 1 >= argc)
		return fail_set(
			f, FAIL_USAGE, _("--%s wants a value: --%s %s"), o->name, o->name, o->arg);
	return set_value(o, argv[++*i], f);
}

/* A cluster of letters: flags, the last of which may take a value. */
static int parse_short(
	const struct opt *const *tables, char **argv, int *i, int argc, struct fail *f)
{
	for (const char *p = argv[*i] + 1; *p != '\0'; p++) {
		const struct opt *o = find_short(tables, *p);

		if (o == NULL)
			return fail_set(
				f, FAIL_USAGE, _("there is no option -%c; -h lists them"), *p);
		if (o->kind == OPT_FLAG) {
			(void)set_value(o, NULL, f);
			continue;
		}
		if (p[1] != '\0')
			return set_value(o, p + 1, f);
		if (*i + 1 >= argc)
			return fail_set(
				f, FAIL_USAGE, _("-%c wants a value: -%c %s"), *p, *p, o->arg);
		return set_value(o, argv[++*i], f);
	}
	return 0;
}

int opt_parse(
	const struct opt *const *tables, int argc, char **argv, bool stop_at_word, struct fail *f)
{
	int left = 0, i, ret;

	for (i = 0; i < argc; i++) {
		char *word = argv[i];

		if (word[0] != '-' || word[1] == '\0') {
			if (stop_at_word)
				break;
			argv[left++] = word;
			continue;
		}
		if (strcmp(word, "--") == 0) {
			i++;
			break;
		}
		ret = word[1] == '-' ? parse_long(tables, argv, &i, argc, f)
				     : parse_short(tables, argv, &i, argc, f);
		if (ret < 0)
			return -1;
	}
	for (; i < argc; i++)
		argv[left++] = argv[i];
	return left;
}
