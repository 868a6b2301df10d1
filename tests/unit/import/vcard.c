/* vcard.c - address books of phones and programs, own awkward cards, and the shared ones against
 * what another reader found in them. */
#include "import/vcard.h"

#include "base/path.h"
#include "base/str.h"
#include "phone/phone.h"
#include "tap.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

/* --- own cards ---------------------------------------------------------------------------- */

/* Prints cards as one line of text, so that a case is an input and an output. */
static int print_card(void *data, const struct vcard *card, struct err *err)
{
	struct str *out = data;

	(void)err;
	str_addf(out, "%s[%zu] fn=%s n=%s", out->len ? "\n" : "", card->line, card->fn, card->n);
	if (card->org[0])
		str_addf(out, " org=%s", card->org);
	if (card->uid[0])
		str_addf(out, " uid=%s", card->uid);
	if (card->kind[0])
		str_addf(out, " kind=%s", card->kind);
	if (card->note[0])
		str_addf(out, " note=%s", card->note);
	vec_foreach (&card->tels, struct vcard_entry, tel)
		str_addf(out, " tel=%s(%s|%s)", tel->value, tel->types, tel->label);
	vec_foreach (&card->emails, struct vcard_entry, email)
		str_addf(out, " email=%s(%s|%s)", email->value, email->types, email->label);
	if (card->unterminated)
		str_addz(out, " UNTERMINATED");
	if (card->clipped)
		str_addz(out, " CLIPPED");
	return 0;
}

#define CARD(text) "BEGIN:VCARD\r\n" text "END:VCARD\r\n"

