/* message.h - talk: saying things in an album, changing and taking back what was said, reading it.
 *
 *	struct message_draft draft = {.album = album.key, .text = text, .len = len,
 *		.said = MESSAGE_NOW};
 *	struct receipt receipt;
 *	message_send(store, &draft, &receipt, err);
 *
 *	struct message_page page = MESSAGE_PAGE_INIT;
 *	struct message_query query = {.album = album.key, .limit = 50};
 *	message_page_read(store, &query, &page, err);	the newest 50, oldest first
 *	message_page_release(&page);
 *
 * Messages are shown by (when, id): `when` is the home's time, the author's while the message waits
 * for its place, or the time at which imported talk was said.  Kinds of errors: INVALID (text),
 * NOT_FOUND, CONFLICT (taken back already), DENIED.
 */
#ifndef PINHOLE_STORE_MESSAGE_H
#define PINHOLE_STORE_MESSAGE_H

#include "base/vec.h"
#include "store/resolve.h"
#include "base/vec.h"
#include "store/store.h"

#define MESSAGE_TEXT_MAX ((size_t)16 * 1024) /* bytes */
#define MESSAGE_PAGE_MAX 100000              /* messages read at once */
#define MESSAGE_NOW      (-1)

/* --- saying ----------------------------------------------------------------------------- */

struct message_draft {
	int64_t album;    /* key */
	const char *text; /* borrowed */
	size_t len;
	const struct sha256 *photo;  /* what it is about; NULL: the album */
	const struct uuid *reply_to; /* a message of the album, or NULL */
	int64_t said;                /* imported talk: when it was said, ms; MESSAGE_NOW: now */
};

/* INVALID unless the bytes are UTF-8 without U+0000, not blank, and at most MESSAGE_TEXT_MAX. */
int message_check_text(const char *text, size_t len, struct err *err);

int message_send(struct store *store, const struct message_draft *draft, struct receipt *out,
	struct err *err);
/* Only its author may.  CONFLICT if the text is what it says already. */
int message_edit(struct store *store, const struct message_ref *message, const char *text,
	size_t len, struct receipt *out, struct err *err);
/* Takes `count` messages back in one transaction; out: one receipt for each.  Their words are gone
 * from the store's files when this returns; the shells stay. */
#define MESSAGE_UNSEND_MAX 1000
int message_unsend(struct store *store, const struct message_ref *messages, size_t count,
	struct receipt *out, struct err *err);

/* --- in bulk ---------------------------------------------------------------------------- */

/* What became of one line of a batch.  `err.kind` is ERR_NONE if it was said, else why not. */
struct message_answer {
	uint64_t line; /* from 1 */
	struct receipt receipt;
	struct err err;
};

struct message_batch_options {
	struct album_ref album;
	bool dry_run; /* only check; receipts stay empty */
	/* Called once for each line, in order, when its message is safe on disk.  Non-zero stops. */
	int (*answer)(void *data, const struct message_answer *answer, struct err *err);
	void *data;
};

struct message_batch;
int message_batch_open(struct store *store, const struct message_batch_options *options,
	struct message_batch **out, struct err *err);
/* One line: {"text", "photo"?, "reply_to"?, "time"?}; time is ms since 1970 or ISO 8601 and becomes
 * `said`.  A line that is refused gets its answer; -1 is for what stops the batch. */
int message_batch_add(struct message_batch *batch, const char *line, size_t len, struct err *err);
/* Answers for a line that the caller could not even read. */
int message_batch_refuse(struct message_batch *batch, const struct err *why, struct err *err);
/* Commits what waits and answers it; counts may be NULL. */
int message_batch_finish(
	struct message_batch *batch, uint64_t *said, uint64_t *refused, struct err *err);
/* Drops what was not finished.  NULL is fine. */
void message_batch_close(struct message_batch **batch);
#define _cleanup_message_batch_ _cleanup_(message_batch_close)

/* --- reading ---------------------------------------------------------------------------- */

struct message {
	int64_t key; /* of the message.send event */
	struct uuid id;
	int64_t seq;        /* 0 while it waits for the album's home */
	struct uuid author; /* who is shown: the author or the speaker they lent their voice to */
	char *author_name;  /* owned; "" if the album does not know them */
	int64_t time;       /* the author's clock, ms */
	int64_t when;       /* its place in the talk, ms */
	char *text;         /* owned; NULL once taken back */
	bool has_photo, has_reply;
	struct sha256 photo;
	struct uuid reply_to;
	int64_t edited; /* when, 0 never */
	bool deleted;
	int64_t likes;
	bool liked; /* by the store's owner */
};

void message_release(struct message *message);
#define _cleanup_message_ _cleanup_(message_release)

/* A place in the talk: what stands before it is strictly older. */
struct message_position {
	int64_t when;
	struct uuid id;
};

/* From what people type after --before: a message (see resolve.h), any event's ALBUM@SEQ or id, or
 * any UUID of version 1 or 7, whose time then counts.  The album's own talk only. */
int message_position_find(struct store *store, const struct album_ref *album, const char *text,
	struct message_position *out, struct err *err);

struct message_query {
	int64_t album;                         /* key */
	const struct sha256 *photo;            /* only what was said about it; NULL: all */
	const struct message_position *before; /* NULL: the newest */
	size_t limit;                          /* 1 .. MESSAGE_PAGE_MAX */
};

struct message_page {
	struct vec messages; /* struct message, oldest first */
	bool more;           /* there are older ones */
};
#define MESSAGE_PAGE_INIT                                                                          \
	{                                                                                          \
		.messages = VEC_INIT(struct message, MESSAGE_PAGE_MAX)                             \
	}

/* Costs what the page holds, however long the talk is. */
int message_page_read(struct store *store, const struct message_query *query,
	struct message_page *out, struct err *err);
void message_page_release(struct message_page *page);
#define _cleanup_message_page_ _cleanup_(message_page_release)

/* One message, also one that was taken back: 1 found, 0 not, -1 failed. */
int message_get(struct store *store, int64_t album, const struct uuid *id, struct message *out,
	struct err *err);

#endif
