/*
 * kafka_lines - records of topics as lines of one tape
 *
 * A record's value is a line without its end. Which columns it has is said by its header `columns` (a tape's header line); without one it has those that
 * are implied, the eleven of a tape unless the user named others. Lines with other columns than the output's are put in its order, what they lack being empty.
 * Further columns can come from the record itself: message headers by their name, and `kafka.topic`, `kafka.partition`, `kafka.offset`, `kafka.timestamp`
 * (milliseconds), `kafka.key`.
 * A record without value (a tombstone) is a line with the key's fields, the record's time, status O and no value.
 */
#ifndef LODE_KAFKA_LINES_H
#define LODE_KAFKA_LINES_H

#include "buf.h"
#include "kafka_reader.h"
#include "list.h"
#include "obs.h"
#include "sink.h"

struct kafka_lines {
	struct arena *arena;
	struct str line;       /* the output's header line */
	struct str value_line; /* the part of it that is in values */
	struct str implied;    /* columns of a record that does not say */
	unsigned n_values, known;
	struct str *names;     /* of the values' columns */
	const struct option_list *more; /* columns from the record itself, or NULL */
	bool tombstones;
	/* the columns of the record before: most have the same */
	struct buf seen;
	bool is_same;
	unsigned n_seen;
	int *from;             /* owned: by column of the output, the field it is in, or -1 */
};

/* The header line of a tape without further columns. */
extern const char kafka_lines_eleven[];

/*
 * value_line: columns of the values. implied: as above. Errors: LODE_EUSAGE "not a tape: no column 'known' in ...", "column 'x' is there twice"; LODE_ENOMEM.
 */
int kafka_lines_init(struct kafka_lines *lines, struct str value_line, struct str implied, const struct option_list *more, struct err *err);
void kafka_lines_release(struct kafka_lines *lines); /* takes a zeroed one */

/* The value of a record's header, the last of that name; p NULL when it has none. */
struct str kafka_lines_header(const rd_kafka_message_t *message, const char *name);

/* `known` of a record, as kafka_reader's order; empty when there is none. */
struct str kafka_lines_known(void *lines, const rd_kafka_message_t *message, struct kafka_partition *partition);

/*
 * Writes a record's line and its end. Errors: LODE_EDATA, with nothing written: "5 fields, the columns are 11", "a line feed in the value", "no value",
 * "begins with #", "column 'x' is not among the output's: name it by --columns", "the key has 3 fields, not 6"; LODE_ENOMEM.
 */
int kafka_lines_write(struct kafka_lines *lines, const rd_kafka_message_t *message, const struct kafka_partition *partition, struct sink *out,
    struct err *err);

#endif
