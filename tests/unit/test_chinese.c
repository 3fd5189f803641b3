/* chinese: the same words in both scripts, and nothing else changed */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chinese.h"

static struct chinese *chinese;

/* The text in Simplified characters; valid until the next call. */
static struct str
simplify(struct str text)
{
	static struct buf buffers[2];
	static size_t turn;
	struct str simplified;
	struct err err = ERR_INIT;

	assert_int_equal(chinese_simplify(chinese, text, &buffers[turn ^= 1], &simplified, &err), LODE_OK);
	return simplified;
}

static void
both_scripts_read_alike(void **state)
{
	static const char *const words[][2] = {
		{ "氧化鏑與氧化鋱價格上漲", "氧化镝与氧化铽价格上涨" },
		{ "關閉口岸，中斷進口", "关闭口岸，中断进口" },
		{ "緬軍轟炸、佔領、開徵採礦稅 (KIA)", "缅军轰炸、占领、开征采矿税 (KIA)" },
		{ "衝突後沖毀的橋樑", "冲突后冲毁的桥梁" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		assert_int_equal(strlen(words[i][0]), strlen(words[i][1]));
		assert_true(str_is(simplify(str_of(words[i][0])), words[i][1]));
	}
}

static void
what_needs_no_change_is_the_text_itself(void **state)
{
	static const char *const texts[] = { "", "KIA takes Pangwa", "后来关闭了八里外的干道", "“café” – naïve €, 日本のテキスト", "\xe9\x97", "\x80\xff\xe9 closed" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_ptr_equal(simplify(str_of(texts[i])).p, texts[i]);
}

/* Every character of the block: as many bytes, and simple already what has been made so. */
static void
once_is_enough(void **state)
{
	char text[4] = "";
	unsigned code, changed = 0;
	struct str once;

	(void)state;
	for (code = 0x4e00; code <= 0x9fff; code++) {
		text[0] = (char)(0xe0 | code >> 12);
		text[1] = (char)(0x80 | (code >> 6 & 0x3f));
		text[2] = (char)(0x80 | (code & 0x3f));
		once = simplify(str_of(text));
		assert_int_equal(once.n, 3);
		assert_true(once.p == text || memcmp(once.p, text, 3) != 0);
		assert_ptr_equal(simplify(once).p, once.p);
		changed += once.p != text;
	}
	assert_in_range(changed, 1500, 2500);
}

/* Where a character stands, and what is around it, does not matter; one that is cut at the end is none. */
static void
each_character_is_changed_by_itself(void **state)
{
	static const char around[] = "abcdefghijklmnopq";
	char text[40];
	size_t i;
	struct str simplified;

	(void)state;
	for (i = 0; i < sizeof around; i++) {
		memcpy(text, around, i);
		memcpy(text + i, "關", 3);
		memcpy(text + i + 3, around + i, sizeof around - i);
		simplified = simplify(str_of(text));
		assert_int_equal(simplified.n, sizeof around - 1 + 3);
		assert_memory_equal(simplified.p, text, i);
		assert_memory_equal(simplified.p + i, "关", 3);
		assert_memory_equal(simplified.p + i + 3, around + i, sizeof around - 1 - i);
		text[i + 2] = '\0';
		assert_ptr_equal(simplify(str_of(text)).p, text);
	}
}

static int
start(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	return chinese_new(&chinese, &err);
}

static int
stop(void **state)
{
	(void)state;
	chinese_free(chinese);
	chinese_free(NULL);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_scripts_read_alike),
		cmocka_unit_test(what_needs_no_change_is_the_text_itself),
		cmocka_unit_test(once_is_enough),
		cmocka_unit_test(each_character_is_changed_by_itself),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start, stop);
}
