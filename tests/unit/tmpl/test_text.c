#include "help.h"
#include "base/file.h"

#define MD   "---\nsubject: s\n---\n"
#define HTML "---\nsubject: s\nformat: html\n---\n"

/* The text part that is made from the HTML; town and organisation are known. */
static const struct {
	const char *name, *source, *want;
} cases[] = {
	{"paragraphs", MD "a\n\nb  \nc\n", "a\n\nb\nc\n"},
	{"headings", MD "# Été\n\na\n\n## Two words\n\nb\n\n### Three\n\nc",
		"Été\n===\n\na\n\nTwo words\n---------\n\nb\n\nThree\n\nc\n"},
	{"wrapped at 76",
		MD "aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg hhhhhh "
		   "iiiii",
		"aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg "
		"hhhhhh\niiiii\n"},
	{"wrapped by columns",
		MD "ééééééééé ééééééééé ééééééééé ééééééééé ééééééééé ééééééééé ééééééééé éééééé x",
		"ééééééééé ééééééééé ééééééééé ééééééééé ééééééééé ééééééééé ééééééééé "
		"éééééé\nx\n"},
	{"long word",
		MD "x "
		   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		   "aaa y",
		"x\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaa\ny\n"},
	{"no-break space holds", MD "« x »", "« x »\n"},
	{"list", MD "a\n\n- b\n- c\n\nd", "a\n\n- b\n- c\n\nd\n"},
	{"loose list", MD "- b\n\n- c", "- b\n\n- c\n"},
	{"numbers", MD "3. b\n4. c", "3. b\n4. c\n"},
	{"nested list", MD "- b\n  1. c\n  2. d\n- e", "- b\n  1. c\n  2. d\n- e\n"},
	{"list wrapped",
		MD "- aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg hhhhhh",
		"- aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg\n  "
		"hhhhhh\n"},
	{"empty item", MD "- \n- b", "- \n- b\n"},
	{"quote", MD "a\n\n> b\n>\n> c\n\nd", "a\n\n> b\n>\n> c\n\nd\n"},
	{"quote in quote", MD "> b\n>> c", "> b\n>\n> > c\n"},
	{"list in quote", MD "> - b\n> - c", "> - b\n> - c\n"},
	{"rule", MD "a\n\n---\n\nb", "a\n\n----------------------------------------\n\nb\n"},
	{"code", MD "a `b`\n\n```\nx  y\n\n  z\n```\n\nc", "a b\n\nx  y\n\n  z\n\nc\n"},
	{"code in list", MD "- a\n\n      x\n        y\n", "- a\n\n  x\n    y\n"},
	{"table", MD "|a|b|\n|---|---|\n|c d|e|\n| |f|\n", "a | b\nc d | e\n| f\n"},
	{"link", MD "[a b](https://e.example/x)", "a b <https://e.example/x>\n"},
	{"link that shows itself", MD "https://e.example/x", "https://e.example/x\n"},
	{"link without scheme", MD "www.e.example", "http://www.e.example\n"},
	{"mail link", MD "[write](mailto:a@e.example?subject=x)", "write <a@e.example>\n"},
	{"mail link that shows itself", MD "a@e.example", "a@e.example\n"},
	{"link with entity", HTML "<a href='https://e.example/?a=1&amp;b=2'>x</a>.",
		"x <https://e.example/?a=1&b=2>.\n"},
	{"fragment link", HTML "<a href='#x'>y</a> z", "y z\n"},
	{"anchor", HTML "<a name=x>y</a> z", "y z\n"},
	{"image", MD "a ![b c](https://e.example/x.png) d", "a b c d\n"},
	{"image without alt", HTML "a <img src='https://e.example/x.png'> d", "a d\n"},
	{"linked image", MD "[![logo](https://e.example/x.png)](https://e.example)",
		"logo <https://e.example>\n"},
	{"struck", MD "~~a~~ b", "~~a~~ b\n"},
	{"entities", HTML "&lt;&eacute;&#233;&#xE9;&euro;&nbsp;&hellip;&amp;lt; &unknown; &#0; & x",
		"<ééé€\xC2\xA0…&lt; &unknown; \xEF\xBF\xBD & x\n"},
	{"blanks", HTML "  a \n\t b  <b> c </b> d", "a b c d\n"},
	{"divisions", HTML "<div>a</div><div><div>b</div></div>c", "a\nb\nc\n"},
	{"skipped",
		HTML "<html><head><title>t</title><style>s{}</style></head><body>a<div "
		     "style='display : none'>p"
		     "<div>q</div></div><p hidden>h</p>b<!-- c --></body></html>",
		"ab\n"},
	{"layout table", HTML "<table role=presentation><tr><td>a</td><td>b</td></tr></table>",
		"a\nb\n"},
	{"table in layout table",
		HTML "<table role='none'><tr><td><table><tr><td>a<td>b</table></td></tr></table>c",
		"a | b\n\nc\n"},
	{"unclosed items", HTML "<ul><li>a<li>b</ul>c", "- a\n- b\n\nc\n"},
	{"stray ends", HTML "</ul></li></table></blockquote>a</p>b", "a\n\nb\n"},
	{"break in a heading", HTML "<h1>abc<br>de</h1>x", "abc\nde\n==\n\nx\n"},
	{"if in a line", MD "a {{#if town}}b {{/if}}c {{#if none}}d {{/if}}e", "a b c e\n"},
	{"if between paragraphs", MD "a\n\n{{#if none}}\nb\n{{else}}\nc\n\n- d\n{{/if}}\n\ne",
		"a\n\nc\n\n- d\n\ne\n"},
	{"if at the start of a line", HTML "<p>a</p><p>{{#if none}}b{{/if}} c</p>", "a\n\nc\n"},
	{"if in an item", MD "- {{#if none}}a{{else}}b{{/if}}\n- c", "- b\n- c\n"},
	{"if around items", HTML "<ul>{{#if none}}<li>a</li>{{/if}}<li>b</li></ul>", "- b\n"},
	{"if around a quote", MD "{{#if town}}\n> a\n{{/if}}\nb", "> a\n\nb\n"},
	{"if in a link's words", MD "[{{#if town}}a{{else}}b{{/if}}](https://e.example)",
		"a <https://e.example>\n"},
};

