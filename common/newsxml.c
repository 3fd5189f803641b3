#include "newsxml.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "encoding.h"
#include "html.h"

/* Where the cutter is in the markup. */
enum where {
	TEXT,
	OPEN,        /* behind `<` */
	NAME,        /* in the name of a tag */
	TAG,         /* behind it */
	DECLARATION, /* behind `<!`, until it is clear what it is */
	COMMENT,
	CDATA,
	INSTRUCTION,
	DOCTYPE,
	FINAL,       /* an error ended it */
};

enum { BLOCK = 1 << 16, MAX_NAME = 16, MAX_DEPTH = 200 };

/* Texts of the article in hand: its parts, and an id that may be an address. */
enum { ARTICLE_ID = ARTICLE_PARTS, N_TEXTS };

struct newsxml {
	rows_read *read;
	void *from;
	size_t max_record, at, n;
	bool ended;
	uint64_t line, record_line;

	/* cutting */
	enum where where;
	char quote, before[2];       /* within a tag, that of a value, or '\0'; the last bytes, newest first */
	char name[MAX_NAME + 1];     /* of the tag in hand, cut */
	size_t n_name, n_markup;     /* bytes since its `<` */
	bool closing;
	bool held, item;             /* raw holds the beginning of a tag; an article */
	char item_name[MAX_NAME + 1];
	bool closed, again, too_long; /* the article's last tag has begun; another article begins within this one */
	uint64_t n_items;
	struct buf raw, frame, declaration, decoded;

	/* what stands around the articles */
	XML_Parser outside;
	struct encoding *encoding;
	char root[64], declared[40];
	unsigned frame_depth;
	bool in_language, pushed;
	struct buf language;

	/* the article in hand */
	XML_Parser inside;
	bool atom, in_source, xhtml, plain[N_TEXTS];
	unsigned depth, part_depth;
	int into;                    /* which text, or -1 */
	struct buf text[N_TEXTS];

	bool no_memory;
	char block[BLOCK];
};

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static struct str
attribute(const char **attributes, const char *name)
{
	for (; *attributes != NULL; attributes += 2)
		if (strcmp(attributes[0], name) == 0)
			return str_of(attributes[1]);
	return STR("");
}

