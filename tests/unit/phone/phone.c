/* phone.c - spellings of numbers to E.164 and their outcomes; needs phone.so of the same build. */
#include "phone/phone.h"
#include "tap.h"

#include <string.h>
#include <unistd.h>

static char library[4096];

/* This program is BUILD/tests/unit/phone/phone; the library is BUILD/phone.so. */
static void find_built_library(void)
{
	char *path = library;
	ssize_t len = readlink("/proc/self/exe", path, sizeof(library) - 32);
	char *tests;

	path[len > 0 ? len : 0] = '\0';
	tests = strstr(path, "/tests/unit/");
	if (tests)
		strcpy(tests, "/phone.so");
	if (!tests || access(path, R_OK))
		tap_skip_all("phone.so is not built");
}

static const struct {
	const char *raw, *region, *e164;
	enum phone_outcome outcome;
} cases[] = {
	{"06 12 34 56 78", "FR", "+33612345678", PHONE_E164},
	{"06.12.34.56.78", "fr", "+33612345678", PHONE_E164},
	{"06-12-34-56-78", "FR", "+33612345678", PHONE_E164},
	{"+33 6 12 34 56 78", NULL, "+33612345678", PHONE_E164},
	{"+33 6 12 34 56 78", "", "+33612345678", PHONE_E164},
	{"0033612345678", "FR", "+33612345678", PHONE_E164},
	{"0033612345678", "US", "+33612345678", PHONE_E164},
	{"0033612345678", NULL, "+33612345678", PHONE_E164},
	{"+49 (0)30 901820", "DE", "+4930901820", PHONE_E164},
	{"011 33 6 12 34 56 78", "US", "+33612345678", PHONE_E164},
	{"tel:+353-87-123-4567;ext=5", "US", "+353871234567", PHONE_E164},
	{"1-800-FLOWERS", "US", "+18003569377", PHONE_E164},
	{"+39 06 6982", "IT", "+39066982", PHONE_E164}, /* Italy keeps its 0 */
	{"\xe2\x80\xaa+33\xc2\xa0"
	 "6 12\xe2\x80\xaf"
	 "34 56 78\xe2\x80\xac",
		NULL, "+33612345678", PHONE_E164}, /* LRE, NBSP, NNBSP, PDF: a WhatsApp export */
	{"\xef\xbc\x8b\xef\xbc\x93\xef\xbc\x93 6 12 34 56 78", NULL, "+33612345678", PHONE_E164},
	{"06 12 34 56 78", NULL, "", PHONE_MISSING_REGION},
	{"06 12 34 56 78", "XX", "", PHONE_MISSING_REGION},
	{"06 12 34 56 78", "France", "", PHONE_MISSING_REGION},
	{"+999 12345678", "FR", "", PHONE_INVALID_COUNTRY_CODE},
	{"+999 12345678", NULL, "", PHONE_INVALID_COUNTRY_CODE},
	{"0612", "FR", "", PHONE_TOO_SHORT},
	{"+33 1", NULL, "", PHONE_TOO_SHORT},
	{"+33 6 12 34 56 78 90 12", NULL, "", PHONE_TOO_LONG},
	{"+85288888888", NULL, "", PHONE_INVALID_NUMBER},
	{"555-1234", "US", "", PHONE_TOO_SHORT}, /* local only */
	{"", "FR", "", PHONE_NOT_A_NUMBER},
	{"   ", "FR", "", PHONE_NOT_A_NUMBER},
	{"mother", "FR", "", PHONE_NOT_A_NUMBER},
	{"+", "FR", "", PHONE_NOT_A_NUMBER},
	{"06\x1b[31m12345678", "FR", "", PHONE_NOT_A_NUMBER},
	{"\xff\xfe", "FR", "", PHONE_NOT_A_NUMBER},
};

static void test_normalize(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		struct phone phone;

		ok_call(phone_normalize(cases[i].raw, cases[i].region, &phone, &err), &err,
			"case %zu is judged", i);
		is_str(phone_outcome_name(phone.outcome), phone_outcome_name(cases[i].outcome),
			"outcome of case %zu in %s", i, cases[i].region ? cases[i].region : "-");
		is_str(phone.e164, cases[i].e164, "E.164 of case %zu", i);
		is_str(phone.raw, cases[i].raw, "the raw value of case %zu is kept", i);
	}
}

static void test_long(void)
{
	char text[2000];
	struct err err = ERR_INIT;
	struct phone phone;

	memset(text, '1', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ok_call(phone_normalize(text, "FR", &phone, &err), &err, "2000 digits are judged");
	is_int(phone.outcome, PHONE_TOO_LONG, "2000 digits are too long");
	is_int(strlen(phone.raw), PHONE_RAW_MAX, "the raw value is cut at its limit");
	memset(text, ' ', sizeof(text) - 1);
	memcpy(text + 1000, "+33612345678", 12);
	ok_call(phone_normalize(text, NULL, &phone, &err), &err, "padding is judged");
	is_str(phone.e164, "+33612345678", "padding does not count");
}

static void test_region(void)
{
	static const struct {
		const char *region;
		bool valid;
	} regions[] = {{"FR", true}, {"fr", true}, {"US", true}, {"AQ", false}, {"XX", false},
		{"", false}, {"FRA", false}, {"F1", false}, {"001", false}};

	for (size_t i = 0; i < ARRAY_LEN(regions); i++) {
		struct err err = ERR_INIT;
		bool valid = !regions[i].valid;

		ok_call(phone_region_is_valid(regions[i].region, &valid, &err), &err, "asks '%s'",
			regions[i].region);
		is_int(valid, regions[i].valid, "region '%s'", regions[i].region);
	}
}

static void test_format(void)
{
	_cleanup_str_ struct str text = STR_INIT(200);
	struct err err = ERR_INIT;

	ok_call(phone_format("+33612345678", PHONE_INTERNATIONAL, &text, &err), &err, "formats");
	is_str(text.data, "+33 6 12 34 56 78", "international style");
	str_clear(&text);
	ok_call(phone_format("+33612345678", PHONE_NATIONAL, &text, &err), &err, "formats");
	is_str(text.data, "06 12 34 56 78", "national style");
	str_clear(&text);
	ok_call(phone_format("+33612345678", PHONE_URI, &text, &err), &err, "formats");
	is_str(text.data, "tel:+33-6-12-34-56-78", "URI style");
	str_clear(&text);
	ok(phone_format("0612345678", PHONE_NATIONAL, &text, &err) == -1,
		"a raw number is refused");
	is_int(err.kind, ERR_INVALID, "as invalid");
	is_str(text.data, "", "and nothing is written");
}

static void test_missing_library(void)
{
	struct err err = ERR_INIT;
	struct phone phone = {.raw = "untouched"};

	phone_set_library("/nonexistent/phone.so");
	ok(phone_normalize("+33612345678", NULL, &phone, &err) == -1,
		"a missing library is an error");
	is_int(err.kind, ERR_UNSUPPORTED, "of kind unsupported");
	is_str(phone.raw, "untouched", "and the output is untouched");
	ok(err.hint[0], "with a hint");
}

int main(void)
{
	find_built_library();
	test_missing_library(); /* first: once loaded, the library stays */
	phone_set_library(library);
	test_normalize();
	test_long();
	test_region();
	test_format();
	return tap_done();
}
