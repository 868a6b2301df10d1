/* multipart.c - forms as browsers send them, and as nobody should: whole, byte by byte, and in pieces. */
#include "http/multipart.h"
#include "base/str.h"
#include "tap.h"

static struct err err;

/* What a sink saw, as text: "<name|filename|type>bytes</>". */
static int see_begin(void *data, const struct multipart_part *part, struct err *e)
{
	struct str *seen = data;

	(void)e;
	str_addf(seen, "<%s|%s|%s>", part->name, part->is_file ? part->filename : "-", part->type);
	return 0;
}

static int see_bytes(void *data, const void *bytes, size_t len, struct err *e)
{
	(void)e;
	str_add(data, bytes, len);
	return 0;
}

static int see_end(void *data, struct err *e)
{
	(void)e;
	str_addz(data, "</>");
	return 0;
}

static const struct multipart_sink sink = {see_begin, see_bytes, see_end};

#define TYPE "multipart/form-data; boundary=b"

static int parse(const char *type, const char *form, size_t len, size_t step, struct str *seen)
{
	struct multipart *m = NULL;
	int failed;

	str_clear(seen);
	err_clear(&err);
	if (multipart_open(type, &sink, seen, &m, &err))
		return -1;
	failed = 0;
	for (size_t at = 0; !failed && at < len; at += step)
		failed = multipart_feed(m, form + at, len - at < step ? len - at : step, &err);
	failed = failed || multipart_finish(m, &err);
	multipart_close(m);
	return failed ? -1 : 0;
}

static void gives(const char *form, const char *want, const char *name)
{
	_cleanup_str_ struct str whole = STR_INIT(100000), pieces = STR_INIT(100000);
	size_t len = strlen(form);
	bool same = true;

	ok_call(parse(TYPE, form, len, len, &whole), &err, "%s", name);
	is_str(whole.data, want, "%s: parts", name);
	for (size_t step = 1; step < 20; step++)
		same = parse(TYPE, form, len, step, &pieces) == 0 &&
			strcmp(whole.data, pieces.data) == 0 && same;
	ok(same, "%s: the same in pieces of any size", name);
}

static void refuses(const char *form, enum err_kind kind, const char *name)
{
	_cleanup_str_ struct str seen = STR_INIT(100000);

	ok(parse(TYPE, form, strlen(form), 7, &seen) && err.kind == kind, "%s is refused: %s", name,
		err.message);
}

#define PART(header, body) "--b\r\n" header "\r\n\r\n" body "\r\n"
#define NAME(name)         "Content-Disposition: form-data; name=\"" name "\""
#define FILE_OF(name)      "Content-Disposition: form-data; name=\"f\"; filename=\"" name "\""

static void test_forms(void)
{
	gives(PART(NAME("a"), "one") PART(NAME("b"), "two") "--b--\r\n", "<a|-|>one</><b|-|>two</>",
		"two fields");
	gives(PART(FILE_OF("x.jpg") "\r\nContent-Type: image/jpeg", "\377\330") "--b--",
		"<f|x.jpg|image/jpeg>\377\330</>", "a file, no line end at the end");
	gives("preamble\r\n" PART(NAME("a"), "1") "--b--\r\nepilogue\r\n--b\r\nmore", "<a|-|>1</>",
		"preamble and epilogue are nothing");
	gives("--b\r\n" NAME("a") "\r\n\r\n--b--", "<a|-|></>",
		"no body and no line end of its own");
	gives(PART(NAME("a"), "") "--b--", "<a|-|></>", "an empty body");
	gives(PART(NAME("a"), "\r\n\r\n") "--b--", "<a|-|>\r\n\r\n</>", "a body of line ends");
	gives(PART(NAME("a"), "1\r\n--") "--b--", "<a|-|>1\r\n--</>", "half a delimiter");
	gives(PART(NAME("a"), "1\r\n--c\r\n--\r\n-\r\n") "--b--",
		"<a|-|>1\r\n--c\r\n--\r\n-\r\n</>", "lines that are nearly one");
	gives(PART(NAME("a"), "1\r\n--bb\r\n--b-\r\n--b x\r\n--b-x") "--b--",
		"<a|-|>1\r\n--bb\r\n--b-\r\n--b x\r\n--b-x</>", "a boundary that goes on is data");
	gives(PART(NAME("a"), "1\r\r\n\r\n--b\r\r") "--b--", "<a|-|>1\r\r\n\r\n--b\r\r</>",
		"carriage returns alone");
	gives(PART(NAME("a"), "x--b") "--b--", "<a|-|>x--b</>", "a boundary inside a line");
	gives(PART(NAME("a"), "--b is data where a line goes on") "--b--",
		"<a|-|>--b is data where a line goes on</>", "also where the header just ended");
	gives("--b \t \r\n" NAME("a") "\r\n\r\n1\r\n--b-- ", "<a|-|>1</>",
		"blanks behind a boundary");
}

