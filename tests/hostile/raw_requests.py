"""Requests as bytes that no browser sends, and what may be answered."""

from dataclasses import dataclass

REFUSED = range(400, 500)
HUNG_UP = 0
ANY_PAGE = (200, 301, 302, 304, 308, 404, 405)
SIGN_UP = "/api/v1/sessions/01a1f000-0000-7000-8000-000000000001/registrations"


@dataclass(frozen=True)
class Raw:
    """A request, and the answers of which one must come; hanging up is always one."""

    content: bytes
    allowed: tuple[int, ...] = tuple(REFUSED)


def get(path: str | bytes, *headers: str | bytes, version: str = "1.1") -> bytes:
    """A GET with these headers beside the host's."""
    return _head(b"GET", path, headers, version) + b"\r\n"


def post(path: str, *headers: str | bytes, body: bytes = b"") -> bytes:
    """A POST whose headers say whatever they say of the body."""
    return _head(b"POST", path, headers, "1.1") + b"\r\n" + body


def _head(
    method: bytes, path: str | bytes, headers: tuple[str | bytes, ...], version: str
) -> bytes:
    lines = [
        b" ".join([method, _bytes(path), f"HTTP/{version}".encode()]),
        b"Host: 127.0.0.1",
        b"Connection: close",
        *map(_bytes, headers),
    ]
    return b"".join(line + b"\r\n" for line in lines)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def sent(path: str, body: bytes, kind: str, *headers: str) -> bytes:
    """A POST that is true about its body."""
    return post(path, f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, body=body)


def form(body: bytes, path: str = "/staff/sign-in") -> bytes:
    return sent(path, body, "application/x-www-form-urlencoded")


def json(body: bytes, path: str = SIGN_UP) -> bytes:
    return sent(path, body, "application/json")


def parts(count: int) -> bytes:
    """A form of so many parts."""
    each = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n'
    return sent("/staff/sign-in", each * count + b"--b--\r\n", "multipart/form-data; boundary=b")


_CHUNKS = b"4\r\n{}  \r\n0\r\n\r\n"
_CHUNKED = ("Content-Type: application/json", "Transfer-Encoding: chunked")

