/*
 * window_store - the windows that are open or may be corrected, with their lines: by key, by the time when they are due, and as state
 *
 * The inside of a window_set (window.h), which says what is done with it when. In a stream with checkpoints the caller says of every window and
 * line that it has changed (window_store_changed, window_store_line_changed); at a barrier those leave as state, each under a key of its own, and
 * what was forgotten is dropped. Brought back, the same windows are there, due at the same time.
 *
 * Life cycle: window_store_init; window_store_restore for each entry of the state; the rest; window_store_release.
 */
#ifndef LODE_WINDOW_STORE_H
#define LODE_WINDOW_STORE_H

#include "instant.h"
#include "keyed.h"
#include "window.h"

/* How something stands in the state. */
struct window_kept {
	uint64_t order; /* 0: it is not in it */
	size_t changed; /* where it stands among those that changed, from 1 */
};

/* A line in a window. Its key: the window's serial, the series, a tab, the period. */
struct window_item {
	struct keyed_entry entry;
	struct window_kept kept;
	struct window_item *next; /* of the window */
	struct dec number;
	char *texts; /* owned: known, value, ref, key of its weight, one behind the other */
	size_t n_known, n_value, n_ref, n_pair, n_series;
	uint64_t line;
	int32_t first, last; /* days */
	enum part_state state;
	bool is_last;        /* no later window has this line: here it is counted when it does not count */
	bool told, lacks_weight;
};

struct window {
	struct keyed_entry entry; /* kind, start (of a session 0), group */
	struct window_kept kept;
	uint64_t serial;
	uint64_t weights;     /* of a window that is weighed: serial of the one that weighs */
	int64_t start, end;   /* seconds, end exclusive */
	int64_t due, queued;  /* when it fires, or is forgotten; what the heap believes */
	struct window_item *items;
	struct aggregate running;      /* with rules.all */
	struct window *weighed, *next; /* of one that weighs: those that it does */
	struct buf unit, said;         /* said: the values of the functions, a tab behind each */
	enum period_kind kind;         /* of the first item */
	bool mixed, has_span;          /* some period may hold another; overlap another */
	bool fired, dirty, dead;
};

/* Kinds: the first byte of a window's key. */
enum { WINDOW_FIGURES = 'F', WINDOW_WEIGHTS = 'W' };

/* Pointers, for what has no order of its own. */
struct window_list {
	void **p;
	size_t n, room;
};

struct window_store {
	const struct window_rules *rules;
	struct keyed *windows, *items;
	struct window_list heap;  /* of windows, by queued, the least first */
	struct window_list dirty; /* windows that have fired and changed */
	struct buf key;
	uint64_t serial;
	struct state *state;      /* NULL: not in a stream */
	struct window_list changed, changed_items, restored;
	/* the clock */
	int64_t watermark, newest;
	int64_t ended;            /* windows due by then have spoken because a stream was said to end */
	char moment[INSTANT_MAX]; /* empty before the first line */
};

/* rules must stay. False without memory; release it then too. */
bool window_store_init(struct window_store *store, const struct window_rules *rules);
void window_store_release(struct window_store *store);

int window_list_push(struct window_list *list, void *pointer, struct err *err); /* LODE_ENOMEM */

/* Into the heap, by when it is due; and the first one out of it. Errors: LODE_ENOMEM. */
int window_store_enqueue(struct window_store *store, struct window *window, struct err *err);
struct window *window_store_dequeue(struct window_store *store);

/* When a window is due: it fires, or has fired and is forgotten. INT64_MAX: never. */
int64_t window_store_due(const struct window_store *store, const struct window *window);

/* The newest window of that kind, start and group, NULL when there is none. Errors: LODE_ENOMEM. */
int window_store_find(struct window_store *store, char kind, int64_t start, struct str group, struct window **window, struct err *err);

/* A new one, in the heap. NULL: LODE_ENOMEM "more than N windows and lines to hold (--max-keys)" or without memory. */
struct window *window_store_add(struct window_store *store, char kind, struct str group, int64_t start, int64_t end, struct err *err);

/* Windows of figures that are weighed by those of weights. */
void window_store_weigh(struct window *window, struct window *weights);

/* A line of a window by series and period, NULL when there is none. Errors: LODE_ENOMEM. */
int window_store_find_item(struct window_store *store, uint64_t serial, struct str series, struct str period, struct window_item **item,
    struct err *err);
/* The same by both, a tab between. */
int window_store_find_pair(struct window_store *store, uint64_t serial, struct str pair, struct window_item **item, struct err *err);

/* A new line without its texts. NULL as of window_store_add. */
struct window_item *window_store_add_item(struct window_store *store, struct window *window, struct str series, struct str period,
    enum period_kind kind, struct err *err);

/* Known, value, ref and the series of its weight. Errors: LODE_ENOMEM, and it has none. */
int window_item_set_texts(struct window_item *item, const struct part *part, struct str weight_series, struct err *err);

/* A line as a part; its texts are views. */
void window_store_part(const struct window_store *store, const struct window_item *item, struct part *part);

/* The key of its weight: series, a tab, period. */
static inline struct str
window_item_pair(const struct window_item *item)
{
	return (struct str){ item->texts + item->n_known + item->n_value + item->n_ref, item->n_pair };
}

/* All lines of one session into another; the one is dead then, and the heap still points to it. Errors: LODE_ENOMEM, LODE_EDATA for a large sum. */
int window_store_join(struct window_store *store, struct window *into, struct window *from, struct err *err);

/* Out of everything but heap and lists, with its lines. Errors: LODE_ENOMEM. */
int window_store_forget(struct window_store *store, struct window *window, struct err *err);

/*
 * For the state. *is_line: the entry is of a line in its last window, where it is counted when it does not count.
 * Errors of all: LODE_ENOMEM; of window_store_restore LODE_EDATA "... is no state".
 */
int window_store_changed(struct window_store *store, struct window *window, struct err *err);
int window_store_line_changed(struct window_store *store, struct window_item *item, struct err *err);
int window_store_checkpoint(struct window_store *store, struct err *err);
int window_store_restore(struct window_store *store, const struct state_entry *entry, bool *is_line, struct err *err);

#endif
