/* query.c - the language of search: words, operators, and what is refused. */
#include "store/query.h"

#include "base/str.h"
#include "base/time.h"
#include "db/db.h"
#include "tap.h"

#include <string.h>
#include <unistd.h>

static void add_time(struct str *out, const char *name, const struct query_time *time)
{
	char text[TIME_TEXT_LEN], offset[8] = "";

	if (!time->given)
		return;
	time_format_wall(time->wall_ms, text);
	if (time->offset != TIME_OFFSET_NONE)
		time_format_offset(time->offset, offset);
	str_addf(out, " %s=%s%s", name, text, offset);
}

/* A query as one line of text. */
static void describe(const struct query *query, struct str *out)
{
	vec_foreach (&query->terms, struct query_term, term)
		str_addf(out, " %s%s[%s]%s", term->negated ? "-" : "",
			term->phrase ? "phrase" : "word", term->text, term->prefix ? "*" : "");
	vec_foreach (&query->by, struct query_name, name)
		str_addf(out, " %sby=%s", name->negated ? "-" : "", name->text);
	vec_foreach (&query->in, struct query_name, name)
		str_addf(out, " %sin=%s", name->negated ? "-" : "", name->text);
	add_time(out, "after", &query->after);
	add_time(out, "before", &query->before);
	if (query->has)
		str_addf(out, " has=%u", query->has);
	if (query->lacks)
		str_addf(out, " lacks=%u", query->lacks);
	if (query->near)
		str_addf(out, " near=%d,%d,%lldm", query->lat_e7, query->lon_e7,
			(long long)query->radius_m);
}

static const struct {
	const char *text, *meaning, *match, *exclude;
} good[] = {
	{"beach", " word[beach]", "\"beach\"", ""},
	{"  red \t car\n", " word[red] word[car]", "\"red\" AND \"car\"", ""},
	{"\"red car\"", " phrase[red car]", "\"red car\"", ""},
	{"\xe2\x80\x9cred car\xe2\x80\x9d", " phrase[red car]", "\"red car\"", ""},
	{"sun*", " word[sun]*", "\"sun\"*", ""},
	{"\"red ca\"*", " phrase[red ca]*", "\"red ca\"*", ""},
	{"beach -rain -\"bad luck\"", " word[beach] -word[rain] -phrase[bad luck]", "\"beach\"",
		"\"rain\" OR \"bad luck\""},
	{"-rain", " -word[rain]", "", "\"rain\""},
	{"don't", " word[don't]", "\"don't\"", ""},
	{"a\"b", " word[a\"b]", "\"a\"\"b\"", ""},
	{"x OR y", " word[x] word[OR] word[y]", "\"x\" AND \"OR\" AND \"y\"", ""},
	{"NEAR(a b)", " word[NEAR(a] word[b)]", "\"NEAR(a\" AND \"b)\"", ""},
	{"12:30", " word[12:30]", "\"12:30\"", ""},
	{"http://example.org", " word[http://example.org]", "\"http://example.org\"", ""},
	{"\"by:anna\"", " phrase[by:anna]", "\"by:anna\"", ""},
	{"\xe6\xb5\xb7", " word[\xe6\xb5\xb7]", "\"\xe6\xb5\xb7\"", ""},
	{"by:Anna", " by=Anna", "", ""},
	{"BY:\"Anna Berg\" -by:bo", " by=Anna Berg -by=bo", "", ""},
	{"in:iceland in:beach", " in=iceland in=beach", "", ""},
	{"after:2024", " after=2024-01-01T00:00:00", "", ""},
	{"after:2024-05 before:2024-06-15T12:30+02:00",
		" after=2024-05-01T00:00:00 before=2024-06-15T12:30:00+02:00", "", ""},
	{"has:gps has:Tag", " has=68", "", ""},
	{"has:photo -has:caption", " has=1 lacks=8", "", ""},
	{"near:48.8584,2.2945", " near=488584000,22945000,5000m", "", ""},
	{"near:-33.9,151,0.5", " near=-339000000,1510000000,500m", "", ""},
	{"near:90,-180,20038", " near=900000000,-1800000000,20038000m", "", ""},
	{"near:1,2,1.2345", " near=10000000,20000000,1234m", "", ""},
	{"-", NULL, NULL, NULL},
};

static void test_good(void)
{
	for (size_t i = 0; good[i].meaning; i++) {
		_cleanup_query_ struct query query = QUERY_INIT;
		_cleanup_str_ struct str out = STR_INIT(65536);
		struct err err = ERR_INIT;

		ok_call(query_parse(good[i].text, &query, &err), &err, "'%s' is understood",
			good[i].text);
		describe(&query, &out);
		is_str(out.data, good[i].meaning, "'%s' means", good[i].text);
		is_str(query.match ? query.match : "(none)", good[i].match, "'%s' matches",
			good[i].text);
		is_str(query.exclude ? query.exclude : "(none)", good[i].exclude, "'%s' excludes",
			good[i].text);
	}
}