static void
keep(struct newsxml *xml, struct buf *buf, struct str text)
{
	if (buf_add_str(buf, text) != LODE_OK)
		xml->no_memory = true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What stands around the articles. */

static void
on_declaration(void *state, const char *version, const char *encoding, int standalone)
{
	struct newsxml *xml = state;

	(void)version, (void)standalone;
	if (encoding != NULL)
		snprintf(xml->declared, sizeof xml->declared, "%s", encoding);
}

static void
on_frame_start(void *state, const char *name, const char **attributes)
{
	struct newsxml *xml = state;
	const char *local = strchr(name, ':');

	if (++xml->frame_depth == 1) {
		local = local == NULL ? name : local + 1;
		snprintf(xml->root, sizeof xml->root, "%s", name);
		if (strcmp(local, "feed") != 0 && strcmp(local, "rss") != 0 && strcmp(local, "RDF") != 0)
			XML_StopParser(xml->outside, XML_FALSE);
		keep(xml, &xml->language, attribute(attributes, "xml:lang"));
	}
	if (xml->frame_depth > MAX_DEPTH)
		XML_StopParser(xml->outside, XML_FALSE);
	xml->in_language = xml->language.n == 0 && xml->frame_depth == 3 && (strcmp(name, "language") == 0 || strcmp(name, "dc:language") == 0);
}

static void
on_frame_end(void *state, const char *name)
{
	struct newsxml *xml = state;

	(void)name;
	xml->frame_depth--;
	xml->in_language = false;
}

static void
on_frame_text(void *state, const char *text, int n)
{
	struct newsxml *xml = state;

	if (xml->in_language && xml->language.n < sizeof xml->root)
		keep(xml, &xml->language, (struct str){ text, (size_t)n });
}

/* Within an article. */

static const struct {
	const char *name;
	int text;
} rss_elements[] = {
	{ "title", ARTICLE_TITLE }, { "description", ARTICLE_SUMMARY }, { "content:encoded", ARTICLE_BODY }, { "pubDate", ARTICLE_PUBLISHED },
	{ "dc:date", ARTICLE_PUBLISHED }, { "link", ARTICLE_URL }, { "guid", ARTICLE_ID }, { "source", ARTICLE_PUBLISHER }, { "dc:language", ARTICLE_LANGUAGE },
}, atom_elements[] = {
	{ "title", ARTICLE_TITLE }, { "summary", ARTICLE_SUMMARY }, { "content", ARTICLE_BODY }, { "published", ARTICLE_PUBLISHED },
	{ "updated", ARTICLE_UPDATED }, { "id", ARTICLE_ID },
};

enum { N_RSS = sizeof rss_elements / sizeof rss_elements[0], N_ATOM = sizeof atom_elements / sizeof atom_elements[0] };

/* Which text an element of an article is, or -1. */
static int
text_of(const struct newsxml *xml, const char *name)
{
	size_t i;

	for (i = 0; xml->atom ? i < N_ATOM : i < N_RSS; i++)
		if (strcmp(name, xml->atom ? atom_elements[i].name : rss_elements[i].name) == 0)
			return xml->atom ? atom_elements[i].text : rss_elements[i].text;
	return -1;
}

static void
begin_text(struct newsxml *xml, int text, const char **attributes)
{
	struct str type = attribute(attributes, "type");

	if (text < 0 || xml->text[text].n > 0)
		return;
	xml->into = text;
	xml->part_depth = xml->depth;
	xml->xhtml = xml->atom && str_is(type, "xhtml");
	xml->plain[text] = xml->atom && !xml->xhtml && !str_is(type, "html") && !str_is(type, "text/html");
}

static void
on_item_start(void *state, const char *name, const char **attributes)
{
	struct newsxml *xml = state;
	struct str relation = attribute(attributes, "rel");

	if (xml->atom && strncmp(name, "atom:", 5) == 0)
		name += 5;
	if (++xml->depth > MAX_DEPTH)
		XML_StopParser(xml->inside, XML_FALSE);
	if (xml->depth == 1) {
		keep(xml, &xml->text[ARTICLE_ID], attribute(attributes, "rdf:about"));
		keep(xml, &xml->text[ARTICLE_LANGUAGE], attribute(attributes, "xml:lang"));
	} else if (xml->into >= 0) { /* markup that was not escaped is written again, for html_text() */
		keep(xml, &xml->text[xml->into], STR("<"));
		keep(xml, &xml->text[xml->into], str_of(name));
		keep(xml, &xml->text[xml->into], STR(">"));
	} else if (xml->depth == 2 && xml->atom && strcmp(name, "link") == 0) {
		if (xml->text[ARTICLE_URL].n == 0 && (relation.n == 0 || str_is(relation, "alternate")))
			keep(xml, &xml->text[ARTICLE_URL], attribute(attributes, "href"));
	} else if (xml->depth == 2 && xml->atom && strcmp(name, "source") == 0) {
		xml->in_source = true;
	} else if (xml->depth == 3 && xml->in_source && strcmp(name, "title") == 0) {
		begin_text(xml, ARTICLE_PUBLISHER, attributes);
	} else if (xml->depth == 2 && !(strcmp(name, "guid") == 0 && str_is(attribute(attributes, "isPermaLink"), "false"))) {
		begin_text(xml, text_of(xml, name), attributes);
	}
}

static void
on_item_end(void *state, const char *name)
{
	struct newsxml *xml = state;

	if (xml->into >= 0 && xml->depth == xml->part_depth) {
		xml->into = -1;
	} else if (xml->into >= 0) {
		keep(xml, &xml->text[xml->into], STR("</"));
		keep(xml, &xml->text[xml->into], str_of(name));
		keep(xml, &xml->text[xml->into], STR(">"));
	}
	if (xml->depth-- == 2)
		xml->in_source = false;
}

static void
on_item_text(void *state, const char *text, int n)
{
	struct newsxml *xml = state;
	int i;

	if (xml->into < 0)
		return;
	if (!xml->xhtml) {
		keep(xml, &xml->text[xml->into], (struct str){ text, (size_t)n });
		return;
	}
	for (i = 0; i < n; i++)
		keep(xml, &xml->text[xml->into], text[i] == '<' ? STR("&lt;") : text[i] == '&' ? STR("&amp;") : (struct str){ text + i, 1 });
}

/* A reference that XML does not know. */
static void
on_skipped(void *state, const char *name, int is_parameter)
{
	struct newsxml *xml = state;
	struct str text = html_entity(str_of(name));

	(void)is_parameter;
	if (xml->into < 0)
		return;
	if (text.n > 0) {
		keep(xml, &xml->text[xml->into], text);
		return;
	}
	keep(xml, &xml->text[xml->into], STR("&"));
	keep(xml, &xml->text[xml->into], str_of(name));
	keep(xml, &xml->text[xml->into], STR(";"));
}

int
newsxml_new(struct newsxml **xml, size_t max_record, rows_read *read, void *from, struct err *err)
{
	struct newsxml *made = calloc(1, sizeof *made);

	if (made == NULL)
		return no_memory(err);
	made->read = read;
	made->from = from;
	made->max_record = max_record;
	made->line = 1;
	if ((made->outside = XML_ParserCreate("UTF-8")) == NULL || (made->inside = XML_ParserCreate("UTF-8")) == NULL) {
		newsxml_free(made);
		return no_memory(err);
	}
	XML_SetUserData(made->outside, made);
	XML_SetXmlDeclHandler(made->outside, on_declaration);
	XML_SetElementHandler(made->outside, on_frame_start, on_frame_end);
	XML_SetCharacterDataHandler(made->outside, on_frame_text);
	XML_UseForeignDTD(made->outside, XML_TRUE);
	*xml = made;
	return LODE_OK;
}

void
newsxml_free(struct newsxml *xml)
{
	int i;

	if (xml == NULL)
		return;
	if (xml->outside != NULL)
		XML_ParserFree(xml->outside);
	if (xml->inside != NULL)
		XML_ParserFree(xml->inside);
	encoding_free(xml->encoding);
	for (i = 0; i < N_TEXTS; i++)
		buf_release(&xml->text[i]);
	buf_release(&xml->raw);
	buf_release(&xml->frame);
	buf_release(&xml->declaration);
	buf_release(&xml->decoded);
	buf_release(&xml->language);
	free(xml);
}

struct str
newsxml_declaration(const struct newsxml *xml)
{
	return xml->declaration.n == 0 ? (struct str){ NULL, 0 } : buf_str(&xml->declaration);
}

/* Open elements are all that would grow with what comes in. */
static int
too_deep(struct err *err)
{
	return err_set(err, LODE_EDATA, "elements are more than %d deep", MAX_DEPTH);
}

/* Why the parser of the frame stopped. */
static int
blame_frame(struct newsxml *xml, bool at_end, struct err *err)
{
	enum XML_Error code = XML_GetErrorCode(xml->outside);
	const char *local = strchr(xml->root, ':') == NULL ? xml->root : strchr(xml->root, ':') + 1;

	if (xml->frame_depth > MAX_DEPTH)
		return too_deep(err);
	if (code == XML_ERROR_ABORTED && strcasecmp(local, "html") == 0)
		return err_set(err, LODE_EDATA, "this is a web page, not a feed");
	if (code == XML_ERROR_ABORTED)
		return err_set(err, LODE_EDATA, "not a feed: its root is <%s>", xml->root);
	if (at_end && (code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN) && xml->root[0] != '\0')
		return err_set(err, LODE_EDATA, "truncated feed: <%s> is not closed", xml->root);
	return err_set(err, LODE_EDATA, "not well-formed XML: %s", XML_ErrorString(code));
}

/* What has gathered around the articles goes through its parser, which needs no more of it than ASCII. */
static int
push_frame(struct newsxml *xml, bool at_end, struct err *err)
{
	const char *end;
	size_t i;

	if (!xml->pushed && str_starts(buf_str(&xml->frame), STR("<?xml")) &&
	    (end = memmem(xml->frame.p, xml->frame.n, "?>", 2)) != NULL)
		keep(xml, &xml->declaration, (struct str){ xml->frame.p, (size_t)(end - xml->frame.p) + 2 });
	xml->pushed = true;
	for (i = 0; i < xml->frame.n; i++)
		if ((unsigned char)xml->frame.p[i] >= 0x80)
			xml->frame.p[i] = 'x';
	if (XML_Parse(xml->outside, buf_str(&xml->frame).p, (int)xml->frame.n, at_end) != XML_STATUS_OK &&
	    !(at_end && xml->root[0] == '\0' && xml->n_items > 0 && XML_GetErrorCode(xml->outside) == XML_ERROR_NO_ELEMENTS))
		return blame_frame(xml, at_end, err);
	xml->frame.n = 0;
	return xml->no_memory ? no_memory(err) : LODE_OK;
}

/* The encoding of the articles, once. */
static int
choose_encoding(struct newsxml *xml, struct err *err)
{
	static const char *const names[][2] = {
		{ "gb2312", "GB18030" }, { "gbk", "GB18030" }, { "x-gbk", "GB18030" }, { "iso-8859-1", "WINDOWS-1252" }, { "latin1", "WINDOWS-1252" },
		{ "us-ascii", "WINDOWS-1252" }, { "ascii", "WINDOWS-1252" }, { "utf-16", "UTF-8" }, { "utf-16le", "UTF-8" }, { "utf-16be", "UTF-8" },
	};
	const char *name = xml->declared[0] == '\0' ? "UTF-8" : xml->declared;
	size_t i;

	if (xml->encoding != NULL)
		return LODE_OK;
	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcasecmp(name, names[i][0]) == 0)
			name = names[i][1];
	if (encoding_new(&xml->encoding, name, err) == LODE_EUSAGE)
		err->code = LODE_EDATA;
	return xml->encoding == NULL ? err->code : LODE_OK;
}

