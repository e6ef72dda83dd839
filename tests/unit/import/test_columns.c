#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "import/columns.h"
#include "import/dialect.h"
#include "import/title.h"

static const struct role_case {
	const char *title;
	enum title_role role;
} roles[] = {
	{"courriel", TITLE_ADDRESS},
	{"Courriel", TITLE_ADDRESS},
	{"COURRIEL ", TITLE_ADDRESS},
	{"e-mail", TITLE_ADDRESS},
	{"E-Mail", TITLE_ADDRESS},
	{"email", TITLE_ADDRESS},
	{"e mail", TITLE_ADDRESS},
	{"mail", TITLE_ADDRESS},
	{"mél", TITLE_ADDRESS},
	{"Adresse e-mail", TITLE_ADDRESS},
	{"adresse_email", TITLE_ADDRESS},
	{"Adresse électronique", TITLE_ADDRESS},
	{"ADRESSE ELECTRONIQUE", TITLE_ADDRESS},
	{"ADRESSE ÉLECTRONIQUE", TITLE_ADDRESS},
	{"Adresse e\xCC\x81lectronique", TITLE_ADDRESS}, /* macOS: letter and mark apart */
	{"Adresse de messagerie", TITLE_ADDRESS},
	{"Première adresse électronique", TITLE_ADDRESS},
	{"Adresse électronique secondaire", TITLE_UNKNOWN},
	{"Primary Email", TITLE_ADDRESS},
	{"Secondary Email", TITLE_UNKNOWN},
	{"E-mail Address", TITLE_ADDRESS},
	{"E-mail 2 Address", TITLE_UNKNOWN},
	{"E-mail 1 - Value", TITLE_ADDRESS},
	{"E-mail 2 - Value", TITLE_UNKNOWN},
	{"adresse", TITLE_MAYBE_ADDRESS},
	{"Address", TITLE_MAYBE_ADDRESS},
	{"nom", TITLE_NAME_OR_FAMILY},
	{"Name", TITLE_NAME_OR_FAMILY},
	{"Nom complet", TITLE_NAME},
	{"Display Name", TITLE_NAME},
	{"Nom à afficher", TITLE_NAME},
	{"prénom", TITLE_GIVEN},
	{"Prenom", TITLE_GIVEN},
	{"First Name", TITLE_GIVEN},
	{"Given Name", TITLE_GIVEN},
	{"Nom de famille", TITLE_FAMILY},
	{"Last Name", TITLE_FAMILY},
	{"Family Name", TITLE_FAMILY},
	{"surname", TITLE_FAMILY},
	{"Code postal", TITLE_UNKNOWN},
	{"", TITLE_UNKNOWN},
	{"émail", TITLE_ADDRESS},
	{"e-mailing", TITLE_UNKNOWN},
};

static void test_roles(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (title_role(view_of(roles[i].title)) != roles[i].role)
			fail_msg(
				"%s: role %d", roles[i].title, title_role(view_of(roles[i].title)));
}

static const struct key_case {
	const char *title, *key;
} keys[] = {
	{"Code postal", "code_postal"},
	{"  Code -- postal  ", "code_postal"},
	{"Ville", "ville"},
	{"Numéro d'adhérent", "numero_d_adherent"},
	{"N° d’adhérent", "n_d_adherent"},
	{"E-mail 2 - Value", "e_mail_2_value"},
	{"Œuvre", "oeuvre"},
	{"Straße", "strasse"},
	{"Łódź", "lodz"},
	{"ville_1", "ville_1"},
	{"ﬁche", "fiche"},
	{"日本", ""},
	{"", ""},
	{"___", ""},
	{"2e prénom", "2e_prenom"},
	{"Cotisation (€)", "cotisation"},
	{"a\xCC\x80 payer", "a_payer"},
	{"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk lmno",
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"},
};

static void test_keys(void **state)
{
	struct str key;

	(void)state;
	str_init(&key, 2 * TITLE_KEY_MAX);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		title_key(view_of(keys[i].title), &key);
		if (strcmp(key.p, keys[i].key) != 0)
			fail_msg("%s: %s", keys[i].title, key.p);
		assert_true(key.len == 0 || title_is_key(str_view(&key)));
	}
	str_free(&key);
	assert_false(title_is_key(VIEW("")));
	assert_false(title_is_key(VIEW("A")));
	assert_false(title_is_key(VIEW("a-b")));
	assert_false(title_is_key(VIEW("é")));
}

