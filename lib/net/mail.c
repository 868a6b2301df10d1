/* mail.c - makes a mail and hands it to a mail server by libcurl.
 *
 * It keeps nothing and retries nothing.  Invariant: what leaves mail_format is ASCII in lines of at most
 * 78 characters, and every header in it was written here.
 */
#include "net/mail.h"

#include "base/time.h"
#include "base/uuid.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define QUOTED_LINE_MAX  76 /* RFC 2045 6.7 (5) */
#define SUBJECT_LINE_MAX 60 /* of the 75 of RFC 2047 2: "Subject: " stands before the first */
#define WORD_FRAME       12 /* around the text of an encoded word */

/* --- addresses ---------------------------------------------------------------------------- */

static bool is_atom(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		(c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool is_label(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '-';
}

/* Words of `is` with single dots between them. */
static bool is_dotted(const char *text, size_t len, bool (*is)(char c))
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' ? i == 0 || i == len - 1 || text[i - 1] == '.' : !is(text[i]))
			return false;
	}
	return len > 0;
}

int mail_check_address(const char *address, struct err *err)
{
	const char *at = strchr(address, '@');
	size_t len = strlen(address);

	if (len <= MAIL_ADDRESS_MAX && at && is_dotted(address, (size_t)(at - address), is_atom) &&
		is_dotted(at + 1, strlen(at + 1), is_label))
		return 0;
	return err_set(err, ERR_INVALID, "this is no e-mail address that mail can be sent to");
}

/* --- the message -------------------------------------------------------------------------- */

/* RFC 5322 3.3: "Sat, 21 Nov 2026 02:10:00 +0000". */
static void add_date(struct str *out, int64_t when)
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct civil c;

	time_to_civil(when, &c);
	str_addf(out, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d +0000\r\n",
		days + 3 * (when / 86400000 % 7), c.day, months + 3 * (c.month - 1), c.year, c.hour,
		c.minute, c.second);
}

static bool is_plain_subject(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] < ' ' || text[i] > '~')
			return false;
	}
	return len <= SUBJECT_LINE_MAX && !strstr(text, "=?");
}

/* RFC 2047 4.2: words of whole characters, folded one to a line. */
static void add_encoded_words(struct str *out, const char *text, size_t len)
{
	size_t line = 0;

	for (size_t i = 0; i < len;) {
		uint32_t code_point;
		size_t size = text_decode_utf8(text + i, len - i, &code_point);

		if (i == 0 || line + 3 * size > SUBJECT_LINE_MAX - WORD_FRAME) {
			str_addz(out, i == 0 ? "=?UTF-8?Q?" : "?=\r\n =?UTF-8?Q?");
			line = 0;
		}
		for (size_t end = i + size; i < end; i++) {
			if (is_label(text[i]))
				str_addc(out, text[i]);
			else
				str_addf(out, "=%02X", (unsigned)(unsigned char)text[i]);
		}
		line += 3 * size;
	}
	str_addz(out, "?=");
}

static int add_subject(struct str *out, const char *subject, struct err *err)
{
	size_t len = strlen(subject);

	if (len > MAIL_SUBJECT_MAX || !text_is_utf8(subject, len))
		return err_set(err, ERR_INVALID, "the subject is too long or no UTF-8");
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)subject[i] < ' ' || subject[i] == 0x7f)
			return err_set(err, ERR_INVALID, "the subject has control characters");
	}
	str_addz(out, "Subject: ");
	if (is_plain_subject(subject, len))
		str_addz(out, subject);
	else
		add_encoded_words(out, subject, len);
	str_addz(out, "\r\n");
	return 0;
}

/* RFC 2045 6.7: quoted-printable, whose every line is ours, so that no text can look like the end of the
 * message or like a part of the headers. */
static void add_quoted(struct str *out, const char *text)
{
	size_t line = 0;

	for (const char *p = text; *p; p++) {
		bool at_end = !p[1] || p[1] == '\n';
		bool plain = *p >= ' ' && *p <= '~' && *p != '=' && !(*p == ' ' && at_end);
		size_t width = plain ? 1 : 3;

		if (*p == '\n') {
			str_addz(out, "\r\n");
			line = 0;
			continue;
		}
		if (line + width > QUOTED_LINE_MAX - 1) {
			str_addz(out, "=\r\n");
			line = 0;
		}
		if (plain)
			str_addc(out, *p);
		else
			str_addf(out, "=%02X", (unsigned)(unsigned char)*p);
		line += width;
	}
	if (line)
		str_addz(out, "\r\n");
}

