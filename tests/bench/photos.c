/* photos.c - fills an album with photo.add events, so that counting them can be measured.
 *
 *	photos DIR ALBUM COUNT
 *
 * The photos are rows only: no object stands behind them, which nothing that counts would notice.
 */
#include "bench.h"

static void add_photo(struct store *store, struct event_tx *tx, int64_t album, int64_t number)
{
	json_t *body = json_object();
	struct err err = ERR_INIT;
	struct receipt receipt;
	struct sha256 id;
	struct draft draft;

	crypt_sha256(&number, sizeof(number), &id);
	wire_set_text(&body, "kind", "image");
	wire_set_text(&body, "mime", "image/jpeg");
	wire_set_int(&body, "bytes", 3000000 + number);
	wire_set_int(&body, "width", 4000);
	wire_set_int(&body, "height", 3000);
	store_draft(store, album, "photo.add", &draft);
	draft.about = entity_from_hash(&id);
	draft.body = body;
	bench_try(event_submit(tx, &draft, &receipt, &err));
	wire_json_free(&body);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct store *store;
	struct album_ref album;
	int64_t count;

	if (argc != 4)
		return 2;
	store = bench_store(argv[1]);
	album = bench_album(store, argv[2]);
	count = bench_number(argv[3]);
	for (int64_t done = 0; done < count;) {
		struct event_tx *tx;

		bench_try(event_begin(store->events, "bench", &tx, &err));
		for (int64_t i = 0; i < 1000 && done < count; i++, done++)
			add_photo(store, tx, album.key, done);
		bench_try(event_commit(&tx, &err));
	}
	bench_try(store_settle(store, &err));
	store_close(store);
	return 0;
}
