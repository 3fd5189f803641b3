#include "html.h"

#include <endian.h>
#include <stdint.h>
#include <strings.h>

#include "err.h"

/* U+00A0 to U+00FF. */
static const char *const latin[96] = {
	"nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf", "laquo", "not", "shy", "reg", "macr",
	"deg", "plusmn", "sup2", "sup3", "acute", "micro", "para", "middot", "cedil", "sup1", "ordm", "raquo", "frac14", "frac12", "frac34",
	"iquest", "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave", "Eacute", "Ecirc", "Euml", "Igrave",
	"Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute", "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute",
	"Ucirc", "Uuml", "Yacute", "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil", "egrave",
	"eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml",
	"divide", "oslash", "ugrave", "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml",
};

static const struct {
	const char *name, *text;
} entities[] = {
	{ "amp", "&" }, { "lt", "<" }, { "gt", ">" }, { "quot", "\"" }, { "apos", "'" }, { "ndash", "\xe2\x80\x93" }, { "mdash", "\xe2\x80\x94" },
	{ "lsquo", "\xe2\x80\x98" }, { "rsquo", "\xe2\x80\x99" }, { "sbquo", "\xe2\x80\x9a" }, { "ldquo", "\xe2\x80\x9c" },
	{ "rdquo", "\xe2\x80\x9d" }, { "bdquo", "\xe2\x80\x9e" }, { "lsaquo", "\xe2\x80\xb9" }, { "rsaquo", "\xe2\x80\xba" },
	{ "hellip", "\xe2\x80\xa6" }, { "bull", "\xe2\x80\xa2" }, { "dagger", "\xe2\x80\xa0" }, { "prime", "\xe2\x80\xb2" },
	{ "Prime", "\xe2\x80\xb3" }, { "permil", "\xe2\x80\xb0" }, { "euro", "\xe2\x82\xac" }, { "trade", "\xe2\x84\xa2" },
	{ "ensp", "\xe2\x80\x82" }, { "emsp", "\xe2\x80\x83" }, { "thinsp", "\xe2\x80\x89" }, { "zwnj", "\xe2\x80\x8c" }, { "zwj", "\xe2\x80\x8d" },
	{ "hyphen", "\xe2\x80\x90" }, { "minus", "\xe2\x88\x92" }, { "asymp", "\xe2\x89\x88" }, { "ne", "\xe2\x89\xa0" }, { "le", "\xe2\x89\xa4" },
	{ "ge", "\xe2\x89\xa5" }, { "larr", "\xe2\x86\x90" }, { "uarr", "\xe2\x86\x91" }, { "rarr", "\xe2\x86\x92" }, { "darr", "\xe2\x86\x93" },
	{ "OElig", "\xc5\x92" }, { "oelig", "\xc5\x93" }, { "Scaron", "\xc5\xa0" }, { "scaron", "\xc5\xa1" }, { "Yuml", "\xc5\xb8" },
	{ "fnof", "\xc6\x92" }, { "circ", "\xcb\x86" }, { "tilde", "\xcb\x9c" }, { "mu", "\xce\xbc" }, { "alpha", "\xce\xb1" },
	{ "beta", "\xce\xb2" }, { "Delta", "\xce\x94" }, { "rsquor", "\xe2\x80\x99" }, { "NewLine", "\n" }, { "Tab", "\t" },
	{ "comma", "," }, { "colon", ":" }, { "period", "." }, { "percnt", "%" }, { "dollar", "$" }, { "lpar", "(" }, { "rpar", ")" },
};

/* What Windows-1252 has where Unicode has control characters: &#146; is in use as an apostrophe. */
static const uint16_t windows[32] = {
	0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
	0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
};

static const char *const blocks[] = {
	"p", "br", "div", "li", "ul", "ol", "dl", "dt", "dd", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "article",
	"header", "footer", "aside", "nav", "main", "figure", "figcaption", "pre", "hr", "form", "address", "caption",
};

/* Elements whose contents are no text of the page. */
static const char *const hidden[] = { "script", "style", "template", "svg", "title", "iframe" };

enum { MAX_NAME = 10 }; /* of those above */

