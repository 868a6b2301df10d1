/* photo_row.h - what photo.c and photo_list.c share: how rows become a struct photo. */
#ifndef PINHOLE_STORE_PHOTO_ROW_H
#define PINHOLE_STORE_PHOTO_ROW_H

#include "store/photo.h"

/* From view_photo as p; photo_fill reads them by their place. */
#define PHOTO_COLUMNS                                                                                 \
	"SELECT p.key, p.id, p.state, p.removed, p.kind, p.mime, p.bytes, p.width, p.height, p.wall," \
	" p.offset, p.sort, p.rotate, p.author, p.added, p.facts, added.body,"                        \
	" captioned.body ->> '$.text', fact.name, fact.lat, fact.lon,"                                \
	" (SELECT count(*) FROM view_reaction r WHERE r.album = p.album AND r.about = p.id"           \
	" AND r.name = 'like'),"                                                                      \
	" (SELECT count(*) FROM view_message m WHERE m.album = p.album AND m.photo = p.id"            \
	" AND m.deleted = 0)"                                                                         \
	" FROM view_photo p JOIN event added ON added.key = p.key"                                    \
	" LEFT JOIN event captioned ON captioned.key = p.caption"                                     \
	" LEFT JOIN fact ON fact.hash = p.facts"

/* Loads the photo of the current row, with its tags and parts, into an initialised `photo`. */
int photo_fill(struct store *store, const struct album_ref *album, const struct db_rows *rows,
	struct photo *photo, struct err *err);

/* Before a statement: `joined` is :photo and all that were joined into it in :album, directly or not. */
#define PHOTO_JOINED                                                                               \
	"WITH RECURSIVE joined(id) AS (SELECT :photo UNION SELECT view_photo.id FROM view_photo"   \
	" JOIN joined ON view_photo.alias = joined.id WHERE view_photo.album = :album) "

#endif
