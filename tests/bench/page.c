/* page.c - a page of 50 messages at a random place: does it cost more in a longer talk?
 *
 *	page DIR LONG SHORT PAGES ROUNDS
 *
 * Reads PAGES pages of each album in turn, one of the long, one of the short, in one process with warm
 * caches, and prints a line for each round: microseconds a page in the long album, in the short one.
 */
#include "bench.h"
#include "store/message.h"

#define PAGE_LEN 50

static uint64_t seed = 88172645463325252u;

/* xorshift64: any numbers that spread will do, and the same ones each time. */
static int64_t random_below(int64_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int64_t)(seed % (uint64_t)limit);
}

struct talk {
	struct album_ref album;
	int64_t head;
};

static struct talk open_talk(struct store *store, const char *name)
{
	struct talk talk = {.album = bench_album(store, name)};
	struct err err = ERR_INIT;
	struct album_facts facts;

	if (event_album_get(store->db, talk.album.key, &facts, &err) != 1)
		bench_die(&err);
	talk.head = facts.head;
	return talk;
}

/* The place of a random message that has a whole page before it. */
static struct message_position random_place(struct store *store, const struct talk *talk)
{
	struct message_position place;
	struct err err = ERR_INIT;
	char name[64];

	snprintf(name, sizeof(name), "@%lld",
		(long long)(talk->head - random_below(talk->head - 2 * PAGE_LEN)));
	bench_try(message_position_find(store, &talk->album, name, &place, &err));
	return place;
}

/* Seconds that one page took. */
static double read_page(struct store *store, const struct talk *talk)
{
	_cleanup_message_page_ struct message_page page = MESSAGE_PAGE_INIT;
	struct message_position before = random_place(store, talk);
	struct message_query query = {
		.album = talk->album.key, .before = &before, .limit = PAGE_LEN};
	struct err err = ERR_INIT;
	double start = bench_seconds();

	bench_try(message_page_read(store, &query, &page, &err));
	if (page.messages.count != PAGE_LEN)
		bench_try(
			err_set(&err, ERR_FAILED, "a page held %zu messages", page.messages.count));
	return bench_seconds() - start;
}

int main(int argc, char **argv)
{
	struct store *store;
	struct talk large, small;
	int64_t pages, rounds;

	if (argc != 6)
		return 2;
	store = bench_store(argv[1]);
	large = open_talk(store, argv[2]);
	small = open_talk(store, argv[3]);
	pages = bench_number(argv[4]);
	rounds = bench_number(argv[5]);
	for (int64_t round = -1; round < rounds; round++) { /* one more before, to warm up */
		double in_large = 0, in_small = 0;

		for (int64_t i = 0; i < pages; i++) {
			in_large += read_page(store, &large);
			in_small += read_page(store, &small);
		}
		if (round >= 0)
			printf("%.2f %.2f\n", in_large / (double)pages * 1e6,
				in_small / (double)pages * 1e6);
	}
	store_close(store);
	return 0;
}
