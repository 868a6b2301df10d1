/* media_render.c - how fast the pool makes thumbnail and preview, without the rest of ingest.
 *
 *	media_render WORKERS FILE...
 *
 * Prints "SECONDS FILES PEAK_KIB": wall time, files rendered, and the peak memory of the largest
 * worker.  It asserts nothing but that every file was rendered.
 */
#include "base/clock.h"
#include "media/media.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static unsigned failures;

static void take(struct media_pool *pool, const struct media_request *requests, bool wait)
{
	struct err err = ERR_INIT;
	struct media_result result;

	while (media_collect(pool, wait, &result, &err) == 1) {
		const struct media_request *request = &requests[result.token];

		if (result.status == MEDIA_FAILED) {
			fprintf(stderr, "%s: %s\n", request->name, result.reason);
			failures++;
		}
		close(request->fd);
		for (size_t i = 0; i < request->variant_count; i++)
			close(request->variants[i].out_fd);
		media_result_release(&result);
	}
}

int main(int argc, char **argv)
{
	struct media_options options = {.workers = argc > 1 ? (unsigned)atoi(argv[1]) : 2};
	struct media_request *requests = calloc((size_t)argc, sizeof(*requests));
	struct media_pool *pool = NULL;
	struct err err = ERR_INIT;
	struct rusage usage;
	int64_t start = clock_mono_us(&clock_system);

	if (!requests || media_pool_open(&options, &pool, &err)) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	for (int i = 2; i < argc; i++) {
		struct media_request *request = &requests[i];

		*request = (struct media_request){.token = (uint64_t)i,
			.fd = open(argv[i], O_RDONLY | O_CLOEXEC),
			.sidecar_fd = -1,
			.name = argv[i],
			.facts = true,
			.variant_count = 2,
			.variants = {{"thumb", 320, 320, MEDIA_FIT_COVER, MEDIA_JPEG, 75,
					     memfd_create("thumb", MFD_CLOEXEC)},
				{"preview", 1600, 1600, MEDIA_FIT_CONTAIN, MEDIA_JPEG, 75,
					memfd_create("preview", MFD_CLOEXEC)}}};
		if (media_submit(pool, request, &err)) {
			fprintf(stderr, "%s: %s\n", argv[i], err.message);
			return 1;
		}
		take(pool, requests, false);
	}
	take(pool, requests, true);
	media_pool_close(pool);
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("%.3f %d %ld\n", (double)(clock_mono_us(&clock_system) - start) / 1e6, argc - 2,
		usage.ru_maxrss);
	free(requests);
	return failures != 0;
}
