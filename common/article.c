#include "article.h"

#include "html.h"
#include "stamp.h"

enum { MAX_LANGUAGE = 16 };

void
article_release(struct article_maker *maker)
{
	buf_release(&maker->title);
	buf_release(&maker->text);
	buf_release(&maker->summary);
	buf_release(&maker->url);
	buf_release(&maker->publisher);
}

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

/* One part as text, appended to out. */
static int
add_text(const struct article_parts *parts, enum article_part part, enum html_form form, struct buf *out, struct err *err)
{
	int rc = parts->plain[part] ? html_plain(parts->part[part], form, out) : html_text(parts->part[part], form, out);

	return rc == LODE_OK ? LODE_OK : no_memory(err);
}

/* Cuts ` - PUBLISHER` off the end of the title. */
static void
cut_publisher(struct buf *title, struct str publisher)
{
	size_t n = publisher.n + 3;

	if (publisher.n > 0 && title->n > n && memcmp(title->p + title->n - n, " - ", 3) == 0 &&
	    memcmp(title->p + title->n - publisher.n, publisher.p, publisher.n) == 0)
		title->n -= n;
}

/* `... [+123 chars]`, with which NewsAPI cuts an article off. */
static void
cut_tail(struct buf *text)
{
	static const char chars[] = " chars]\n";
	size_t n = sizeof chars - 1, i;

	if (text->n < n + 3 || memcmp(text->p + text->n - n, chars, n) != 0)
		return;
	for (i = text->n - n; i > 0 && char_is_digit(text->p[i - 1]);)
		i--;
	if (i < 2 || i == text->n - n || memcmp(text->p + i - 2, "[+", 2) != 0)
		return;
	for (i -= 2; i > 0 && text->p[i - 1] == ' ';)
		i--;
	if (i > 0)
		text->p[i++] = '\n';
	text->n = i;
}

/* A summary without what says that it goes on. */
static struct str
without_dots(struct str text)
{
	static const char *const ends[] = { "\n", " ", ".", "]", "[", "\xe2\x80\xa6" };
	size_t i, n;

	for (i = 0; i < sizeof ends / sizeof ends[0];) {
		n = strlen(ends[i]);
		if (text.n >= n && memcmp(text.p + text.n - n, ends[i], n) == 0) {
			text.n -= n;
			i = 0;
		} else {
			i++;
		}
	}
	return text;
}

/* A summary that is the title again, perhaps with the publisher behind it, as in feeds of search results. */
static bool
repeats_title(struct str summary, struct str title, struct str publisher)
{
	if (title.n == 0 || !str_starts(summary, title))
		return false;
	summary = str_trim((struct str){ summary.p + title.n, summary.n - title.n });
	return summary.n == 0 || str_eq(summary, publisher);
}

/* The title is made, and what stands in the publisher's buffer is the publisher. */
static int
make_text(struct article_maker *maker, const struct article_parts *parts, struct err *err)
{
	struct str summary;

	maker->text.n = maker->summary.n = 0;
	if (add_text(parts, ARTICLE_SUMMARY, HTML_PARAGRAPHS, &maker->summary, err) != LODE_OK ||
	    add_text(parts, ARTICLE_BODY, HTML_PARAGRAPHS, &maker->text, err) != LODE_OK)
		return err->code;
	cut_tail(&maker->text);
	summary = without_dots(buf_str(&maker->summary));
	if (summary.n == 0 || str_starts(buf_str(&maker->text), summary) ||
	    repeats_title(summary, buf_str(&maker->title), buf_str(&maker->publisher)))
		return LODE_OK;
	if (buf_add_str(&maker->summary, buf_str(&maker->text)) != LODE_OK)
		return no_memory(err);
	maker->text.n = 0;
	return buf_add_str(&maker->text, buf_str(&maker->summary)) == LODE_OK ? LODE_OK : no_memory(err);
}

