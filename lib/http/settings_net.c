/* settings_net.c - addresses in settings: what to listen on, and which proxies to believe.
 *
 * It resolves no names.  Invariant: IPv4 and its form inside IPv6 are the same address everywhere here.
 */
#include "http/settings_inner.h"

#include <arpa/inet.h>
#include <string.h>

#define BITS_MAX    128
#define BITS_MAPPED 96 /* what stands before an IPv4 address inside IPv6 */

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* 4 or 6, the version of the address; 0 if the text is none. */
static int parse_address(const char *text, uint8_t out[16])
{
	if (inet_pton(AF_INET6, text, out) == 1)
		return 6;
	memcpy(out, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, out + sizeof(mapped)) == 1 ? 4 : 0;
}

static int complain_listen(const char *text, struct err *err)
{
	err_set(err, ERR_INVALID, "\"%s\" is not a numeric address and port", text);
	return err_hint(err, "write 127.0.0.1:8470, [::1]:8470, or 0.0.0.0:8470 for all addresses");
}

int settings_parse_listen(
	const char *text, char *host, size_t host_size, uint16_t *port, struct err *err)
{
	const char *colon = strrchr(text, ':'), *start = text;
	uint8_t address[16];
	size_t len;
	int64_t number;

	if (!colon)
		return complain_listen(text, err);
	len = (size_t)(colon - text);
	if (*text == '[') {
		if (len < 2 || text[len - 1] != ']')
			return complain_listen(text, err);
		start++;
		len -= 2;
	}
	if (len >= host_size || text_to_i64(colon + 1, 0, UINT16_MAX, &number, NULL))
		return complain_listen(text, err);
	memcpy(host, start, len);
	host[len] = '\0';
	if (parse_address(host, address) != (*text == '[' ? 6 : 4))
		return complain_listen(text, err);
	*port = (uint16_t)number;
	return 0;
}

int settings_parse_net(const char *text, struct settings_net *out, struct err *err)
{
	const char *slash = strchr(text, '/');
	_cleanup_free_ char *address =
		mem_strndup(text, slash ? (size_t)(slash - text) : strlen(text));
	struct settings_net net = {.bits = BITS_MAX};
	int64_t bits;
	int version;

	if (!address)
		return err_no_memory(err);
	version = parse_address(address, net.address);
	if (!version ||
		(slash && text_to_i64(slash + 1, 0, version == 4 ? 32 : BITS_MAX, &bits, NULL)))
		return err_set(err, ERR_INVALID,
			"\"%s\" is not an address or network like 10.0.0.0/8", text);
	if (slash)
		net.bits = (unsigned)bits + (version == 4 ? BITS_MAPPED : 0);
	*out = net;
	return 0;
}

static bool in_net(const struct settings_net *net, const uint8_t address[16])
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	if (memcmp(net->address, address, whole) != 0)
		return false;
	return !rest || (net->address[whole] ^ address[whole]) >> (8 - rest) == 0;
}

bool settings_trusts(const struct settings *settings, const char *address)
{
	uint8_t bytes[16];

	if (!parse_address(address, bytes))
		return false;
	vec_foreach (&settings->proxies, struct settings_net, net)
		if (in_net(net, bytes))
			return true;
	return false;
}

bool settings_is_loopback(const char *address)
{
	static const struct settings_net loopback[] = {
		{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127}, BITS_MAPPED + 8},
		{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, BITS_MAX},
	};
	uint8_t bytes[16];

	return parse_address(address, bytes) &&
		(in_net(&loopback[0], bytes) || in_net(&loopback[1], bytes));
}
