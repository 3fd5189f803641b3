/*
 * newsxml - the articles of a feed: RSS 2.0 and its forerunners, RSS 1.0 (RDF), Atom
 *
 * The feed is cut at its elements `item` (RSS) and `entry` (Atom). Each is read by expat by itself, so one that is not well-formed, or whose bytes do not fit
 * the encoding, is one bad article; what stands between them goes through another expat, in blocks. Such elements one after the other, without a feed around
 * them, will do.
 *
 * The encoding is that of the XML declaration, else UTF-8; GB2312 and GBK are read as GB18030 and ISO-8859-1 as Windows-1252, which is what they
 * turn out to be. Encodings in which ASCII bytes mean something else (ISO-2022, HZ) are not for this; UTF-16 is the source's business.
 * Names are taken with their usual prefixes (`dc:date`, `content:encoded`), declared or not, and references that HTML has (`&nbsp;`) are
 * known. A DOCTYPE may be there but may declare nothing: no entity is expanded but the five of XML, and nothing is fetched.
 * Holds the article in hand.
 */
#ifndef LODE_NEWSXML_H
#define LODE_NEWSXML_H

#include "article.h"
#include "rows.h"

struct newsxml;

/* max_record: bytes of an article. Errors: LODE_ENOMEM. */
int newsxml_new(struct newsxml **xml, size_t max_record, rows_read *read, void *from, struct err *err);
void newsxml_free(struct newsxml *xml); /* takes NULL */

/*
 * The next article. LODE_DONE at the end, or what read() returned.
 * Errors: LODE_EDATA with err's line set and parts->raw the bytes in question (at most max_record): "not well-formed XML: REASON", "not valid UTF-8
 * at byte 5", "record is longer than N bytes", "<item> is not closed", "elements are more than 200 deep". Final: "truncated feed: <rss> is not
 * closed", "not a feed: its root is <x>", "this is a web page, not a feed", "a DOCTYPE with declarations", "unknown encoding 'x'", and between
 * articles "not well-formed XML: REASON", "record is longer than N bytes", "elements are more than 200 deep".
 * LODE_ENOMEM.
 */
int newsxml_next(struct newsxml *xml, struct article_parts *parts, struct err *err);

/* The XML declaration, without which the bytes of an article may mean something else; p NULL when there is none. */
struct str newsxml_declaration(const struct newsxml *xml);

#endif