static int
make_url(struct article_maker *maker, struct str url, struct err *err)
{
	size_t i;
	int rc = LODE_OK;

	maker->url.n = 0;
	while (url.n > 0 && ((unsigned char)*url.p <= ' ' || *url.p == '#'))
		url.p++, url.n--;
	while (url.n > 0 && (unsigned char)url.p[url.n - 1] <= ' ')
		url.n--;
	for (i = 0; i < url.n && url.p[i] != '#' && rc == LODE_OK; i++)
		rc = (unsigned char)url.p[i] > ' ' && url.p[i] != 0x7f ? buf_add(&maker->url, &url.p[i], 1) :
		    buf_printf(&maker->url, "%%%02X", (unsigned char)url.p[i]);
	return rc == LODE_OK ? LODE_OK : no_memory(err);
}

static int
make_times(struct article_maker *maker, const struct article_parts *parts, int64_t otherwise, struct err *err)
{
	struct str published = str_trim(parts->part[ARTICLE_PUBLISHED]), updated = str_trim(parts->part[ARTICLE_UPDATED]);
	int64_t at = otherwise, changed;
	enum article_part part = published.n == 0 && updated.n > 0 ? ARTICLE_UPDATED : ARTICLE_PUBLISHED;

	if (part == ARTICLE_UPDATED)
		published = updated;
	if (published.n > 0 && stamp_parse(published, &at, err) != LODE_OK)
		return err_column(err, 0, part == ARTICLE_UPDATED ? "updated" : "published");
	if (at == INT64_MIN) {
		err_set(err, LODE_EDATA, "no time of publication");
		return err_column(err, 0, "published");
	}
	changed = at;
	if (updated.n > 0 && stamp_parse(updated, &changed, err) != LODE_OK)
		return err_column(err, 0, "updated");
	instant_format(at, maker->published);
	instant_format(changed > at ? changed : at, maker->known);
	return LODE_OK;
}

/* The language in small letters; a view of a constant or of the buffer behind the publisher's name. */
static int
make_language(struct article_maker *maker, struct str language, struct str *made, struct err *err)
{
	size_t from = maker->publisher.n, i;

	language = str_trim(language);
	language.n = language.n > MAX_LANGUAGE ? 0 : language.n;
	if (buf_add_str(&maker->publisher, language) != LODE_OK)
		return no_memory(err);
	for (i = from; i < maker->publisher.n; i++)
		if (maker->publisher.p[i] >= 'A' && maker->publisher.p[i] <= 'Z')
			maker->publisher.p[i] = (char)(maker->publisher.p[i] | 0x20);
	*made = language.n == 0 ? STR("") : (struct str){ maker->publisher.p + from, language.n };
	if (str_is(*made, "english"))
		*made = STR("en");
	else if (str_is(*made, "chinese"))
		*made = STR("zh");
	return LODE_OK;
}

int
article_make(struct article_maker *maker, const struct article_parts *parts, int64_t otherwise, struct article *article, struct err *err)
{
	size_t n_publisher;

	maker->title.n = maker->publisher.n = 0;
	if (make_times(maker, parts, otherwise, err) != LODE_OK ||
	    add_text(parts, ARTICLE_TITLE, HTML_LINE, &maker->title, err) != LODE_OK ||
	    add_text(parts, ARTICLE_PUBLISHER, HTML_LINE, &maker->publisher, err) != LODE_OK)
		return err->code;
	n_publisher = maker->publisher.n;
	cut_publisher(&maker->title, buf_str(&maker->publisher));
	if (make_text(maker, parts, err) != LODE_OK || make_url(maker, parts->part[ARTICLE_URL], err) != LODE_OK)
		return err->code;
	if (maker->title.n == 0 && maker->text.n == 0)
		return err_set(err, LODE_EDATA, "no text");
	if (make_language(maker, parts->part[ARTICLE_LANGUAGE], &article->language, err) != LODE_OK)
		return err->code;
	article->title = buf_str(&maker->title);
	article->text = buf_str(&maker->text);
	article->published = str_of(maker->published);
	article->known = str_of(maker->known);
	article->url = buf_str(&maker->url);
	article->publisher = n_publisher == 0 ? STR("") : (struct str){ maker->publisher.p, n_publisher };
	article->line = parts->line;
	return LODE_OK;
}