/* The article in raw. */
static int
read_item(struct newsxml *xml, struct article_parts *parts, struct err *err)
{
	struct str text;
	int i;

	if (encoding_text(xml->encoding, buf_str(&xml->raw), &xml->decoded, &text, err) != LODE_OK)
		return err->code;
	xml->atom = strstr(xml->item_name, "entry") != NULL;
	xml->depth = 0;
	xml->in_source = false;
	xml->into = -1;
	for (i = 0; i < N_TEXTS; i++) {
		xml->text[i].n = 0;
		xml->plain[i] = false;
	}
	XML_ParserReset(xml->inside, "UTF-8");
	XML_SetUserData(xml->inside, xml);
	XML_SetElementHandler(xml->inside, on_item_start, on_item_end);
	XML_SetCharacterDataHandler(xml->inside, on_item_text);
	XML_SetSkippedEntityHandler(xml->inside, on_skipped);
	XML_UseForeignDTD(xml->inside, XML_TRUE); /* so that an unknown reference is skipped and not an error */
	if (XML_Parse(xml->inside, text.p, (int)text.n, 1) != XML_STATUS_OK)
		return xml->depth > MAX_DEPTH ? too_deep(err) : err_set(err, LODE_EDATA, "not well-formed XML: %s", XML_ErrorString(XML_GetErrorCode(xml->inside)));
	if (xml->no_memory)
		return no_memory(err);
	for (i = 0; i < ARTICLE_PARTS; i++) {
		parts->part[i] = buf_str(&xml->text[i]);
		parts->plain[i] = xml->plain[i];
	}
	if (parts->part[ARTICLE_URL].n == 0 && str_starts(buf_str(&xml->text[ARTICLE_ID]), STR("http")))
		parts->part[ARTICLE_URL] = buf_str(&xml->text[ARTICLE_ID]);
	if (parts->part[ARTICLE_LANGUAGE].n == 0)
		parts->part[ARTICLE_LANGUAGE] = buf_str(&xml->language);
	return LODE_OK;
}

