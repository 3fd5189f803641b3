#include "episodes.h"

#include <inttypes.h>
#include <stdio.h>

#include "instant.h"
#include "period.h"

void
episodes_header(struct episodes *e, const struct header *header)
{
	e->known = (unsigned)header->obs[OBS_KNOWN];
	e->period = (unsigned)header->obs[OBS_PERIOD];
	e->count = header_find(header, STR("count"));
	if (e->count >= 0) {
		columns_add(&e->mark, e->period);
		columns_add(&e->mark, (unsigned)header->obs[OBS_REF]);
		tape_write_names(&e->run->out, header);
		return;
	}
	for (unsigned i = 0; i < header->n; i++) {
		sink_str(&e->run->out, header->names[i]);
		sink_byte(&e->run->out, '\t');
	}
	sink_str(&e->run->out, STR("count\n"));
}

void
episodes_release(struct episodes *e)
{
	columns_release(&e->mark);
}

/* The line of an event with its time and number of rows. */
static void
write_event(const struct episodes *e, struct str line, struct str known, uint64_t count)
{
	struct sink *out = &e->run->out;
	struct str field;
	char text[24];
	struct str number = { text, (size_t)snprintf(text, sizeof text, "%" PRIu64, count) };
	unsigned i;

	for (i = 0; str_split(&line, '\t', &field); i++) {
		if (i > 0)
			sink_byte(out, '\t');
		sink_str(out, i == e->known ? known : (int)i == e->count ? number : field);
	}
	if (e->count < 0) {
		sink_byte(out, '\t');
		sink_str(out, number);
	}
	sink_byte(out, '\n');
}

int
episodes_close(struct episodes *e, int64_t before_s, struct err *err)
{
	struct episode *episode;
	char closed[INSTANT_MAX];

	while ((episode = dedupe_closed(e->dedupe, before_s)) != NULL) {
		if (before_s != INT64_MAX)
			instant_format(episode->known_s + e->dedupe->within_s, closed);
		if (e->last && episode->count > episode->said)
			write_event(e, episode->line, str_of(before_s != INT64_MAX ? closed : e->newest), episode->count);
		if (dedupe_forget(e->dedupe, episode, err) != LODE_OK)
			return err->code;
	}
	return LODE_OK;
}

int
episodes_add(struct episodes *e, const struct record *record, struct str key, int64_t known_s, struct err *err)
{
	struct event_row row = { .key = key, .line = record->raw, .known_s = known_s, .count = 1 };
	struct episode *episode;
	struct period period;

	if (period_parse(record_get(record, e->period), &period, err) != LODE_OK)
		return err_column(err, e->period + 1, "period");
	if (e->count >= 0 && dedupe_read_count(record_get(record, (unsigned)e->count), &row.count, err) != LODE_OK)
		return err_column(err, (unsigned)e->count + 1, "count");
	if (columns_join(&e->mark, record, &row.mark, err) != LODE_OK)
		return err->code;
	row.day = period_start(period);
	row.last_day = period_end(period) - 1;
	if (episodes_close(e, known_s, err) != LODE_OK || dedupe_event(e->dedupe, &row, &episode, err) != LODE_OK)
		return err->code;
	e->episode = episode;
	if (e->first && episode->said == 0)
		write_event(e, record->raw, record_get(record, e->known), episode->said = episode->count);
	if (episode->n_lines > 1)
		run_count_rule(e->run, "same-event");
	return dedupe_keep(e->dedupe, episode, err);
}

int
episodes_restore(struct episodes *e, const struct state_entry *entry, struct err *err)
{
	struct episode numbers;
	struct str line;

	if (dedupe_read_kept(entry, &numbers, &line, err) != LODE_OK || run_feed(e->run, line, err) != LODE_OK)
		return err->code;
	e->episode->count = numbers.count;
	e->episode->said = numbers.said;
	e->episode->n_lines = numbers.n_lines;
	e->episode->order = numbers.order;
	return LODE_OK;
}
