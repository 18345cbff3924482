"""Strings that break programs which take text for something else, or cannot show it.

Whole families are made from the Unicode tables, so that none of their members is forgotten.
"""

_CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
_BIDI = list("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = list("\u00ad\u034f\u115f\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u3164\ufeff")
_SPACES = [*"\u00a0\u1680", *map(chr, range(0x2000, 0x200B)), *"\u2028\u2029\u202f\u205f\u3000"]
_NONCHARACTERS = ["\ufdd0", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff", "\ufffd", "\ue000"]
_SURROGATES = ["\ud800", "\udbff", "\udc00", "\udfff", "\ud83d", "\udc80"]
_TAGS = ["\U000e0001", "\U000e0041", "\U000e007f", "\ufe0e", "\ufe0f", "\U000e0100"]

CHARACTERS = [*_CONTROLS, *_BIDI, *_INVISIBLE, *_SPACES, *_NONCHARACTERS, *_SURROGATES, *_TAGS]

WITH_ODD_CHARACTERS = [f"An{each}na" for each in CHARACTERS] + [
    f"{each}Anna{each}" for each in (*_BIDI, *_INVISIBLE, *_SPACES)
]

WORDS_OF_PROGRAMS = """
null Null NULL nil nul None none NaN nan Infinity -Infinity undefined undef void true True
TRUE false False FALSE yes no on off const var let function class self this super constructor
prototype __proto__ hasOwnProperty toString valueOf __class__ __init__ __dict__ then length
name id type admin root test default anonymous guest CON PRN AUX NUL COM1 LPT1 desktop.ini
.htaccess . .. ... - -- --- _ __ ~ * ** ? ?? ! !! @ # $ % ^ & && | || ; : , < > <> [] {} () [
] { } ( ) / // \\ \\\\ ' '' " "" ` `` = == + ++ deleted unknown N/A n/a NA TBD [object]
[Object]
""".split()

NUMBERS = """
0 00 000 1 01 -1 -0 +1 0.0 1.0 1.00 .5 5. 1e1 1E400 1e-400 0x1F 0o17 0b11 1_000 1,000 1.000,00
1/2 1/0 0/0 NaN% 100% $1.00 €1 ¥1 £1 2147483647 2147483648 -2147483649 4294967296
9007199254740993 9223372036854775807 9223372036854775808 18446744073709551616
99999999999999999999999999999999999999 3.141592653589793238462643383279 0.1e0 1d 1f 1L
Infinity1 １２３ ١٢٣ १२३ ²³ ½ Ⅳ ① 〇 1-2 1-2-3 12:00 24:00 00:00 2026-02-30 13/13/2026 Jan-1 1E2
""".split()

SQL = """
'~"~'; --~' OR '1'='1~' OR 1=1 --~" OR ""="~1; DROP TABLE registration~
'; DROP TABLE person; --~Robert'); DROP TABLE students;--~1' UNION SELECT NULL, NULL --~
' AND 1=(SELECT COUNT(*) FROM sqlite_master) --~'; SELECT pg_sleep(5); --~admin'--~admin'/*~
') OR ('a'='a~%~_~%%~100%_~\\%~a'~~'b~$$a$$~$1~:name~:1~?~%s~%(name)s~@@version~/* a */ b~
-- comment~# comment~1 OR 1=1~CHAR(39)~0x27~'~~(SELECT 1)~~'~\\' OR 1=1 --~E'\\x41'~
$tag$x$tag$~COPY x TO 'y'
""".replace("\n", "").split("~")

SHELL = """
$(touch /tmp/x)¦`touch /tmp/x`¦; touch /tmp/x¦| touch /tmp/x¦&& touch /tmp/x¦$HOME¦${HOME}¦
%PATH%¦!ls¦> /tmp/x¦< /etc/passwd¦--help¦--version¦-rf /¦-oProxyCommand=x¦() { :;}; echo x¦a;b¦
a&b¦a|b¦$IFS¦${IFS}x¦{a,b}¦[!a]¦\\$(x)¦"$(x)"¦'$(x)'¦; sleep 5¦| sleep 5 |¦$((1+1))¦<(x)¦¦user¦
*.py¦?
""".replace("\n", "").split("¦")

PATHS = """
../../../etc/passwd ..\\..\\..\\windows\\win.ini /etc/passwd file:///etc/passwd C:\\boot.ini
\\\\host\\share ....//....//etc/passwd ..%2f..%2fetc%2fpasswd %2e%2e%2f ..%c0%afetc ..%252f
/dev/zero /dev/null /proc/self/environ static/../app.py a/b/c a\\b\\c ~/.ssh/id_rsa
.git/config .env robots.txt con.txt a:b ::1 //example.org/x javascript:alert(1)
data:text/html,x http://127.0.0.1:1 http://[::1
""".split()

TEMPLATES = """
{{7*7}}¦{{ 7*7 }}¦{{config}}¦{{self}}¦{{''.__class__.__mro__}}¦{% for x in y %}¦{% raw %}¦
{# a #}¦${7*7}¦#{7*7}¦<%= 7*7 %>¦[[7*7]]¦{7*7}¦{0}¦{0.__class__}¦
{0.__class__.__init__.__globals__}¦{}¦{{}}¦{name}¦{name!r}¦{name.x}¦{name[0]}¦{title}¦{place}¦
{page}¦{local}¦%s¦%d¦%n¦%x¦%p¦%(name)s¦%(x)¦%%¦%¦%1$s¦%99999999s¦{:>99999999}¦{!r}¦{:d}¦$name¦
${name}¦$$¦#set($x=1)¦@(1+1)¦@{x}¦*{7*7}¦~{x}¦<#assign x=1>¦{php}x{/php}¦
{{constructor.constructor('x')()}}¦{{=7*7}}¦<% x %>¦#let x = 1¦#read("/etc/passwd")¦
#import "x"¦$ x^2 $¦@label¦<label>¦\\u{41}¦#{ 1 }¦[#emph[x]]¦= Heading¦_emph_¦*strong*¦`raw`¦
//comment
""".replace("\n", "").split("¦")

MARKUP = """
&amp;¦&lt;b&gt;¦&#0;¦&#x0;¦&#39;¦&nbsp;¦&unknown;¦&¦<b>bold</b>¦<br>¦<!-- a -->¦<![CDATA[a]]>¦
<?xml version="1.0"?>¦<!DOCTYPE a [<!ENTITY b "c">]>¦]]>¦</title>¦</textarea>¦</script>¦# a¦
## a¦- a¦1. a¦> a¦``` a¦~~~ a¦[a](b)¦![a](b)¦[a]: b¦<https://example.org>¦
https://example.org/a?b=c&d=e¦www.example.org¦a@example.org¦**a**¦__a__¦*a*¦~~a~~¦¦ a ¦ b ¦¦
---¦***¦___¦a  ¦\\a¦\\¦\\\\¦\\n¦\\0¦\\x00¦\\u0000¦\\ud800¦%00¦%0a¦%0d%0a¦=0A¦=?utf-8?q?x?=¦
=?utf-8?b?eA==?=¦BEGIN:VCALENDAR¦END:VEVENT¦DTSTART:20260101¦ATTENDEE:mailto:a@b.c¦a;b,c\\;d¦
"a","b"¦a\\,b¦.¦..¦From a¦-- ¦+OK¦.\\r\\n
""".replace("\n", "").split("¦")

SIGNS_OF_OTHER_SCRIPTS = """
😀 👩‍👧‍👦 👍🏽 🏳️‍🌈 🇨🇦 🧑‍🏭 1️⃣ ©️ ™️ ™ ♥ ☃ 𝒜𝓃𝓃𝒶 𝐀𝐧𝐧𝐚 Ａｎｎａ ﬁﬂ ǆ ß ẞ İ ı ſ ŉ ΐ ΰ Σςσ é é ñ ñ Å Å Å ậ
ậ ữ 가 각 क्षि नि ක්‍ෂ நி ไม้ ກໍ་ ཧཱུྃ မြန်မာ ខ្មែរ العَرَبِيَّة שָׁלוֹם سلام\u200cعلیکم ﷽ ﷺ 漢字
汉字 ひらがな カタカナ ｶﾀｶﾅ 한국어 ㍿ ㎏ 𠮷野 ᐃᓄᒃᑎᑐᑦ ᏣᎳᎩ ᓀᐦᐃᔭᐍᐏᐣ ⵜⴰⵎⴰⵣⵉⵖⵜ ქართული Հայերեն አማርኛ ދިވެހި
Z̷̛̳a̵͎͝l̸͈̾g̶̰̈́o̴̢͝ Ç̈ ̀a a̐éö̲ \u202egnirts\u202c \u2066abc\u2069 „a“ «a» ‹a› 「a」 … – — ― ‐
‑ ‒ − ¿a? ¡a! ª º ƒ ∞ ≠ ∑ √ µ Ω ℮ № ℀
""".split()

QUOTES = [
    "_x0041_",
    "_x000D_",
    "'",
    '"',
    "’",
    "‘",
    "“",
    "”",
    "„",
    "«",
    "»",
    "`",
    "´",
    "''",
    '""',
    "'\"'",
    "a'b",
    'a"b',
]

ESCAPES = ["_x0041_", "_x000D_", "\\N{DIGIT ONE}", "&Page &P", "&L&C&R", "[h:mm]", "@*.*"]

LONG = [
    "a" * 50,
    "ab " * 30,
    "é" * 100,
    "W" * 199,
    "x" * 200,
    "x" * 201,
    "word " * 60,
    "a" * 254,
    "a" * 255,
    "a" * 256,
    "a" * 1_001,
    "😀" * 150,
    "e\u0301" * 150,
    "a\u0300" + "\u0301" * 120,
    "漢" * 200,
    "-" * 300,
    "." * 998,
    "a" * 65_537,
]

BLANK = ["", " ", "   ", "\t", "\n", "\r\n", "\u00a0", "\u200b", "\u3000", "\ufeff", "\u2003 "]

NAUGHTY = list(
    dict.fromkeys(
        [
            *WITH_ODD_CHARACTERS,
            *WORDS_OF_PROGRAMS,
            *NUMBERS,
            *SQL,
            *SHELL,
            *PATHS,
            *TEMPLATES,
            *MARKUP,
            *SIGNS_OF_OTHER_SCRIPTS,
            *QUOTES,
            *ESCAPES,
            *LONG,
            *BLANK,
        ]
    )
)