/* A byte goes where it belongs: to the article, to the tag that may begin one, or to what stands around. */
static void
put(struct newsxml *xml, char c)
{
	struct buf *buf = xml->item || xml->held ? &xml->raw : &xml->frame;

	if (xml->item && xml->raw.n == xml->max_record)
		xml->too_long = true;
	else if (!(buf == &xml->frame && !xml->pushed && buf->n == 0 && is_blank(c))) /* expat wants nothing in front of a declaration */
		keep(xml, buf, (struct str){ &c, 1 });
}

/* Takes what lies before the next byte that can mean something, in one piece: most of an article is text. */
static void
take_span(struct newsxml *xml)
{
	const char *from = xml->block + xml->at, *end, *feed;
	size_t n = xml->n - xml->at, room;

	if (!xml->item || n == 0 || (xml->where != TEXT && xml->where != CDATA && xml->where != COMMENT))
		return;
	if ((end = memchr(from, xml->where == TEXT ? '<' : '>', n)) != NULL)
		n = (size_t)(end - from);
	if (n < 2)
		return;
	xml->before[0] = from[n - 1];
	xml->before[1] = from[n - 2];
	xml->at += n;
	for (feed = from; (feed = memchr(feed, '\n', (size_t)(from + n - feed))) != NULL; feed++)
		xml->line++;
	room = xml->max_record - xml->raw.n;
	xml->too_long = xml->too_long || n > room;
	keep(xml, &xml->raw, (struct str){ from, n < room ? n : room });
}

