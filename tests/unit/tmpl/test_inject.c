#include "help.h"
#include <stdlib.h>
#include <unistd.h>

/* Whatever a value holds, the document keeps the elements and attributes that
 * a harmless value gives it, as an HTML parser that is not ours sees them. */
#define MD    "---\nsubject: s\n---\n"
#define HTML  "---\nsubject: s\nformat: html\n---\n"
#define JUDGE "/usr/bin/python3"

static const char *const payloads[] = {
	"<script>alert(1)</script>",
	"</p><script>alert(1)</script>",
	"\"><img src=x onerror=alert(1)>",
	"'><svg onload=alert(1)>",
	"\" onmouseover=\"alert(1)",
	"' onmouseover='alert(1)",
	"x onmouseover=alert(1)",
	"javascript:alert(1)",
	"&#106;avascript:alert(1)",
	"JaVaScRiPt&colon;alert(1)",
	"data:text/html,<script>x</script>",
	"--><b>x</b><!--",
	"]]><b>",
	"</title><b>x</b>",
	"</textarea><b>",
	"</style><b>",
	"<!-- ",
	"<![CDATA[<b>",
	"<?php x ?>",
	"&lt;b&gt;",
	"&quot; onclick=&quot;x",
	"&#34;&#62;&#60;b&#62;",
	"<a href=https://evil.example>x</a>",
	"[x](javascript:alert(1))",
	"![x](https://evil.example/x.png)",
	"**bold** _it_ `code` ~~no~~",
	"# head\n\n- list\n\n---\n",
	"|a|b|\n|---|---|\n|c|d|",
	"<https://evil.example>",
	"https://evil.example/",
	"\n\n    code",
	"> quote",
	"1. list",
	"\\",
	"\\\"",
	"`",
	"``` \n<b>",
	"%22%3E%3Cb%3E",
	"%0d%0aBcc: x@example.org",
	"{{name}}",
	"{{#if a}}",
	"{{/if}}",
	"xaaaaaaaaaaaaaaaaaaa00000v",
	"\xE2\x80\xA8<b>",
	"\xC2\xA0=\"<b>",
	"<b",
	"<",
	">",
	"\"",
	"'",
	"&",
	"=",
	"/>",
	"<br/>",
	"a\tb<i>",
	"//evil.example/<b>",
};

static const struct {
	const char *name, *source;
} places[] = {
	{"paragraph", MD "a {{v}} b"},
	{"alone", MD "{{v}}"},
	{"emphasis", MD "**{{v}}** *{{v}}* ~~{{v}}~~"},
	{"heading", MD "# {{v}}"},
	{"item", MD "- {{v}}\n- x"},
	{"cell", MD "|a|b|\n|---|---|\n|{{v}}|x|"},
	{"code", MD "`{{v}}`\n\n```\n{{v}}\n```\n"},
	{"quote", MD "> {{v}}"},
	{"link text", MD "[{{v}}](https://e.example)"},
	{"link query", MD "[x](https://e.example/?a={{v}})"},
	{"link path", MD "[x](https://e.example/{{v}}/y)"},
	{"link host", MD "[x](https://{{v}}/y)"},
	{"link title", MD "[x](https://e.example \"{{v}}\")"},
	{"autolink", MD "https://e.example/{{v}}"},
	{"mailto", MD "[x](mailto:{{v}}?subject={{v}})"},
	{"whole link", MD "[x]({{v}})"},
	{"image", MD "![{{v}}](https://e.example/{{v}} '{{v}}')"},
	{"button", MD "**[{{v}}](https://e.example/{{v}})**"},
	{"if", MD "{{#if v}}{{v}}{{else}}no{{/if}}"},
	{"entity", MD "&{{v}};"},
	{"escaped", MD "\\{{v}} {{v}}"},
	{"subject", "---\nsubject: \"{{v}}\"\npreheader: '{{v}}'\n---\nx {{subject}}"},
	{"html text", HTML "<p>{{v}}</p>"},
	{"html start", HTML "{{v}}<p>x</p>"},
	{"html double", HTML "<p title=\"{{v}}\">x</p>"},
	{"html single", HTML "<p title='a {{v}}'>x</p>"},
	{"html if in attribute", HTML "<p title='{{#if v}}{{v}}{{/if}}'>x</p>"},
	{"html href", HTML "<a href='{{v}}'>x</a>"},
	{"html href after if", HTML "<a href='{{#if w}}https://e.example/{{/if}}{{v}}'>x</a>"},
	{"html href empty before", HTML "<a href='{{#if w}}x{{/if}}{{v}}'>x</a>"},
	{"html query", HTML "<a href='https://e.example/?x={{v}}'>x</a>"},
	{"html src", HTML "<img src=\"https://e.example/{{v}}\" alt=\"{{v}}\">"},
	{"html title",
		HTML "<!DOCTYPE html><html><head><title>{{v}}</title></head><body>x</body></html>"},
	{"html textarea", HTML "<textarea>{{v}}</textarea>"},
	{"html cell", HTML "<table><tr><td>{{v}}</table>"},
	{"html pre", HTML "<pre>{{v}}</pre>"},
	{"html near comment", HTML "<!-- c -->{{v}}<!-- d -->"},
};
enum { N_PAYLOADS = sizeof payloads / sizeof *payloads, N_PLACES = sizeof places / sizeof *places };

