/* decoder.h - some pinhole-media processes that the server's threads share.
 *
 *	struct decoder *decoder;
 *	decoder_open(&options, &decoder, err);		starts no process yet
 *	decoder_run(decoder, &request, &result, err);	any thread; waits for its turn and for the answer
 *	media_result_release(&result);
 *	decoder_close(decoder);				when nobody runs any more
 *
 * Nothing is decoded in this process.
 */
#ifndef PINHOLE_HTTP_DECODER_H
#define PINHOLE_HTTP_DECODER_H

#include "media/media.h"

struct decoder;

/* options->workers is how many run at once. */
int decoder_open(const struct media_options *options, struct decoder **out, struct err *err);
void decoder_close(struct decoder *decoder); /* NULL is fine */
/* As media_submit and media_collect for one request. */
int decoder_run(struct decoder *decoder, const struct media_request *request,
	struct media_result *out, struct err *err);

#endif
