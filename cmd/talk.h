/* talk.h - what the commands about messages share. */
#ifndef PINHOLE_CMD_TALK_H
#define PINHOLE_CMD_TALK_H

#include "print.h"
#include "store/message.h"

#define TALK_PHOTO_DIGITS 8 /* of a photo's hash, as people see them */

/* The text to say: `given` (-m), the file `path` (-F; "-" is stdin), stdin where it is no terminal,
 * else what the person writes in an editor, starting from `initial` (may be NULL).  Line ends at the
 * end are dropped, except from -m.  Checked by message_check_text. */
int talk_read_text(struct cmd_ctx *ctx, const char *given, const char *path, const char *initial,
	struct str *text, struct err *err);

/* "beach@12", or the short id while the message has no place yet. */
#define TALK_NAME_MAX (ALBUM_NAME_MAX + 24)
int talk_name(struct cmd_ctx *ctx, int64_t album, int64_t seq, const struct uuid *id,
	char out[TALK_NAME_MAX], struct err *err);
int talk_name_ref(struct cmd_ctx *ctx, const struct message_ref *message, char out[TALK_NAME_MAX],
	struct err *err);

/* The fields "id", "album" and "seq" of an event; seq is null while it waits for the album's home. */
void talk_set_receipt(json_t **line, const struct album_ref *album, const struct receipt *receipt);

/* What became of a message that was there: {"status","message","id","album","seq"}, or "edited beach@12".
 * receipt NULL: nothing was done (--dry-run). */
int talk_print_change(struct cmd_ctx *ctx, const char *status, const char *sentence,
	const struct message_ref *message, const struct receipt *receipt, struct err *err);

#endif