/* What was held begins no article. */
static void
release(struct newsxml *xml)
{
	if (xml->held)
		keep(xml, &xml->frame, buf_str(&xml->raw));
	xml->held = false;
}

static bool
is_item_name(const char *name)
{
	return strcmp(name, "item") == 0 || strcmp(name, "entry") == 0 || strcmp(name, "atom:entry") == 0;
}

/* The name of a tag is whole. LODE_AGAIN: an article begins, in another one if xml->item was set. */
static int
take_name(struct newsxml *xml)
{
	xml->name[xml->n_name] = '\0';
	if (xml->item && strcmp(xml->name, xml->item_name) == 0) {
		xml->closed = xml->closing;
		return xml->closing ? LODE_OK : LODE_AGAIN;
	}
	if (!xml->item && xml->held && !xml->closing && is_item_name(xml->name))
		return LODE_AGAIN;
	release(xml);
	return LODE_OK;
}

static void
begin_item(struct newsxml *xml)
{
	memcpy(xml->item_name, xml->name, sizeof xml->name);
	xml->raw.n = 0;
	xml->item = true;
	xml->held = xml->closed = xml->again = xml->too_long = false;
	keep(xml, &xml->raw, STR("<"));
	keep(xml, &xml->raw, str_of(xml->name));
}

/* A `<`. */
static void
open_tag(struct newsxml *xml)
{
	if (!xml->item) {
		release(xml);
		xml->raw.n = 0;
		xml->held = true;
		xml->record_line = xml->line; /* of an article that may begin here */
	}
	xml->where = OPEN;
	xml->closed = false;
	xml->n_name = xml->n_markup = 0;
	xml->closing = false;
	xml->quote = '\0';
}

