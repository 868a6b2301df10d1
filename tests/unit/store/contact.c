/* contact.c - the address book: matching, importing twice, finding, merging. */
#include "store/contact.h"

#include "base/path.h"
#include "base/str.h"
#include "db/schema.h"
#include "import/contacts.h"
#include "phone/phone.h"
#include "store/fold.h"
#include "tap.h"

#include <string.h>
#include <unistd.h>

/* --- the stage ---------------------------------------------------------------------------- */

static int64_t fake_now = 1700000000000;

static int64_t fake_now_ms(const struct clock *clock)
{
	(void)clock;
	return fake_now++;
}

static int64_t fake_mono_us(const struct clock *clock)
{
	(void)clock;
	return fake_now * 1000;
}

static const struct clock fake_clock = {.now_ms = fake_now_ms, .mono_us = fake_mono_us};
static char dir[] = "/tmp/pinhole-contact.XXXXXX";
static struct db *db;

/* This program is BUILD/tests/unit/store/contact; the library is BUILD/phone.so. */
static void use_built_library(void)
{
	static char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 32);
	char *tests;

	path[len > 0 ? len : 0] = '\0';
	tests = strstr(path, "/tests/unit/");
	if (tests)
		strcpy(tests, "/phone.so");
	phone_set_library(tests ? path : NULL);
}

static void remove_db(void)
{
	static const char *const names[] = {
		"t.db", "t.db-wal", "t.db-shm", "t.db.lock", "lock", "t.vcf"};

	db_close(db);
	db = NULL;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		_cleanup_free_ char *path = path_join(dir, names[i]);

		unlink(path);
	}
}

/* A new, empty address book. */
static void start(void)
{
	_cleanup_free_ char *path = path_join(dir, "t.db");
	struct err err = ERR_INIT;

	remove_db();
	if (db_open(path, DB_CREATE, &db, &err) || schema_migrate(db, NULL, &err)) {
		printf("Bail out! %s\n", err.message);
		exit(1);
	}
}

static int print_contact(void *data, const struct contact *contact, struct err *err)
{
	struct str *out = data;

	(void)err;
	str_addf(out, "%s%s", out->len ? "\n" : "", contact->name);
	if (contact->org[0])
		str_addf(out, " of %s", contact->org);
	vec_foreach (&contact->names, char *, name)
		str_addf(out, " aka %s", *name);
	vec_foreach (&contact->phones, struct contact_phone, phone) {
		str_addf(out, " %s", phone->e164 ? phone->e164 : phone->raw);
		if (phone->label[0])
			str_addf(out, "(%s)", phone->label);
	}
	vec_foreach (&contact->emails, char *, email)
		str_addf(out, " <%s>", *email);
	if (contact->note[0])
		str_addf(out, " note=%s", contact->note);
	vec_foreach (&contact->merged, struct contact_merge, merge)
		str_addf(out, " was %s", merge->name);
	return 0;
}

/* The whole address book as text. */
static void is_book(const char *want, const char *what)
{
	_cleanup_str_ struct str out = STR_INIT(1024 * 1024);
	struct err err = ERR_INIT;

	ok_call(contact_list(db, print_contact, &out, &err), &err, "%s: is listed", what);
	is_str(out.data, want, "%s", what);
}

struct told {
	struct str text;
	size_t counts[4];
};

static int tell(void *data, const struct contact_result *result, struct err *err)
{
	struct told *told = data;

	(void)err;
	told->counts[result->status]++;
	str_addf(&told->text, "%s%s %s%s%s", told->text.len ? "\n" : "",
		contact_status_name(result->status), result->name, result->reason[0] ? ": " : "",
		result->reason);
	return 0;
}

static int import_path(
	const char *path, const char *region, bool dry_run, struct told *told, struct err *err)
{
	struct contact_importer importer;
	int rc;

	*told = (struct told){.text = STR_INIT(4 * 1024 * 1024)};
	if (contact_import_start(&importer, db, &fake_clock, region, dry_run, tell, told, err))
		return -1;
	rc = contacts_import_file(&importer, path, NULL, err);
	return contact_import_end(&importer, rc, err);
}

