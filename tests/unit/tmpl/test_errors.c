#include "help.h"
#include <stdlib.h>

#define HEAD "---\nsubject: s\n---\n"
#define HTML "---\nsubject: s\nformat: html\n---\n"

/* What is refused, where, and in which words. */
static const struct {
	const char *name, *source, *want;
} cases[] = {
	{"empty", "", "template t:1:1: a template starts with a line \"---\""},
	{"no front matter", "hello\n", "t:1:1: a template starts"},
	{"front not closed", "---\nsubject: s\n", "t:1:1: the front matter that starts here"},
	{"no subject", "---\nfrom: a\n---\nx", "t:1:1: the front matter has no subject"},
	{"empty quoted subject", "---\nsubject: \"\"\n---\nx", "has no subject"},
	{"unknown key", "---\nsujbect: s\n---\nx",
		"t:2:1: unknown key \"sujbect\"; did you mean \"subject\"?"},
	{"far key", "---\nzzzzzzzz: s\n---\nx",
		"t:2:1: unknown key \"zzzzzzzz\"; there are subject"},
	{"twice", "---\nsubject: s\nsubject: t\n---\nx",
		"t:3:1: the key \"subject\" stands here twice"},
	{"no colon", "---\nsubject\n---\nx", "t:2:1: a line of the front matter reads"},
	{"indented", "---\n subject: s\n---\nx", "t:2:1: a line of the front matter reads"},
	{"no value", "---\nsubject:\n---\nx", "t:2:1: \"subject\" has no value"},
	{"block scalar", "---\nsubject: |\n---\nx", "t:2:10: a value stands on one line"},
	{"open quote", "---\nsubject: \"abc\n---\nx", "t:2:10: this quote is not closed"},
	{"after quote", "---\nsubject: \"a\" b\n---\nx", "t:2:14: nothing may follow"},
	{"tab", "---\nsubject: a\tb\n---\nx", "t:2:11: a tab"},
	{"format", "---\nsubject: s\nformat: pdf\n---\nx", "t:3:9: the format is"},
	{"language", "---\nsubject: s\nlanguage: f\n---\nx", "t:3:11: a language is a code"},
	{"tag in from", "---\nsubject: s\nfrom: a {{b}}\n---\nx", "t:3:9: \"from\" is the same"},
	{"no body", HEAD "\n \n", "t:4:1: there is no body"},
	{"empty text part", HEAD "x\n--- text ---\n\n", "the text part is empty"},
	{"two text parts", HEAD "x\n--- text ---\ny\n--- text ---\n",
		"t:7:1: the line \"--- text ---\""},
	{"not UTF-8", HEAD "ab\xE9\n", "t:4:3: this is not UTF-8"},
	{"control", HEAD "a\x07\n", "t:4:2: the invisible control character U+0007"},
	{"lone CR", HEAD "a\rb\n", "t:4:2: the invisible control character U+000D"},
	{"right-to-left override", HEAD "é\xE2\x80\xAE\n",
		"t:4:2: the invisible control character U+202E"},
	{"CRLF keeps lines", "---\r\nsubject: s\r\n---\r\na\r\n {{b\r\n",
		"t:5:2: this tag is not closed"},
	{"BOM keeps columns", "\xEF\xBB\xBF---\nsubjet: s\n---\nx", "t:2:1: unknown key"},
	{"columns count characters", HEAD "éé{{#if}}", "t:4:3:"},
	{"open tag", HEAD "ab {{name", "t:4:4: this tag is not closed"},
	{"tag over a line", HEAD "{{na\nme}}", "t:4:1: this tag is not closed on its line"},
	{"tag in tag", HEAD "{{a {{b}}", "t:4:1: this tag is not closed on its line"},
	{"open comment", HEAD "{{! a", "t:4:1: this tag is not closed"},
	{"empty tag", HEAD "{{ }}", "t:4:1: the tag is empty"},
	{"three braces", HEAD "{{{name}}}", "t:4:1: {{{name}} is no tag; there are {{name}}"},
	{"each", HEAD "a {{#each x}}", "t:4:3: {{#each x}} is no tag"},
	{"partial", HEAD "{{> x}}", "t:4:1: {{> x}} is no tag"},
	{"unless", HEAD "{{^x}}", "is no tag"},
	{"if without name", HEAD "{{#if }}", "t:4:1: {{#if}} is no tag"},
	{"else if", HEAD "{{#if a}}{{else if b}}{{/if}}", "t:4:10: {{else}} stands alone"},
	{"bad name", HEAD "{{a!b}}", "t:4:1: \"a!b\" is not the name of a variable"},
	{"name with digit first", HEAD "{{1a}}", "is no tag"},
	{"long name",
		HEAD "{{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}",
		"is not the name"},
	{"if not closed", HEAD "x {{#if a}} y", "t:4:3: this {{#if}} is not closed"},
	{"inner if not closed", HEAD "{{#if a}}{{#if b}}{{/if}}",
		"t:4:1: this {{#if}} is not closed"},
	{"stray end", HEAD "x{{/if}}", "t:4:2: {{/if}} closes no"},
	{"stray else", HEAD "{{else}}", "t:4:1: {{else}} stands in no"},
	{"two elses", HEAD "{{#if a}}{{else}}{{else}}{{/if}}", "t:4:18: a second {{else}}"},
	{"if over the text fence", HEAD "{{#if a}}\n--- text ---\nx{{/if}}", "t:4:1: this {{#if}}"},
	{"subject in subject", "---\nsubject: a {{subject}}\n---\nx",
		"t:2:12: the subject cannot hold itself"},
	{"in subject, quoted", "---\nsubject: \"a {{b\"\n---\nx", "t:2:13: this tag is not closed"},
	{"torn by emphasis", HEAD "*a {{#if a}}b* c{{/if}}",
		"t:4:17: this tag stands in another paragraph"},
	{"torn by paragraphs", HEAD "a {{#if a}}b\n\nc{{/if}}",
		"t:6:2: this tag stands in another"},
	{"torn by cells", HEAD "|a|b|\n|---|---|\n|{{#if a}}x|y{{/if}}|",
		"t:6:14: this tag stands in another"},
	{"lost in a link definition", HEAD "{{#if a}}b\n\n[r]: /x{{/if}}\n",
		"t:4:1: this {{#if}} and its"},
	{"fallback no link", HEAD "[x]({{url|nothing}})",
		"t:4:5: the fallback of {{url}} stands for a whole link"},
	{"empty fallback of a link", HEAD "[x]({{url|}})", "t:4:5: the fallback"},
	{"variable as scheme", HEAD "[x](java{{a}}:alert)", "t:4:9: this link must begin"},
	{"program link", HEAD "[x](javascript:alert)",
		"template t: \"href\": a link may not hold a program"},
	{"program link, entity", HEAD "[x](java&#115;cript:alert)",
		"a link may not hold a program"},
	{"data image source", HEAD "![x](data:text/html,x)", "a link may not hold"},
	{"html script", HTML "<p>a\n<script>x</script>",
		"t:6:1: \"script\": this element has no place"},
	{"html SCRIPT", HTML "<SCRIPT src=x></SCRIPT>", "t:5:1:"},
	{"html behind a tag", HTML "<p>{{a|éé}} {{! c }}<iframe></iframe>", "t:5:21: \"iframe\""},
	{"html form", HTML "<form>", "t:5:1: \"form\""},
	{"html svg", HTML "x<svg onload=x>", "t:5:2: \"svg\""},
	{"html on*", HTML "<p onclick='x'>", "t:5:4: \"onclick\": mail readers run no programs"},
	{"html on*, with tag", HTML "<p ONCLICK='{{x}}'>", "t:5:4: \"ONCLICK\""},
	{"html refresh", HTML "<meta http-equiv=refresh content=1>", "t:5:7: \"http-equiv\""},
	{"html srcdoc", HTML "<p srcdoc=x>", "t:5:4: \"srcdoc\""},
	{"html js link", HTML "<a href=' java\nscript:x'>", "t:5:4: \"href\""},
	{"html js link by if", HTML "<a href='java{{#if a}}script:{{/if}}x'>", "t:5:4: \"href\""},
	{"html js entity", HTML "<a href='javascript&colon;x'>", "t:5:4: \"href\""},
	{"html js after empty", HTML "<a href='{{#if a}}{{/if}}vbscript:x'>", "t:5:4: \"href\""},
	{"tag in element name", HTML "<{{a}}>",
		"t:5:2: a tag may not stand in the name of an element"},
	{"tag in element name 2", HTML "<p{{a}}>",
		"t:5:3: a tag may not stand in the name of an element"},
	{"tag as attribute", HTML "<p {{a}}>",
		"t:5:4: a tag may not stand in the name of an attribute"},
	{"block between attributes", HTML "<p {{#if a}}class=x{{/if}}>",
		"t:5:4: a tag may not stand"},
	{"tag unquoted", HTML "<p class={{a}}>",
		"t:5:10: a tag may not stand in an attribute without quotes"},
	{"tag in style", HTML "<p style='color:{{a}}'>",
		"t:5:17: a tag may not stand in such an attribute"},
	{"tag in style sheet", HTML "<style>p{color:{{a}}}</style>",
		"t:5:16: a tag may not stand in a style sheet"},
	{"tag in comment", HTML "<!-- {{a}} -->", "t:5:6: a tag may not stand in a comment"},
	{"tag in bogus comment", HTML "<!x {{a}}>", "t:5:5: a tag may not stand in a comment"},
	{"tag in end tag", HTML "<p></p {{a}}>",
		"t:5:8: a tag may not stand in a comment or an end tag"},
	{"tag in srcset", HTML "<img srcset='{{a}}'>", "t:5:14:"},
	{"tag behind &", HTML "<p>&{{a}};", "t:5:5: a tag may not follow a bare"},
	{"tag behind &am", HTML "<p title='&am{{a}};'>", "t:5:14: a tag may not follow a bare"},
	{"cut tag", HTML "<p>x <a href=\"y", "t:5:6: what is opened here is not closed"},
	{"cut comment", HTML "a\n<!-- b", "t:6:1: what is opened here is not closed"},
	{"cut style sheet", HTML "a<style>b", "t:5:9: what is opened here is not closed"},
	{"cut empty style sheet", HTML "a<style>", "t:5:3: what is opened here is not closed"},
	{"cut end tag", HTML "a</p", "t:5:2: what is opened here is not closed"},
	{"block over attribute", HTML "<p title='{{#if a}}x'>y{{/if}}",
		"t:5:24: this tag stands in another"},
	{"block into attribute", HTML "{{#if a}}<p title='{{else}}'>{{/if}}",
		"t:5:20: this tag stands in another"},
	{"block over title", HTML "<title>{{#if a}}</title>{{/if}}",
		"t:5:25: this tag stands in another"},
};