static const struct {
	const char *text, *message, *hint;
} bad[] = {
	{"", "there is nothing to search for", "has:gps"},
	{"   ", "there is nothing to search for", ""},
	{"-", "\"-\" holds nothing", ""},
	{"*", "\"\" holds nothing", ""},
	{"\"\"", "\"\" holds nothing", ""},
	{"!!!", "\"!!!\" holds nothing", ""},
	{"\"red car", "not closed", "\"two words\""},
	{"bye:anna", "no operator bye:", "did you mean by:?"},
	{"befor:2024", "no operator befor:", "did you mean before:?"},
	{"Re: hello", "no operator re:", ""},
	{"subject:x", "no operator subject:", "\"subject:x\""},
	{"by:", "by: needs a value", "by:NAME"},
	{"by: anna", "by: needs a value", "by:NAME"},
	{"has:gsp", "has:gsp is not known", "did you mean has:gps?"},
	{"has:wings", "has:wings is not known", "photo, video"},
	{"after:yesterday", "after:yesterday is not a date", "after:2024-05"},
	{"after:2024-13", "is not a date", ""},
	{"before:2024-02-30", "is not a date", ""},
	{"after:2024 after:2025", "given twice", ""},
	{"-before:2024", "no meaning", ""},
	{"near:here", "is not a place", "near:48.8584"},
	{"near:91,0", "is not a place", ""},
	{"near:0,181", "is not a place", ""},
	{"near:1,2,0", "is not a place", ""},
	{"near:1,2,x", "is not a place", ""},
	{"near:1,2,20039", "is not a place", ""},
	{"near:1,2,3,4", "is not a place", ""},
	{"near:1,2 near:3,4", "given twice", ""},
	{"-near:1,2", "no meaning", ""},
	{"a\xff", "not UTF-8", ""},
};

static void test_bad(void)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		_cleanup_query_ struct query query = QUERY_INIT;
		struct err err = ERR_INIT;

		ok(query_parse(bad[i].text, &query, &err) == -1 && err.kind == ERR_INVALID,
			"'%s' is refused", bad[i].text);
		ok(strstr(err.message, bad[i].message) != NULL, "'%s': %s", bad[i].text,
			err.message);
		ok(strstr(err.hint, bad[i].hint) != NULL, "'%s': hint %s", bad[i].text, err.hint);
		ok(!query.terms.count && !query.match, "'%s': nothing is written", bad[i].text);
	}
}

static void test_limits(void)
{
	_cleanup_str_ struct str text = STR_INIT(2 * QUERY_TEXT_MAX);
	_cleanup_query_ struct query query = QUERY_INIT;
	struct err err = ERR_INIT;

	for (int i = 0; i < QUERY_TERMS_MAX; i++)
		str_addz(&text, "a ");
	ok_call(query_parse(text.data, &query, &err), &err, "as many words as there may be");
	is_int(query.terms.count, QUERY_TERMS_MAX, "are taken");
	str_addz(&text, "a");
	ok(query_parse(text.data, &query, &err) == -1 && err.kind == ERR_TOO_LARGE,
		"one more is not");
	is_int(query.terms.count, QUERY_TERMS_MAX, "and leaves the query as it was");
	str_clear(&text);
	for (int i = 0; i <= QUERY_TEXT_MAX; i++)
		str_addc(&text, '"');
	ok(query_parse(text.data, &query, &err) == -1 && err.kind == ERR_TOO_LARGE,
		"a query is bounded");
	str_truncate(&text, QUERY_TEXT_MAX);
	memset(text.data + 1, 'x', QUERY_TEXT_MAX - 1);
	text.data[0] = 'x';
	ok_call(query_parse(text.data, &query, &err), &err, "the longest word");
}

/* The expressions mean to SQLite what they should. */
static void test_sqlite(void)
{
	static const struct {
		const char *text;
		int64_t rows;
	} searches[] = {{"beach", 2}, {"BEACH", 2}, {"\"red car\"", 1}, {"car red", 1}, {"su*", 1},
		{"sun", 0}, {"\"red ca\"*", 1}, {"AND", 1}, {"a\"b", 0}, {"caf\xc3\xa9", 1},
		{"cafe", 1}, {"NOT", 0}, {"beach*", 2}, {"(", 0}, {"^beach", 2}, {"text:beach", 0}};
	static const struct db_sql count = {"count", "SELECT count(*) FROM t WHERE t MATCH :match"};
	char path[] = "/tmp/pinhole-query.XXXXXX";
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
	struct err err = ERR_INIT;
	struct db *db = NULL;
	char name[64];

	if (!mkdtemp(path))
		return;
	snprintf(name, sizeof(name), "%s/t.db", path);
	ok_call(db_open(name, DB_CREATE, &db, &err), &err, "a database");
	ok(db_begin(db, "test", &tx, &err) == 0 &&
			db_script(db,
				"CREATE VIRTUAL TABLE t USING fts5(text,"
				" tokenize='unicode61 remove_diacritics 2');"
				"INSERT INTO t VALUES ('the red car at the beach'),"
				" ('Beach, sunset and rain'), ('Caf\xc3\xa9')",
				&err) == 0 &&
			db_commit(&tx, &err) == 0,
		"with three texts");
	for (size_t i = 0; i < ARRAY_LEN(searches); i++) {
		_cleanup_query_ struct query query = QUERY_INIT;
		int64_t rows = 0;

		if (query_parse(searches[i].text, &query, &err)) {
			is_int(0, searches[i].rows, "'%s' is refused", searches[i].text);
			continue;
		}
		ok(db_get_int(db, &count, &rows, &err, DB_TEXTZ(":match", query.match)) >= 0,
			"'%s' is a full-text expression", searches[i].text);
		is_int(rows, searches[i].rows, "'%s' finds", searches[i].text);
	}
	db_close(db);
	snprintf(name, sizeof(name), "rm -rf %s", path);
	is_int(system(name), 0, "the database is removed");
}

int main(void)
{
	test_good();
	test_bad();
	test_limits();
	test_sqlite();
	return tap_done();
}
