#include "rates_kept.h"

#define PAIR "pair"
#define RATE "rate"

void
rates_kept_release(struct rates_kept *kept)
{
	map_free(kept->pairs);
	buf_release(&kept->key);
	*kept = (struct rates_kept){ 0 };
}

/* True in *is_new for a pair that has not come before. */
static int
add_pair(struct rates_kept *kept, struct str pair, bool *is_new, struct err *err)
{
	struct map_entry *entry;

	if ((kept->pairs == NULL && (kept->pairs = map_new()) == NULL) || (entry = map_put(kept->pairs, pair)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	*is_new = entry->value.number++ == 0;
	return LODE_OK;
}

int
rates_kept_add(struct rates_kept *kept, struct state *state, const struct obs *obs, struct str line, struct err *err)
{
	const struct str part[] = { obs->f[OBS_COMMODITY], obs->f[OBS_PERIOD], obs->f[OBS_SOURCE], { obs->f[OBS_KNOWN].p, 10 } };
	bool is_new;

	if (!state_is_kept(state))
		return LODE_OK;
	if (add_pair(kept, part[0], &is_new, err) != LODE_OK || (is_new && state_put_as(state, PAIR, part[0], line, NULL, err) != LODE_OK))
		return err->code;
	kept->key.n = 0;
	for (size_t i = 0; i < 4; i++)
		if (buf_add_str(&kept->key, part[i]) != LODE_OK || (i < 3 && buf_add(&kept->key, "\t", 1) != LODE_OK))
			return err_set(err, LODE_ENOMEM, "out of memory");
	return state_put_as(state, RATE, buf_str(&kept->key), line, NULL, err);
}

int
rates_kept_restore(struct rates_kept *kept, const struct state_entry *entry, struct err *err)
{
	struct str text;
	bool ignored;

	if (state_is(entry, PAIR, &text))
		return add_pair(kept, text, &ignored, err);
	return state_is(entry, RATE, &text) ? LODE_OK : state_refuse(entry, err);
}
