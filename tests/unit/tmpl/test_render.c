#include "help.h"
#include <stdlib.h>

#define HEAD "---\nsubject: s\n---\n"
#define HTML "---\nsubject: s\nformat: html\n---\n"

static const char *const values[] = {"given_name=Zoé & <co>", "family_name=O'Neil \"x\"",
	"email=a+b@example.org", "town=", "blank= \t", "id=7/é ?",
	"url=https://example.org/a?b=c&d='é'", "mail_url=mailto:a@example.org",
	"bad_url=javascript:alert(1)", "lines=a\r\nb\rc", "organisation=Asso", "control=a\x01z",
	"latin1=\xE9", "override=\xE2\x80\xAEx", NULL};

/* want: inside the HTML, or the text when it begins with "T:", or the subject
 * with "S:"; or the failure with "F:". */
static const struct {
	const char *name, *source, *want;
} cases[] = {
	{"text", HEAD "a {{given_name}} b", "a Zoé &amp; &lt;co&gt; b"},
	{"text, plain", HEAD "a {{given_name}} b", "T:a Zoé & <co> b\n"},
	{"alias and accents", HEAD "{{Prénom}} {{ NOM }}", "T:Zoé & <co> O'Neil \"x\"\n"},
	{"subject", "---\nsubject: Hi {{prenom}}\n---\nx", "S:Hi Zoé & <co>"},
	{"subject in the body", "---\nsubject: Hi {{prenom}}\n---\n{{objet}}", "T:Hi Zoé & <co>\n"},
	{"title", "---\nsubject: Hi {{prenom}}\n---\nx", "<title>Hi Zoé &amp; &lt;co&gt;</title>"},
	{"preheader", "---\nsubject: s\npreheader: p {{id}}\n---\nx", ">p 7/é ?</div>"},
	{"single quotes", "---\nsubject: 'a \"b\" #3: c'\n---\nx", "S:a \"b\" #3: c"},
	{"plain with brackets", "---\nsubject: [Asso] \"x\" it's\n---\nx", "S:[Asso] \"x\" it's"},
	{"comment and blank in front", "---\n# hi\n\nsubject: s\n---\nx", "S:s"},
	{"language", "---\nsubject: s\nlanguage: en-GB\n---\nx", "<html lang=\"en-GB\">"},
	{"fallback unused", HEAD "{{given_name|you}}", "T:Zoé & <co>\n"},
	{"fallback for empty", HEAD "{{town|your <town>}}", "your &lt;town&gt;"},
	{"fallback for blank", HEAD "{{blank|x}}", "T:x\n"},
	{"fallback for unknown", HEAD "{{nothing| x }}.", "T:x.\n"},
	{"empty fallback", HEAD "a{{nothing|}}b", "T:ab\n"},
	{"fallback is no Markdown", HEAD "{{nothing|*x* [a](b)}}", ">*x* [a](b)</p>"},
	{"value is no Markdown", HEAD "*{{family_name}}*", "<em>O&#39;Neil &quot;x&quot;</em>"},
	{"if", HEAD "a{{#if id}}b{{/if}}c", "T:abc\n"},
	{"if not", HEAD "a{{#if town}}b{{/if}}c", "T:ac\n"},
	{"if unknown", HEAD "a{{#if nothing}}b{{else}}d{{/if}}c", "T:adc\n"},
	{"if blank", HEAD "a{{#if blank}}b{{else}}d{{/if}}c", "T:adc\n"},
	{"if else", HEAD "a{{#if id}}b{{else}}d{{/if}}c", "T:abc\n"},
	{"nested", HEAD "{{#if id}}a{{#if town}}b{{else}}c{{/if}}d{{else}}e{{/if}}f", "T:acdf\n"},
	{"guarded variable", HEAD "{{#if town}}{{town}}{{/if}}x", "T:x\n"},
	{"if on lines of its own", HEAD "a\n{{#if town}}\nb\n{{/if}}\nc", "T:a\n\nc\n"},
	{"if first", HEAD "{{#if town}}\nb\n{{/if}}\n\nc", "T:c\n"},
	{"if around a list", HEAD "a\n{{#if id}}\n- b\n{{/if}}\nc", "</p>\n\n<ul"},
	{"if in a subject", "---\nsubject: a{{#if town}} {{town}}{{else}}!{{/if}}\n---\nx", "S:a!"},
	{"comment", HEAD "a{{! b\n c }}d", "T:ad\n"},
	{"comment line", HEAD "a\n{{! b }}\nd", "T:a d\n"},
	{"literal", HEAD "a \\{{id}} {{id}}", "T:a {{id}} 7/é ?\n"},
	{"one brace", HEAD "{a} }} {", "T:{a} }} {\n"},
	{"lines", HEAD "{{lines}}", ">a\nb\nc</p>"},
	{"lines, plain", HEAD "{{lines}}", "T:a\nb\nc\n"},
	{"query", HEAD "[x](https://e.example/?a={{id}}&b={{email}})",
		"\"https://e.example/?a=7%2F%C3%A9%20%3F&amp;b=a%2Bb%40example.org\""},
	{"query, plain", HEAD "[x](https://e.example/?a={{id}}&b=1)",
		"T:x <https://e.example/?a=7%2F%C3%A9%20%3F&b=1>\n"},
	{"whole link", HEAD "[x]({{url}})", "\"https://example.org/a?b=c&amp;d=&#39;%C3%A9&#39;\""},
	{"whole link, plain", HEAD "[x]({{url}})", "T:x <https://example.org/a?b=c&d='%C3%A9'>\n"},
	{"whole link, then more", HEAD "[x]({{url}}/{{id}})", "&#39;/7%2F%C3%A9%20%3F\""},
	{"whole mailto", HEAD "[x]({{mail_url}})", "href=\"mailto:a@example.org\""},
	{"mailto", HEAD "[x](mailto:{{email}}?subject={{id}})",
		"\"mailto:a%2Bb@example.org?subject=7%2F%C3%A9%20%3F\""},
	{"mailto, plain", HEAD "[x](mailto:{{email}}?subject=y)", "T:x <a+b@example.org>\n"},
	{"autolink", HEAD "https://e.example/{{id}}", "T:https://e.example/7%2F%C3%A9%20%3F\n"},
	{"link by if",
		HTML "<a href='{{#if town}}{{town}}{{else}}https://e.example/{{id}}{{/if}}'>x</a>",
		"'https://e.example/7%2F%C3%A9%20%3F'"},
	{"image", HEAD "![a {{id}}](https://e.example/{{id}}.png)",
		"src=\"https://e.example/7%2F%C3%A9%20%3F.png\""},
	{"image alt", HEAD "![a {{family_name}}](https://e.example/x)",
		"alt=\"a O&#39;Neil &quot;x&quot;\""},
	{"link title", HEAD "[x](https://e.example \"{{family_name}}\")",
		"title=\"O&#39;Neil &quot;x&quot;\""},
	{"code", HEAD "`{{given_name}}`", "<code>Zoé &amp; &lt;co&gt;</code>"},
	{"code block", HEAD "```\n{{given_name}}\n```", "<code>Zoé &amp; &lt;co&gt;\n</code>"},
	{"table cell with fallback", HEAD "|a|b|\n|---|---|\n|{{town|x}}|{{id}}|\n", ">x</td>"},
	{"raw HTML is text", HEAD "<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"},
	{"unknown entity around a tag", HEAD "&{{id}};", "&amp;7/é ?;"},
	{"button", HEAD "**[go](https://e.example)**", "display:inline-block"},
	{"html fragment", HTML "<p>{{given_name}}", "<p>Zoé &amp; &lt;co&gt;\n"},
	{"html document", HTML "<!DOCTYPE html><html><body>x</body></html>\n",
		"<!DOCTYPE html><html><body>x</body></html>\n"},
	{"html attribute", HTML "<p title='{{family_name}}'>x", "title='O&#39;Neil &quot;x&quot;'"},
	{"html textarea and title", HTML "<html><title>{{given_name}}</title></html>",
		"<title>Zoé &amp; &lt;co&gt;</title>"},
	{"html preheader",
		"---\nsubject: s\nformat: html\npreheader: pre\n---\n<html><body "
		"a=b>x</body></html>",
		"<body a=b><div style=\"display:none"},
	{"own text",
		HTML
		"<p>x</p>\n--- text ---\n\nHello {{given_name}}\n{{#if id}}\n7\n{{/if}}\nend\n",
		"T:Hello Zoé & <co>\n7\nend\n"},
	{"footer", HEAD "x", "<strong>Asso</strong></p>"},
	{"no double leave", HEAD "{{unsubscribe_address|x}}", "T:x\n"},
	{"missing", HEAD "x {{town}}", "F:template t:4:3: {{town}} is empty for this recipient"},
	{"unknown", HEAD "x {{zzzzzzzz}}",
		"F:template t:4:3: {{zzzzzzzz}} is not known here; correct"},
	{"nearly known", HEAD "x {{given_nam}}", "F:did you mean {{given_name}}?"},
	{"as written", HEAD "x {{Ville}}", "F:t:4:3: {{Ville}} is not known"},
	{"line end in subject", "---\nsubject: {{lines}}\n---\nx",
		"F:t:2:10: {{lines}} holds a line end"},
	{"override in subject", "---\nsubject: {{override}}\n---\nx",
		"F:holds a line end or a control"},
	{"empty subject", "---\nsubject: \" {{town|}}\"\n---\nx",
		"F:template t: the subject is empty for this recipient"},
	{"control", HEAD "{{control}}", "F:t:4:1: {{control}} holds a control character"},
	{"not UTF-8", HEAD "{{latin1}}", "F:t:4:1: {{latin1}} is not UTF-8"},
	{"line end in link", HEAD "[x](https://e.example/{{lines}})", "F:holds a line end"},
	{"bad link", HEAD "[x]({{bad_url}})", "F:t:4:5: {{bad_url}} stands for a whole link"},
	{"relative link", HEAD "[x]({{id}})", "F:stands for a whole link"},
};