/* Behind `<!`: which of them it is, once that is clear. */
static void
take_declaration(struct newsxml *xml, char c)
{
	static const struct {
		const char *text;
		enum where where;
	} kinds[] = { { "--", COMMENT }, { "[CDATA[", CDATA }, { "DOCTYPE", DOCTYPE } };
	size_t i;

	xml->name[xml->n_name++] = c;
	xml->name[xml->n_name] = '\0';
	xml->before[0] = xml->before[1] = '\0';
	for (i = 0; i < 3; i++) {
		if (strcasecmp(xml->name, kinds[i].text) == 0) {
			xml->where = kinds[i].where;
			return;
		}
		if (strncasecmp(xml->name, kinds[i].text, xml->n_name) == 0)
			return;
	}
	xml->where = TEXT;
}

/* A byte within a tag, behind its name. True when it ends an article. */
static bool
take_tag(struct newsxml *xml, char c)
{
	bool empty = xml->before[0] == '/' && !xml->closing;

	if (xml->quote != '\0') {
		xml->quote = c == xml->quote ? '\0' : xml->quote;
	} else if (c == '"' || c == '\'') {
		xml->quote = c;
	} else if (c == '>') {
		xml->where = TEXT;
		return xml->item && (xml->closed || (empty && xml->raw.n == xml->n_markup));
	}
	return false;
}

/*
 * A byte of the input. LODE_DONE: nothing yet; LODE_OK: the article in raw is whole; LODE_AGAIN: an article begins, and the byte is to be
 * taken once more; LODE_EDATA.
 */
static int
take_byte(struct newsxml *xml, char c, struct err *err)
{
	bool ends = false;

	if (c == '<' && (xml->where == TEXT || xml->where == OPEN || xml->where == NAME || xml->where == TAG || xml->where == DECLARATION)) {
		open_tag(xml);
		put(xml, c);
		return LODE_DONE;
	}
	xml->n_markup++;
	switch (xml->where) {
	case OPEN:
		xml->before[0] = xml->before[1] = '\0';
		if (c == '/') {
			xml->closing = true;
			xml->where = NAME;
		} else if (c == '!' || c == '?') {
			xml->where = c == '!' ? DECLARATION : INSTRUCTION;
			release(xml);
		} else if (is_blank(c) || c == '>') {
			xml->where = TEXT;
			release(xml);
		} else {
			xml->where = NAME;
			xml->name[xml->n_name++] = c;
		}
		break;
	case NAME:
		if (!is_blank(c) && c != '>' && c != '/') {
			xml->name[xml->n_name] = c;
			xml->n_name += xml->n_name < MAX_NAME;
			break;
		}
		xml->where = TAG;
		if (take_name(xml) == LODE_AGAIN) {
			xml->n_markup--;
			return LODE_AGAIN;
		}
		ends = take_tag(xml, c);
		break;
	case TAG:
		ends = take_tag(xml, c);
		break;
	case DECLARATION:
		take_declaration(xml, c);
		break;
	case COMMENT:
	case CDATA:
		if (c == '>' && xml->before[0] == xml->before[1] && xml->before[0] == (xml->where == CDATA ? ']' : '-'))
			xml->where = TEXT;
		break;
	case INSTRUCTION:
		if (c == '>' && xml->before[0] == '?')
			xml->where = TEXT;
		break;
	case DOCTYPE:
		if (xml->quote != '\0')
			xml->quote = c == xml->quote ? '\0' : xml->quote;
		else if (c == '"' || c == '\'')
			xml->quote = c;
		else if (c == '>')
			xml->where = TEXT;
		else if (c == '[')
			return err_set(err, LODE_EDATA, "a DOCTYPE with declarations");
		break;
	default:
		break;
	}
	xml->before[1] = xml->before[0];
	xml->before[0] = c;
	put(xml, c);
	if (!xml->item && xml->where != TEXT && xml->n_markup > xml->max_record)
		return err_set(err, LODE_EDATA, "record is longer than %zu bytes", xml->max_record);
	return ends ? LODE_OK : LODE_DONE;
}

