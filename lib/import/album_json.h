/* album_json.h - album.json: an album as one JSON object, written and read without holding it in memory.
 *
 * The format is pinhole-album-json(5).  Its long parts are arrays at the top level, one element on a line:
 * participants, photos, messages, facts, events.  The reader takes any JSON with those members, in any
 * layout; what describes the album must come before the arrays.
 *
 * Reading (bytes from a stranger):
 *
 *	struct album_reader *reader;
 *	album_reader_open(fd, &reader, err);
 *	while ((more = album_reader_next(reader, &item, err)) == 1)
 *		if (item.element && strcmp(item.member, "photos") == 0)
 *			...
 *	album_reader_close(reader);
 *
 * An element is at most ALBUM_JSON_ELEMENT_MAX bytes long.  INVALID for what is no such file, with the member
 * and the place in it.
 */
#ifndef PINHOLE_IMPORT_ALBUM_JSON_H
#define PINHOLE_IMPORT_ALBUM_JSON_H

#include "wire/json.h"

#define ALBUM_JSON             "album.json"
#define ALBUM_JSON_FORMAT      "pinhole-album"
#define ALBUM_JSON_VERSION     1
#define ALBUM_JSON_ELEMENT_MAX ((size_t)16 * 1024 * 1024)
#define ALBUM_JSON_MEMBER_MAX  64 /* bytes of a member's name, with the NUL */

struct album_item {
	const char *member; /* of the top-level object */
	bool element;       /* one of the member's array; else the member's whole value */
	uint64_t index;     /* its place in the array, from 0 */
	json_t *json;       /* borrowed until the next call; NULL where it was skipped */
};

struct album_reader;
/* Reads fd from its start; fd stays the caller's. */
int album_reader_open(int fd, struct album_reader **out, struct err *err);
void album_reader_close(struct album_reader *reader); /* NULL is fine */
/* Only the elements of these arrays (ended by NULL) are looked at; those of others are given without json. */
void album_reader_want(struct album_reader *reader, const char *const *members);
/* 1 with an item, 0 at the end, -1 failed. */
int album_reader_next(struct album_reader *reader, struct album_item *out, struct err *err);

#endif