static void check_case(size_t i, struct tmpl *t, struct tmpl_parts *p)
{
	const char *want = cases[i].want, *name = cases[i].name;
	const char *const *v = values;
	void *ctx = (void *)(uintptr_t)v;
	struct fail f = {0}, g = {0};
	int ret = tmpl_render(t, help_lookup, ctx, p, &f);

	assert_int_equal(tmpl_check(t, help_lookup, ctx, &g), ret);
	help_expect(name, g.text, f.text);
	if (strncmp(want, "F:", 2) == 0) {
		assert_int_equal(ret, -1);
		assert_int_equal(f.kind, FAIL_DATA);
		help_expect_in(name, f.text, want + 2);
		return;
	}
	if (ret < 0)
		fail_msg("%s: %s", name, f.text);
	if (strncmp(want, "S:", 2) == 0) {
		help_expect(name, p->subject.p, want + 2);
	} else if (strncmp(want, "T:", 2) == 0) {
		char *footer = strstr(p->text.p, "\nAsso\n");

		if (footer != NULL)
			*footer = '\0';
		help_expect(name, p->text.p, want + 2);
	} else {
		help_expect_in(name, p->html.p, want);
	}
}

static void test_render(void **state)
{
	struct tmpl_parts p;

	(void)state;
	tmpl_parts_init(&p);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tmpl *t;

		t = help_compile(cases[i].name, cases[i].source);
		check_case(i, t, &p);
		tmpl_free(&t);
	}
	tmpl_parts_free(&p);
}