/* Renders; a refused value (no link, a control character) is fine: returns false. */
static bool render(struct tmpl *t, const char *value, struct tmpl_parts *p)
{
	char item[200];
	const char *const items[] = {item, NULL};
	struct fail f = {0};

	(void)snprintf(item, sizeof item, "v=%s", value);
	return tmpl_render(t, help_lookup, (void *)(uintptr_t)items, p, &f) == 0;
}

static void put(FILE *out, const struct str *html)
{
	(void)fprintf(out, "%zu\n", html->len);
	(void)fwrite(html->p, 1, html->len, out);
}

/* Writes the documents to the judge's input; returns how many. */
static size_t write_documents(FILE *out, size_t *places_of, size_t *payloads_of)
{
	struct tmpl_parts p;
	size_t n = 0;

	tmpl_parts_init(&p);
	for (size_t i = 0; i < N_PLACES; i++) {
		struct tmpl *t = help_compile(places[i].name, places[i].source);

		for (size_t j = 0; j <= N_PAYLOADS; j++) {
			const char *value = j == 0 ? "https://ok.example/" : payloads[j - 1];

			if (!render(t, value, &p)) {
				assert_int_not_equal(j, 0);
				continue;
			}
			put(out, &p.html);
			places_of[n] = i;
			payloads_of[n++] = j;
		}
		tmpl_free(&t);
	}
	tmpl_parts_free(&p);
	return n;
}

static void compare(FILE *in, size_t n, const size_t *places_of, const size_t *payloads_of)
{
	char *line = NULL, *harmless = NULL;
	size_t size = 0, compared = 0;

	for (size_t i = 0; i < n; i++) {
		assert_true(getline(&line, &size, in) > 0);
		if (payloads_of[i] == 0) {
			free(harmless);
			harmless = line;
			line = NULL;
			size = 0;
			continue;
		}
		if (strcmp(line, harmless) != 0)
			fail_msg("%s with %s:\n got: %swant: %s", places[places_of[i]].name,
				payloads[payloads_of[i] - 1], line, harmless);
		compared++;
	}
	free(line);
	free(harmless);
	print_message("%zu documents have the harmless shape\n", compared);
	assert_true(compared >= 1500);
}

static void test_inject(void **state)
{
	static size_t places_of[N_PLACES * (N_PAYLOADS + 1)],
		payloads_of[N_PLACES * (N_PAYLOADS + 1)];
	char path[] = "/tmp/facteur-inject-XXXXXX", command[512];
	FILE *documents, *shapes;
	size_t n;

	(void)state;
	if (access(JUDGE, X_OK) != 0)
		skip();
	documents = fdopen(mkstemp(path), "w");
	assert_non_null(documents);
	n = write_documents(documents, places_of, payloads_of);
	assert_int_equal(fclose(documents), 0);
	(void)snprintf(
		command, sizeof command, JUDGE " '%s/tests/e2e/tmpl/tree.py' <%s", TEST_ROOT, path);
	shapes = popen(command, "r");
	assert_non_null(shapes);
	compare(shapes, n, places_of, payloads_of);
	assert_int_equal(pclose(shapes), 0);
	(void)unlink(path);
}

/* The subject is one line, whatever the value; the text has no mark-up to break. */
static void test_subject(void **state)
{
	static const char *const bad[] = {"a\r\nBcc: x@example.org", "a\nb", "a\rb", "a\tb",
		"a\x1b[0m", "a\x7f",
		"a\xC2\x85"
		"b",
		"a\xE2\x80\xA8"
		"b",
		"\xE2\x80\xAE"
		"a",
		"\xC0\x8A", "\xED\xA0\x80", "\xFF"};
	struct tmpl *t = help_compile("subject", "---\nsubject: \"{{v}}\"\n---\nx");
	struct tmpl_parts p;

	(void)state;
	tmpl_parts_init(&p);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (render(t, bad[i], &p))
			fail_msg("subject took %zu", i);
	assert_true(render(t, "<b> é 🎉 \"x\"", &p));
	help_expect("subject", p.subject.p, "<b> é 🎉 \"x\"");
	tmpl_parts_free(&p);
	tmpl_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inject),
		cmocka_unit_test(test_subject),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
