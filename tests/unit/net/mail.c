/* What a mail looks like on its way, and that nobody's text changes more than its own place. */
#include "net/mail.h"
#include "tap.h"

static struct err err;

static const char *format(const char *to, const char *subject, const char *text)
{
	static struct str out = STR_INIT(4 * MAIL_TEXT_MAX);
	struct mail mail = {.to = to, .subject = subject, .text = text, .when = 1795226400000};

	str_clear(&out);
	return mail_format("pinhole@example.org", &mail, &out, &err) ? "" : out.data;
}

static size_t longest_line(const char *text)
{
	size_t longest = 0;

	for (const char *end; (end = strstr(text, "\r\n")); text = end + 2)
		longest = (size_t)(end - text) > longest ? (size_t)(end - text) : longest;
	return longest;
}

static void check_addresses(void)
{
	static const char *const good[] = {"ada@example.org", "a.b+c=d@x", "o'hara@a-b.example",
		"\x21#$%&*/?^_`{|}~-@example.org"};
	static const char *const bad[] = {"", "ada", "@example.org", "ada@", "a@b@c", "a b@c.d",
		"a..b@c.d", ".a@c.d", "a.@c.d", "a@.d", "a@d.", "a@b..c", "a\r\nb@c.d",
		"a@c.d\r\nRCPT TO:<x@y>", "a@c.d>", "<a@c.d", "a,b@c.d", "\"a\"@c.d", "a@[::1]",
		"\xc3\xa9@c.d", "a@\xc3\xa9.d", "a@c.d "};
	char large[MAIL_ADDRESS_MAX + 2];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(mail_check_address(good[i], &err) == 0, "good address %zu", i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(mail_check_address(bad[i], &err) && err.kind == ERR_INVALID, "bad address %zu",
			i);
	memset(large, 'a', sizeof(large));
	large[1] = '@';
	large[MAIL_ADDRESS_MAX] = '\0';
	ok(mail_check_address(large, &err) == 0, "the longest address");
	large[MAIL_ADDRESS_MAX] = 'a';
	large[MAIL_ADDRESS_MAX + 1] = '\0';
	ok(mail_check_address(large, &err), "one longer");
}

static void check_headers(void)
{
	const char *out = format("ada@example.org", "Your code", "It is 123456.\n");

	ok(strstr(out, "From:\r\n <pinhole@example.org>\r\n") == out, "the sender");
	ok(strstr(out, "\r\nTo:\r\n <ada@example.org>\r\n"), "the receiver");
	ok(strstr(out, "\r\nSubject: Your code\r\n"), "the subject");
	ok(strstr(out, "\r\nDate: Sat, 21 Nov 2026 02:00:00 +0000\r\n"), "the date: %s", out);
	ok(strstr(out, "@example.org>\r\n"), "the message's id");
	ok(strstr(out, "\r\n\r\nIt is 123456.\r\n"), "the text");

	out = format("ada@example.org",
		"Gr\xc3\xbc\xc3\x9f"
		"e =?",
		"x");
	ok(strstr(out, "\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe=20=3D=3F?=\r\n"),
		"a subject beyond ASCII: %s", out);
	out = format("ada@example.org", "=?UTF-8?Q?x?=", "x");
	ok(!strstr(out, "Subject: =?UTF-8?Q?x?=\r\n"), "what looks encoded is encoded");
	ok(!*format("ada@example.org", "a\r\nBcc: eve@example.org", "x"), "no line in a subject");
	ok(err.kind == ERR_INVALID, "which is the asker's mistake");
	ok(!*format("ada@example.org", "a\x7f", "x") && !*format("ada@example.org", "\xff", "x"),
		"nor a control, nor broken UTF-8");
	ok(!*format("ada@example.org\r\nBcc: eve@example.org", "a", "x"), "none in an address");
	ok(!*format("ada@example.org", "a", "\xff"), "no broken UTF-8 in the text");
}

static void check_text(void)
{
	char large[3000];
	const char *out;

	out = format("ada@example.org", "a", ".\r\n.\n\nTo: eve = \xe2\x82\xac \n\t");
	ok(strstr(out, "\r\n\r\n.=0D\r\n.\r\n\r\nTo: eve =3D =E2=82=AC=20\r\n=09\r\n"),
		"returns, dots, spaces at the end, and characters: %s", out);
	for (size_t i = 0; i + 2 < sizeof(large); i += 2)
		memcpy(large + i, i % 8 ? "ab" : "\xc3\xa9", 3);
	out = format("ada@example.org", large + sizeof(large) - 450, large);
	ok(*out && longest_line(out) <= 78, "long lines are folded (%zu)", longest_line(out));
	ok(strstr(out, "?=\r\n =?UTF-8?Q?"), "the subject, too");
}

static void check_unsent(void)
{
	struct mail_server server = {
		.url = "smtp://127.0.0.1:1", .from = "pinhole@example.org", .time_limit_ms = 5000};
	struct mail mail = {.to = "ada@example.org", .subject = "a", .text = "b\n", .when = 1};

	ok(mail_send(&server, &mail, &err) && err.kind == ERR_OFFLINE, "nobody there: later");
	server.url = "file:///etc/passwd";
	ok(mail_send(&server, &mail, &err) && err.kind == ERR_INVALID, "no mail server");
}

int main(void)
{
	check_addresses();
	check_headers();
	check_text();
	check_unsent();
	return tap_done();
}
