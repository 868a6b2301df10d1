/* marks.h - up to where the caller has read: /v1/marks. */
#ifndef PINHOLE_HTTP_MARKS_H
#define PINHOLE_HTTP_MARKS_H

#include "http/http.h"

extern const struct http_route marks_routes[];

#endif
