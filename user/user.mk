# user.mk - the programs that run inside: user/NAME.c is /bin/NAME, user/tests/NAME.c is
# /test/NAME, init is /init. All static musl; user/lib is an archive, so each program takes
# from it only what it uses. Included by the Makefile at the root, which sets BUILD.

USER_CC     := musl-gcc
USER_CFLAGS := -std=gnu11 -O2 -g -static -Wall -Wextra $(WERROR) -fno-omit-frame-pointer -I.

USER_BIN  := $(filter-out init,$(basename $(notdir $(wildcard user/*.c user/*.asm))))
USER_TEST := $(basename $(notdir $(wildcard user/tests/*.c)))
USER_LIB  := $(patsubst user/lib/%.c,$(BUILD)/user/lib/%.o,$(wildcard user/lib/*.c))

USER_PROGRAMS := $(BUILD)/user/init $(USER_BIN:%=$(BUILD)/user/bin/%) \
                 $(USER_TEST:%=$(BUILD)/user/test/%)

.PHONY: user
user: $(USER_PROGRAMS)

$(BUILD)/user/lib/%.o: user/lib/%.c $(wildcard user/lib/*.h)
	@mkdir -p $(@D)
	$(USER_CC) $(USER_CFLAGS) -c -o $@ $<

$(BUILD)/user/libuser.a: $(USER_LIB)
	@rm -f $@
	$(AR) rcsD $@ $^

$(BUILD)/user/init: user/init.c $(BUILD)/user/libuser.a
	$(USER_CC) $(USER_CFLAGS) -o $@ $^

$(BUILD)/user/bin/%: user/%.c $(BUILD)/user/libuser.a
	@mkdir -p $(@D)
	$(USER_CC) $(USER_CFLAGS) -o $@ $^

$(BUILD)/user/test/%: user/tests/%.c $(BUILD)/user/libuser.a
	@mkdir -p $(@D)
	$(USER_CC) $(USER_CFLAGS) -o $@ $^

$(BUILD)/user/bin/%: user/%.asm
	@mkdir -p $(@D)
	nasm -f elf64 -g -o $(BUILD)/user/$*.o $<
	$(LD) -static -nostdlib -z noexecstack -o $@ $(BUILD)/user/$*.o
