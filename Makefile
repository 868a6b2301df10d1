# pinhole: one non-recursive Makefile.
#
#   make                  ./pinhole, and its helpers in build/
#   make check            the tests that CI runs; make check-full adds the slow suites
#   make lint bench fuzz  layers and style; measurements; fuzzers (clang)
#   make install DESTDIR= PREFIX=/usr/local; make uninstall with the same
#   make SAN=1            with AddressSanitizer and UndefinedBehaviorSanitizer, in build/san
#   make SAN=thread       with ThreadSanitizer, in build/tsan
#   make CC=clang BUILD=build/clang

VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
CC ?= cc
CXX ?= c++
SAN ?=
TSAN := $(filter thread,$(SAN))
BUILD ?= build$(if $(SAN),$(if $(TSAN),/tsan,/san))
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif

bindir := $(PREFIX)/bin
libexecdir := $(PREFIX)/libexec/pinhole
mandir := $(PREFIX)/share/man

OPT ?= -O2
comma := ,
SANITIZERS := $(if $(TSAN),thread,address$(comma)undefined)
SANFLAGS := $(if $(SAN),-fsanitize=$(SANITIZERS) -fno-sanitize-recover=all -fno-omit-frame-pointer)
WARN := -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes -Wvla -Wconversion
# Sanitizers mislead the warnings that follow values (gcc says so); the plain builds are strict.
WARN += $(if $(SAN),-Wno-error)
CPPFLAGS += -Ilib -Icmd -I$(BUILD)/gen -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
CFLAGS_ALL := -std=gnu11 -g $(OPT) $(SANFLAGS) $(WARN) -fstack-protector-strong $(CFLAGS)
CXXFLAGS_ALL := -std=c++17 -g $(OPT) $(SANFLAGS) -Wall -Wextra -Werror -Wshadow -fPIC $(CXXFLAGS)
LDFLAGS_ALL := $(SANFLAGS) $(LDFLAGS) -Wl,--as-needed -pthread

# libraw asks its users for OpenMP, which it alone needs; clang has none without another package.
pkg_cflags = $(filter-out -fopenmp,$(shell pkg-config --cflags $(1)))
pkg_libs = $(filter-out -fopenmp,$(shell pkg-config --libs $(1)))

# What the main program may link: it must start fast, so libvips (pinhole-media), libphonenumber
# (phone.so, loaded when a number is parsed) and libarchive (loaded when an archive is opened) stay out.
MAIN_PKGS := sqlite3 jansson libcrypto
MAIN_LIBS := $(call pkg_libs,$(MAIN_PKGS)) -largon2 -lqrencode -ldl -lm
# pinhole-server, which `pinhole serve` becomes, has what would slow every other command.
SERVER_LIBS := -lmicrohttpd $(call pkg_libs,gnutls libjwt libcurl) -largon2
MEDIA_PKGS := vips gmodule-2.0 libexif expat libraw_r libtiff-4 libseccomp jansson
MEDIA_LIBS = $(call pkg_libs,$(MEDIA_PKGS)) -liptcdata -lm

