# lode: build, install, test. Everything built goes under build/ (SAN=1: build/san/).
-include config.mk
SHELL   = /bin/bash
PREFIX  ?= /usr/local
CFLAGS  ?= -O2 -g
WARN     = -std=c11 -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Werror
VERSION := $(shell cat VERSION)
# GNU: F_SETPIPE_SZ, strptime-free but memmem and pipe2 are used.
CPPFLAGS += -D_GNU_SOURCE -DLODE_VERSION='"$(VERSION)"' -Icommon -MMD -MP
LDLIBS   += -lisal -lcsv -ljansson -lexpat -lhs -lrdkafka -lnlopt -lmd -lpthread -lm
# A program is linked with what it uses alone.
LDFLAGS  += -Wl,--as-needed

B = build
ifdef SAN
B = build/san
CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif

LIB     = $(B)/libcommon.a
LIBOBJ  = $(patsubst %.c,$(B)/%.o,$(wildcard common/*.c))
FILTERS = $(patsubst filters/%.c,$(B)/bin/%,$(wildcard filters/*.c))
UNITS   = $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
TOOLS   = $(patsubst tests/tools/%.c,$(B)/tests/%,$(wildcard tests/tools/*.c))

# What a build and what the tests need, by Debian package. `make deps` is the one place that names them.
DEPS = gcc libc6-dev libisal-dev libcsv-dev libjansson-dev libexpat1-dev libvectorscan-dev librdkafka-dev libnlopt-dev libmd-dev \
       libcmocka-dev libgsl-dev bats mandoc perl gzip zip sqlite3 kcat procps default-jre-headless maven

all: $(FILTERS)
.PHONY: all deps demo test check proof bench bench-news install uninstall clean units
.SECONDARY:

# Touches the network only when a package is missing.
deps:
	@missing=; for p in $(DEPS); do \
	  [ "$$(dpkg-query -W -f='$${Status}' $$p 2>/dev/null)" = 'install ok installed' ] || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then echo "installing:$$missing"; as=; [ "$$(id -u)" = 0 ] || as=sudo; \
	  $$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; fi

demo: deps
	@$(MAKE) --no-print-directory -j2 all
	@pipelines/heavy-rare-earths/demo

test: deps
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory check SAN=1

check: all units
	LODE_BIN=$(CURDIR)/$(B)/bin LODE_TESTS=$(CURDIR)/$(B)/tests tests/run $(UNITS)

units: $(UNITS) $(TOOLS)

# Minutes: what make test shows in a short form, and what no test waits for.
PROOFS = $(patsubst tests/%.c,$(B)/%,$(wildcard tests/proof/*.c))
proof: all units $(PROOFS)
	LODE_BIN=$(CURDIR)/$(B)/bin LODE_TESTS=$(CURDIR)/$(B)/tests LODE_TOP=$(CURDIR) LC_ALL=C.UTF-8 prove -v --timer $(PROOFS) tests/proof/*.t

bench: all units
	tests/bench/run

bench-news: all
	tests/news/score

$(LIB): $(LIBOBJ)
	rm -f $@; ar rcs $@ $^
$(B)/%.o: %.c | VERSION
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) -c -o $@ $<
$(B)/bin/%: $(B)/filters/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
# GSL is an oracle there, and nowhere else.
$(B)/tests/test_scores: LDLIBS += -lgsl -lgslcblas
$(B)/tests/test_%: $(B)/tests/unit/test_%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)
$(B)/tests/%: $(B)/tests/tools/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(B)/proof/%: $(B)/tests/proof/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

install: all
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin share/man/man1 share/man/man7 share/bash-completion/completions)
	install -m 755 $(FILTERS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(wildcard filters/*.1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(wildcard filters/*.7) $(DESTDIR)$(PREFIX)/share/man/man7
	for f in $(notdir $(FILTERS)); do install -m 644 completions/lode.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$f; done
uninstall:
	cd $(DESTDIR)$(PREFIX) && rm -f $(patsubst filters/%.c,bin/%,$(wildcard filters/*.c)) \
	  $(patsubst filters/%,share/man/man1/%,$(wildcard filters/*.1)) $(patsubst filters/%,share/man/man7/%,$(wildcard filters/*.7)) \
	  $(addprefix share/bash-completion/completions/,$(notdir $(FILTERS)))
clean:
	rm -rf build

-include $(wildcard $(B)/*/*.d $(B)/*/*/*.d)