static void test_errors(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tmpl *t = NULL;
		struct fail f = {0};
		int ret = tmpl_compile(view_of(cases[i].source), "t", &t, &f);

		if (ret == 0 || t != NULL || f.kind != FAIL_DATA ||
			strstr(f.text, cases[i].want) == NULL) {
			print_error(
				"%s:\n got: %s\nwant: %s\n", cases[i].name, f.text, cases[i].want);
			wrong++;
		}
		tmpl_free(&t);
	}
	assert_int_equal(wrong, 0);
}

/* Sizes at their limits. */
static int compile_repeated(
	const char *unit, const char *numbered_end, size_t count, struct fail *f)
{
	struct tmpl *t = NULL;
	struct str s;
	int ret;

	str_init(&s, (size_t)8 * TMPL_SOURCE_MAX);
	(void)str_addz(&s, HEAD);
	for (size_t i = 0; i < count; i++) {
		(void)str_addz(&s, unit);
		if (numbered_end != NULL)
			(void)str_addf(&s, "%zu%s", i, numbered_end);
	}
	ret = tmpl_compile(str_view(&s), "t", &t, f);
	tmpl_free(&t);
	str_free(&s);
	return ret;
}

static void test_limits(void **state)
{
	struct fail f = {0};

	(void)state;
	assert_int_equal(compile_repeated("{{a}}", NULL, TMPL_TAGS_MAX, &f), 0);
	assert_int_equal(compile_repeated("{{a}} ", NULL, TMPL_TAGS_MAX + 1, &f), -1);
	help_expect_in("tags", f.text, "a template may have 10000 tags");
	assert_int_equal(compile_repeated("{{v", "}}", TMPL_VARS_MAX + 1, &f), -1);
	help_expect_in("variables", f.text, "may use 200 different variables");
	assert_int_equal(compile_repeated("{{#if a}}", NULL, TMPL_DEPTH_MAX + 1, &f), -1);
	help_expect_in("depth", f.text, "may stand 32 deep");
	assert_int_equal(compile_repeated("x", NULL, TMPL_SOURCE_MAX, &f), -1);
	help_expect_in("size", f.text, "a template may have 1048576");
	assert_int_equal(compile_repeated("\"", NULL, TMPL_SOURCE_MAX - 100, &f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
