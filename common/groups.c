#include "groups.h"

#include <stdlib.h>

enum {
	MAX_CHUNKS = 1 << 20, /* so that a handle has 32 bits */
	MAX_UNIT = 255,
};

/* What the bits of the group are too few for is kept apart from now on. NULL without memory. */
static struct groups_large *
enlarge(struct group *group, struct groups_memory *memory)
{
	struct groups_large *large;

	if (group->is_large)
		return group->u.large;
	if ((large = malloc(sizeof *large)) == NULL)
		return NULL;
	*large = (struct groups_large){ group_amount(group), group->n_text, group->unit };
	group->u.large = large;
	group->is_large = true;
	memory->has_large = true;
	return large;
}

/* Makes the last chunk one with room for so many bytes. The first are small: a window may hold one group. */
static bool
add_chunk(struct groups *groups, struct groups_memory *memory, size_t size)
{
	size_t room = groups->n_chunks < 3 ? (size_t)1024 << 2 * groups->n_chunks : SLABS_BLOCK;
	size_t more = groups->room_chunks == 0 ? 16 : groups->room_chunks * 2;
	struct groups_chunk chunk = { NULL, false }, *larger;

	if (groups->n_chunks == MAX_CHUNKS)
		return false;
	if (groups->n_chunks == groups->room_chunks) {
		if ((larger = realloc(groups->chunk, more * sizeof *larger)) == NULL)
			return false;
		groups->chunk = larger;
		groups->room_chunks = more;
	}
	chunk.is_block = room == SLABS_BLOCK && size <= SLABS_BLOCK;
	room = size > room ? size : room;
	if ((chunk.p = chunk.is_block ? slabs_take(&memory->slabs, 0) : malloc(room)) == NULL)
		return false;
	groups->chunk[groups->n_chunks++] = chunk;
	groups->used = 0;
	groups->room = room > SLABS_BLOCK ? SLABS_BLOCK : room; /* the offset of a second group has no room */
	return true;
}

static struct group *
new_group(struct groups *groups, struct groups_memory *memory, struct str text, uint32_t *handle)
{
	const size_t size = (offsetof(struct group, text) + text.n + GROUPS_UNIT - 1) / GROUPS_UNIT * GROUPS_UNIT;
	struct group *group;

	if ((groups->n_chunks == 0 || groups->room - groups->used < size) && !add_chunk(groups, memory, size))
		return NULL;
	*handle = (uint32_t)((groups->n_chunks - 1) * GROUPS_OFFSETS + groups->used / GROUPS_UNIT);
	group = groups_at(groups, *handle);
	groups->used = size > groups->room ? groups->room : groups->used + size;
	memset(group, 0, offsetof(struct group, text));
	if (text.n > 0)
		memcpy(group->text, text.p, text.n);
	group->n_text = (uint16_t)text.n;
	if (text.n <= UINT16_MAX)
		return group;
	if (enlarge(group, memory) == NULL)
		return NULL;
	group->u.large->n_text = text.n;
	return group;
}

static void
free_slots(struct groups *groups, struct groups_memory *memory)
{
	int size = slabs_size(groups->n_slots * sizeof *groups->slot);

	if (size >= 0)
		slabs_give(&memory->slabs, groups->slot, size);
	else
		free(groups->slot);
}

bool
groups_grow(struct groups *groups, struct groups_memory *memory)
{
	size_t n_slots = groups->n_slots == 0 ? 16 : groups->n_slots * 2, i, at;
	int size = slabs_size(n_slots * sizeof *groups->slot);
	struct groups_slot *slot = size >= 0 ? slabs_take(&memory->slabs, size) : calloc(n_slots, sizeof *slot);

	if (slot == NULL)
		return false;
	if (size >= 0)
		memset(slot, 0, n_slots * sizeof *slot);
	for (i = 0; i < groups->n_slots; i++) {
		if (groups->slot[i].handle == 0)
			continue;
		for (at = groups->slot[i].tag & (n_slots - 1); slot[at].handle != 0; at = (at + 1) & (n_slots - 1))
			;
		slot[at] = groups->slot[i];
	}
	free_slots(groups, memory);
	groups->slot = slot;
	groups->n_slots = n_slots;
	return true;
}

struct group *
groups_add(struct groups *groups, struct groups_memory *memory, struct groups_slot *slot, uint32_t tag, struct str text, uint32_t *handle)
{
	struct group *group;
	size_t i;

	if (4 * groups->n >= 3 * groups->n_slots) {
		if (!groups_grow(groups, memory))
			return NULL;
		slot = groups_find(groups, tag, text);
	}
	if ((group = new_group(groups, memory, text, handle)) == NULL)
		return NULL;
	*slot = (struct groups_slot){ tag, *handle + 1 };
	for (i = 0; i < GROUPS_HEAD; i++) {
		if (groups->n == 0)
			groups->head[i] = groups_word(text, 8 * i);
		groups->differ[i] |= groups_word(text, 8 * i) ^ groups->head[i];
	}
	groups->n++;
	return group;
}

void
groups_release(struct groups *groups, struct groups_memory *memory)
{
	const bool has_owned = memory->has_large || memory->refs.has_texts;
	struct group *group;
	size_t i;

	for (i = 0; has_owned && i < groups->n_slots; i++) {
		if (groups->slot[i].handle == 0)
			continue;
		group = groups_at(groups, groups->slot[i].handle - 1);
		if (group_has_lines(group) && group->first.ref != group->last.ref)
			packed_drop(group->first.ref);
		if (group_has_lines(group))
			packed_drop(group->last.ref);
		if (group->is_large)
			free(group->u.large);
	}
	for (i = 0; i < groups->n_chunks; i++) {
		if (groups->chunk[i].is_block)
			slabs_give(&memory->slabs, groups->chunk[i].p, 0);
		else
			free(groups->chunk[i].p);
	}
	free_slots(groups, memory);
	free(groups->chunk);
	*groups = (struct groups){ 0 };
}

void
groups_memory_release(struct groups_memory *memory)
{
	packed_release(&memory->refs);
	slabs_release(&memory->slabs);
}

bool
group_set_unit(struct group *group, struct groups_memory *memory, uint32_t unit)
{
	if (unit <= MAX_UNIT && !group->is_large) {
		group->unit = unit & MAX_UNIT;
		return true;
	}
	if (enlarge(group, memory) == NULL)
		return false;
	group->u.large->unit = unit;
	return true;
}

int
group_add_large(struct group *group, struct groups_memory *memory, struct dec number, struct err *err)
{
	struct groups_large *large = enlarge(group, memory);

	if (large == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (dec_add(large->amount.sum, number, &large->amount.sum, err) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "the figures of a window need more than 37 digits");
	large->amount.n++;
	return LODE_OK;
}
