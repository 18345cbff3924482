"""E-mail addresses that mail can be sent to, and text that only looks like one."""

GOOD = """
a@example.org alex@example.org alex.rivera@example.org alex+turnout@example.org
alex_rivera@example.org alex-rivera@example.org o'brien@example.org alex&sam@example.org
alex/sam@example.org alex=sam@example.org alex?@example.org alex!x@example.org
#alex@example.org $alex@example.org %alex@example.org *alex@example.org {alex}@example.org
{{7*7}}@example.org |alex@example.org ~alex@example.org ^alex@example.org `alex`@example.org
-alex@example.org 1@example.org 1234567890@example.org null@example.org undefined@example.org
ALEX@EXAMPLE.ORG Alex.Rivera@Example.Org alex@mail.example.org alex@a.b.c.d.example.org
alex@example-union.org alex@1207.example.org alex@123.org alex@xn--bcher-kva.example.org
alex@bücher.example.org alex@étoile.example.org alex@example.museum alex@example.international
alex@union.on.ca alex@example.quebec alex@例え.jp alex@пример.рф élodie@example.org
jürgen@example.org фёдор@example.org 用户@example.org ñandú@example.org alex@ａ.example.org
alex@x.co
""".split()
GOOD += ["a" * 64 + "@example.org", "alex@" + "a" * 63 + ".org"]

BAD = """
alex¦@¦@example.org¦alex@¦alex@@example.org¦alex@example@example.org¦alex example@example.org¦
alex@exam ple.org¦alex @example.org¦alex@ example.org¦.alex@example.org¦alex.@example.org¦
alex..rivera@example.org¦alex@.example.org¦alex@example.org.¦alex@example..org¦
alex@-example.org¦alex@example-.org¦alex@example¦alex@localhost¦alex@127.0.0.1¦
alex@[127.0.0.1]¦alex@[IPv6:::1]¦alex@256.256.256.256¦alex@example.123¦
alex@example_union.org¦alex@exa$mple.org¦alex@example.org,sam@example.org¦
alex@example.org, sam@example.org¦alex@example.org;sam@example.org¦
alex@example.org sam@example.org¦Alex <alex@example.org>¦<alex@example.org>¦
"Alex" <alex@example.org>¦"alex"@example.org¦"alex rivera"@example.org¦"a@b"@example.org¦
(comment)alex@example.org¦alex(comment)@example.org¦alex@(comment)example.org¦
alex@example.org(comment)¦mailto:alex@example.org¦alex@http://example.org¦
http://alex@example.org/¦alex@example.org/x¦alex@example.org?x=y¦alex@example.org#x¦
alex@example.org:25¦alex\\@example.org¦alex\\ x@example.org¦alex<b>@example.org¦
<script>@example.org¦alex@<b>.org¦alex,@example.org¦alex;@example.org¦alex:@example.org¦
[alex]@example.org¦alex]@example.org¦a"b@example.org¦alex@example.org'¦alex@example.org"¦
alex@example.org>¦alex AT example.org¦alex(at)example.org¦alex at example dot org¦
alex%40example.org¦alex&#64;example.org¦alex@exa&mple.org¦alex@example.org\\n¦alex@example,org¦
alex@example;org¦alex@=example.org¦alex@exam'ple.org¦undisclosed-recipients:;¦
group:alex@example.org;¦root¦postmaster¦alex@.¦alex@..¦@@¦alex@org.¦alex@*.org¦alex@%.org¦
alex@{{7*7}}.org¦alex@${x}.org¦alex@example.org\\0
""".replace("\n", "").split("¦")
BAD += [
    "alex@" + "a" * 64 + ".org",
    "alex@" + ".".join(["a" * 60] * 5) + ".org",
    "a" * 300,
    "alex@example.org\r\nBcc: sam@example.org",
    "alex@example.org\nsam@example.org",
    "alex\n@example.org",
    "alex@exam\nple.org",
    "alex\r@example.org",
    "alex\x00@example.org",
    "alex@example.org\x00",
    "al\x00ex@example.org",
    "al\x1bex@example.org",
    "al\u202eex@example.org",
    "al\ud800ex@example.org",
    "alex@exam\u2028ple.org",
    "alex@exam\u00adple\u2026.org",
    "al\u00a0ex@example.org",
]