int mail_format(const char *from, const struct mail *mail, struct str *out, struct err *err)
{
	char id[UUID_TEXT_LEN + 1];
	struct uuid made = uuid_make(mail->when);
	size_t text_len = strlen(mail->text);

	if (mail_check_address(from, err) || mail_check_address(mail->to, err))
		return -1;
	if (mail->when < 0)
		return err_set(err, ERR_INVALID, "the mail's date lies before 1970");
	if (text_len > MAIL_TEXT_MAX || !text_is_utf8(mail->text, text_len))
		return err_set(err, ERR_INVALID, "the mail is too long or no UTF-8");
	uuid_format(&made, id);
	/* An address and its header may be longer than 78: RFC 5322 2.1.1 lets it stand on a line of its own
	 * after a fold. */
	str_addf(out, "From:\r\n <%s>\r\nTo:\r\n <%s>\r\n", from, mail->to);
	if (add_subject(out, mail->subject, err))
		return -1;
	add_date(out, mail->when);
	str_addf(out,
		"Message-ID:\r\n <%s@%s>\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"\r\n",
		id, strchr(from, '@') + 1);
	add_quoted(out, mail->text);
	return str_check(out, err);
}

/* --- sending ------------------------------------------------------------------------------ */

static void start_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void close_curl(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

static void free_list(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

struct unsent {
	const char *next;
	size_t left;
};

static size_t give_bytes(char *to, size_t size, size_t count, void *data)
{
	struct unsent *unsent = data;
	size_t room = size * count, some = unsent->left < room ? unsent->left : room;

	memcpy(to, unsent->next, some);
	unsent->next += some;
	unsent->left -= some;
	return some;
}

/* The host of the URL is this machine: what is said to it crosses no wire. */
static bool is_here(const char *url)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	if (strchr(host, '@'))
		return false; /* what stands before it is no host */
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t len = strlen(names[i]);

		if (!strncasecmp(host, names[i], len) && strchr(":/", host[len]))
			return true; /* strchr finds the NUL of an URL that ends here, too */
	}
	return false;
}

static bool set_login(CURL *curl, const struct mail_server *server)
{
	const char *password = server->password ? server->password : "";
	long tls = is_here(server->url) ? CURLUSESSL_TRY : CURLUSESSL_ALL;

	return !curl_easy_setopt(curl, CURLOPT_USE_SSL, tls) &&
		!curl_easy_setopt(curl, CURLOPT_USERNAME, server->user) &&
		!curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
}

static bool set_connection(CURL *curl, const struct mail_server *server)
{
	return !curl_easy_setopt(curl, CURLOPT_URL, server->url) &&
		!curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps") &&
		/* Else libcurl asks the environment for a proxy. */
		!curl_easy_setopt(curl, CURLOPT_PROXY, "") &&
		!curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) &&
		!curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)server->time_limit_ms) &&
		!curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_TRY) &&
		(!server->user || !server->user[0] || set_login(curl, server));
}

static bool set_message(CURL *curl, const char *from, struct curl_slist *to, struct unsent *unsent)
{
	return !curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from) &&
		!curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to) &&
		!curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) &&
		!curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_bytes) &&
		!curl_easy_setopt(curl, CURLOPT_READDATA, unsent);
}

static int tell_failure(CURL *curl, CURLcode code, const char *detail, struct err *err)
{
	long answer = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
	if (!detail[0])
		detail = curl_easy_strerror(code);
	if (code == CURLE_LOGIN_DENIED)
		return err_set(err, ERR_DENIED, "the mail server refuses our login: %s", detail);
	if (code == CURLE_OUT_OF_MEMORY)
		return err_no_memory(err);
	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
		return err_set(err, ERR_INVALID, "the mail server's address is wrong: %s", detail);
	if (answer >= 500)
		return err_set(
			err, ERR_FAILED, "the mail server refuses (%ld): %s", answer, detail);
	return err_set(err, ERR_OFFLINE, "the mail server did not take the mail: %s", detail);
}

int mail_send(const struct mail_server *server, const struct mail *mail, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char from[MAIL_ADDRESS_MAX + 3], to[MAIL_ADDRESS_MAX + 3];
	char detail[CURL_ERROR_SIZE] = "";
	_cleanup_str_ struct str text = STR_INIT(4 * MAIL_TEXT_MAX);
	_cleanup_(close_curl) CURL *curl = NULL;
	_cleanup_(free_list) struct curl_slist *list = NULL;
	struct unsent unsent;
	CURLcode code;

	if (mail_format(server->from, mail, &text, err))
		return -1;
	snprintf(from, sizeof(from), "<%s>", server->from);
	snprintf(to, sizeof(to), "<%s>", mail->to);
	pthread_once(&once, start_curl);
	curl = curl_easy_init();
	list = curl_slist_append(NULL, to);
	unsent = (struct unsent){text.data, text.len};
	if (!curl || !list || curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail) ||
		!set_connection(curl, server) || !set_message(curl, from, list, &unsent))
		return err_no_memory(err);
	code = curl_easy_perform(curl);
	return code ? tell_failure(curl, code, detail, err) : 0;
}
