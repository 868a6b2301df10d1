/* user_inner.h - what the files about accounts share; nobody else includes it. */
#ifndef PINHOLE_STORE_USER_INNER_H
#define PINHOLE_STORE_USER_INNER_H

#include "store/user.h"

/* Of a row `account a`, in the order that user_fill reads them. */
#define USER_COLUMNS                                                                               \
	"a.key, a.id, a.name, a.phone, a.email, a.role, a.disabled, a.version, a.quota, a.self,"   \
	" a.created, a.rev, a.password IS NOT NULL"
#define USER_COLUMN_COUNT 13
/* Reads them from column `first` on. */
int user_fill(const struct db_rows *rows, int first, struct user *out, struct err *err);

/* Copies a column's text, at most size - 1 bytes; DAMAGED if it does not fit. NULL becomes "". */
int user_copy_text(const struct db_rows *rows, int column, char *out, size_t size, struct err *err);
/* A 32-byte column. */
#define DB_HASH(n, h) DB_BLOB((n), (h)->bytes, SHA256_LEN)

/* Raises the version and ends sessions and API keys, in the open transaction. */
int user_end_all(
	struct store *store, struct store_tx *tx, const struct user *user, struct err *err);

#endif
