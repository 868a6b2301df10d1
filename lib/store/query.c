/* query.c - the language of `search`; see query.h.
 *
 * It knows no rows and resolves no names.  Invariant: `match` expressions hold only quoted words,
 * "*", AND and OR that we wrote.
 */
#include "store/query.h"

#include "base/str.h"
#include "base/time.h"
#include "store/fold.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RADIUS_MAX_M 20038000 /* half around the Earth */
#define LAT_MAX_E7   900000000
#define LON_MAX_E7   1800000000

/* One piece between spaces: [-][operator:]value[*] */
struct token {
	char *name;  /* of an operator, lower case, without the colon; "" for a word */
	char *value; /* without quotes */
	bool negated, quoted, prefix;
};

static void token_release(struct token *token)
{
	free(token->name);
	free(token->value);
	*token = (struct token){.name = NULL};
}

static void names_release(struct vec *names)
{
	vec_foreach (names, struct query_name, name)
		free(name->text);
	vec_release(names);
}

void query_release(struct query *query)
{
	vec_foreach (&query->terms, struct query_term, term) {
		free(term->text);
		free(term->match);
	}
	vec_release(&query->terms);
	names_release(&query->by);
	names_release(&query->in);
	free(query->match);
	free(query->exclude);
	*query = (struct query)QUERY_INIT;
}

/* --- tokens ------------------------------------------------------------------------------- */