/* Imports a text as a file; what was told is in *told (release its text). */
static void import_text(const char *text, const char *region, bool dry_run, struct told *told)
{
	_cleanup_free_ char *path = path_join(dir, "t.vcf");
	struct err err = ERR_INIT;

	ok_call(path_write_file(path, text, strlen(text), 0600, &err), &err, "a file is written");
	ok_call(import_path(path, region, dry_run, told, &err), &err, "and imported");
}

static void is_import(const char *text, const char *region, const char *want, const char *what)
{
	struct told told;

	import_text(text, region, false, &told);
	is_str(told.text.data, want, "%s", what);
	str_release(&told.text);
}

#define CARD(text) "BEGIN:VCARD\nVERSION:3.0\n" text "END:VCARD\n"

/* --- importing ---------------------------------------------------------------------------- */

static void test_twice(void)
{
	static const char book[] =
		CARD("FN:Anna Berg\nTEL;TYPE=CELL:06 12 34 56 78\nEMAIL:Anna@Example.org\n")
			CARD("FN:Bo\nTEL:12\n") CARD("FN:Only Name\n")
				CARD("FN:With note\nNOTE:n\n") CARD("FN:Uid\nUID:u1\n")
					CARD("EMAIL:nobody@example.org\n")
						CARD("FN:Bad\nEMAIL:bad\n");

	start();
	is_import(book, "FR",
		"added Anna Berg\nadded Bo\nadded Only Name\nadded With note\nadded Uid\n"
		"added nobody@example.org\nadded Bad",
		"every card is added");
	is_book("Anna Berg +33612345678(mobile) <Anna@Example.org>\nBad <bad>\nBo 12\n"
		"nobody@example.org <nobody@example.org>\nOnly Name\nUid\nWith note note=n",
		"the book");
	is_import(book, "FR",
		"unchanged Anna Berg\nunchanged Bo\nunchanged Only Name\nunchanged With note\n"
		"unchanged Uid\nunchanged nobody@example.org\nunchanged Bad",
		"a second import changes nothing");
}

static void test_matching(void)
{
	start();
	is_import(CARD("FN:Anna\nTEL:+33612345678\n"), NULL, "added Anna", "the first file");
	is_import(CARD("FN:Anna Berg\nTEL:0033 6 12 34 56 78\nEMAIL:anna@example.org\nORG:Acme\n"),
		NULL, "merged Anna Berg", "the same number");
	is_import(CARD("FN:ANNA\nEMAIL:ANNA@example.ORG\nUID:u-1\n"), NULL, "merged ANNA",
		"the same address in other letters");
	is_import(CARD("FN:A.\nUID:u-1\nTEL:+1 202 555 0143\nNOTE:met in Oslo\n"), NULL,
		"merged A.", "the same uid");
	is_import(CARD("FN:Anna\nTEL:+1 202 555 0144\n"), NULL, "added Anna",
		"the same name alone is another person");
	is_book("Anna of Acme aka A. aka Anna Berg +33612345678 +12025550143 <anna@example.org>"
		" note=met in Oslo\nAnna +12025550144",
		"one contact, and another of that name");
}

static void test_order_of_proof(void)
{
	struct told told;

	start();
	import_text(CARD("FN:One\nTEL:+33612345678\n") CARD("FN:Two\nEMAIL:two@example.org\n"),
		NULL, false, &told);
	str_release(&told.text);
	import_text(
		CARD("FN:Three\nTEL:+33612345678\nEMAIL:two@example.org\n"), NULL, false, &told);
	ok(text_starts(told.text.data, "merged Three: two@example.org is also contact "),
		"a number proves more than an address, and the address stays: %s", told.text.data);
	str_release(&told.text);
	is_book("One aka Three +33612345678\nTwo <two@example.org>", "nothing has two owners");
	import_text(
		CARD("FN:Three\nTEL:+33612345678\nEMAIL:two@example.org\n"), NULL, false, &told);
	ok(text_starts(told.text.data, "unchanged Three: two@example.org is also"), "nor again");
	str_release(&told.text);
}