static void test_text(void **state)
{
	static const char *const values[] = {"town=Nouméa", NULL};
	struct tmpl_parts p;
	unsigned wrong = 0;

	(void)state;
	tmpl_parts_init(&p);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tmpl *t = help_compile(cases[i].name, cases[i].source);
		struct fail f = {0};

		if (tmpl_render(t, help_lookup, (void *)(uintptr_t)values, &p, &f) < 0)
			fail_msg("%s: %s", cases[i].name, f.text);
		if (strcmp(p.text.p, cases[i].want) != 0) {
			wrong++;
			print_error("%s:\n got: %s\nwant: %s\n", cases[i].name, p.text.p,
				cases[i].want);
		}
		tmpl_free(&t);
	}
	tmpl_parts_free(&p);
	assert_int_equal(wrong, 0);
}

/* The footer's words, in the language of the recipients. */
static void test_footer(void **state)
{
	static const char *const values[] = {"organisation=Asso", "postal_address=1 rue",
		"list_name=Amis", "unsubscribe_address=l@e.example", NULL};
	static const struct {
		const char *source, *want;
	} rows[] = {
		{MD "x", "x\n\nAsso\n1 rue\n\nVous recevez ce message parce que votre adresse "
			 "figure sur la "
			 "liste\n«\xC2\xA0"
			 "Amis\xC2\xA0».\n\nSe désabonner <l@e.example>\n"},
		{"---\nsubject: s\nlanguage: en\n---\nx\n--- text ---\nown\n\n",
			"own\n\nAsso\n1 rue\n\nYou receive this message because your address is on "
			"the list “Amis”.\n\nUnsubscribe <l@e.example>\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tmpl *t = help_compile("footer", rows[i].source);
		struct tmpl_parts p;
		struct fail f = {0};

		tmpl_parts_init(&p);
		assert_int_equal(tmpl_render(t, help_lookup, (void *)(uintptr_t)values, &p, &f), 0);
		help_expect("footer", p.text.p, rows[i].want);
		tmpl_parts_free(&p);
		tmpl_free(&t);
	}
}

/* The templates we ship compile, and the note may go to all at once. */
static void test_shipped(void **state)
{
	static const char *const names[] = {"fr/newsletter", "fr/general-assembly",
		"fr/membership-renewal", "fr/note", "en/newsletter", "en/general-assembly",
		"en/membership-renewal", "en/note"};
	static const char *const nothing[] = {NULL};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[512];
		struct fail f = {0};
		struct str source;
		struct tmpl *t;

		(void)snprintf(path, sizeof path, "%s/templates/%s.md", TEST_ROOT, names[i]);
		str_init(&source, TMPL_SOURCE_MAX);
		assert_int_equal(file_read(path, &source, &f), 0);
		t = help_compile(names[i], source.p);
		assert_int_equal(tmpl_check(t, help_lookup, (void *)(uintptr_t)nothing, &f), 0);
		assert_int_equal(tmpl_is_personal(t), strstr(names[i], "/note") == NULL);
		tmpl_free(&t);
		str_free(&source);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_footer),
		cmocka_unit_test(test_shipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
