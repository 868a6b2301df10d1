/* query.h - what a person types after `search`: words and operators.  Pure: no rows, no clock.
 *
 *	beach "red car" sun* -rain by:Anna in:iceland-2024 after:2024-05 has:gps near:64.1,-21.9,20
 *
 *	_cleanup_query_ struct query query = QUERY_INIT;
 *
 *	if (query_parse(text, &query, err))
 *		return -1;			INVALID, with the way out as hint
 *	vec_foreach (&query.terms, struct query_term, term)
 *		... fts_event MATCH term->match ...
 *
 * What is looked for may be spread over several rows (a caption, a tag, a file's name), so each
 * term has a full-text expression of its own; `match` and `exclude` put them together for those
 * who look at one row.  Every word of an expression is quoted: a person cannot write FTS5 syntax.
 * What a search means: all terms and all operators must fit; of several by: (or in:) one must.
 */
#ifndef PINHOLE_STORE_QUERY_H
#define PINHOLE_STORE_QUERY_H

#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

#define QUERY_TEXT_MAX       4096 /* bytes of a query */
#define QUERY_TERMS_MAX      64   /* terms, and names of by: and in: */
#define QUERY_NEAR_DEFAULT_M 5000 /* metres, where near: does not say */

enum query_has {
	QUERY_HAS_PHOTO = 1,
	QUERY_HAS_VIDEO = 2,
	QUERY_HAS_GPS = 4,
	QUERY_HAS_CAPTION = 8,
	QUERY_HAS_COMMENT = 16,
	QUERY_HAS_LIKE = 32,
	QUERY_HAS_TAG = 64,
};

struct query_term {
	char *text;   /* as typed, without quotes, '-' and '*' */
	char *match;  /* FTS5: "red car", "sun"* */
	bool phrase;  /* it was quoted */
	bool prefix;  /* words that begin so fit too */
	bool negated; /* must not be there */
};

struct query_name { /* of by: or in: */
	char *text;
	bool negated;
};

struct query_time {
	bool given;
	int64_t wall_ms; /* as in base/time.h */
	int32_t offset;  /* minutes, or TIME_OFFSET_NONE: the time of where it was said or taken */
};

struct query {
	struct vec terms;         /* of struct query_term */
	struct vec by, in;        /* of struct query_name */
	struct query_time after;  /* from this moment on */
	struct query_time before; /* until just before this moment */
	unsigned has, lacks;      /* enum query_has, or-ed; lacks by -has: */
	bool near;
	int32_t lat_e7, lon_e7; /* degrees x 10^7 */
	int64_t radius_m;       /* metres, 1 to half around the Earth */
	char *match;            /* all terms that must be there; "" for none */
	char *exclude;          /* any of the terms that must not; "" for none */
};

#define QUERY_INIT                                                                                 \
	{                                                                                          \
		.terms = VEC_INIT(struct query_term, QUERY_TERMS_MAX),                             \
		.by = VEC_INIT(struct query_name, QUERY_TERMS_MAX),                                \
		.in = VEC_INIT(struct query_name, QUERY_TERMS_MAX)                                 \
	}
void query_release(struct query *query);
#define _cleanup_query_ _cleanup_(query_release)

/* Parses into `out` (an initialised query, filled on success only).  INVALID for an unknown
 * operator (with "did you mean"), a bad value, an open quote, a word without letters or digits,
 * nothing at all; TOO_LARGE over the limits. */
int query_parse(const char *text, struct query *out, struct err *err);

/* The operators, for help and completion: name with its colon and what it takes; NULL at the end. */
struct query_operator {
	const char *name, *takes, *help;
};
extern const struct query_operator query_operators[];

#endif
