/* message_inner.h - what the files about messages share; nobody else includes it. */
#ifndef PINHOLE_STORE_MESSAGE_INNER_H
#define PINHOLE_STORE_MESSAGE_INNER_H

#include "store/message.h"

/* Submits one message in an open transaction, after checking its text. */
int message_submit(struct event_tx *tx, const struct store *store,
	const struct message_draft *message, struct receipt *out, struct err *err);

#endif
