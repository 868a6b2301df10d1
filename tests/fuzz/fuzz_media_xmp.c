/* fuzz_media_xmp.c - any bytes as an XMP packet: bounded facts, or an error. */
#include "media/protocol.h"
#include "media_xmp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct facts facts;
	struct err err = ERR_INIT;
	char *json;

	facts_init(&facts);
	if (xmp_take_packet(&facts, FACTS_XMP, bytes, len, &err) && !err.message[0])
		abort();
	json = facts_to_json(&facts, &err);
	if (!json || strlen(json) > MEDIA_FACTS_MAX)
		abort();
	free(json);
	facts_release(&facts);
	return 0;
}