static void test_variables(void **state)
{
	struct tmpl *t = help_compile("variables",
		"---\nsubject: {{organisation}}\n---\n\n{{#if Prénom}}x{{/if}} é {{nom| y }}");
	const struct tmpl_use *uses;

	(void)state;
	assert_int_equal(tmpl_variables(t, &uses), 3);
	assert_true(view_is(uses[0].name, "organisation"));
	assert_false(uses[0].personal);
	assert_int_equal(uses[0].line, 2);
	assert_int_equal(uses[0].column, 10);
	assert_true(view_is(uses[1].name, "given_name"));
	assert_true(view_is(uses[1].written, "Prénom"));
	assert_true(uses[1].condition && uses[1].personal && !uses[1].has_fallback);
	assert_true(view_is(uses[2].name, "family_name"));
	assert_true(uses[2].has_fallback && view_is(uses[2].fallback, "y"));
	assert_int_equal(uses[2].line, 5);
	assert_int_equal(uses[2].column, 26);
	assert_true(tmpl_is_personal(t));
	assert_true(view_is(tmpl_front(t, "subject"), "{{organisation}}"));
	assert_true(view_is(tmpl_front(t, "format"), "markdown"));
	assert_true(view_is(tmpl_front(t, "language"), "fr"));
	assert_int_equal(tmpl_front(t, "from").len, 0);
	assert_int_equal(tmpl_front(t, "nonsense").len, 0);
	tmpl_free(&t);
	tmpl_free(&t);
}

