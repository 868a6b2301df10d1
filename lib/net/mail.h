/* mail.h - one plain-text mail to one address, by a mail server that takes it over.
 *
 *	struct mail_server server = {.url = "smtp://mail.example.org:587", .user = "pinhole",
 *		.password = password, .from = "pinhole@example.org", .time_limit_ms = 20000};
 *	struct mail mail = {.to = "ada@example.org", .subject = "Your code", .text = text, .when = now};
 *
 *	if (mail_send(&server, &mail, err))
 *		...				OFFLINE: may work later
 *
 * There is no queue here: a mail that the server does not take is the caller's to try again.  No text
 * given by anyone can add a header or a recipient: addresses are checked, subjects with control characters
 * are refused, and the text travels encoded.
 */
#ifndef PINHOLE_NET_MAIL_H
#define PINHOLE_NET_MAIL_H

#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

#define MAIL_ADDRESS_MAX 254 /* bytes, RFC 5321 4.5.3.1.3 less the brackets */
#define MAIL_SUBJECT_MAX 500
#define MAIL_TEXT_MAX    ((size_t)256 * 1024)

struct mail_server {
	const char *url;  /* smtp://HOST[:PORT], or smtps:// for TLS from the first byte */
	const char *user; /* NULL or "": the server asks for no login */
	const char *password;
	const char *from;      /* the sender's address */
	int64_t time_limit_ms; /* of the whole conversation */
};

struct mail {
	const char *to;      /* one address */
	const char *subject; /* UTF-8 */
	const char *text;    /* UTF-8, lines end with '\n' */
	int64_t when;        /* its Date, ms since the epoch */
};

/* 0 if it is an address that we can write to: LOCAL@DOMAIN in ASCII, dots and RFC 5322 atoms, no quoting,
 * no comments, no address literals.  Else INVALID. */
int mail_check_address(const char *address, struct err *err);

/* Appends the whole message (RFC 5322, lines end with CRLF, at most 78 characters each).  INVALID for an
 * address, subject or text that cannot be sent. */
int mail_format(const char *from, const struct mail *mail, struct str *out, struct err *err);

/* Hands it to the server.  With a password, nothing is sent without TLS but to this machine itself; without,
 * TLS is used where the server offers it.  INVALID as mail_format, DENIED when the login is refused, OFFLINE
 * when the server cannot be reached or says to come back, FAILED when it refuses for good. */
int mail_send(const struct mail_server *server, const struct mail *mail, struct err *err);

#endif
