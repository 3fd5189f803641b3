/* tags: one event and one figure are one tag, in whatever order they are told; bounds; what is taken out at the end, and the order */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tags.h"

static struct tags tags;

static struct tagged
event(const char *class, int sign, const char *place, double confidence, size_t start)
{
	return (struct tagged){ .event_class = str_of(class), .sign = sign, .place = str_of(place), .partner = STR(""), .actor = STR(""), .commodity = STR(""),
		.confidence = confidence, .start = start, .end = start + 1 };
}

static struct tagged
quantity(const char *indicator, int value, int32_t month, size_t start)
{
	return (struct tagged){ .is_quantity = true, .event_class = STR(""), .place = STR(""), .partner = STR(""), .actor = STR(""), .commodity = STR("GRA"),
		.indicator = str_of(indicator), .unit = STR("%"), .value = dec_of(value), .has_period = month > 0, .period = { PERIOD_MONTH, month, month }, .start = start, .end = start + 1 };
}

static void
add(struct tagged tag, struct mention mention)
{
	tags_add_event(&tags, &tag, mention);
}

static void
add_quantity(struct tagged tag, bool vague)
{
	tags_add_quantity(&tags, &tag, vague);
}

static const struct mention named = { 2, true, true, true }, near = { 1, false, false, true }, titled = { 0, false, false, false };

/* Three mentions in each order: a country without an actor, a town with one, no place but a commodity. */
static void
mentions_of_one_event_add_up_in_any_order(void **state)
{
	static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	struct tagged told[3] = { event("closure", 0, "FR", 0.8, 10), event("closure", -1, "FR-01", 0.9, 20), event("closure", -1, "", 0.5, 30) };
	const struct mention mentions[3] = { near, named, titled };
	size_t i, k;

	(void)state;
	told[1].actor = STR("GUARD");
	told[1].has_period = true;
	told[1].period = (struct period){ PERIOD_DAY, 20249, 20249 };
	told[2].commodity = STR("GRA");
	for (i = 0; i < 6; i++) {
		tags_clear(&tags);
		for (k = 0; k < 3; k++)
			add(told[orders[i][k]], mentions[orders[i][k]]);
		assert_int_equal(tags.n, 1);
		assert_true(str_is(tags.tag[0].place, "FR-01"));
		assert_true(str_is(tags.tag[0].actor, "GUARD"));
		assert_true(str_is(tags.tag[0].commodity, "GRA"));
		assert_int_equal(tags.tag[0].sign, -1);
		assert_true(tags.tag[0].has_period && tags.tag[0].period.first == 20249);
		assert_int_equal(tags.tag[0].start, 20);
	}
}

static void
other_places_signs_and_classes_are_other_events(void **state)
{
	(void)state;
	tags_clear(&tags);
	add(event("closure", -1, "FR-01", 0.9, 0), named);
	add(event("closure", -1, "FR-02", 0.9, 1), named);
	add(event("closure", 1, "FR-01", 0.9, 2), named);
	add(event("opening", -1, "FR-01", 0.9, 3), named);
	assert_int_equal(tags.n, 4);
	/* Either side of one border */
	tags_clear(&tags);
	add(event("closure", -1, "FR-01", 0.9, 0), named);
	tags.tag[0].partner = STR("SY");
	add(event("closure", -1, "SY", 0.9, 1), named);
	assert_int_equal(tags.n, 1);
	add(event("closure", -1, "SY-01", 0.9, 1), named);
	assert_int_equal(tags.n, 2);
}

static void
a_figure_told_twice_is_one(void **state)
{
	(void)state;
	tags_clear(&tags);
	add_quantity(quantity("import.mass.change", -34, 0, 0), false);
	add_quantity(quantity("import.mass.change", -34, 5, 9), false);
	assert_int_equal(tags.n, 1);
	assert_true(tags.tag[0].has_period); /* and the one with a period */
	add_quantity(quantity("import.mass.change", -34, 0, 19), false);
	assert_true(tags.n == 1 && tags.tag[0].has_period);
	add_quantity(quantity("export.mass.change", -34, 5, 20), false);
	add_quantity(quantity("import.mass.change", 34, 5, 20), false);
	assert_int_equal(tags.n, 3);
}