static void test_personal(void **state)
{
	static const struct {
		const char *body;
		bool personal;
	} rows[] = {
		{"x", false},
		{"{{organisation}} {{postal_address}} {{list_name}} {{list_address}}", false},
		{"{{today}} {{subject}} {{unsubscribe_address}}", false},
		{"{{email}}", true},
		{"{{#if town}}x{{/if}}", true},
		{"[x]({{unsubscribe_url}})", true},
		{"x\n--- text ---\n{{name|y}}", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char source[200];
		struct tmpl *t;

		(void)snprintf(source, sizeof source, HEAD "%s", rows[i].body);
		t = help_compile(rows[i].body, source);
		assert_int_equal(tmpl_is_personal(t), rows[i].personal);
		tmpl_free(&t);
	}
}

static void test_names(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"Prénom", "given_name"},
		{"E-mail", "email"},
		{"Code postal", "code_postal"},
		{"nom", "family_name"},
		{"Nom de famille", "family_name"},
		{"N° adhérent", NULL},
		{"Date d'entrée", "date_d_entree"},
		{"cœur", "coeur"},
		{" x1 ", "x1"},
		{"", NULL},
		{"1x", NULL},
		{"a\xE9", NULL},
		{"Ж", NULL},
		{"a/b", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str out;
		int ret;

		str_init(&out, TMPL_NAME_MAX);
		ret = tmpl_name(&out, view_of(rows[i].in));
		assert_int_equal(ret, rows[i].want == NULL ? -1 : 0);
		help_expect(rows[i].in, out.p, rows[i].want == NULL ? "" : rows[i].want);
		str_free(&out);
	}
}

/* Outputs have limits, values too. */
static bool huge(void *ctx, struct view name, struct view *value)
{
	(void)name;
	*value = str_view(ctx);
	return true;
}

static void test_limits(void **state)
{
	struct tmpl *t = help_compile("limits", "---\nsubject: {{a}}\n---\nx");
	struct fail f = {0};
	struct tmpl_parts p;
	struct str value;

	(void)state;
	tmpl_parts_init(&p);
	str_init(&value, (size_t)2 * TMPL_VALUE_MAX);
	for (int i = 0; i <= TMPL_SUBJECT_MAX; i++)
		(void)str_addc(&value, 'x');
	assert_int_equal(tmpl_render(t, huge, &value, &p, &f), -1);
	help_expect_in("subject", f.text, "longer than 2000");
	for (int i = 0; i < TMPL_VALUE_MAX; i++)
		(void)str_addc(&value, 'x');
	assert_int_equal(tmpl_check(t, huge, &value, &f), -1);
	help_expect_in("value", f.text, "is too long");
	str_free(&value);
	tmpl_parts_free(&p);
	tmpl_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_render),
		cmocka_unit_test(test_variables),
		cmocka_unit_test(test_personal),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
