/* fuzz_query.c - any text through the search language; its full-text expressions must be valid. */
#include "base/str.h"
#include "store/query.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Asks SQLite itself whether it is a full-text expression. */
static void check_match(const char *match)
{
	static sqlite3 *db;
	static sqlite3_stmt *statement;

	if (!match[0])
		return;
	if (!db &&
		(sqlite3_open(":memory:", &db) ||
			sqlite3_exec(db, "CREATE VIRTUAL TABLE t USING fts5(a)", 0, 0, 0) ||
			sqlite3_prepare_v2(
				db, "SELECT 1 FROM t WHERE t MATCH ?", -1, &statement, 0)))
		abort();
	sqlite3_bind_text(statement, 1, match, -1, SQLITE_STATIC);
	if (sqlite3_step(statement) != SQLITE_DONE) {
		fprintf(stderr, "%s: %s\n", match, sqlite3_errmsg(db));
		abort();
	}
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_query_ struct query query = QUERY_INIT;
	char *text = mem_strndup((const char *)bytes, len);
	struct err err = ERR_INIT;

	if (!text)
		return 0;
	if (query_parse(text, &query, &err) == 0) {
		check_match(query.match);
		check_match(query.exclude);
		vec_foreach (&query.terms, struct query_term, term)
			check_match(term->match);
		if (query.near && (query.radius_m < 1 || query.lat_e7 > 900000000))
			abort();
	} else if (!err.message[0]) {
		abort();
	}
	free(text);
	return 0;
}