/* The length of a quotation mark at p, 0 if there is none.  Phones type the curly ones. */
static size_t quote_length(const char *p)
{
	static const char *const marks[] = {"\"", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e"};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (text_starts(p, marks[i]))
			return strlen(marks[i]);
	return 0;
}

/* Letters directly followed by a colon; "http://..." is no operator, and "12:30" neither. */
static size_t operator_length(const char *p)
{
	size_t len = 0;

	while (isalpha((unsigned char)p[len]))
		len++;
	return len && p[len] == ':' && !text_starts(p + len, "://") ? len : 0;
}

static int read_quoted(const char **text, struct str *value, struct err *err)
{
	const char *p = *text;
	size_t mark;

	while (*p && !(mark = quote_length(p)))
		str_addc(value, *p++);
	if (!*p) {
		err_set(err, ERR_INVALID, "a quotation mark is not closed");
		return err_hint(err, "write \"two words\"");
	}
	*text = p + mark;
	return 0;
}

/* The value of a token, with or without quotes.  Only words may end in '*'. */
static int read_value(const char **text, struct token *token, struct err *err)
{
	_cleanup_str_ struct str value = STR_INIT(QUERY_TEXT_MAX);
	const char *p = *text;
	size_t mark = quote_length(p);

	if (mark) {
		token->quoted = true;
		p += mark;
		if (read_quoted(&p, &value, err))
			return -1;
		token->prefix = *p == '*';
		p += token->prefix;
	} else {
		while (*p && *p != ' ')
			str_addc(&value, *p++);
		if (!token->name[0] && value.len && value.data[value.len - 1] == '*') {
			token->prefix = true;
			str_truncate(&value, value.len - 1);
		}
	}
	token->value = str_take(&value, err);
	*text = p;
	return token->value ? 0 : -1;
}

/* Reads one token at *text, which is not a space, and moves behind it. */
static int read_token(const char **text, struct token *token, struct err *err)
{
	const char *p = *text;
	size_t len;

	if (*p == '-' && p[1] && p[1] != ' ') {
		token->negated = true;
		p++;
	}
	len = operator_length(p);
	token->name = mem_strndup(p, len);
	if (!token->name)
		return err_no_memory(err);
	for (char *c = token->name; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	*text = p + (len ? len + 1 : 0);
	return read_value(text, token, err);
}

/* --- words -------------------------------------------------------------------------------- */

/* The full-text index splits at everything else, so a word without any of these finds nothing. */
static bool is_searchable(const char *text)
{
	for (; *text; text++)
		if (isalnum((unsigned char)*text) || (unsigned char)*text >= 0x80)
			return true;
	return false;
}

static void add_match(struct str *out, const struct query_term *term)
{
	str_addc(out, '"');
	for (const char *p = term->text; *p; p++) {
		if (*p == '"')
			str_addc(out, '"');
		str_addc(out, *p);
	}
	str_addz(out, term->prefix ? "\"*" : "\"");
}

static int add_term(struct query *query, const struct token *token, struct err *err)
{
	_cleanup_str_ struct str match = STR_INIT(4 * QUERY_TEXT_MAX);
	struct query_term *term;

	if (!is_searchable(token->value))
		return err_set(err, ERR_INVALID, "\"%s\" holds nothing that can be searched for",
			token->value);
	term = vec_push_or(&query->terms, err);
	if (!term)
		return -1;
	term->phrase = token->quoted;
	term->prefix = token->prefix;
	term->negated = token->negated;
	term->text = mem_strdup(token->value);
	if (!term->text)
		return err_no_memory(err);
	add_match(&match, term);
	term->match = str_take(&match, err);
	return term->match ? 0 : -1;
}

/* --- operators ---------------------------------------------------------------------------- */

const struct query_operator query_operators[] = {
	{"by:", "NAME", "said or added by"},
	{"in:", "ALBUM", "in an album"},
	{"after:", "DATE", "from this day, month or minute on"},
	{"before:", "DATE", "until just before this day, month or minute"},
	{"has:", "photo|video|gps|caption|comment|like|tag", "what it must have"},
	{"near:", "LAT,LON[,KM]", "taken within so many kilometres (5)"},
	{NULL, NULL, NULL},
};

static int unknown_operator(const struct token *token, struct err *err)
{
	const char *best = NULL;
	size_t least = 3;

	for (const struct query_operator *o = query_operators; o->name; o++) {
		_cleanup_free_ char *name = mem_strndup(o->name, strlen(o->name) - 1);
		size_t distance = name ? text_distance(token->name, name) : least;

		if (distance < least && distance < strlen(token->name)) {
			least = distance;
			best = o->name;
		}
	}
	err_set(err, ERR_INVALID, "there is no operator %s:", token->name);
	if (best)
		return err_hint(err, "did you mean %s?", best);
	return err_hint(
		err, "quote it to search for the text: \"%s:%s\"", token->name, token->value);
}

static int add_name(struct vec *names, const struct token *token, struct err *err)
{
	struct query_name *name = vec_push_or(names, err);

	if (!name)
		return -1;
	name->negated = token->negated;
	name->text = mem_strdup(token->value);
	return name->text ? 0 : err_no_memory(err);
}

static int set_by(struct query *query, const struct token *token, struct err *err)
{
	return add_name(&query->by, token, err);
}

static int set_in(struct query *query, const struct token *token, struct err *err)
{
	return add_name(&query->in, token, err);
}

static int set_time(struct query_time *out, const struct token *token, struct err *err)
{
	struct query_time time = {.given = true};

	if (token->negated || out->given)
		return err_set(err, ERR_INVALID,
			token->negated ?
				"-%s: has no meaning; use the other of before: and after:" :
				"%s: is given twice",
			token->name);
	if (time_parse_wall(token->value, &time.wall_ms, &time.offset, NULL, err)) {
		err_set(err, ERR_INVALID, "%s:%s is not a date", token->name, token->value);
		return err_hint(err,
			"write %s:2024, %s:2024-05, %s:2024-05-31 or "
			"%s:2024-05-31T18:30",
			token->name, token->name, token->name, token->name);
	}
	*out = time;
	return 0;
}

static int set_after(struct query *query, const struct token *token, struct err *err)
{
	return set_time(&query->after, token, err);
}

static int set_before(struct query *query, const struct token *token, struct err *err)
{
	return set_time(&query->before, token, err);
}

static int set_has(struct query *query, const struct token *token, struct err *err)
{
	static const struct {
		const char *name;
		unsigned bit;
	} things[] = {{"photo", QUERY_HAS_PHOTO}, {"video", QUERY_HAS_VIDEO},
		{"gps", QUERY_HAS_GPS}, {"caption", QUERY_HAS_CAPTION},
		{"comment", QUERY_HAS_COMMENT}, {"like", QUERY_HAS_LIKE}, {"tag", QUERY_HAS_TAG}};
	const char *best = NULL;
	size_t least = 3;

	for (size_t i = 0; i < ARRAY_LEN(things); i++) {
		size_t distance = text_distance(token->value, things[i].name);

		if (strcasecmp(token->value, things[i].name) == 0) {
			*(token->negated ? &query->lacks : &query->has) |= things[i].bit;
			return 0;
		}
		if (distance < least) {
			least = distance;
			best = things[i].name;
		}
	}
	err_set(err, ERR_INVALID, "has:%s is not known", token->value);
	if (best)
		return err_hint(err, "did you mean has:%s?", best);
	return err_hint(err, "has: takes photo, video, gps, caption, comment, like or tag");
}

/* "12", "0.5": kilometres to metres, exact to the metre. */
static int read_radius(const char *text, int64_t *out)
{
	int64_t metres = 0;
	int decimals = -1, digits = 0;

	for (; *text; text++) {
		if (*text == '.' && decimals < 0) {
			decimals = 0;
		} else if (isdigit((unsigned char)*text)) {
			digits++;
			if (decimals >= 3)
				continue;
			metres = metres * 10 + (*text - '0');
			decimals += decimals >= 0;
		} else {
			return -1;
		}
		if (metres > RADIUS_MAX_M)
			return -1;
	}
	for (int i = decimals < 0 ? 0 : decimals; i < 3; i++)
		metres *= 10;
	if (!digits || metres < 1 || metres > RADIUS_MAX_M)
		return -1;
	*out = metres;
	return 0;
}

static int set_near(struct query *query, const struct token *token, struct err *err)
{
	_cleanup_free_ char *copy = mem_strdup(token->value);
	int64_t radius = QUERY_NEAR_DEFAULT_M;
	char *lon, *km;
	int32_t lat_e7, lon_e7;

	if (token->negated || query->near)
		return err_set(err, ERR_INVALID,
			token->negated ? "-near: has no meaning" : "near: is given twice");
	if (!copy)
		return err_no_memory(err);
	lon = strchr(copy, ',');
	if (lon)
		*lon++ = '\0';
	km = lon ? strchr(lon, ',') : NULL;
	if (km)
		*km++ = '\0';
	if (!lon || text_to_e7(copy, LAT_MAX_E7, &lat_e7, err) ||
		text_to_e7(lon, LON_MAX_E7, &lon_e7, err) || (km && read_radius(km, &radius))) {
		err_set(err, ERR_INVALID, "near:%s is not a place", token->value);
		return err_hint(err, "write degrees and kilometres: near:48.8584,2.2945,10");
	}
	query->near = true;
	query->lat_e7 = lat_e7;
	query->lon_e7 = lon_e7;
	query->radius_m = radius;
	return 0;
}

static int apply_operator(struct query *query, const struct token *token, struct err *err)
{
	static const struct {
		const char *name;
		int (*apply)(struct query *query, const struct token *token, struct err *err);
	} operators[] = {{"by", set_by}, {"in", set_in}, {"after", set_after},
		{"before", set_before}, {"has", set_has}, {"near", set_near}};

	for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
		if (strcmp(token->name, operators[i].name) != 0)
			continue;
		if (token->value[0])
			return operators[i].apply(query, token, err);
		err_set(err, ERR_INVALID, "%s: needs a value right behind it", token->name);
		return err_hint(err, "write %s:%s", token->name, query_operators[i].takes);
	}
	return unknown_operator(token, err);
}

/* --- the query ---------------------------------------------------------------------------- */

static char *join_terms(
	const struct query *query, bool negated, const char *between, struct err *err)
{
	_cleanup_str_ struct str joined = STR_INIT((size_t)QUERY_TERMS_MAX * QUERY_TEXT_MAX);

	vec_foreach (&query->terms, struct query_term, term)
		if (term->negated == negated)
			str_addf(&joined, "%s%s", joined.len ? between : "", term->match);
	return str_take(&joined, err);
}

static bool is_empty(const struct query *query)
{
	return !query->terms.count && !query->by.count && !query->in.count && !query->has &&
		!query->lacks && !query->near && !query->after.given && !query->before.given;
}

int query_parse(const char *text, struct query *out, struct err *err)
{
	_cleanup_query_ struct query query = QUERY_INIT;
	_cleanup_str_ struct str line = STR_INIT(QUERY_TEXT_MAX);
	size_t len = strlen(text);

	if (len > QUERY_TEXT_MAX)
		return err_set(err, ERR_TOO_LARGE, "a query of more than %d bytes", QUERY_TEXT_MAX);
	if (!text_is_utf8(text, len))
		return err_set(err, ERR_INVALID, "the query is not UTF-8");
	fold_spaces(text, len, &line);
	if (str_check(&line, err))
		return -1;
	for (const char *p = line.data; *p; p += *p == ' ') {
		_cleanup_(token_release) struct token token = {.name = NULL};

		if (read_token(&p, &token, err) ||
			(token.name[0] ? apply_operator(&query, &token, err) :
					 add_term(&query, &token, err)))
			return -1;
	}
	if (is_empty(&query)) {
		err_set(err, ERR_INVALID, "there is nothing to search for");
		return err_hint(err, "write words, or an operator such as has:gps");
	}
	query.match = join_terms(&query, false, " AND ", err);
	query.exclude = join_terms(&query, true, " OR ", err);
	if (!query.match || !query.exclude)
		return -1;
	query_release(out);
	*out = query;
	query = (struct query)QUERY_INIT;
	return 0;
}