/* Text on its way out: what separates it from the text before is known when it comes. */
struct writer {
	struct buf *out;
	size_t from; /* of out */
	bool blank, paragraph, one_line;
	int rc;
};

static bool
is_alnum(char c)
{
	return char_is_letter(c) || char_is_digit(c);
}

static bool
is_blank(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

static bool
name_is_one_of(struct str name, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(list[i]) == name.n && strncasecmp(list[i], name.p, name.n) == 0)
			return true;
	return false;
}

static void
put(struct writer *w, const char *bytes, size_t n)
{
	if (w->out->n > w->from && w->paragraph)
		w->rc |= buf_add(w->out, w->one_line ? " " : "\n", 1);
	else if (w->out->n > w->from && w->blank)
		w->rc |= buf_add(w->out, " ", 1);
	w->paragraph = w->blank = false;
	w->rc |= buf_add(w->out, bytes, n);
}

/* The bytes of the character at p that are blank or nothing to a reader; *blank tells which. Control characters of C1 are blanks. */
static size_t
invisible(const char *p, size_t n, bool *blank)
{
	*blank = true;
	if (is_blank(*p))
		return 1;
	if (n >= 2 && p[0] == '\xc2' && (unsigned char)p[1] <= 0xa0)
		return 2;
	if (n >= 3 && (memcmp(p, "\xe3\x80\x80", 3) == 0 || (memcmp(p, "\xe2\x80", 2) == 0 && (unsigned char)p[2] <= 0x8a) ||
	    memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0 || memcmp(p, "\xe2\x80\xaf", 3) == 0))
		return 3;
	*blank = false;
	if (n >= 2 && p[0] == '\xc2' && p[1] == '\xad')
		return 2;
	if (n >= 3 && (memcmp(p, "\xef\xbb\xbf", 3) == 0 || (memcmp(p, "\xe2\x80", 2) == 0 && (unsigned char)p[2] >= 0x8b && (unsigned char)p[2] <= 0x8f)))
		return 3;
	return 0;
}

/* 16 bytes at a time, in what registers the processor has; a comparison of two has all ones where it is true. */
typedef signed char vector __attribute__((vector_size(16)));

/* The number of the first byte that is not 0; 16 when all are. */
static inline size_t
first_set(vector bytes)
{
	uint64_t half[2];

	memcpy(half, &bytes, sizeof half);
	if (half[0] != 0)
		return (size_t)__builtin_ctzll(le64toh(half[0])) / 8;
	return half[1] == 0 ? 16 : 8 + (size_t)__builtin_ctzll(le64toh(half[1])) / 8;
}

/* The first of the 16 bytes at p that may have to go, or 16: a control character, the second of two blanks, what begins like invisible(). p[-1] counts. */
static inline size_t
first_doubtful(const char *p)
{
	vector here, before, doubtful;
	uint64_t half[2];

	memcpy(&here, p, sizeof here);
	memcpy(&before, p - 1, sizeof before);
	doubtful = (here < ' ') | (here == 0x7f) | ((here == ' ') & (before == ' '));
	memcpy(half, &doubtful, sizeof half);
	if ((half[0] | half[1]) == 0)
		return sizeof here;
	return first_set((doubtful & (here >= 0)) | (here == '\xc2') | (here == '\xe2') | (here == '\xe3') | (here == '\xef'));
}

/* How many bytes from p on, whose first was looked at, are text beyond doubt. Almost all bytes of an article are passed over here. */
static size_t
clean_run(const char *p, size_t n)
{
	enum { STEP = sizeof(vector) };
	size_t i, at;

	for (i = 1; i + STEP <= n; i += STEP)
		if ((at = first_doubtful(p + i)) < STEP)
			return i + at;
	if (n > STEP) /* the rest, and what is before it once more */
		return n - STEP + first_doubtful(p + n - STEP);
	for (; i < n && !is_blank(p[i]) && memchr("\xc2\xe2\xe3\xef", p[i], 4) == NULL; i++)
		;
	return i;
}