LINES = {
    "nothing": Raw(b"\r\n\r\n"),
    "no HTTP": Raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "words": Raw(b"hello\r\n\r\n"),
    "HTTP/0.9": Raw(b"GET /\r\n\r\n"),
    "HTTP/1.0": Raw(get("/healthz", version="1.0"), (200,)),
    "HTTP/1.0 without a host": Raw(b"GET /healthz HTTP/1.0\r\n\r\n", (200,)),
    "HTTP/1.1 without a host": Raw(
        b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", (200, 400)
    ),
    "HTTP/2.0": Raw(get("/", version="2.0")),
    "HTTP/9.9": Raw(get("/", version="9.9")),
    "the preface of HTTP/2": Raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "an unknown method": Raw(b"BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    "a method in small letters": Raw(b"get / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    "a long method": Raw(b"A" * 5_000 + b" / HTTP/1.1\r\nHost: x\r\n\r\n"),
    "TRACE": Raw(b"TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    "CONNECT": Raw(b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    "OPTIONS *": Raw(
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", (200, *REFUSED)
    ),
    "an absolute address": Raw(get("http://127.0.0.1/healthz"), (200, *REFUSED)),
    "another site's address": Raw(get("http://example.org/"), ANY_PAGE),
    "a space in the path": Raw(get("/a b")),
    "a tab in the path": Raw(get("/a\tb"), (400, 404)),
    "a NUL in the path": Raw(get(b"/a\x00b"), (400, 404)),
    "an encoded NUL in the path": Raw(get("/%00"), (400, 404)),
    "an encoded NUL in a filter": Raw(get("/?topic=%00"), (200, *REFUSED)),
    "bad UTF-8 in the path": Raw(get("/%ff%fe"), (400, 404)),
    "overlong UTF-8 in the path": Raw(get("/%c0%ae%c0%ae/"), (400, 404)),
    "half a surrogate pair in the path": Raw(get("/%ed%a0%80"), (400, 404)),
    "bytes beyond ASCII in the path": Raw(get(b"/\xc3\xa9\xff"), (400, 404)),
    "a broken percent sign": Raw(get("/%zz%"), (400, 404)),
    "a line end in the path": Raw(get("/%0d%0aX-Injected:%201"), (400, 404)),
    "a line end in a language": Raw(get("/?lang=en%0d%0aX-Injected:%201"), (200, *REFUSED)),
    "a line end after sign-in": Raw(get("/staff/?next=%0d%0aX-Injected:%201"), (302, *REFUSED)),
    "a path of 100,000 letters": Raw(get("/" + "a" * 100_000)),
    "a path of 3,000 letters": Raw(get("/" + "a" * 3_000), (404, *REFUSED)),
    "10,000 slashes": Raw(get("/" * 3_500), ANY_PAGE),
    "the same filter 200 times": Raw(get("/?" + "&".join(["topic=x"] * 200)), (200, *REFUSED)),
    "a filter that is a list": Raw(get("/?topic[]=x&topic[a]=y"), (200, *REFUSED)),
    "a page below the first": Raw(get("/api/v1/sessions?page=-1")),
    "a page beyond all": Raw(get("/api/v1/sessions?page=99999999999999999999"), (200, *REFUSED)),
    "a page of a thousand": Raw(get("/api/v1/sessions?page_size=1000")),
    "an id that is none": Raw(get("/sessions/not-an-id")),
    "an id of NULs": Raw(get("/sessions/%00%00%00")),
}

STATIC = {
    f"static {path}": Raw(get(f"/static/{path}"), (400, 403, 404, 308))
    for path in (
        "../app.py",
        "../../../../etc/passwd",
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "..%252f..%252fetc%252fpasswd",
        "..%5c..%5cetc%5cpasswd",
        "....//....//etc/passwd",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "C:%5cboot.ini",
        "%00",
        "turnout.css%00.png",
        "turnout.css/..",
        ".",
        "",
        "%c0%ae%c0%ae/secret_key",
    )
}

HEADERS = {
    "no colon": Raw(get("/healthz", "nonsense")),
    "a name with a space": Raw(get("/healthz", "X Y: 1")),
    "a space before the colon": Raw(get("/healthz", "X-Y : 1"), (200, *REFUSED)),
    "no name": Raw(get("/healthz", ": 1")),
    "a NUL": Raw(get("/healthz", b"X-Y: a\x00b")),
    "a lone carriage return": Raw(get("/healthz", b"X-Y: a\rb: c")),
    "a folded line": Raw(get("/healthz", "X-Y: a", " b")),
    "bytes beyond ASCII": Raw(get("/healthz", b"X-Y: \xff\xfe"), (200, *REFUSED)),
    "one of 100,000 letters": Raw(get("/healthz", "X-Y: " + "a" * 100_000)),
    "one of 9,000 letters": Raw(get("/healthz", "X-Y: " + "a" * 9_000)),
    "101 of them": Raw(get("/healthz", *(f"X-{number}: 1" for number in range(101)))),
    "two hosts": Raw(get("/healthz", "Host: example.org"), (200, *REFUSED)),
    "an odd host": Raw(get("/", "Host: <script>"), (200, *REFUSED)),
    "a cookie of nonsense": Raw(
        get("/staff/", b"Cookie: turnout=\xff; a; =; ;;;"), (302, *REFUSED)
    ),
    "a forged cookie": Raw(get("/staff/", "Cookie: turnout=e30.aaaa.bbbb"), (302,)),
    "a language of nonsense": Raw(get("/", "Accept-Language: \u00ff;q=x,*;q=9, en-"), (200,)),
    "a cookie for a language": Raw(get("/", "Cookie: language=../../etc"), (200,)),
    "a token of nonsense": Raw(get("/api/v1/workshops", b"Authorization: Bearer \xff\x80")),
    "a token that is empty": Raw(get("/api/v1/workshops", "Authorization: Bearer ")),
    "basic sign-in": Raw(get("/api/v1/workshops", "Authorization: Basic !!!!")),
    "a range": Raw(get("/static/turnout.css", "Range: bytes=9-1,,-0"), (200, 206, *REFUSED)),
    "a date of nonsense": Raw(get("/static/turnout.css", "If-Modified-Since: x"), (200, 304, 404)),
    "tags of nonsense": Raw(
        get("/calendar.ics", 'If-None-Match: "', "If-Match: W/"), (200, 304, 412)
    ),
    "an expectation": Raw(get("/healthz", "Expect: nonsense"), (200, *REFUSED)),
    "an upgrade": Raw(get("/healthz", "Upgrade: h2c", "HTTP2-Settings: AAAA"), (200, *REFUSED)),
    "a forwarded address": Raw(get("/", "X-Forwarded-For: a, b", "X-Forwarded-Proto: x"), (200,)),
    "another path": Raw(
        get("/healthz", "X-Original-URL: /staff/", "SCRIPT_NAME: /x"), (200, *REFUSED)
    ),
}

BODIES = {
    "two lengths": Raw(post(SIGN_UP, "Content-Length: 2", "Content-Length: 3", body=b"{}x")),
    "a length and chunks": Raw(post(SIGN_UP, "Content-Length: 2", *_CHUNKED, body=_CHUNKS)),
    "a length below none": Raw(post(SIGN_UP, "Content-Length: -1")),
    "a length that is no number": Raw(post(SIGN_UP, "Content-Length: x")),
    "a length with a sign": Raw(post(SIGN_UP, "Content-Length: +2", body=b"{}")),
    "a length beyond all": Raw(post(SIGN_UP, "Content-Length: 99999999999999999999", body=b"{}")),
    "a length of a gigabyte": Raw(post(SIGN_UP, "Content-Length: 1073741824", body=b"{}")),
    "chunks": Raw(post(SIGN_UP, *_CHUNKED, body=_CHUNKS)),
    "chunks without a size": Raw(post(SIGN_UP, *_CHUNKED, body=b"\r\n{}\r\n0\r\n\r\n")),
    "chunks of a size that is none": Raw(post(SIGN_UP, *_CHUNKED, body=b"zz\r\n{}\r\n0\r\n\r\n")),
    "a chunk of a gigabyte": Raw(post(SIGN_UP, *_CHUNKED, body=b"40000000\r\n{}")),
    "a chunk below none": Raw(post(SIGN_UP, *_CHUNKED, body=b"-1\r\n{}\r\n0\r\n\r\n")),
    "300 KiB in chunks": Raw(
        post(SIGN_UP, *_CHUNKED, body=b"4b000\r\n" + b"x" * 0x4B000 + b"\r\n0\r\n\r\n")
    ),
    "an unknown coding": Raw(
        post(SIGN_UP, "Transfer-Encoding: x", body=b"{}"), (400, 501)
    ),  # RFC 9112 asks for 501.
    "chunks twice": Raw(post(SIGN_UP, "Transfer-Encoding: chunked, chunked", body=_CHUNKS)),
    "a body that ends early": Raw(post("/staff/sign-in", "Content-Length: 100", body=b"email=")),
    "300 KiB of form": Raw(form(b"email=" + b"a" * 300 * 1024)),
    "300 KiB of JSON": Raw(json(b'{"name": "' + b"a" * 300 * 1024 + b'"}')),
    "101 parts": Raw(parts(101)),
    "5,000 parts": Raw(parts(5_000)),
    "parts without a boundary": Raw(sent("/staff/sign-in", b"--b", "multipart/form-data")),
    "parts that never end": Raw(
        sent("/staff/sign-in", b"--b\r\n\r\n", "multipart/form-data; boundary=b")
    ),
    "the same field 10,000 times": Raw(form(b"&".join([b"email=a"] * 10_000))),
    "a form of bad UTF-8": Raw(form(b"email=\xff\xfe&password=%ff")),
    "a form with a NUL": Raw(form(b"email=%00&password=\x00")),
    "a form of percent signs": Raw(form(b"%%%=%%%&=&&&==")),
    "a form of another kind": Raw(sent("/staff/sign-in", b"<a/>", "text/xml")),
    "a form of an unknown charset": Raw(
        sent("/staff/sign-in", b"email=a", "application/x-www-form-urlencoded; charset=nope")
    ),
    "JSON for a form": Raw(sent("/staff/sign-in", b"{}", "application/json")),
    "a form for JSON": Raw(sent(SIGN_UP, b"name=a", "application/x-www-form-urlencoded")),
    "text for JSON": Raw(sent(SIGN_UP, b"{}", "text/plain")),
    "no kind": Raw(post(SIGN_UP, "Content-Length: 2", body=b"{}")),
    "a kind of nonsense": Raw(sent(SIGN_UP, b"{}", ";;;=")),
    "a list for an object": Raw(json(b"[]")),
    "a number for an object": Raw(json(b"5")),
    "null for an object": Raw(json(b"null")),
    "JSON that ends early": Raw(json(b'{"name": ')),
    "JSON of bad UTF-8": Raw(json(b'{"name": "\xff"}')),
    "JSON of UTF-16": Raw(json('{"name": "a"}'.encode("utf-16"))),
    "JSON with a mark of its order": Raw(json(b'\xef\xbb\xbf{"name": "a"}')),
    "JSON with a NUL": Raw(json(b'{"name": "a\x00"}')),
    "JSON with an encoded NUL": Raw(json(b'{"name": "a\\u0000"}')),
    "JSON with half a surrogate pair": Raw(json(b'{"name": "\\ud800"}')),
    "JSON with NaN": Raw(json(b'{"name": NaN, "email": Infinity}')),
    "JSON with the same name twice": Raw(json(b'{"name": 1, "name": 2}')),
    "JSON of 22 levels": Raw(json(b'{"name": ' + b"[" * 21 + b"]" * 21 + b"}")),
    "JSON of 100,000 levels": Raw(json(b"[" * 100_000)),
    "JSON with a number of 5,000 digits": Raw(json(b'{"name": ' + b"9" * 5_000 + b"}")),
    "JSON of 20,000 fields": Raw(
        json(b"{" + b",".join(b'"%d":1' % number for number in range(20_000)) + b"}")
    ),
    "a compressed body": Raw(
        sent(SIGN_UP, b"\x1f\x8b", "application/json", "Content-Encoding: gzip")
    ),
    "a body for a GET": Raw(get("/healthz", "Content-Length: 2") + b"{}", (200, *REFUSED)),
    "an origin that is none": Raw(post("/staff/sign-in", "Origin: https://[::1")),
    "an origin of letters": Raw(post("/staff/sign-in", "Origin: \u00ff\u2100")),
    "a site that is none": Raw(post("/staff/sign-in", "Sec-Fetch-Site: \u00ff")),
    "a report that is none": Raw(json(b"[", "/hooks/sendgrid")),
}

REQUESTS = {
    **LINES,
    **STATIC,
    **{f"header: {name}": raw for name, raw in HEADERS.items()},
    **{f"body: {name}": raw for name, raw in BODIES.items()},
}