/* `want` is the mapping in words; with ! a part of the error. */
static const struct plan_case {
	const char *name, *head;
	const char *maps[3];
	const char *want;
	enum fail_kind kind;
} plans[] = {
	{"French", "Courriel;Prénom;Nom;Code postal\na@example.org;Ana;Ruiz;98800\n", {NULL},
		"Courriel = email, Prénom = given_name, Nom = family_name, Code postal = "
		"code_postal",
		FAIL_NONE},
	{"English", "Email,First name,Last name\na@example.org,A,B\n", {NULL},
		"Email = email, First name = given_name, Last name = family_name", FAIL_NONE},
	{"nom alone is the name", "nom,email\nAna,a@example.org\n", {NULL},
		"nom = name, email = email", FAIL_NONE},
	{"nom beside both", "Name,Given Name,Family Name,E-mail 1 - Value\nA B,A,B,a@example.org\n",
		{NULL},
		"Name = name, Given Name = given_name, Family Name = family_name, E-mail 1 - Value "
		"= "
		"email",
		FAIL_NONE},
	{"empty ones are counted", "email;a;b;c\na@example.org;;x; \n", {NULL},
		"email = email, b = b, and 2 columns that are empty in the first rows", FAIL_NONE},
	{"one column", "email\na@example.org\n", {NULL}, "email = email", FAIL_NONE},
	{"heading without rows", "email;nom\n", {NULL}, "email = email, nom = name", FAIL_NONE},
	{"adresse holds addresses", "nom;adresse\nAna;a@example.org\n", {NULL},
		"nom = name, adresse = email", FAIL_NONE},
	{"adresse of the house", "adresse;courriel\n1 rue X;a@example.org\n", {NULL},
		"adresse = contact_adresse, courriel = email", FAIL_NONE},
	{"adresse of the house alone", "nom;adresse\nAna;1 rue X\n", {NULL},
		"!no column holds e-mail addresses. The columns are: nom, adresse", FAIL_DATA},
	{"by its values", "Qui;Contact\nAna;a@example.org\nBo;b@example.org\n", {NULL},
		"Qui = qui, Contact = email", FAIL_NONE},
	{"two by their values", "Un;Deux\na@example.org;b@example.org\n", {NULL},
		"!columns 1 (\"Un\") and 2 (\"Deux\") may both be the address", FAIL_DATA},
	{"two by their headings", "Email;Courriel\na@example.org;b@example.org\n", {NULL},
		"!may both be the address: say which with --map 1=email", FAIL_DATA},
	{"two headings, one of addresses", "Mail;Courriel\noui;b@example.org\n", {NULL},
		"Mail = contact_mail, Courriel = email", FAIL_NONE},
	{"templates' own names", "email;subject;today;organisation\na@example.org;x;y;z\n", {NULL},
		"email = email, subject = contact_subject, today = contact_today, organisation = "
		"contact_organisation",
		FAIL_NONE},
	{"no title", "email;;日本\na@example.org;x;y\n", {NULL},
		"email = email,  = column_2, 日本 = column_3", FAIL_NONE},
	{"digits first", "email;2e prénom\na@example.org;x\n", {NULL},
		"email = email, 2e prénom = contact_2e_prenom", FAIL_NONE},
	{"collision", "email;Code postal;code-postal\na@example.org;1;2\n", {NULL},
		"!columns 2 (\"Code postal\") and 3 (\"code-postal\") would both be "
		"\"code_postal\"",
		FAIL_DATA},
	{"collision mapped", "email;Code postal;code-postal\na@example.org;1;2\n", {"3=cp2"},
		"email = email, Code postal = code_postal, code-postal = cp2", FAIL_NONE},
	{"collision left out", "email;Code postal;code-postal\na@example.org;1;2\n", {"3=-"},
		"email = email, Code postal = code_postal, code-postal = left out", FAIL_NONE},
	{"map by heading", "Contact;Qui\na@example.org;Ana\n", {"contact=email", "QUI=name"},
		"Contact = email, Qui = name", FAIL_NONE},
	{"map wins over headings", "Email;Mail\na@example.org;b@example.org\n", {"mail=email"},
		"Email = contact_email, Mail = email", FAIL_NONE},
	{"map with = in the heading", "a=b;email\n1;a@example.org\n", {"a=b=c"},
		"a=b = c, email = email", FAIL_NONE},
	{"map to nothing", "email;x\na@example.org;1\n", {"y=z"},
		"!there is no column \"y\". The columns are: email, x", FAIL_USAGE},
	{"map past the end", "email;x\na@example.org;1\n", {"3=z"}, "!there is no column \"3\"",
		FAIL_USAGE},
	{"map column 0", "email;x\na@example.org;1\n", {"0=z"}, "!there is no column", FAIL_USAGE},
	{"map without =", "email;x\na@example.org;1\n", {"x"}, "!write COLUMN=VARIABLE",
		FAIL_USAGE},
	{"map to a bad key", "email;x\na@example.org;1\n", {"x=1 %"}, "!a variable is written with",
		FAIL_USAGE},
	{"map to another spelling", "qui;x\na@example.org;Ana\n", {"1=Courriel", "x=Prénom"},
		"qui = email, x = given_name", FAIL_NONE},
	{"map to a common name", "email;x\na@example.org;1\n", {"x=Sujet"},
		"!templates know \"subject\" already", FAIL_USAGE},
	{"map twice from one", "email;x\na@example.org;1\n", {"x=a", "2=b"},
		"!column 2 (\"x\") has its --map already", FAIL_USAGE},
	{"map twice to one", "email;x\na@example.org;1\n", {"x=email", "1=email"},
		"!email is given to two columns", FAIL_USAGE},
	{"map onto another", "email;ville;x\na@example.org;1;2\n", {"x=ville"},
		"!would both be \"ville\"", FAIL_DATA},
	{"no heading, alone", "a@example.org\nb@example.org\n", {NULL},
		"no headings in the first line; column 1 = email", FAIL_NONE},
	{"no heading, two", "Ana;a@example.org\nBo;b@example.org\n", {NULL},
		"no headings in the first line; column 1 = name, column 2 = email", FAIL_NONE},
	{"no heading, three", "a@example.org,Ana,Ruiz\n", {NULL},
		"no headings in the first line; column 1 = email, column 2 = column_2, column 3 = "
		"column_3",
		FAIL_NONE},
	{"no heading, mapped", "a@example.org,Ana,Ruiz\n", {"2=given_name", "3=family_name"},
		"no headings in the first line; column 1 = email, column 2 = given_name, column 3 "
		"= "
		"family_name",
		FAIL_NONE},
	{"no heading, full form", "Ana Ruiz <a@example.org>\n", {NULL},
		"no headings in the first line; column 1 = email", FAIL_NONE},
	{"rejects come back", "line;reason;email;nom\n4;bad;a@example.org;Ana\n", {NULL},
		"line = left out, reason = left out, email = email, nom = name", FAIL_NONE},
	{"escape in a heading", "email;x\x1b[31m\na@example.org;1\n", {NULL},
		"email = email, x\xEF\xBF\xBD[31m = x_31m", FAIL_NONE},
	{"line end in a heading", "\"Adresse\ne-mail\";x\na@example.org;1\n", {NULL},
		"Adresse e-mail = email, x = x", FAIL_NONE},
	{"sep line", "sep=;\r\nemail;nom\r\na@example.org;Ana\r\n", {NULL},
		"email = email, nom = name", FAIL_NONE},
	{"full names only", "Nom complet;Display name;email\nA;B;a@example.org\n", {NULL},
		"Nom complet = name, Display name = display_name, email = email", FAIL_NONE},
	{"two given names", "Prénom;First name;email\nA;B;a@example.org\n", {NULL},
		"Prénom = given_name, First name = contact_first_name, email = email", FAIL_NONE},
};

