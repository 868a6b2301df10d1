/* welcome.h - what a browser is shown at / and at the link of an invitation. */
#ifndef PINHOLE_HTTP_WELCOME_H
#define PINHOLE_HTTP_WELCOME_H

#include "http/http.h"

extern const struct http_route welcome_routes[];

#endif