static const struct {
	const char *what, *input, *output;
} cases[] = {
	{"a plain card", CARD("VERSION:3.0\r\nFN:Anna Berg\r\nN:Berg;Anna;;;\r\nTEL:+1\r\n"),
		"[1] fn=Anna Berg n=Berg;Anna;;; tel=+1(|)"},
	{"bare LF", "BEGIN:VCARD\nFN:Anna\nEND:VCARD\n", "[1] fn=Anna n="},
	{"bare CR", "BEGIN:VCARD\rFN:Anna\rTEL:1\rEND:VCARD", "[1] fn=Anna n= tel=1(|)"},
	{"CR CR LF", "BEGIN:VCARD\r\r\nFN:An\r\r\n na\r\r\nEND:VCARD\r\r\n", "[1] fn=Anna n="},
	{"a byte order mark", "\xef\xbb\xbf" CARD("FN:Anna\r\n"), "[1] fn=Anna n="},
	{"folded lines", CARD("FN:An\r\n na \r\n\tBerg\r\n"), "[1] fn=Anna Berg n="},
	{"a character cut by folding", CARD("FN:J\xc3\r\n \xbcrgen\r\n"),
		"[1] fn=J\xc3\xbcrgen n="},
	{"escapes of 3.0", CARD("VERSION:3.0\r\nFN:a\\, b\\; c\\\\ d\r\nNOTE:1\\n2\\N3\r\n"),
		"[1] fn=a, b; c\\ d n= note=1\n2\n3"},
	{"escapes of 2.1", CARD("VERSION:2.1\r\nFN:C:\\new\\; x\r\n"), "[1] fn=C:\\new; x n="},
	{"quoted-printable",
		CARD("VERSION:2.1\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCr=\r\n=67en\r\n"),
		"[1] fn=J\xc3\xbcrgen n="},
	{"bare QUOTED-PRINTABLE with wrong escapes",
		CARD("VERSION:2.1\r\nFN;QUOTED-PRINTABLE:100=25 =ZZ =4\r\n"),
		"[1] fn=100% =ZZ =4 n="},
	{"a soft break before END", CARD("FN;QUOTED-PRINTABLE:Anna=\r\n"), "[1] fn=Anna n="},
	{"a text that ends with = and is not encoded", CARD("FN:a=\r\nTEL:1\r\n"),
		"[1] fn=a= n= tel=1(|)"},
	{"ISO-8859-1", CARD("FN;CHARSET=ISO-8859-1:Jos\xe9\r\n"), "[1] fn=Jos\xc3\xa9 n="},
	{"windows-1252 quoted",
		CARD("FN;CHARSET=windows-1252;ENCODING=QUOTED-PRINTABLE:O=92Neill=80\r\n"),
		"[1] fn=O\xe2\x80\x99Neill\xe2\x82\xac n="},
	{"Latin bytes without a charset", CARD("FN:Jos\xe9\r\n"), "[1] fn=Jos\xc3\xa9 n="},
	{"Latin bytes called UTF-8", CARD("FN;CHARSET=UTF-8:Jos\xe9\r\n"), "[1] fn=Jos\xc3\xa9 n="},
	{"a charset of another planet", CARD("FN;CHARSET=../../evil:Jos\xc3\xa9\r\n"),
		"[1] fn=Jos\xc3\xa9 n="},
	{"KOI8-R", CARD("FN;CHARSET=KOI8-R:\xc1\xce\xce\xc1\r\n"),
		"[1] fn=\xd0\xb0\xd0\xbd\xd0\xbd\xd0\xb0 n="},
	{"control characters", CARD("FN:A\x1b[31mnna\x7f\x01\r\n"), "[1] fn=A[31mnna n="},
	{"C1 characters and NUL by quoted-printable", CARD("FN;QUOTED-PRINTABLE:A=00n=C2=9Bna\r\n"),
		"[1] fn=Anna n="},
	{"groups and labels",
		CARD("item1.TEL;type=pref:1\r\nitem1.X-ABLabel:B\xc3\xbcro\r\n"
		     "Item2.X-ABLABEL:_$!<Assistant>!$_\r\nitem2.EMAIL:a@b\r\n"),
		"[1] fn= n= tel=1(pref|B\xc3\xbcro) email=a@b(|Assistant)"},
	{"the types of 2.1, 3.0 and 4.0",
		CARD("TEL;CELL;PREF:1\r\nTEL;type=CELL;type=pref:2\r\nTEL;TYPE=\"work,voice\":3\r\n"
		     "TEL;VALUE=uri;PREF=1;TYPE=\"voice,cell\":tel:+1;ext=5\r\n"),
		"[1] fn= n= tel=1(cell,pref|) tel=2(cell,pref|) tel=3(work,voice|) "
		"tel=tel:+1;ext=5(voice,cell|)"},
	{"a made-up label of Android",
		CARD("TEL;X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=42=C3=B4ite):*86#\r\n"),
		"[1] fn= n= tel=*86#(|B\xc3\xb4ite)"},
	{"a colon in quotes", CARD("TEL;TYPE=\"a:b\":1\r\n"), "[1] fn= n= tel=1(a:b|)"},
	{"an unbalanced quote", CARD("TEL;TYPE=\"work:1\r\nFN:Anna\r\n"),
		"[1] fn=Anna n= tel=1(work|)"},
	{"a picture in base64", CARD("PHOTO;ENCODING=BASE64;JPEG:AAAA\r\n BBBB\r\n\r\nFN:Anna\r\n"),
		"[1] fn=Anna n="},
	{"a picture whose lines are not folded", CARD("PHOTO;BASE64:AAAA\r\nBBBB==\r\nFN:Anna\r\n"),
		"[1] fn=Anna n="},
	{"a name in base64 is left out", CARD("FN;ENCODING=b:QW5uYQ==\r\nUID:u\r\n"),
		"[1] fn= n= uid=u CLIPPED"},
	{"two cards", CARD("FN:A\r\n") "\r\n" CARD("FN:B\r\n"), "[1] fn=A n=\n[5] fn=B n="},
	{"lower case", "begin:vcard\nfn:Anna\nend:vcard\n", "[1] fn=Anna n="},
	{"an agent's card inside (2.1)",
		CARD("FN:Boss\r\nAGENT:\r\n" CARD("FN:Agent\r\nTEL:1\r\n") "TEL:2\r\n"),
		"[1] fn=Boss n= tel=2(|)"},
	{"an agent's card inside, on the same line",
		CARD("FN:Boss\r\nAGENT:BEGIN:VCARD\r\nFN:Agent\r\nEND:VCARD\r\nTEL:2\r\n"),
		"[1] fn=Boss n= tel=2(|)"},
	{"an agent in a value (3.0)",
		CARD("FN:Boss\r\nAGENT:BEGIN:VCARD\\nFN:Agent\\nEND:VCARD\\n\r\nTEL:2\r\n"),
		"[1] fn=Boss n= tel=2(|)"},
	{"an agent by reference",
		CARD("AGENT;VALUE=uri:\r\n CID:x\r\nFN:Boss\r\n") CARD("FN:B\r\n"),
		"[1] fn=Boss n=\n[6] fn=B n="},
	{"the last card is cut off", CARD("FN:A\r\n") "BEGIN:VCARD\r\nFN:B\r\nTEL:+33",
		"[1] fn=A n=\n[4] fn=B n= tel=+33(|) UNTERMINATED"},
	{"a card in the middle is cut off", "BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\nEND:VCARD\n",
		"[1] fn=A n= UNTERMINATED\n[3] fn=B n="},
	{"what is outside cards does not count", "FN:x\n" CARD("FN:A\r\n") "TEL:1\nEND:VCARD\n",
		"[2] fn=A n="},
	{"lines that are no properties", CARD("FN\r\n:\r\n;\r\n.:\r\n=\r\n;:;\r\nFN:A\r\n"),
		"[1] fn=A n="},
	{"an empty card", CARD(""), "[1] fn= n="},
	{"kind and uid of 4.0", CARD("VERSION:4.0\r\nKIND:GROUP\r\nUID:urn:uuid:1\r\n"),
		"[1] fn= n= uid=urn:uuid:1 kind=group"},
	{"the first FN and the last N count", CARD("FN:\r\nFN:A\r\nFN:B\r\nN:a;;;;\r\nN:b;;;;\r\n"),
		"[1] fn=A n=b;;;;"},
	{"the organisation without its units", CARD("ORG:A\\; B;Unit\r\n"), "[1] fn= n= org=A; B"},
};

