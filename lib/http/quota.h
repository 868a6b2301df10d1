/* quota.h - what a caller may still bring: the limit of one file, and of all that is theirs. */
#ifndef PINHOLE_HTTP_QUOTA_H
#define PINHOLE_HTTP_QUOTA_H

#include "http/http.h"

/* Their quota less what they brought, what they have announced, and what came of uploads of a length not said;
 * INT64_MAX where there is none. */
int quota_left(struct http_call *call, int64_t *left, struct err *err);
/* The most that one file may have. */
int64_t quota_file_max(const struct http_call *call);
/* TOO_LARGE, saying what is left, if a file of that length is over the limit of one or over the quota.  `held`: how
 * many of its bytes are counted already, because it had not said its length. */
int quota_check(struct http_call *call, int64_t length, int64_t held, struct err *err);
/* The same of bytes in several files against the quota alone. */
int quota_check_all(struct http_call *call, int64_t bytes, struct err *err);

#endif