static void run_plan(const struct plan_case *p)
{
	struct arena a;
	struct dialect d;
	struct columns c;
	struct str got;
	struct fail f = {0};
	size_t n_maps = 0;

	arena_init(&a);
	str_init(&got, 4096);
	while (n_maps < 3 && p->maps[n_maps] != NULL)
		n_maps++;
	dialect_find(view_of(p->head), true, '\0', &a, &d);
	assert_true(d.n > 0);
	if (columns_plan(&c, d.rows, d.n, p->maps, n_maps, &f) < 0) {
		if (p->want[0] != '!' || strstr(f.text, p->want + 1) == NULL || f.kind != p->kind)
			fail_msg("%s: %s", p->name, f.text);
	} else {
		assert_int_equal(columns_describe(&c, &got), 0);
		if (strcmp(got.p, p->want) != 0)
			fail_msg("%s: got %s", p->name, got.p);
		columns_free(&c);
	}
	str_free(&got);
	arena_free(&a);
}

static void test_plans(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
		run_plan(&plans[i]);
}

static const struct dialect_case {
	const char *name, *head;
	char delimiter;
} dialects[] = {
	{"comma", "a,b\n1,2\n", ','},
	{"semicolon", "a;b\n1;2\n", ';'},
	{"tab", "a\tb\n1\t2\n", '\t'},
	{"bar", "a|b\n1|2\n", '|'},
	{"one column", "email\na@example.org\n", ','},
	{"commas in values",
		"email;ville\na@example.org;Paris, France\nb@example.org;Lyon, France\n", ';'},
	{"commas in quotes", "nom;\"a,b,c\"\nx;\"d,e,f\"\n", ';'},
	{"semicolons in values", "email,note\na@example.org,a;b;c\nb@example.org,d;e;f\n", ','},
	{"headings decide", "Nom;Prénom;e-mail\n1,2;3;4\n", ';'},
	{"no heading", "a@example.org;Ana\nb@example.org;Bo, Lee\n", ';'},
	{"sep", "sep=|\na|b;c;d\n", '|'},
	{"no whole row", "a;b;c", ';'},
};

static void test_dialects(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
		struct arena a;
		struct dialect d;

		arena_init(&a);
		dialect_find(view_of(dialects[i].head), true, '\0', &a, &d);
		if (d.delimiter != dialects[i].delimiter)
			fail_msg("%s: %c", dialects[i].name, d.delimiter);
		arena_free(&a);
	}
}

static void test_like_address(void **state)
{
	static const char *const like[] = {"a@example.org", " a@example.org ",
		"Ana <a@example.org>", "\"R, A\" <a@example.org>", "é@exemple.example"};
	static const char *const unlike[] = {"", "a", "@", "a@", "@example.org", "a@b",
		"a@b@example.org", "a@example.", "see a@example.org please", "a@.org", "<>",
		"Ana <ana>"};

	(void)state;
	for (size_t i = 0; i < sizeof like / sizeof like[0]; i++)
		assert_true(columns_like_address(view_of(like[i])));
	for (size_t i = 0; i < sizeof unlike / sizeof unlike[0]; i++)
		assert_false(columns_like_address(view_of(unlike[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_dialects),
		cmocka_unit_test(test_like_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