/* The bytes in question go with the error that was set. */
static int
fault(struct newsxml *xml, struct article_parts *parts, bool final, struct err *err)
{
	parts->raw = xml->item ? buf_str(&xml->raw) : STR("");
	parts->line = xml->item ? xml->record_line : xml->line;
	parts->final = final;
	if (final)
		xml->where = FINAL;
	return err_line(err, NULL, parts->line);
}

/* An article is whole, or as whole as it will be. */
static int
hand_out(struct newsxml *xml, struct article_parts *parts, struct err *err)
{
	int rc;

	xml->n_items++;
	parts->raw = buf_str(&xml->raw);
	parts->line = xml->record_line;
	if (xml->too_long)
		rc = err_set(err, LODE_EDATA, "record is longer than %zu bytes", xml->max_record);
	else if (xml->again)
		rc = err_set(err, LODE_EDATA, "<%s> is not closed", xml->item_name);
	else
		rc = read_item(xml, parts, err);
	if (rc != LODE_OK)
		fault(xml, parts, false, err);
	xml->item = false;
	return rc;
}

/* The next byte, or LODE_DONE. */
static inline int
next_byte(struct newsxml *xml, char *c, struct err *err)
{
	int rc;

	if (xml->at == xml->n) {
		xml->at = 0;
		if ((rc = xml->read(xml->from, xml->block, BLOCK, &xml->n, err)) != LODE_OK)
			return rc;
		if (xml->n == 0) {
			xml->ended = true;
			return LODE_DONE;
		}
	}
	*c = xml->block[xml->at++];
	return LODE_OK;
}

/* The end of the input. */
static int
finish(struct newsxml *xml, struct article_parts *parts, struct err *err)
{
	if (xml->item) {
		err_set(err, LODE_EDATA, "truncated feed: <%s> is not closed", xml->item_name);
		return fault(xml, parts, true, err);
	}
	release(xml);
	if (push_frame(xml, true, err) != LODE_OK)
		return fault(xml, parts, true, err);
	xml->where = FINAL;
	return LODE_DONE;
}

int
newsxml_next(struct newsxml *xml, struct article_parts *parts, struct err *err)
{
	int rc;
	char c;

	*parts = (struct article_parts){ .final = true }; /* for an error of read() */
	if (xml->where == FINAL)
		return LODE_DONE;
	if (xml->again)
		begin_item(xml);
	while ((rc = next_byte(xml, &c, err)) == LODE_OK) {
		*parts = (struct article_parts){ 0 };
		rc = take_byte(xml, c, err);
		if (rc == LODE_AGAIN) {
			xml->at--;
			if (xml->item) { /* in another one: that is handed out as it is */
				xml->again = true;
				xml->raw.n -= xml->too_long ? 0 : xml->n_markup + 1;
				rc = hand_out(xml, parts, err);
				xml->record_line = xml->line;
				return rc;
			}
			begin_item(xml);
			if (push_frame(xml, false, err) != LODE_OK || choose_encoding(xml, err) != LODE_OK)
				return fault(xml, parts, true, err);
			continue;
		}
		xml->line += c == '\n';
		if (rc == LODE_OK)
			return hand_out(xml, parts, err);
		take_span(xml);
		if (rc == LODE_DONE && xml->frame.n >= BLOCK && xml->where == TEXT)
			rc = push_frame(xml, false, err) == LODE_OK ? LODE_DONE : LODE_EDATA;
		if (rc != LODE_DONE)
			return xml->no_memory ? no_memory(err) : fault(xml, parts, true, err);
		if (xml->no_memory)
			return no_memory(err);
	}
	return rc == LODE_DONE && xml->ended ? finish(xml, parts, err) : rc;
}
