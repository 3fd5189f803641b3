/* price_map: words before parts, long parts before short; numbers in all notations; ranges; what a map must say */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "price_map.h"
#include "temp.h"

enum { MAX = 12 };

static struct price_map map;
static struct str names[MAX], fields[MAX];
static struct header header = { .names = names };

static int
load(const char *text, struct err *err)
{
	char path[] = "/tmp/test_price_map.XXXXXX";
	int rc;

	temp_make(path, text, strlen(text));
	rc = price_map_load(&map, path, err);
	unlink(path);
	return rc;
}

static int
bind(const char *columns, struct err *err)
{
	struct str rest = str_of(columns);

	for (header.n = 0; str_split(&rest, '|', &names[header.n]);)
		header.n++;
	return price_map_bind(&map, &header, err);
}

/* What a record gives: "product area term unit tax low high avg outside;", the rule, or the error. */
static void
gives(const char *record_text, const char *want)
{
	static struct price_quote quote[PRICE_MAX_PRODUCTS];
	struct str rest = str_of(record_text);
	struct record record = { .cooked = fields };
	struct err err = ERR_INIT;
	char got[1024] = "";
	const char *rule = NULL;
	size_t n = 0, i, at = 0;

	while (str_split(&rest, '|', &fields[record.n]))
		record.n++;
	if (price_map_quotes(&map, &header, &record, quote, &n, &rule, &err) != LODE_OK)
		snprintf(got, sizeof got, "%s: %s", err.column_name, err.message);
	else if (rule != NULL)
		snprintf(got, sizeof got, "%s", rule);
	for (i = 0; err.code == LODE_OK && i < n; i++)
		at += (size_t)snprintf(got + at, sizeof got - at, "%.*s %.*s %.*s %.*s %.*s %.*s %.*s %.*s%s;", STR_ARG(quote[i].product),
		    STR_ARG(quote[i].area), STR_ARG(quote[i].term), STR_ARG(quote[i].unit), STR_ARG(quote[i].tax), STR_ARG(quote[i].value[0]),
		    STR_ARG(quote[i].value[1]), STR_ARG(quote[i].value[2]), quote[i].outside ? " outside" : "");
	assert_string_equal(got, want);
}

#define BASE "key\tvalue\nsource\tx\narea\tCN\nunit\tCNY/kg\ndate.column\td\nat\t10:00:00Z\n"

static void
words_come_before_parts(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(load(BASE "product\tDy2O3\nterm.column\tt\nterm.contains.fob\tfob\nterm.contains.fob list\tlist\nterm.word.FOB list\texw\n"
	    "term.word.none\t-\ntax.term.fob\texcl\navg.column\ta\n", &err), LODE_OK);
	assert_int_equal(bind("d|t|a", &err), LODE_OK);
	gives("|China FOB|5", "Dy2O3 CN fob CNY/kg excl   5;");
	gives("|fob List price|5", "Dy2O3 CN list CNY/kg    5;");
	gives("|FOB list|5", "Dy2O3 CN exw CNY/kg    5;");
	gives("|none|5", "other-term");
	gives("|cif|5", "t: unknown term 'cif'");
	gives("|fob|", "no-price");
	price_map_release(&map);
}

static void
numbers_have_their_own_notation(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(load(BASE "product\tP\nterm\texw\ndecimal\t,\nthousands\t.\nmissing\tn/a\navg.column\ta\n", &err), LODE_OK);
	assert_int_equal(bind("d|a", &err), LODE_OK);
	gives("|1.234.567,50", "P CN exw CNY/kg    1234567.50;");
	gives("|1234567,5", "P CN exw CNY/kg    1234567.5;");
	gives("|n/a", "no-price");
	gives("|1.23", "a: cannot read '1.23' as a decimal");
	gives("|1.234.56", "a: cannot read '1.234.56' as a decimal");
	gives("|1,234.567", "a: cannot read '1,234.567' as a decimal");
	gives("|,", "a: cannot read ',' as a decimal");
	gives("|-1", "a: price -1 is not above 0");
	price_map_release(&map);
	assert_int_equal(load(BASE "product\tP\nterm\texw\nthousands\tblank\navg.column\ta\n", &err), LODE_OK);
	assert_int_equal(bind("d|a", &err), LODE_OK);
	gives("|1 234.5", "P CN exw CNY/kg    1234.5;");
	gives("|1,234", "a: cannot read '1,234' as a decimal");
	price_map_release(&map);
}

static void
ranges_are_in_one_scale(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(load(BASE "product\tP\nterm\texw\nrange.column\tr\navg.column\ta\n", &err), LODE_OK);
	assert_int_equal(bind("d|r|a", &err), LODE_OK);
	gives("|1405000-1415000|1410000", "P CN exw CNY/kg  1405000 1415000 1410000;");
	gives("|5 - 50|", "P CN exw CNY/kg  5 50 ;");
	gives("|5 - 50.01|", ": mixed scales in one range: 5 to 50.01");
	gives("|136-1.4|", ": mixed scales in one range: 136 to 1.4");
	gives("|7|8", "P CN exw CNY/kg  7 7 8 outside;");
	gives("||8", "P CN exw CNY/kg    8;");
	gives("|1-2-3|", "r: cannot read '2-3' as a decimal");
	price_map_release(&map);
}