static void test_cases(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_str_ struct str out = STR_INIT(65536);
		struct err err = ERR_INIT;

		ok_call(vcard_parse(cases[i].input, strlen(cases[i].input), print_card, &out, &err),
			&err, "%s: is read", cases[i].what);
		is_str(out.data, cases[i].output, "%s", cases[i].what);
	}
}

static void test_utf16(void)
{
	static const char text[] = "BEGIN:VCARD\nFN:Anna\nEND:VCARD\n";
	char little[2 * sizeof(text) + 2] = "\xff\xfe";
	_cleanup_str_ struct str out = STR_INIT(4096);
	struct err err = ERR_INIT;

	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		little[2 + 2 * i] = text[i];
		little[3 + 2 * i] = 0;
	}
	ok_call(vcard_parse(little, 2 * sizeof(text), print_card, &out, &err), &err,
		"UTF-16 is read");
	is_str(out.data, "[1] fn=Anna n=", "UTF-16");
}

/* --- limits ------------------------------------------------------------------------------- */

static void test_limits(void)
{
	_cleanup_str_ struct str text = STR_INIT(80 * 1024 * 1024);
	_cleanup_str_ struct str out = STR_INIT(1024 * 1024);
	struct err err = ERR_INIT;

	str_addz(&text, "BEGIN:VCARD\nPHOTO;ENCODING=b:");
	for (int i = 0; i < 100000; i++)
		str_addz(&text, "QUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVG\n ");
	str_addz(&text, "\nFN:Anna\nEND:VCARD\n");
	ok_call(vcard_parse(text.data, text.len, print_card, &out, &err), &err, "4 MB of picture");
	is_str(out.data, "[1] fn=Anna n=", "a large picture is stepped over");

	str_clear(&text);
	str_clear(&out);
	str_addz(&text, "BEGIN:VCARD\nTEL:+");
	for (size_t i = 0; i < VCARD_VALUE_MAX; i++)
		str_addc(&text, '1');
	str_addz(&text, "\nTEL:2\nEND:VCARD\n");
	ok_call(vcard_parse(text.data, text.len, print_card, &out, &err), &err,
		"an endless number");
	is_str(out.data, "[1] fn= n= tel=2(|) CLIPPED", "is left out whole");

	str_clear(&text);
	str_clear(&out);
	str_addz(&text, "BEGIN:VCARD\n");
	for (int i = 0; i < 2 * VCARD_ENTRIES_MAX; i++)
		str_addz(&text, "TEL:1\n");
	str_addz(&text, "END:VCARD\n");
	ok_call(vcard_parse(text.data, text.len, print_card, &out, &err), &err, "500 numbers");
	ok(text_ends(out.data, " CLIPPED"), "are cut at the limit");

	str_clear(&text);
	str_clear(&out);
	str_addz(&text, "BEGIN:VCARD\nFN:");
	for (size_t i = 0; i < VCARD_TEXT_MAX; i++)
		str_addz(&text, "\xc3\xbc");
	str_addz(&text, "\nEND:VCARD\n");
	ok_call(vcard_parse(text.data, text.len, print_card, &out, &err), &err, "a long name");
	ok(text_is_utf8(out.data, out.len) && text_ends(out.data, " CLIPPED"),
		"is cut between characters");

	ok(vcard_parse("", 0, print_card, &out, &err) == -1 && err.kind == ERR_INVALID,
		"an empty file is no address book");
	ok(vcard_parse("hello\n", 6, print_card, &out, &err) == -1 && err.kind == ERR_INVALID,
		"nor is any text");
	ok(vcard_parse(text.data, VCARD_FILE_MAX + 1, print_card, &out, &err) == -1 &&
			err.kind == ERR_TOO_LARGE,
		"the limit of a file is checked before it is read");
}