static void
a_rough_figure_gives_way_to_a_number(void **state)
{
	int first;

	(void)state;
	for (first = 0; first < 2; first++) {
		tags_clear(&tags);
		add_quantity(quantity("import.mass.change", first == 0 ? -33 : -34, 5, 0), first == 0);
		add_quantity(quantity("import.mass.change", first == 0 ? -34 : -33, 5, 0), first == 1);
		assert_int_equal(tags.n, 1);
		assert_int_equal(dec_cmp(tags.tag[0].value, dec_of(-34)), 0);
	}
	/* Of another month, or the other way, both stay. */
	tags_clear(&tags);
	add_quantity(quantity("import.mass.change", -33, 4, 0), true);
	add_quantity(quantity("import.mass.change", -34, 5, 0), false);
	add_quantity(quantity("import.mass.change", 34, 4, 0), false);
	assert_int_equal(tags.n, 3);
}

static void
sides_are_those_of_the_first_figure_that_has_one(void **state)
{
	struct tagged of = quantity("import.mass", 3, 5, 1);

	(void)state;
	tags_clear(&tags);
	assert_null(tags_with_side(&tags, STR("import")));
	add_quantity(quantity("import.mass", 2, 5, 0), false);
	add(event("import", -1, "FR", 0.9, 0), named);
	assert_null(tags_with_side(&tags, STR("import")));
	of.partner = STR("SY");
	add_quantity(of, false);
	assert_ptr_equal(tags_with_side(&tags, STR("import")), &tags.tag[2]);
	assert_null(tags_with_side(&tags, STR("export")));
}

static void
more_than_there_is_room_for_are_left_out(void **state)
{
	static char place[TAGS_MAX + 10][8];
	struct class_set classes = { .n = 0 };
	size_t i;

	(void)state;
	tags_clear(&tags);
	for (i = 0; i < TAGS_MAX + 10; i++) {
		place[i][0] = (char)('A' + i / 26 % 26), place[i][1] = (char)('A' + i % 26), place[i][2] = (char)('A' + i / 676);
		add(event("closure", -1, place[i], 0.9, i), named);
		add_quantity(quantity(place[i], 1, 5, i), false);
		tags_note_class(&classes, str_of(place[i]));
		tags_note_class(&classes, str_of(place[i]));
	}
	assert_int_equal(tags.n, TAGS_MAX);
	assert_int_equal(classes.n, TAGS_CLASSES);
	assert_true(tags_has_class(&classes, str_of(place[TAGS_CLASSES - 1])));
	assert_false(tags_has_class(&classes, str_of(place[TAGS_CLASSES])));
}

static void
what_is_settled_is_in_order(void **state)
{
	size_t i;

	(void)state;
	tags_clear(&tags);
	add_quantity(quantity("import.mass", 2, 5, 0), false);
	add(event("threat", -1, "FR", 0.9, 30), named);
	add(event("sale-halt-threat", -1, "FR", 0.9, 20), named);
	add(event("closure", -1, "FR", 0.5, 10), named);
	add(event("flood", -1, "FR", 0.5, 5), titled);
	add(event("quota", -1, "FR", 0.5, 5), titled);
	tags_note_class(&tags.only_talked_of, STR("flood"));
	tags_note_class(&tags.only_talked_of, STR("closure"));
	tags_note_class(&tags.denied, STR("closure"));
	tags_settle(&tags, false);
	assert_int_equal(tags.n, 5);
	for (i = 1; i + 1 < tags.n; i++)
		assert_true(tags.tag[i - 1].start < tags.tag[i].start && !tags.tag[i].is_quantity);
	assert_true(tags.tag[4].is_quantity);
	assert_true(str_is(tags.tag[0].event_class, "quota"));
	assert_true(str_is(tags.tag[1].event_class, "closure") && tags.tag[1].confidence == 0.5 * 0.6);
	tags_settle(&tags, true);
	assert_int_equal(tags.n, 4);
	assert_true(str_is(tags.tag[2].event_class, "sale-halt-threat"));
	/* A threat of which nothing more is told stays. */
	tags_clear(&tags);
	add(event("threat", -1, "FR", 0.9, 30), named);
	tags_settle(&tags, true);
	assert_int_equal(tags.n, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mentions_of_one_event_add_up_in_any_order), cmocka_unit_test(other_places_signs_and_classes_are_other_events),
		cmocka_unit_test(a_figure_told_twice_is_one), cmocka_unit_test(a_rough_figure_gives_way_to_a_number),
		cmocka_unit_test(sides_are_those_of_the_first_figure_that_has_one), cmocka_unit_test(more_than_there_is_room_for_are_left_out),
		cmocka_unit_test(what_is_settled_is_in_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tags", tests, NULL, NULL);
}