static void
cells_say_their_unit(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(load(BASE "product\tP\nterm\texw\nthousands\t,\nmissing\t-\nrange.column\tr\navg.column\ta\ncell.* yuan/mt\tCNY/t\n"
	    "cell.* million yuan/mt\t1000000CNY/t\ncell.Yn*/kg\tCNY/kg\n", &err), LODE_OK);
	assert_int_equal(bind("d|r|a", &err), LODE_OK);
	gives("|1.55-1.57 million yuan/mt|", "P CN exw 1000000CNY/t  1.55 1.57 ;"); /* the longer form */
	gives("|282,000～285,000 yuan/mt|283,500 yuan/mt", "P CN exw CNY/t  282000 285000 283500;");
	gives("|Yn1,890 至 1,920/kg|-", "P CN exw CNY/kg  1890 1920 ;");
	gives("|-|5", "P CN exw CNY/kg    5;"); /* of the map */
	gives("|1 yuan/mt|Yn1/kg", "a: two units in one record: CNY/t and CNY/kg");
	gives("|5 dollars|", "r: cannot read '5 dollars' as a decimal");
	gives("|-5|", "r: price -5 is not above 0");
	gives("|5-|", "r: cannot read '5-' as a range");
	gives("||+5", "a: '+5' has a sign: a change is no price");
	price_map_release(&map);
}

static void
low_in_another_scale_is_brought_to_high(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(load(BASE "product\tP\nterm\texw\nrange.column\tr\navg.column\ta\n", &err), LODE_OK);
	map.rescale = true;
	assert_int_equal(bind("d|r|a", &err), LODE_OK);
	gives("|136-1.4|", "P CN exw CNY/kg  1.36 1.4 ;");
	gives("|193-1.95|", "P CN exw CNY/kg  1.93 1.95 ;");
	gives("|415-4.2|", "P CN exw CNY/kg  4.15 4.2 ;");
	gives("|26.6-269000|", "P CN exw CNY/kg  266000 269000 ;");
	gives("|50-500|", "P CN exw CNY/kg  50 500 ;"); /* no mixture: as it is */
	gives("|300-4.2|", ": mixed scales in one range: 300 to 4.2");
	price_map_release(&map);
}

static void
wide_tables_have_a_unit_each(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(load("key\tvalue\nsource\tx\narea\tCN\nterm\texw\ndate.column\td\nat\t10:00:00Z\nwide.A.low\tal\nwide.A.high\tah\nwide.A.unit\t10000CNY/t\n"
	    "wide.B.avg\tb\nwide.B.unit\t1000CNY/t\n", &err), LODE_OK);
	assert_int_equal(bind("d|al|ah|b", &err), LODE_OK);
	gives("|1|2|3", "A CN exw 10000CNY/t  1 2 ;B CN exw 1000CNY/t    3;");
	gives("||2|", "A CN exw 10000CNY/t   2 ;");
	gives("|||", "no-price");
	assert_int_equal(bind("d|al|b", &err), LODE_EUSAGE);
	price_map_release(&map);
}

static void
dates_need_a_lag(void **state)
{
	struct record record = { .n = 1, .cooked = fields };
	struct err err = ERR_INIT;
	struct period period;
	int64_t known;

	(void)state;
	assert_int_equal(load(BASE "product\tP\nterm\texw\navg.column\ta\ndate.form\tYYYY-MM-DD|YYYY-MM|YYYY\nlag.day\t1\nlag.month\t5\n", &err), LODE_OK);
	assert_int_equal(bind("d|a", &err), LODE_OK);
	fields[0] = STR("1970-01-01");
	assert_int_equal(price_map_date(&map, &record, &period, &known, &err), LODE_OK);
	assert_int_equal(known, 86400 + 36000);
	fields[0] = STR("1970-01");
	assert_int_equal(price_map_date(&map, &record, &period, &known, &err), LODE_OK);
	assert_int_equal(known, (30 + 5) * 86400 + 36000);
	fields[0] = STR("1970");
	assert_int_equal(price_map_date(&map, &record, &period, &known, &err), LODE_EDATA);
	assert_string_equal(err.message, "when a price of 1970 is known is not in the map (lag.year)");
	price_map_release(&map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_come_before_parts),
		cmocka_unit_test(numbers_have_their_own_notation),
		cmocka_unit_test(ranges_are_in_one_scale),
		cmocka_unit_test(cells_say_their_unit),
		cmocka_unit_test(low_in_another_scale_is_brought_to_high),
		cmocka_unit_test(wide_tables_have_a_unit_each),
		cmocka_unit_test(dates_need_a_lag),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
