/* malformed.c - nothing in the shared folder of broken and hostile files crashes, hangs or fills the
 * memory, and what is active content is never taken for a picture.
 */
#include "media/media.h"
#include "tap.h"

#include "base/clock.h"
#include "base/path.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct media_pool *pool;

static void check_file(const char *path)
{
	struct err err = ERR_INIT;
	struct media_result result;
	struct media_request request = {.fd = open(path, O_RDONLY | O_CLOEXEC),
		.sidecar_fd = -1,
		.name = path,
		.facts = true,
		.variant_count = 1};
	int out = memfd_create("out", MFD_CLOEXEC);

	request.variants[0] = (struct media_variant_spec){
		"thumb", 320, 320, MEDIA_FIT_COVER, MEDIA_JPEG, 80, out};
	ok_call(media_submit(pool, &request, &err), &err, "%s", path);
	is_int(media_collect(pool, true, &result, &err), 1, "comes back");
	ok(result.status == MEDIA_FAILED || result.variants[0].made,
		"rendered, or it says why not");
	ok(result.status == MEDIA_OK || result.reason[0], "with a reason (%s)", result.reason);
	ok(!strstr(result.reason, "the decoder"), "and the worker lives");
	if (strstr(path, "/active-content/"))
		ok(result.status == MEDIA_FAILED && !result.facts, "active content is no picture");
	media_result_release(&result);
	close(request.fd);
	close(out);
}

static void check_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		_cleanup_free_ char *path = path_join(folder, entry->d_name);
		struct stat st;

		if (entry->d_name[0] == '.' || stat(path, &st))
			continue;
		if (S_ISDIR(st.st_mode))
			check_folder(path);
		else if (!text_ends(path, ".csv"))
			check_file(path);
	}
	if (dir)
		closedir(dir);
}

int main(void)
{
	const char *root = getenv("PINHOLE_TEST_DATA");
	struct media_options options = {.workers = 1, .max_seconds = 60};
	struct err err = ERR_INIT;
	struct rusage usage;
	_cleanup_free_ char *folder = path_join(root ? root : "../shared/data", "malformed");

	if (!path_exists(folder))
		tap_skip_all("no shared test data (PINHOLE_TEST_DATA)");
	ok_call(media_pool_open(&options, &pool, &err), &err, "pool");
	check_folder(folder);
	media_pool_close(pool);
	getrusage(RUSAGE_CHILDREN, &usage);
#ifndef __SANITIZE_ADDRESS__
	ok(usage.ru_maxrss < 300L * 1024, "no worker needed more than 300 MB (%ld KiB)",
		usage.ru_maxrss);
#endif
	return tap_done();
}