static void test_region_later(void)
{
	start();
	is_import(CARD("FN:Bo\nTEL:06 12 34 56 78\n"), NULL, "added Bo", "without a region");
	is_book("Bo 06 12 34 56 78", "the number stays as written");
	is_import(CARD("FN:Bo\nTEL:06 12 34 56 78\n"), NULL, "unchanged Bo", "again");
	is_import(CARD("FN:Bo\nTEL:06 12 34 56 78\n"), "FR", "merged Bo", "now with a region");
	is_book("Bo +33612345678", "the same number is understood");
	is_import(CARD("FN:Bo\nTEL:06 12 34 56 78\n"), NULL, "unchanged Bo", "also without it");
	is_import(CARD("FN:Someone\nTEL:06 12 34 56 78\n"), "FR", "merged Someone", "and matches");
}

static void test_names(void)
{
	start();
	is_import(CARD("TEL:+33612345678\n"), NULL, "added +33612345678", "no name: the number");
	is_import(CARD("FN: Anna \\n\t Berg \nTEL:+33612345678\n"), NULL, "merged Anna Berg",
		"a name comes");
	is_book("Anna Berg aka +33612345678 +33612345678", "and is shown");
	is_import(CARD("ORG:Acme;Unit\nEMAIL:info@acme.example\n"), NULL, "added Acme",
		"an organisation");
	is_import(CARD("N:Berg;Bo;;Dr.;\nEMAIL:bo@example.org\n"), NULL, "added Dr. Bo Berg",
		"a name made from N");
}

static void test_refusals(void)
{
	struct told told;

	start();
	import_text(CARD("KIND:group\nFN:All\n") CARD("ADR:;;x;;;;\n")
			    CARD("FN:Anna\n") "BEGIN:VCARD\nFN:Cut\nTEL:+33",
		NULL, false, &told);
	is_str(told.text.data,
		"refused All: it is a group, not a person\n"
		"refused : it has no name, number or address\nadded Anna\n"
		"refused Cut: it is cut off: END:VCARD is missing",
		"what is no person is refused with a reason");
	str_release(&told.text);
	is_book("Anna", "and not kept");
}

static void test_dry_run(void)
{
	struct told told;

	start();
	is_import(CARD("FN:Anna\nTEL:+33612345678\n"), NULL, "added Anna", "one contact");
	import_text(CARD("FN:A\nTEL:+33612345678\n") CARD("FN:Bo\nTEL:+12025550143\n")
			    CARD("FN:Anna\nTEL:+33612345678\n"),
		NULL, true, &told);
	is_str(told.text.data, "merged A\nadded Bo\nunchanged Anna", "a dry run tells");
	str_release(&told.text);
	is_book("Anna +33612345678", "and does nothing");
}

static void test_many(void)
{
	_cleanup_str_ struct str book = STR_INIT(4 * 1024 * 1024);
	struct told told;

	start();
	for (int i = 0; i < 3000; i++)
		str_addf(&book, CARD("FN:Person %d\nTEL:+33 6 12 %02d %02d 00\n"), i, i / 100,
			i % 100);
	import_text(book.data, "FR", false, &told);
	is_int(told.counts[CONTACT_ADDED], 3000, "more cards than one transaction takes are added");
	str_release(&told.text);
	import_text(book.data, "FR", false, &told);
	is_int(told.counts[CONTACT_UNCHANGED], 3000, "and are unchanged the second time");
	str_release(&told.text);
}

static int stop_telling(void *data, const struct contact_result *result, struct err *err)
{
	(void)data;
	(void)result;
	return err_set(err, ERR_FAILED, "the printer is on fire");
}

