# Which programs make code for x86-64 here. On a machine of that kind the plain names do; elsewhere
# the first cross compiler that is there, or clang with lld. CC=, LD=, AR=, STRIP= or MUSL_CC= on
# make's command line choose others (docs/platforms.md).

MACHINE ?= $(shell uname -m)
PYTHON  := $(firstword $(wildcard /usr/bin/python3) python3)

first_of = $(firstword $(foreach name,$(1),$(if $(shell command -v $(name) 2> /dev/null),$(name))))

ifneq ($(filter x86_64 amd64 i686,$(MACHINE)),)
CC      := gcc
LD      := ld
AR      := ar
STRIP   := strip
MUSL_CC := musl-gcc
else
cross   := $(patsubst %gcc,%,$(call first_of,$(foreach kind,linux-gnu elf linux-musl,x86_64-$(kind)-gcc)))
ifneq ($(cross),)
CC      := $(cross)gcc
LD      := $(cross)ld
AR      := $(cross)ar
STRIP   := $(cross)strip
else
CC      := clang --target=x86_64-linux-gnu
LD      := $(or $(call first_of,ld.lld),$(error no compiler for x86-64 on $(MACHINE): docs/platforms.md says which ones do))
AR      := llvm-ar
STRIP   := llvm-strip
endif
MUSL_CC := $(or $(call first_of,x86_64-linux-musl-gcc),musl-gcc)
endif

# Clang before 16 wants to be told twice that variables shall begin as zero.
cleared := -ftrivial-auto-var-init=zero
sure    := -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
ifneq ($(findstring clang,$(CC)),)
cleared += $(shell $(CC) $(cleared) $(sure) -Qunused-arguments -E -x c /dev/null > /dev/null 2>&1 && echo $(sure)) -Qunused-arguments
endif