/* Text without references; blanks run together. */
static void
put_text(struct writer *w, const char *p, size_t n)
{
	size_t i = 0, from, skipped;
	bool blank, ends_blank;

	while (i < n) {
		if ((skipped = invisible(p + i, n - i, &blank)) > 0) {
			w->blank |= blank;
			i += skipped;
			continue;
		}
		from = i;
		do
			i += clean_run(p + i, n - i);
		while (i < n && (unsigned char)p[i] >= 0x80 && invisible(p + i, n - i, &blank) == 0);
		ends_blank = p[i - 1] == ' ';
		put(w, p + from, i - from - ends_blank);
		w->blank = ends_blank;
	}
}

static size_t
encode(uint32_t code, char out[4])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

struct str
html_entity(struct str name)
{
	static const char latin_text[] =
	    "\xc2\xa0\xc2\xa1\xc2\xa2\xc2\xa3\xc2\xa4\xc2\xa5\xc2\xa6\xc2\xa7\xc2\xa8\xc2\xa9\xc2\xaa\xc2\xab\xc2\xac\xc2\xad\xc2\xae\xc2\xaf"
	    "\xc2\xb0\xc2\xb1\xc2\xb2\xc2\xb3\xc2\xb4\xc2\xb5\xc2\xb6\xc2\xb7\xc2\xb8\xc2\xb9\xc2\xba\xc2\xbb\xc2\xbc\xc2\xbd\xc2\xbe\xc2\xbf"
	    "\xc3\x80\xc3\x81\xc3\x82\xc3\x83\xc3\x84\xc3\x85\xc3\x86\xc3\x87\xc3\x88\xc3\x89\xc3\x8a\xc3\x8b\xc3\x8c\xc3\x8d\xc3\x8e\xc3\x8f"
	    "\xc3\x90\xc3\x91\xc3\x92\xc3\x93\xc3\x94\xc3\x95\xc3\x96\xc3\x97\xc3\x98\xc3\x99\xc3\x9a\xc3\x9b\xc3\x9c\xc3\x9d\xc3\x9e\xc3\x9f"
	    "\xc3\xa0\xc3\xa1\xc3\xa2\xc3\xa3\xc3\xa4\xc3\xa5\xc3\xa6\xc3\xa7\xc3\xa8\xc3\xa9\xc3\xaa\xc3\xab\xc3\xac\xc3\xad\xc3\xae\xc3\xaf"
	    "\xc3\xb0\xc3\xb1\xc3\xb2\xc3\xb3\xc3\xb4\xc3\xb5\xc3\xb6\xc3\xb7\xc3\xb8\xc3\xb9\xc3\xba\xc3\xbb\xc3\xbc\xc3\xbd\xc3\xbe\xc3\xbf";
	size_t i;

	for (i = 0; i < sizeof entities / sizeof entities[0]; i++)
		if (str_is(name, entities[i].name))
			return str_of(entities[i].text);
	for (i = 0; i < sizeof latin / sizeof latin[0]; i++)
		if (str_is(name, latin[i]))
			return (struct str){ latin_text + 2 * i, 2 };
	return STR("");
}

/* The number of a reference, `#` being at p[0]; 0 when it is none or no character. *n becomes its bytes without the semicolon. */
static uint32_t
number_of(const char *p, size_t *n)
{
	bool hex = *n > 1 && (p[1] == 'x' || p[1] == 'X');
	size_t i = hex ? 2 : 1, first = i;
	uint32_t code = 0;

	for (; i < *n && code < 0x110000; i++) {
		char low = (char)(p[i] | 0x20);

		if (char_is_digit(p[i]))
			code = code * (hex ? 16 : 10) + (uint32_t)(p[i] - '0');
		else if (hex && low >= 'a' && low <= 'f')
			code = code * 16 + (uint32_t)(low - 'a') + 10;
		else
			break;
	}
	*n = i;
	if (i == first || code >= 0x110000 || (code >= 0xd800 && code < 0xe000))
		return 0;
	return code >= 0x80 && code < 0xa0 ? windows[code - 0x80] : code;
}