static void test_names(void)
{
	gives(PART("content-disposition:form-data;NAME=a ; FileName=x", "") "--b--", "<a|x|></>",
		"without quotes and blanks");
	gives(PART(FILE_OF("C:\\dir\\a \\\"b\\\".jpg"), "") "--b--", "<f|C:\\dir\\a \"b\".jpg|></>",
		"backslashes of paths and before quotes");
	gives(PART(FILE_OF("a%22b%0d%0Ac%41.jpg"), "") "--b--", "<f|a\"b\r\nc%41.jpg|></>",
		"what browsers write for quotes and line ends");
	gives(PART(FILE_OF("caf\303\251; x=y.jpg") "; size=3;", "") "--b--",
		"<f|caf\303\251; x=y.jpg|></>", "semicolons in quotes, other parameters");
	gives(PART(FILE_OF(""), "") "--b--", "<f||></>", "no file was chosen");
	gives(PART("X-Other: 1\r\n" NAME("a") "\r\nContent-Transfer-Encoding: binary", "1") "--b--",
		"<a|-|>1</>", "other headers");
}

static void test_refusals(void)
{
	_cleanup_str_ struct str many = STR_INIT(1000000), seen = STR_INIT(1000000);

	refuses("", ERR_INVALID, "nothing");
	refuses("hello", ERR_INVALID, "no form");
	refuses(PART(NAME("a"), "1"), ERR_INVALID, "no final boundary");
	refuses(PART(NAME("a"), "1") "--b-", ERR_INVALID, "half a final boundary");
	refuses("--b\r\n\r\n1\r\n--b--", ERR_INVALID, "a part without a header");
	refuses(PART("Content-Type: text/plain", "1") "--b--", ERR_INVALID,
		"a part without a name");
	refuses(PART("Content-Disposition: attachment; name=a", "1") "--b--", ERR_INVALID,
		"another disposition");
	refuses(PART("Content-Disposition: form-data; name=\"a", "1") "--b--", ERR_INVALID,
		"a quote that does not end");
	refuses(PART("Content-Disposition: form-data; name=a; name=b", "1") "--b--", ERR_INVALID,
		"two names");
	refuses(PART("Content-Disposition: form-data; filename=a", "1") "--b--", ERR_INVALID,
		"a file without a field");
	refuses(PART("Content-Disposition: form-data junk; name=a", "1") "--b--", ERR_INVALID,
		"junk in the disposition");
	refuses(PART(NAME("a") "\r\n" NAME("b"), "1") "--b--", ERR_INVALID, "two dispositions");
	refuses(PART(NAME("a") "\r\n folded: 1", "1") "--b--", ERR_INVALID, "a folded header");
	refuses(PART(NAME("a") "\nX: 1", "1") "--b--", ERR_INVALID, "a line feed alone");
	refuses(PART(NAME("a") "\r\nno colon", "1") "--b--", ERR_INVALID,
		"a line that is no header");
	refuses(PART(NAME("a") "\r\nContent-Transfer-Encoding: base64", "1") "--b--",
		ERR_UNSUPPORTED, "base64");
	str_addz(&many, "--b\r\nX: ");
	for (int i = 0; i < MULTIPART_HEADER_MAX; i++)
		str_addc(&many, 'x');
	refuses(many.data, ERR_TOO_LARGE, "a huge header");
	str_clear(&many);
	for (int i = 0; i <= MULTIPART_PARTS_MAX; i++)
		str_addz(&many, PART(NAME("a"), "1"));
	refuses(many.data, ERR_TOO_LARGE, "too many parts");
	str_clear(&many);
	str_addz(&many, "--b\r\n" NAME("a"));
	str_add(&many, "\0\r\n\r\n1\r\n--b--", 14);
	ok(parse(TYPE, many.data, many.len, 3, &seen) != 0, "a NUL in a header is refused");
}

static void test_types(void)
{
	static const char *const good[] = {"multipart/form-data; boundary=b",
		"Multipart/Form-Data;boundary=\"b\"",
		"multipart/form-data; charset=utf-8; boundary=b",
		"multipart/form-data ; x=\"; boundary=no\" ; Boundary=b ; y=z"};
	static const char *const bad[] = {"multipart/form-data",
		"multipart/form-data; boundary=", "multipart/form-data; boundary=\"b",
		"multipart/form-data; boundary=\"b \"", "multipart/form-data; boundary=b\303\251",
		"multipart/mixed; boundary=b", "multipart/form-datax; boundary=b", "text/plain",
		NULL, "",
		"multipart/form-data; boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaa"};
	_cleanup_str_ struct str seen = STR_INIT(1000);
	const char form[] = PART(NAME("a"), "1") "--b--";

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ok_call(parse(good[i], form, strlen(form), 5, &seen), &err, "%s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(parse(bad[i], form, strlen(form), 5, &seen), "refused: %.40s",
			bad[i] ? bad[i] : "no type");
}

int main(void)
{
	test_forms();
	test_names();
	test_refusals();
	test_types();
	return tap_done();
}