# --- sources --------------------------------------------------------------------------------
LIB_C := $(filter-out lib/phone/%_plugin.c,$(wildcard lib/*/*.c))
CMD_C := $(wildcard cmd/*.c)
SERVER_C := cmd/helpers/pinhole-server.c
MEDIA_C := $(filter-out $(SERVER_C),$(wildcard cmd/helpers/*.c))
SCHEMA := $(sort $(wildcard lib/db/schema/*.sql))

obj = $(patsubst %,$(BUILD)/obj/%.o,$(basename $(1)))
LIB_O := $(call obj,$(LIB_C)) $(BUILD)/obj/gen/schema.o $(BUILD)/obj/gen/openapi.o
CMD_O := $(call obj,$(CMD_C))
MEDIA_O := $(call obj,$(MEDIA_C))
LIB_A := $(BUILD)/libpinhole.a
PROGRAM := $(if $(filter build,$(BUILD)),pinhole,$(BUILD)/pinhole)
MEDIA := $(BUILD)/pinhole-media
MEDIA_A := $(BUILD)/libmedia.a
SERVER := $(BUILD)/pinhole-server
PHONE := $(BUILD)/phone.so

UNIT_C := $(wildcard tests/unit/*/*.c) $(wildcard tests/fold/*.c) $(wildcard tests/fault/*.c)
UNIT := $(patsubst tests/%.c,$(BUILD)/tests/%,$(UNIT_C))
# Fuzz targets with a plain main that replays their corpora; scripts/fuzz builds them with libFuzzer.
REPLAY := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/bench/*.c))

.PHONY: all man check check-full lint bench fuzz install uninstall clean unit everything
all: $(PROGRAM) $(MEDIA) $(SERVER) $(PHONE) man
unit: $(UNIT) $(REPLAY)
everything: all unit $(BENCH)

$(PROGRAM): $(CMD_O) $(LIB_A)
	$(CC) -o $@ $(CMD_O) $(LIB_A) $(LDFLAGS_ALL) $(MAIN_LIBS)

$(MEDIA): $(BUILD)/obj/cmd/helpers/pinhole-media.o $(MEDIA_A) $(LIB_A)
	$(CC) -o $@ $^ $(LDFLAGS_ALL) $(MEDIA_LIBS)

$(SERVER): $(call obj,$(SERVER_C)) $(LIB_A)
	$(CC) -o $@ $^ $(LDFLAGS_ALL) $(SERVER_LIBS) $(MAIN_LIBS)

# All of the decoder but its main, for the tests in tests/unit/helpers.
$(MEDIA_A): $(filter-out %/pinhole-media.o,$(MEDIA_O))
	@rm -f $@
	$(AR) rcs $@ $^

$(PHONE): lib/phone/phone_plugin.cc lib/phone/phone_plugin.h | $(BUILD)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS_ALL) -shared -o $@ $< $(LDFLAGS_ALL) -lphonenumber

# The archive is made anew so that a removed source leaves no object behind.
$(LIB_A): $(LIB_O)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD):
	@mkdir -p $@

$(BUILD)/gen/schema.c: scripts/embed-schema $(SCHEMA)
	@mkdir -p $(@D)
	scripts/embed-schema $(SCHEMA) > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/openapi.c: scripts/embed-openapi lib/http/openapi.yaml
	@mkdir -p $(@D)
	scripts/embed-openapi lib/http/openapi.yaml > $@.tmp && mv $@.tmp $@

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -c -o $@ $<

$(MEDIA_O): $(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(call pkg_cflags,$(MEDIA_PKGS)) -MMD -MP -c -o $@ $<

# Inner loops over pixels.
$(BUILD)/obj/cmd/helpers/media_scale.o: OPT := -O3

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -DPINHOLE_VERSION='"$(VERSION)"' -DPINHOLE_LIBEXECDIR='"$(libexecdir)"' \
		$(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/helpers/%: tests/unit/helpers/%.c tests/tap.h $(MEDIA) $(MEDIA_A) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Icmd/helpers -Itests $(CFLAGS_ALL) $(call pkg_cflags,$(MEDIA_PKGS)) \
		-Wno-missing-prototypes -MMD -MP -MF $@.d -o $@ $< $(MEDIA_A) $(LIB_A) $(LDFLAGS_ALL) \
		$(MEDIA_LIBS) $(MAIN_LIBS)

# Tests and benches: one program each, linked with the whole library.
$(BUILD)/tests/%: tests/%.c tests/tap.h $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS_ALL) -Wno-missing-prototypes -MMD -MP -MF $@.d -o $@ $< $(LIB_A) \
		$(LDFLAGS_ALL) $(SERVER_LIBS) $(MAIN_LIBS)

# What judges telephone numbers loads phone.so at run time.
$(filter $(addprefix $(BUILD)/tests/unit/,phone/% import/% store/%),$(UNIT)): | $(PHONE)

$(filter-out $(BUILD)/tests/fuzz/fuzz_media_%,$(REPLAY)): $(BUILD)/tests/fuzz/%: tests/fuzz/%.c \
		tests/fuzz/replay.c tests/tap.h $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS_ALL) -Wno-missing-prototypes -o $@ $< tests/fuzz/replay.c \
		$(LIB_A) $(LDFLAGS_ALL) $(SERVER_LIBS) $(MAIN_LIBS)

# Those of the decoder's own parsers.
$(filter $(BUILD)/tests/fuzz/fuzz_media_%,$(REPLAY)): $(BUILD)/tests/fuzz/%: tests/fuzz/%.c \
		tests/fuzz/replay.c tests/tap.h $(MEDIA_A) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Icmd/helpers -Itests $(CFLAGS_ALL) -Wno-missing-prototypes -o $@ $< \
		tests/fuzz/replay.c $(MEDIA_A) $(LIB_A) $(LDFLAGS_ALL) $(MEDIA_LIBS)

-include $(LIB_O:.o=.d) $(CMD_O:.o=.d) $(MEDIA_O:.o=.d) $(patsubst %.o,%.d,$(call obj,$(SERVER_C))) $(UNIT:=.d) $(BENCH:=.d)

# Manual pages: prose from man/, tables from the program.
MAN := $(BUILD)/man/.stamp
man: $(MAN)
$(MAN): $(PROGRAM) $(wildcard man/*.mdoc) scripts/man scripts/embed-openapi lib/http/openapi.yaml
	scripts/man ./$(PROGRAM) $(@D)
	@touch $@

# --- checks ---------------------------------------------------------------------------------
check:
	scripts/run-checks

check-full:
	scripts/run-checks --full

lint:
	scripts/lint

bench: all $(BENCH)
	tests/bench/run

fuzz:
	scripts/fuzz

install: all
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(libexecdir) $(DESTDIR)$(mandir)/man1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -m 755 $(PROGRAM) $(DESTDIR)$(bindir)/pinhole
	install -m 755 $(MEDIA) $(DESTDIR)$(libexecdir)/pinhole-media
	install -m 755 $(SERVER) $(DESTDIR)$(libexecdir)/pinhole-server
	install -m 755 $(PHONE) $(DESTDIR)$(libexecdir)/phone.so
	for page in $(BUILD)/man/*.[1-8]; do \
		section=$${page##*.}; install -d $(DESTDIR)$(mandir)/man$$section; \
		install -m 644 $$page $(DESTDIR)$(mandir)/man$$section/ || exit 1; done
	install -m 644 completions/pinhole.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/pinhole
	install -m 644 completions/_pinhole $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_pinhole
	install -m 644 completions/pinhole.fish \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/pinhole.fish

uninstall:
	rm -f $(DESTDIR)$(bindir)/pinhole \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/pinhole \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_pinhole \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/pinhole.fish
	rm -f $(foreach s,1 5 7,$(patsubst man/%.mdoc,$(DESTDIR)$(mandir)/man$(s)/%,$(wildcard man/*.$(s).mdoc)))
	rm -f $(DESTDIR)$(libexecdir)/pinhole-media $(DESTDIR)$(libexecdir)/pinhole-server $(DESTDIR)$(libexecdir)/phone.so
	[ ! -d $(DESTDIR)$(libexecdir) ] || rmdir --ignore-fail-on-non-empty $(DESTDIR)$(libexecdir)

clean:
	rm -rf build pinhole