/* What stands at an ampersand; returns the bytes used. */
static size_t
put_reference(struct writer *w, const char *p, size_t n)
{
	char bytes[4];
	struct str text = STR("");
	size_t length = n - 1;
	uint32_t code;

	if (n > 1 && p[1] == '#') {
		if ((code = number_of(p + 1, &length)) != 0)
			text = (struct str){ bytes, encode(code, bytes) };
	} else {
		for (length = 0; length + 1 < n && length < 32 && is_alnum(p[length + 1]);)
			length++;
		text = html_entity((struct str){ p + 1, length });
		/* the semicolon may be missing where the name is old enough to be known without, and ends here anyway */
		if (text.n > 0 && !(length + 1 < n && p[length + 1] == ';') && !name_is_one_of((struct str){ p + 1, length },
		    (const char *const[]){ "amp", "lt", "gt", "quot", "nbsp" }, 5))
			text.n = 0;
	}
	if (text.n == 0) {
		put(w, "&", 1);
		return 1;
	}
	put_text(w, text.p, text.n);
	return 1 + length + (length + 1 < n && p[length + 1] == ';');
}

/* Markup as it is walked through. */
struct walk {
	const char *p, *end;
	bool quotes_broken; /* a quote in a tag was never closed: they mean nothing from here on */
	bool no_tag_ends;   /* no `>` is left */
	bool cdata;         /* a section of CDATA has begun */
};

/* Behind the tag whose `<` is at p; NULL when it never ends. */
static const char *
tag_end(struct walk *walk, const char *p)
{
	const char *at;
	char quote = '\0';

	if (walk->no_tag_ends)
		return NULL;
	for (at = p; !walk->quotes_broken && at < walk->end; at++) {
		if (quote != '\0')
			quote = *at == quote ? '\0' : quote;
		else if ((*at == '"' || *at == '\'') && at[-1] == '=')
			quote = *at;
		else if (*at == '>')
			return at + 1;
	}
	walk->quotes_broken = true;
	if ((at = memchr(p, '>', (size_t)(walk->end - p))) != NULL)
		return at + 1;
	walk->no_tag_ends = true;
	return NULL;
}

static struct str
tag_name(const char *p, const char *end)
{
	struct str name = { p, 0 };

	while (p + name.n < end && name.n <= MAX_NAME && is_alnum(p[name.n]))
		name.n++;
	return name;
}

/* Where `</NAME` stands, from p on; the end when it does not. */
static const char *
closing(const char *p, const char *end, struct str name)
{
	for (; (p = memchr(p, '<', (size_t)(end - p))) != NULL; p++)
		if ((size_t)(end - p) >= name.n + 2 && p[1] == '/' && strncasecmp(p + 2, name.p, name.n) == 0)
			return p;
	return end;
}

static const char *
find(const char *p, const char *end, const char *text)
{
	return p >= end ? NULL : memmem(p, (size_t)(end - p), text, strlen(text));
}

/* A comment, CDATA, or what else begins with `<!` or `<?`: where the text goes on. CDATA is text. */
static const char *
skip_declaration(struct walk *walk)
{
	const char *p = walk->p, *end;
	struct str rest = { p, (size_t)(walk->end - p) };

	if (str_starts(rest, STR("<![CDATA["))) {
		walk->cdata = true;
		return p + 9;
	}
	if (str_starts(rest, STR("<!--")))
		return (end = find(p + 4, walk->end, "-->")) == NULL ? walk->end : end + 3;
	return (end = memchr(p, '>', rest.n)) == NULL ? walk->end : end + 1;
}

/* A tag, or what looks like one; where the text goes on, NULL when the `<` is text itself. */
static const char *
take_tag(struct walk *walk, struct writer *w)
{
	bool close = walk->p + 1 < walk->end && walk->p[1] == '/';
	struct str name = tag_name(walk->p + 1 + close, walk->end);
	const char *end;

	if (!close && walk->p + 1 < walk->end && (walk->p[1] == '!' || walk->p[1] == '?'))
		return skip_declaration(walk);
	if (name.n == 0 || !char_is_letter(*name.p) || (end = tag_end(walk, name.p)) == NULL)
		return NULL;
	if (name_is_one_of(name, blocks, sizeof blocks / sizeof blocks[0]))
		w->paragraph = true;
	else if (name.n == 2 && (*name.p | 0x20) == 't') /* td, th */
		w->blank = true;
	if (!close && end[-2] != '/' && name_is_one_of(name, hidden, sizeof hidden / sizeof hidden[0]))
		return closing(end, walk->end, name);
	return end;
}

