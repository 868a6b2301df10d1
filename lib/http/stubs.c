/* stubs.c - stands for what has not landed yet: whoever lands caller.c takes the file away. */
#include "http/server.h"

int caller_find(struct http_call *call, struct store *store, struct err *err)
{
	(void)store;
	(void)err;
	call->caller.known = false;
	return 0;
}