static void test_errors(void)
{
	struct contact_importer importer;
	struct contact_card card = {.name = "Anna"};
	struct err err = ERR_INIT;
	int rc;

	start();
	ok(contact_import_start(&importer, db, &fake_clock, "XX", false, tell, NULL, &err) == -1 &&
			err.kind == ERR_INVALID,
		"a region that is none is refused");
	ok_call(contact_import_start(
			&importer, db, &fake_clock, NULL, false, stop_telling, NULL, &err),
		&err, "an importer");
	ok_call(contact_import_card(&importer, &card, 1, &err), &err, "takes a card");
	rc = contact_import_end(&importer, 0, &err);
	ok(rc == -1 && err.kind == ERR_FAILED, "the listener's error comes through");
	ok_call(contact_import_start(
			&importer, db, &fake_clock, NULL, false, stop_telling, NULL, &err),
		&err, "another");
	card.name = "Bo";
	ok_call(contact_import_card(&importer, &card, 1, &err), &err, "takes a card");
	is_int(contact_import_end(&importer, -1, &err), -1, "and is given up");
	is_book("Anna", "what was committed stays, what was given up does not");
}

/* --- adding, finding, merging ------------------------------------------------------------- */

static int add(
	const char *name, const char *phone, const char *email, struct uuid *id, struct err *err)
{
	struct contact_number number = {.raw = phone, .label = NULL};
	struct contact_card card = {.name = name,
		.numbers = &number,
		.number_count = phone != NULL,
		.emails = &email,
		.email_count = email != NULL};

	return contact_add(db, &fake_clock, &card, "FR", id, err);
}

static void test_add(void)
{
	struct err err = ERR_INIT;
	struct uuid id, other = {{0}};

	start();
	ok_call(add("Anna Berg", "06 12 34 56 78", "anna@example.org", &id, &err), &err, "Anna");
	ok_call(add("Anna Berg", NULL, NULL, &other, &err), &err, "another Anna");
	ok(!uuid_equal(&id, &other), "is another");
	ok(add("Bo", "+33 612345678", NULL, &other, &err) == -1 && err.kind == ERR_CONFLICT,
		"her number is taken");
	ok(strstr(err.message, "Anna Berg") != NULL, "which is said: %s", err.message);
	ok(add("Bo", NULL, "ANNA@example.org", &other, &err) == -1 && err.kind == ERR_CONFLICT,
		"her address too");
	ok(add("", "+1 202 555 0143", NULL, &other, &err) == -1 && err.kind == ERR_INVALID,
		"a name is needed");
	ok(add("Bo", "mother", NULL, &other, &err) == -1 && err.kind == ERR_INVALID,
		"a word is no number");
	ok(add("Bo", NULL, "bo", &other, &err) == -1 && err.kind == ERR_INVALID, "nor an address");
	ok(add("B\xff", NULL, NULL, &other, &err) == -1 && err.kind == ERR_INVALID,
		"a name is UTF-8");
	ok_call(add("Odd", "+999 123", NULL, &other, &err), &err, "an odd number is kept");
	is_book("Anna Berg +33612345678 <anna@example.org>\nAnna Berg\nOdd +999 123", "the book");
}

static void finds(const char *who, const char *name)
{
	_cleanup_contact_ struct contact contact = CONTACT_INIT;
	struct err err = ERR_INIT;

	ok_call(contact_find(db, who, "FR", &contact, &err), &err, "'%s' is found", who);
	is_str(contact.name, name, "'%s' is %s", who, name);
}

static void finds_not(const char *who, enum err_kind kind)
{
	_cleanup_contact_ struct contact contact = CONTACT_INIT;
	struct err err = ERR_INIT;

	ok(contact_find(db, who, "FR", &contact, &err) == -1, "'%s' is not found", who);
	is_str(err_kind_name(err.kind), err_kind_name(kind), "'%s': %s", who, err.message);
}