static int refuse(void *data, const struct vcard *card, struct err *err)
{
	(void)card;
	++*(int *)data;
	return err_set(err, ERR_INTERRUPTED, "stop");
}

static void test_stop(void)
{
	struct err err = ERR_INIT;
	int calls = 0;
	static const char text[] = CARD("FN:A\r\n") CARD("FN:B\r\n");

	ok(vcard_parse(text, strlen(text), refuse, &calls, &err) == -1, "the caller can stop");
	is_int(err.kind, ERR_INTERRUPTED, "with its own error");
	is_int(calls, 1, "at once");
}

static void test_names(void)
{
	static const struct {
		const char *n, *name;
	} names[] = {{"M\xc3\xbcller;J\xc3\xbcrgen;;Dr.;", "Dr. J\xc3\xbcrgen M\xc3\xbcller"},
		{"Berg", "Berg"}, {";Anna", "Anna"}, {"", ""}, {";;;;", ""},
		{"Doe;John;Q\\, R;;Jr.;extra;more", "John Q, R Doe Jr."}};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct err err = ERR_INIT;
		_cleanup_free_ char *name = vcard_name_from_n(names[i].n, &err);

		is_str(name, names[i].name, "name of '%s'", names[i].n);
	}
}

/* --- the shared address books ------------------------------------------------------------- */

struct shared {
	const char *file, *region;
	json_t *contacts;
	size_t whole;
	bool unterminated;
};

