/* filelist: what a line is, which files are asked for, and what they must be */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "filelist.h"
#include "temp.h"

#define ABC_MD5 "900150983cd24fb0d6963f7d28e17f72" /* RFC 1321, A.5: of "abc" */

static bool
wants_all(const void *argument, struct str name)
{
	(void)name;
	return argument == NULL;
}

static void
load(struct filelist *list, const char *text, const char *const *paths, uint64_t n_broken)
{
	char path[] = "/tmp/test_filelist.XXXXXX";
	struct err err = ERR_INIT;

	temp_make(path, text, strlen(text));
	assert_int_equal(filelist_load(list, path, (char *const *)(uintptr_t)paths, &err), LODE_OK);
	assert_int_equal(list->n_broken, n_broken);
	list->path = "/data/list.txt";
	unlink(path);
}

static void
broken_lines_are_counted(void **state)
{
	static const char *const none[] = { NULL };
	struct filelist list;
	char **paths;

	(void)state;
	load(&list, "3 " ABC_MD5 " http://x/a/one.zip\n3 " ABC_MD5 "\nx " ABC_MD5 " http://x/b\n0 " ABC_MD5 " http://x/c\n"
	    "3 " ABC_MD5 "0 http://x/d\n3 g00150983cd24fb0d6963f7d28e17f72 http://x/e\n3 " ABC_MD5 " http://x/\n3 " ABC_MD5 " http://x/f g\n"
	    "4 900150983CD24FB0D6963F7D28E17F72 two.zip\n", none, 7);
	paths = filelist_paths(&list, wants_all, NULL);
	assert_string_equal(paths[0], "/data/one.zip");
	assert_string_equal(paths[1], "/data/two.zip");
	assert_null(paths[2]);
	assert_null(filelist_paths(&list, wants_all, &list)[0]);
	filelist_release(&list);
}

static void
a_file_is_what_the_list_says(void **state)
{
	static const char *const two[] = { "here/abc", "there/none", NULL };
	char path[] = "/tmp/test_filelist.XXXXXX";
	struct err err = ERR_INIT;
	struct filelist list;
	char byte;
	int fd, ends[2];

	(void)state;
	load(&list, "3 " ABC_MD5 " http://x/other\n4 " ABC_MD5 " http://x/abc\n3 " ABC_MD5 " http://x/abc\n", two, 0);
	temp_make(path, "abc", 3);
	fd = open(path, O_RDWR);
	assert_int_equal(filelist_verify(&list, "abc", fd, &err), LODE_OK); /* the later line counts */
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(byte, 'a');
	assert_int_equal(filelist_verify(&list, "here/none", fd, &err), LODE_EDATA);
	assert_string_equal(err.message, "is not in the list '/data/list.txt'");
	assert_int_equal(filelist_verify(&list, "other", fd, &err), LODE_EDATA); /* it was not asked for */
	assert_int_equal(pwrite(fd, "d", 1, 2), 1);
	assert_int_equal(filelist_verify(&list, "abc", fd, &err), LODE_EDATA);
	assert_string_equal(err.message, "its MD5 is 4911e516e5aa21d327512e0c8b197616, the list says " ABC_MD5);
	assert_int_equal(pwrite(fd, "d", 1, 3), 1);
	assert_int_equal(filelist_verify(&list, "abc", fd, &err), LODE_EDATA);
	assert_string_equal(err.message, "has 4 bytes, the list says 3");
	close(fd);
	unlink(path);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(filelist_verify(&list, "abc", ends[0], &err), LODE_EDATA);
	close(ends[0]);
	close(ends[1]);
	filelist_release(&list);
}

static void
a_list_has_at_least_one_line(void **state)
{
	static const char *const none[] = { NULL };
	char path[] = "/tmp/test_filelist.XXXXXX";
	struct err err = ERR_INIT;
	struct filelist list;

	(void)state;
	temp_make(path, "<html>\n", 7);
	assert_int_equal(filelist_load(&list, path, (char *const *)(uintptr_t)none, &err), LODE_EUSAGE);
	filelist_release(&list);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_lines_are_counted),
		cmocka_unit_test(a_file_is_what_the_list_says),
		cmocka_unit_test(a_list_has_at_least_one_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
