/* openapi.h - the document of the API, as it stands in the binary. */
#ifndef PINHOLE_HTTP_OPENAPI_H
#define PINHOLE_HTTP_OPENAPI_H

#include <stddef.h>

/* lib/http/openapi.yaml as one line of JSON without a line feed, made by scripts/embed-openapi. */
extern const char openapi_json[];
extern const size_t openapi_json_len; /* bytes, without the NUL */

#endif