/* Whether a tag or a comment stands in the text. */
static bool
has_markup(struct str text)
{
	const char *p = text.p, *last = text.n == 0 ? NULL : memrchr(text.p, '>', text.n);

	if (last == NULL)
		return false;
	for (; (p = memchr(p, '<', (size_t)(last - p))) != NULL; p++)
		if (char_is_letter(p[1]) || p[1] == '!' || (p[1] == '/' && char_is_letter(p[2])))
			return true;
	return false;
}

/* Text and references. */
static void
put_run(struct writer *w, struct str text, bool references)
{
	const char *at;
	size_t used;

	while (text.n > 0) {
		at = references ? memchr(text.p, '&', text.n) : NULL;
		used = at == NULL ? text.n : (size_t)(at - text.p);
		if (used > 0)
			put_text(w, text.p, used);
		else
			used = put_reference(w, text.p, text.n);
		text.p += used;
		text.n -= used;
	}
}

static bool
is_empty_line(struct str line)
{
	while (line.n > 0 && is_blank(line.p[line.n - 1]))
		line.n--;
	return line.n == 0;
}

/* Text whose line ends mean something. */
static void
put_lines(struct writer *w, struct str text, bool references)
{
	struct str rest, line;
	bool gap = false, seen = false;

	while (text.n > 0 && is_blank(text.p[text.n - 1]))
		text.n--;
	for (rest = text; !gap && str_split(&rest, '\n', &line);) { /* an empty line between two that are not? */
		gap = seen && is_empty_line(line);
		seen = seen || !is_empty_line(line);
	}
	for (rest = text; str_split(&rest, '\n', &line);) {
		if (!gap || is_empty_line(line))
			w->paragraph = true;
		w->blank = true;
		put_run(w, line, references);
	}
}

static void
put_markup(struct writer *w, struct str markup)
{
	struct walk walk = { .p = markup.p, .end = markup.p + markup.n };
	const char *next, *at, *close;

	while (walk.p < walk.end) {
		at = *walk.p == '<' ? walk.p : memchr(walk.p, '<', (size_t)(walk.end - walk.p));
		if (at == NULL)
			at = walk.end;
		if (at > walk.p) {
			close = walk.cdata ? memmem(walk.p, (size_t)(at - walk.p), "]]>", 3) : NULL;
			put_run(w, (struct str){ walk.p, (size_t)((close != NULL ? close : at) - walk.p) }, true);
			walk.cdata = walk.cdata && close == NULL;
			walk.p = close != NULL ? close + 3 : at;
		} else if ((next = take_tag(&walk, w)) != NULL) {
			walk.p = next;
		} else {
			put(w, "<", 1);
			walk.p++;
		}
	}
}

static int
finish(struct writer *w)
{
	if (!w->one_line && w->out->n > w->from)
		w->rc |= buf_add(w->out, "\n", 1);
	return w->rc == LODE_OK ? LODE_OK : LODE_ENOMEM;
}

int
html_text(struct str markup, enum html_form form, struct buf *out)
{
	struct writer w = { .out = out, .from = out->n, .one_line = form == HTML_LINE };

	if (has_markup(markup))
		put_markup(&w, markup);
	else
		put_lines(&w, markup, true);
	return finish(&w);
}

int
html_plain(struct str text, enum html_form form, struct buf *out)
{
	struct writer w = { .out = out, .from = out->n, .one_line = form == HTML_LINE };

	put_lines(&w, text, false);
	return finish(&w);
}

struct str
html_title(struct str page)
{
	const char *p = page.p, *end = page.p + page.n, *from;

	for (; p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL; p++)
		if (tag_name(p + 1, end).n == 5 && strncasecmp(p + 1, "title", 5) == 0) {
			if ((from = memchr(p, '>', (size_t)(end - p))) == NULL)
				break;
			return (struct str){ from + 1, (size_t)(closing(from + 1, end, STR("title")) - from - 1) };
		}
	return STR("");
}
