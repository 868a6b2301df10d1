/* fuzz_media_reply.c - whatever a worker that was taken over may answer: refused, or bounded. */
#include "media/protocol.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static int out = -1;
	struct media_request request = {
		.token = 7, .sidecar_fd = -1, .facts = true, .variant_count = 1};
	struct media_result result;

	if (out < 0)
		out = memfd_create("out", MFD_CLOEXEC);
	request.variants[0] = (struct media_variant_spec){
		"thumb", 320, 320, MEDIA_FIT_COVER, MEDIA_JPEG, 80, out};
	if (media_wire_check_reply(bytes, len, &request, &result, NULL))
		return 0;
	if (result.token != 7 || result.status > MEDIA_FAILED || !memchr(result.reason, 0, 256) ||
		result.variants[0].width > 320 || result.variants[1].made)
		abort();
	for (const char *p = result.reason; *p; p++)
		if (*p < 32 || *p > 126)
			abort();
	if (result.facts && strlen(result.facts) > MEDIA_FACTS_MAX)
		abort();
	media_result_release(&result);
	return 0;
}
