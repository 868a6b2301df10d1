/* routes.c - the list of all resources' routes. */
#include "http/albums.h"
#include "http/contacts.h"
#include "http/events.h"
#include "http/health.h"
#include "http/http.h"
#include "http/links.h"
#include "http/marks.h"
#include "http/messages.h"
#include "http/metrics.h"
#include "http/participants.h"
#include "http/photos.h"
#include "http/reactions.h"
#include "http/search.h"
#include "http/stream.h"
#include "http/welcome.h"

extern const struct http_route openapi_routes[];
extern const struct http_route accounts_routes[], sessions_routes[], keys_routes[], users_routes[];
extern const struct http_route invites_routes[], jwks_routes[];

extern const struct http_route upload_routes[], form_routes[];
const struct http_route *const http_tables[] = {
	welcome_routes,
	health_routes,
	metrics_routes,
	openapi_routes,
	photos_routes,
	originals_routes,
	images_routes,
	albums_routes,
	participants_routes,
	messages_routes,
	chat_routes,
	reactions_routes,
	events_routes,
	stream_routes,
	links_routes,
	marks_routes,
	contacts_routes,
	search_routes,
	zip_routes,
	upload_routes,
	form_routes,
	accounts_routes,
	sessions_routes,
	keys_routes,
	users_routes,
	invites_routes,
	jwks_routes,
	NULL,
};
