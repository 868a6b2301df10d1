/* reactions.h - who likes what: …/photos/{photo}/reactions and …/messages/{message}/reactions. */
#ifndef PINHOLE_HTTP_REACTIONS_H
#define PINHOLE_HTTP_REACTIONS_H

#include "http/http.h"

extern const struct http_route reactions_routes[];

#endif
