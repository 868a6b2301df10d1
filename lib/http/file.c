/* file.c - answers that have a tag: files with their ranges, and whatever a client may have already.
 *
 * It knows nothing of photos and reads nothing out of files.  RFC 9110, sections 8.8.3, 13 and 14.  Invariant:
 * the range of an answer lies within the file.
 */
#include "http/file.h"

#include <string.h>
#include <strings.h>

/* --- tags --------------------------------------------------------------------------------- */

bool http_tag_is_listed(const char *list, const char *tag, bool weak)
{
	size_t len = strlen(tag);

	for (const char *at = list; *at;) {
		const char *end;
		bool is_weak;

		at += strspn(at, ", \t");
		if (*at == '*')
			return true;
		is_weak = at[0] == 'W' && at[1] == '/';
		at += is_weak ? 2 : 0;
		end = *at == '"' ? strchr(at + 1, '"') : NULL;
		if (!end)
			return false;
		if ((weak || !is_weak) && (size_t)(end - at - 1) == len &&
			memcmp(at + 1, tag, len) == 0)
			return true;
		at = end + 1;
	}
	return false;
}

bool http_answer_unchanged(struct http_call *call, const char *tag, bool weak)
{
	const char *have = http_header(&call->request, "If-None-Match");

	http_add_header(&call->response, "ETag", "%s\"%s\"", weak ? "W/" : "", tag);
	return have && http_tag_is_listed(have, tag, true) &&
		http_answer_empty(call, 304, NULL) == 0;
}

/* --- ranges ------------------------------------------------------------------------------- */

/* Digits to a number, UINT64_MAX where there are too many; false where there are none. */
static bool take_number(const char **at, uint64_t *out)
{
	const char *start = *at;
	uint64_t value = 0;

	for (; **at >= '0' && **at <= '9'; ++*at) {
		unsigned digit = (unsigned)(**at - '0');

		value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
	}
	*out = value;
	return *at != start;
}

/* "bytes=A-B" with at least one of the two; `has` says which.  Nothing else may follow. */
static bool read_range(const char *at, uint64_t *first, uint64_t *last, bool has[2])
{
	if (strncasecmp(at, "bytes=", 6) != 0)
		return false;
	at += 6;
	at += strspn(at, " \t");
	has[0] = take_number(&at, first);
	if (*at++ != '-')
		return false;
	has[1] = take_number(&at, last);
	at += strspn(at, " \t");
	return !*at && (has[0] || has[1]);
}

enum file_range file_range_parse(
	const char *text, uint64_t size, uint64_t *offset, uint64_t *length)
{
	uint64_t first, last;
	bool has[2];

	if (!read_range(text, &first, &last, has) || (has[0] && has[1] && last < first))
		return FILE_WHOLE;
	if (!has[0]) { /* the last so many bytes */
		if (last == 0)
			return FILE_UNSATISFIABLE;
		first = last < size ? size - last : 0;
		has[1] = false;
	}
	if (first >= size)
		return FILE_UNSATISFIABLE;
	if (!has[1] || last >= size)
		last = size - 1;
	*offset = first;
	*length = last - first + 1;
	return FILE_PART;
}

/* The range that the client asks for, unless it has another file's beginning. */
static enum file_range find_range(const struct http_call *call, uint64_t size, const char *tag,
	uint64_t *offset, uint64_t *length)
{
	const char *range = http_header(&call->request, "Range");
	const char *condition = http_header(&call->request, "If-Range");

	*offset = 0;
	*length = size;
	if (!range || call->request.method != HTTP_GET ||
		(condition && (condition[0] == '*' || !http_tag_is_listed(condition, tag, false))))
		return FILE_WHOLE;
	return file_range_parse(range, size, offset, length);
}

/* --- the answer --------------------------------------------------------------------------- */

static int refuse_range(struct http_call *call, uint64_t size)
{
	struct err why = ERR_INIT;

	err_set(&why, ERR_INVALID, "the range lies beyond the file's %llu bytes",
		(unsigned long long)size);
	http_add_header(&call->response, "Content-Range", "bytes */%llu", (unsigned long long)size);
	http_answer_problem(call, 416, &why);
	return 0;
}

int http_answer_file(struct http_call *call, int fd, uint64_t size, const char *type,
	const char *tag, struct err *err)
{
	_cleanup_close_ int owned = fd;
	const char *match = http_header(&call->request, "If-Match");
	uint64_t offset, length;
	enum file_range range;

	if (match && !http_tag_is_listed(match, tag, false)) {
		struct err why = ERR_INIT;

		err_set(&why, ERR_CONFLICT, "the file is another one than you expect");
		http_answer_problem(call, 412, &why);
		return 0;
	}
	if (http_answer_unchanged(call, tag, false))
		return 0;
	range = find_range(call, size, tag, &offset, &length);
	if (range == FILE_UNSATISFIABLE)
		return refuse_range(call, size);
	http_add_header(&call->response, "Accept-Ranges", "bytes");
	if (range == FILE_PART)
		http_add_header(&call->response, "Content-Range", "bytes %llu-%llu/%llu",
			(unsigned long long)offset, (unsigned long long)(offset + length - 1),
			(unsigned long long)size);
	if (http_answer_text(call, range == FILE_PART ? 206 : 200, type, err))
		return -1;
	call->response.fd = mem_steal_fd(&owned);
	call->response.offset = offset;
	call->response.length = length;
	return 0;
}
