/* talk.h - what the resources of albums and talk share: parameters, pages, the JSON of messages and events.
 *
 * Nothing here decides who may do what.
 */
#ifndef PINHOLE_HTTP_TALK_H
#define PINHOLE_HTTP_TALK_H

#include "http/http.h"
#include "store/message.h"
#include "wire/out.h"

#define TALK_LIMIT_MAX 200
#define TALK_LIMIT     50                   /* items of a page, unless asked otherwise */
#define TALK_BODY_MAX  ((size_t)256 * 1024) /* the longest text, all of it escaped */
#define TALK_SMALL_MAX ((size_t)16 * 1024)  /* bodies without long texts */

/* --- parameters --------------------------------------------------------------------------- */

/* ?limit= in 1 .. TALK_LIMIT_MAX */
int talk_limit(const struct http_call *call, int64_t otherwise, size_t *out, struct err *err);
/* A UUID in the query: 1 given, 0 not, -1 INVALID. */
int talk_query_uuid(
	const struct http_call *call, const char *name, struct uuid *out, struct err *err);
/* ?name=1 or ?name=true, ?name=0 or ?name=false; absent is false. */
int talk_query_flag(const struct http_call *call, const char *name, bool *out, struct err *err);
/* The photo of {photo} in the call's album, by any of its parts' hashes; NOT_FOUND. */
int talk_find_photo(
	struct http_call *call, enum resolve_find find, struct photo_ref *out, struct err *err);
int talk_find_photo_named(struct http_call *call, const char *hash, enum resolve_find find,
	struct photo_ref *out, struct err *err);
/* The message of {message} in the call's album, also one that was taken back; NOT_FOUND. */
int talk_find_message(struct http_call *call, struct message_ref *out, struct err *err);

/* --- answers ------------------------------------------------------------------------------ */

/* Adds Link: rel="next": this request with another `cursor`. */
void talk_link_next(struct http_call *call, const char *cursor, const char *value);
/* JSON that was written into response.body. */
int talk_answer(struct http_call *call, int status, struct err *err);
/* The same of a list: 304 for who has just that. */
int talk_answer_list(struct http_call *call, struct err *err);
/* The same of one thing, with a tag for If-Match. */
int talk_answer_thing(struct http_call *call, int status, struct err *err);
/* 0 to go on; 1: response.body, which is emptied, is not what If-Match wants, and 412 is answered. */
int talk_check_match(struct http_call *call, struct err *err);
/* Of what changes only with the call's album: 1 if 304 is answered, 0 to go on, -1 failed.  Cheaper than
 * making the list. */
int talk_unchanged(struct http_call *call, struct err *err);

/* As `pinhole messages --json`. */
void talk_add_message(struct str *out, const char *key, const struct message *message);
/* As `pinhole log --json`; `album` NULL leaves it out. */
void talk_add_event(
	struct str *out, const char *key, const struct uuid *album, const struct event *event);
/* {"id","seq","at"}: seq and at are null while the album's home has not numbered it. */
void talk_add_receipt(struct str *out, const char *key, const struct receipt *receipt);

#endif
