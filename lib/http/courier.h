/* courier.h - brings short texts to people: by mail, or by the command that sends short messages.
 *
 *	if (courier_check(server, &address, err))
 *		return -1;				OFFLINE: nothing is set up for such addresses
 *	...						in the WRITE lane, when all else is done:
 *	return courier_send_after(call, &address, subject, text, err);
 *
 * What is sent leaves after the commit, from a thread of its own: nobody can tell from the time of an answer
 * whether anything was sent.  A text that cannot be brought is logged and dropped; codes are asked for again by
 * those who miss them.
 *
 * notify.sms-command is run by sh; on its standard input are the number in E.164 on a line of its own,
 * then the text.
 */
#ifndef PINHOLE_HTTP_COURIER_H
#define PINHOLE_HTTP_COURIER_H

#include "http/http.h"
#include "store/user.h"

#define COURIER_QUEUE_MAX     256
#define COURIER_TIME_LIMIT_MS 20000 /* for one text */

struct courier;
int courier_open(struct server *server, struct courier **out, struct err *err);
/* Brings what is queued, unless the first of it fails.  NULL is fine. */
void courier_close(struct courier *courier);

int courier_check(struct server *server, const struct user_address *to, struct err *err);
/* Puts it into call->response.after.  `to` NULL: it goes nowhere, for answers that must take as long. */
int courier_send_after(struct http_call *call, const struct user_address *to, const char *subject,
	const char *text, struct err *err);

#endif
