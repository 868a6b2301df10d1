/* contacts.h - the caller's address book: /v1/contacts. */
#ifndef PINHOLE_HTTP_CONTACTS_H
#define PINHOLE_HTTP_CONTACTS_H

#include "http/http.h"

extern const struct http_route contacts_routes[];

#endif
