/* pages.c - pages of 50 messages as JSON in a bare loop: what a server could do that had nothing else to do.
 *
 *	pages loop DIR ALBUM SECONDS	prints pages per second of processor time
 *	pages ids DIR ALBUM COUNT	prints COUNT ids of messages, evenly over the talk, a page before each
 *
 * The loop reads the same statements and writes the same JSON as the server's handler, one page after the
 * other at the same places, on one thread.
 */
#include "bench.h"
#include "http/talk.h"
#include "store/message.h"

#include <time.h>

#define PAGE_LEN   50
#define PLACES_MAX 100000

static double processor_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One page before a message, as JSON in `out`. */
static void write_page(struct store *store, int64_t album, const char *before, struct str *out)
{
	_cleanup_message_page_ struct message_page page = MESSAGE_PAGE_INIT;
	struct message_query query = {.album = album, .limit = PAGE_LEN};
	struct album_ref ref = {.key = album};
	struct message_position position;
	struct err err = ERR_INIT;

	bench_try(message_position_find(store, &ref, before, &position, &err));
	query.before = &position;
	bench_try(message_page_read(store, &query, &page, &err));
	str_clear(out);
	wire_add_open(out, NULL, '{');
	wire_add_open(out, "messages", '[');
	for (size_t i = page.messages.count; i-- > 0;)
		talk_add_message(out, NULL, vec_at(&page.messages, i));
	wire_add_close(out, ']');
	wire_add_close(out, '}');
	bench_try(str_check(out, &err));
}

/* "@SEQ" of `count` places, evenly over the talk. */
static void place_text(int64_t head, int64_t count, int64_t number, char text[32])
{
	int64_t first = 2 * PAGE_LEN;

	snprintf(text, 32, "@%lld", (long long)(first + (head - first) * number / count));
}

static int64_t head_of(struct store *store, const struct album_ref *album)
{
	struct album_facts facts;
	struct err err = ERR_INIT;

	if (event_album_get(store->db, album->key, &facts, &err) != 1)
		bench_die(&err);
	return facts.head;
}

static void loop(struct store *store, const struct album_ref *album, double seconds)
{
	_cleanup_str_ struct str out = STR_INIT(STR_MAX_FILE);
	int64_t head = head_of(store, album), pages = 0;
	double start = processor_seconds(), spent = 0;

	while (spent < seconds) {
		char place[32];

		place_text(head, 1000, pages++ % 1000, place);
		write_page(store, album->key, place, &out);
		spent = processor_seconds() - start;
	}
	printf("%.1f\n", (double)pages / spent);
}

static void print_ids(struct store *store, const struct album_ref *album, int64_t count)
{
	int64_t head = head_of(store, album);

	for (int64_t i = 0; i < count; i++) {
		struct message_ref ref;
		struct err err = ERR_INIT;
		char place[32], id[UUID_TEXT_LEN + 1];

		place_text(head, count, i, place);
		bench_try(resolve_message(store, place, album, RESOLVE_ANY, &ref, &err));
		uuid_format(&ref.id, id);
		puts(id);
	}
}

int main(int argc, char **argv)
{
	struct store *store;
	struct album_ref album;

	if (argc != 5)
		return 2;
	store = bench_store(argv[2]);
	album = bench_album(store, argv[3]);
	if (strcmp(argv[1], "loop") == 0)
		loop(store, &album, atof(argv[4]));
	else
		print_ids(store, &album, bench_number(argv[4]));
	store_close(store);
	return 0;
}
