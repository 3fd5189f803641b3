/*
 * newsjson - articles in JSON: an array of objects, objects one after the other (JSON Lines), or an answer with a member `articles`
 *
 * The last is what NewsAPI and the DOC API of GDELT give. The parts of an article are members; of several names for one part the first that is there
 * and not empty counts:
 *
 *   title      title, headline
 *   summary    description, summary
 *   body       content, text, body
 *   published  publishedAt, published_at, published, pub_date, pubDate, seendate, date
 *   url        url, link
 *   publisher  source (a string, or an object with a name), publisher, domain
 *   language   language, lang, source_lang
 *
 * Holds the article in hand.
 */
#ifndef LODE_NEWSJSON_H
#define LODE_NEWSJSON_H

#include "article.h"
#include "rows.h"

struct newsjson;

/* max_record: bytes of an article. Errors: LODE_ENOMEM. */
int newsjson_new(struct newsjson **json, size_t max_record, rows_read *read, void *from, struct err *err);
void newsjson_free(struct newsjson *json); /* takes NULL */

/*
 * The next article. LODE_DONE at the end, or what read() returned.
 * Errors: LODE_EDATA with err's line set and parts->raw the bytes in question: those of jsoncut_next(), "not valid UTF-8 at byte 5", "not valid JSON:
 * REASON", "(publishedAt) not a string"; LODE_ENOMEM.
 */
int newsjson_next(struct newsjson *json, struct article_parts *parts, struct err *err);

#endif