static void test_find(void)
{
	char text[UUID_TEXT_LEN + 1], brief[UUID_SHORT_LEN + 1];
	struct err err = ERR_INIT;
	struct uuid anna, other;
	_cleanup_contact_ struct contact contact = CONTACT_INIT;

	start();
	ok_call(add("\xc3\x84nna Berg", "06 12 34 56 78", "anna@example.org", &anna, &err), &err,
		"a");
	ok_call(add("Anna 100%", NULL, "b@example.org", &other, &err), &err, "b");
	ok_call(add("Bo Berg", "0612", NULL, &other, &err), &err, "c");
	uuid_format(&anna, text);
	uuid_format_short(&anna, brief);
	finds(text, "\xc3\x84nna Berg");
	finds(brief, "\xc3\x84nna Berg");
	finds("+33612345678", "\xc3\x84nna Berg");
	finds("06.12.34.56.78", "\xc3\x84nna Berg");
	finds("0612", "Bo Berg");
	finds("ANNA@EXAMPLE.ORG", "\xc3\x84nna Berg");
	finds("\xc3\xa4nna  berg", "\xc3\x84nna Berg");
	finds("100%", "Anna 100%");
	finds("bo", "Bo Berg");
	finds_not("berg", ERR_CONFLICT);
	finds_not("nobody", ERR_NOT_FOUND);
	finds("%", "Anna 100%");
	finds_not("", ERR_NOT_FOUND);
	finds_not("\xff", ERR_INVALID);
	ok(contact_find(db, "berg", NULL, &contact, &err) == -1 && strstr(err.hint, brief) &&
			strstr(err.hint, "Bo Berg"),
		"candidates: %s", err.hint);
	ok_call(add("berg", NULL, NULL, &other, &err), &err, "a contact of just that name");
	finds("Berg", "berg");
}

static void test_merge(void)
{
	struct err err = ERR_INIT;
	struct uuid a, b, c;
	_cleanup_contact_ struct contact contact = CONTACT_INIT;
	char brief[UUID_SHORT_LEN + 1];

	start();
	ok_call(add("Anna", "06 12 34 56 78", "anna@example.org", &a, &err), &err, "a");
	ok_call(add("Anna Berg", "+1 202 555 0143", "berg@example.org", &b, &err), &err, "b");
	ok_call(add("Aunt A.", "0612", NULL, &c, &err), &err, "c");
	ok(contact_merge(db, &fake_clock, &a, &a, &err) == -1 && err.kind == ERR_INVALID,
		"nobody is merged with herself");
	ok_call(contact_merge(db, &fake_clock, &b, &c, &err), &err, "c becomes a part of b");
	ok_call(contact_merge(db, &fake_clock, &a, &b, &err), &err, "b becomes a part of a");
	is_book("Anna aka Anna Berg aka Aunt A. +33612345678 +12025550143 0612 <anna@example.org>"
		" <berg@example.org> was Aunt A. was Anna Berg",
		"all of it is there, with the trail");
	ok_call(contact_load(db, &c, &contact, &err), &err, "the id that was given up first");
	ok(uuid_equal(&contact.id, &a), "finds what was kept");
	uuid_format_short(&b, brief);
	finds(brief, "Anna");
	finds("aunt a.", "Anna");
	ok(contact_merge(db, &fake_clock, &a, &c, &err) == -1 && err.kind == ERR_INVALID,
		"merging again is seen");
	is_import(CARD("FN:Anna Berg\nTEL:+1 202 555 0143\n"), NULL, "unchanged Anna Berg",
		"a card of the part is known");
	is_import(CARD("FN:Aunt A.\nTEL:0612\n"), NULL, "unchanged Aunt A.", "the other one too");
}

