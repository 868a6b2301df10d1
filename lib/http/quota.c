/* quota.c - what a caller may still bring; see quota.h.
 *
 * It reads, and holds nothing back by itself.  Invariant: asked inside the writer's transaction, its answer holds until
 * the commit.
 */
#include "http/quota.h"
#include "http/server.h"
#include "store/upload.h"
#include "store/user.h"

int quota_left(struct http_call *call, int64_t *left, struct err *err)
{
	const struct settings *settings = settings_get(call->server->options.settings);
	int64_t quota = (int64_t)settings->user_quota, used = 0, unsaid = 0;
	struct upload_load load;
	struct user user;
	int found;

	settings_put(settings);
	found = user_get(call->store, &call->caller.user, &user, err);
	if (found < 0)
		return -1;
	if (found && user.quota != USER_QUOTA_DEFAULT)
		quota = user.quota;
	*left = INT64_MAX;
	if (!quota)
		return 0;
	if (user_usage(call->store, &call->caller.user, &used, err) ||
		upload_load(call->store, &call->caller.user, &load, err) ||
		upload_held_unsaid(call->store, &call->caller.user, &unsaid, err))
		return -1;
	used += load.bytes + unsaid;
	*left = quota > used ? quota - used : 0;
	return 0;
}

int64_t quota_file_max(const struct http_call *call)
{
	const struct settings *settings = settings_get(call->server->options.settings);
	uint64_t max = settings->upload_max;

	settings_put(settings);
	return max < INT64_MAX ? (int64_t)max : INT64_MAX;
}

int quota_check_all(struct http_call *call, int64_t bytes, struct err *err)
{
	int64_t left;

	if (quota_left(call, &left, err))
		return -1;
	return bytes <= left ?
		0 :
		err_set(err, ERR_TOO_LARGE, "this has %lld bytes, and your quota has %lld left",
			(long long)bytes, (long long)left);
}

int quota_check(struct http_call *call, int64_t length, int64_t held, struct err *err)
{
	int64_t max = quota_file_max(call);

	if (length > max)
		return err_set(err, ERR_TOO_LARGE, "files of more than %lld bytes are not taken",
			(long long)max);
	return quota_check_all(call, length - held, err);
}
