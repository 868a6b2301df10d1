/* messages.h - what is said in albums: /v1/albums/{album}/messages, and the chat page of earlier clients. */
#ifndef PINHOLE_HTTP_MESSAGES_H
#define PINHOLE_HTTP_MESSAGES_H

#include "http/http.h"

extern const struct http_route messages_routes[];
extern const struct http_route chat_routes[];

#endif