static void compare_texts(const struct vec *entries, const json_t *want, const char *file,
	size_t card, const char *what)
{
	is_int(entries->count, json_array_size(want), "%s: card %zu: number of %s", file, card,
		what);
	for (size_t i = 0; i < entries->count; i++) {
		const struct vcard_entry *entry = vec_at(entries, i);

		is_str(entry->value, json_string_value(json_array_get(want, i)),
			"%s: card %zu: %s %zu", file, card, what, i);
	}
}

static int compare_card(void *data, const struct vcard *card, struct err *err)
{
	struct shared *shared = data;
	size_t at = shared->whole;
	const json_t *want = json_array_get(shared->contacts, at);
	const json_t *e164 = json_object_get(want, "e164");

	if (card->unterminated) { /* the other reader gives only whole cards */
		shared->unterminated = true;
		return 0;
	}
	shared->whole++;
	is_str(card->fn, json_string_value(json_object_get(want, "fn")), "%s: fn of card %zu",
		shared->file, at);
	is_str(card->n, json_string_value(json_object_get(want, "n")), "%s: n of card %zu",
		shared->file, at);
	is_str(card->org, json_string_value(json_object_get(want, "org")), "%s: org of card %zu",
		shared->file, at);
	is_str(card->version, json_string_value(json_object_get(want, "version")),
		"%s: version of card %zu", shared->file, at);
	is_str(card->kind, json_string_value(json_object_get(want, "kind")), "%s: kind of card %zu",
		shared->file, at);
	compare_texts(&card->tels, json_object_get(want, "tels"), shared->file, at, "tels");
	compare_texts(&card->emails, json_object_get(want, "emails"), shared->file, at, "emails");
	for (size_t i = 0; i < card->tels.count; i++) {
		const struct vcard_entry *tel = vec_at(&card->tels, i);
		const char *number = json_string_value(json_array_get(e164, i));
		struct phone phone;

		if (phone_normalize(tel->value, shared->region, &phone, err))
			return -1;
		is_str(phone.e164, number ? number : "", "%s: card %zu: E.164 of %s", shared->file,
			at, tel->value);
	}
	return 0;
}

static void test_shared_file(const char *dir, const json_t *item)
{
	struct shared shared = {.file = json_string_value(json_object_get(item, "file")),
		.region = json_string_value(json_object_get(item, "default_region")),
		.contacts = json_object_get(item, "contacts")};
	_cleanup_free_ char *path = path_join(dir, shared.file);
	struct err err = ERR_INIT;

	ok_call(vcard_read_file(path, compare_card, &shared, &err), &err, "%s is read",
		shared.file);
	is_int(shared.whole, json_integer_value(json_object_get(item, "cards")), "%s: whole cards",
		shared.file);
	is_int(shared.unterminated, json_is_true(json_object_get(item, "unterminated_last_card")),
		"%s: whether the last card is cut off", shared.file);
}

static void test_shared(void)
{
	const char *data = getenv("PINHOLE_TEST_DATA");
	_cleanup_free_ char *dir = path_join(data ? data : "../shared/data", "vcards");
	_cleanup_free_ char *path = path_join(dir, "expected.json");
	json_t *expected = json_load_file(path, 0, NULL), *item;
	size_t i;

	if (!expected) {
		tap_skip("the shared address books are not here");
		return;
	}
	json_array_foreach (expected, i, item)
		test_shared_file(dir, item);
	json_decref(expected);
}

/* This program is BUILD/tests/unit/import/vcard; the library is BUILD/phone.so. */
static void use_built_library(void)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 32);
	char *tests;

	path[len > 0 ? len : 0] = '\0';
	tests = strstr(path, "/tests/unit/");
	if (!tests)
		return;
	strcpy(tests, "/phone.so");
	phone_set_library(path);
}

int main(void)
{
	use_built_library();
	test_cases();
	test_utf16();
	test_limits();
	test_stop();
	test_names();
	test_shared();
	return tap_done();
}