static void test_fold(void)
{
	static const struct {
		const char *text, *folded;
	} folds[] = {{" A  b\tC\n", "a b c"},
		{"\xc3\x84\xc3\x96\xc3\x9c \xc3\x97", "\xc3\xa4\xc3\xb6\xc3\xbc \xc3\x97"},
		{"\xc5\x81\xc3\xb3\xc4\x8f\xc5\xb9", "\xc5\x82\xc3\xb3\xc4\x8f\xc5\xba"},
		{"\xd0\x90\xd0\x81\xd0\xaf", "\xd0\xb0\xd1\x91\xd1\x8f"},
		{"\xce\x91\xce\xa9", "\xce\xb1\xcf\x89"}, {"a\xffZ", "a\xffz"}, {"", ""},
		{"  ", ""},
		{"a\xc2\xa0"
		 "b",
			"a b"}};

	for (size_t i = 0; i < ARRAY_LEN(folds); i++) {
		_cleanup_str_ struct str once = STR_INIT(100);
		_cleanup_str_ struct str twice = STR_INIT(100);

		fold_text(folds[i].text, strlen(folds[i].text), &once);
		is_str(once.data, folds[i].folded, "folding %zu", i);
		fold_text(once.data, once.len, &twice);
		is_str(twice.data, once.data, "folding %zu twice", i);
	}
}

static void test_labels(void)
{
	static const struct {
		char *types, *label, *want;
	} labels[] = {{"cell,voice,pref", "", "mobile"}, {"work,fax", "", "work fax"},
		{"fax,home", "", "home fax"}, {"iphone,cell", "", "mobile"}, {"voice,pref", "", ""},
		{"homework", "", ""}, {"work", "B\xc3\xbcro", "B\xc3\xbcro"}};

	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		struct vcard_entry tel = {.types = labels[i].types, .label = labels[i].label};
		char label[64];

		contacts_label(&tel, label);
		is_str(label, labels[i].want, "label of '%s'", labels[i].types);
	}
}

/* --- the shared address books ------------------------------------------------------------- */

static void test_shared(void)
{
	static const char *const files[] = {"John_Doe_ANDROID.vcf", "John_Doe_GMAIL.vcf",
		"John_Doe_IPHONE.vcf", "John_Doe_MS_OUTLOOK.vcf", "gmail-list.vcf",
		"rfc2426-example.vcf", "rfc6350-example.vcf", "kde_vcard1.vcf", "kde_vcard4.vcf",
		"wce_contacts.vcf", "icaljs_vcard3.vcf", "made/apple_icloud_3.0_multi.vcf",
		"made/android_2.1_qp.vcf", "made/v4_tel_uri.vcf", "made/no_phone_no_name.vcf",
		"made/truncated_no_end.vcf"};
	const char *data = getenv("PINHOLE_TEST_DATA");
	_cleanup_free_ char *books = path_join(data ? data : "../shared/data", "vcards");

	if (!path_exists(books)) {
		tap_skip("the shared address books are not here");
		return;
	}
	start();
	for (size_t i = 0; i < 2 * ARRAY_LEN(files); i++) {
		_cleanup_free_ char *path = path_join(books, files[i % ARRAY_LEN(files)]);
		struct err err = ERR_INIT;
		struct told told;

		ok_call(import_path(path, "US", false, &told, &err), &err, "%s", path_base(path));
		if (i >= ARRAY_LEN(files))
			is_int(told.counts[CONTACT_ADDED] + told.counts[CONTACT_MERGED], 0,
				"%s again changes nothing", path_base(path));
		else if (strcmp(path_base(path), "John_Doe_IPHONE.vcf") == 0)
			is_int(told.counts[CONTACT_MERGED], 1, "John of two files is one");
		str_release(&told.text);
	}
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	use_built_library();
	test_fold();
	test_labels();
	test_twice();
	test_matching();
	test_order_of_proof();
	test_region_later();
	test_names();
	test_refusals();
	test_dry_run();
	test_many();
	test_errors();
	test_add();
	test_find();
	test_merge();
	test_shared();
	remove_db();
	rmdir(dir);
	return tap_done();
}
