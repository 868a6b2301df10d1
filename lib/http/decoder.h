/* decoder.h - the server's pinhole-media processes, which its threads share.
 *
 *	decoder_open(server, &decoder, err);		starts no process yet
 *	decoder_run(decoder, &request, &result, err);	any thread; waits for its turn and for the answer
 *	media_result_release(&result);
 *	decoder_rest(decoder);				now and then: what had nothing to do for a while ends
 *	decoder_close(decoder);				when nobody runs any more
 *
 * There are as many as the pool has workers.  Nothing is decoded in this process.
 */
#ifndef PINHOLE_HTTP_DECODER_H
#define PINHOLE_HTTP_DECODER_H

#include "http/http.h"
#include "media/media.h"

#define DECODER_IDLE_MS 30000 /* then a process ends: it keeps the memory of its largest picture */

struct decoder;

int decoder_open(struct server *server, struct decoder **out, struct err *err);
void decoder_close(struct decoder *decoder); /* NULL is fine */
/* As media_submit and media_collect for one request.  Not on a loop thread or a worker: it may take a minute. */
int decoder_run(struct decoder *decoder, const struct media_request *request,
	struct media_result *out, struct err *err);
void decoder_rest(struct decoder *decoder);

#endif
