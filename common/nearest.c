#include "nearest.h"

#include <stdlib.h>

#include "buf.h"
#include "vintage.h"

/* Days since 1970: the first, and the one behind the last. Stands before the line that is held. */
struct extent {
	int32_t start, end;
};

struct nearest {
	struct vintage *vintage; /* by series */
	struct extent wanted;
	struct buf held;         /* of the line in hand */
};

static struct extent
extent_of(struct period period)
{
	return (struct extent){ period_start(period), period_end(period) };
}

static bool
contains(struct extent a, struct extent b)
{
	return a.start <= b.start && a.end >= b.end;
}

static int32_t
days(struct extent a)
{
	return a.end - a.start;
}

/* True when a answers at least as well as b; both do answer. */
static bool
as_good(struct extent a, struct extent b, struct extent wanted)
{
	bool within = contains(a, wanted);

	if (within != contains(b, wanted))
		return within;
	if (!within && a.end != b.end)
		return a.end > b.end;
	return days(a) <= days(b);
}

int
nearest_new(struct nearest **nearest, struct period wanted, size_t max_series, struct err *err)
{
	struct nearest *made = calloc(1, sizeof *made);

	if (made == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (vintage_new(&made->vintage, max_series, err) != LODE_OK) {
		free(made);
		return err->code;
	}
	made->wanted = extent_of(wanted);
	*nearest = made;
	return LODE_OK;
}

void
nearest_free(struct nearest *nearest)
{
	if (nearest == NULL)
		return;
	vintage_free(nearest->vintage);
	buf_release(&nearest->held);
	free(nearest);
}

int
nearest_put(struct nearest *nearest, struct str series, struct str period, struct str line, bool *taken, struct err *err)
{
	struct extent extent, before;
	struct period parsed;
	struct str held;

	*taken = false;
	if (period_parse(period, &parsed, err) != LODE_OK)
		return err->code;
	extent = extent_of(parsed);
	if (!contains(extent, nearest->wanted) && extent.end > nearest->wanted.end)
		return LODE_OK;
	if (vintage_get(nearest->vintage, series, &held)) {
		memcpy(&before, held.p, sizeof before);
		if (!as_good(extent, before, nearest->wanted))
			return LODE_OK;
	}
	nearest->held.n = 0;
	if (buf_add(&nearest->held, &extent, sizeof extent) != LODE_OK || buf_add_str(&nearest->held, line) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	*taken = true;
	return vintage_put(nearest->vintage, series, buf_str(&nearest->held), err);
}

size_t
nearest_sort(struct nearest *nearest)
{
	vintage_sort(nearest->vintage);
	return vintage_count(nearest->vintage);
}

struct str
nearest_line(const struct nearest *nearest, size_t i)
{
	struct str held = vintage_line(nearest->vintage, i);

	return (struct str){ held.p + sizeof(struct extent), held.n - sizeof(struct extent) };
}
