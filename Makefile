# Faultline: two commands matter, `make run` and `make test`; `make help` lists the rest.
#
#   kernel   boot/ arch/ lib/ mm/ kernel/  ->  $(BUILD)/faultline.elf   (GRUB and `qemu -kernel`)
#   user     user/NAME.c                   ->  /bin/NAME in the image   (static musl)
#            user/NAME/*.c                 ->  /bin/NAME
#            user/tests/NAME.c             ->  /test/NAME               (prints TAP)
#            user/NAME.asm                 ->  /bin/NAME                (no libc)
#            user/init.c                   ->  /init
#   image    the program files, a cpio     ->  $(BUILD)/image.cpio
#   iso      GRUB, kernel and image        ->  $(BUILD)/faultline.iso
#   bench    tests/bench/NAME.c            ->  $(BUILD)/bench/NAME: vmbench, operation, costs

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# DEBUG=1: the same kernel with every function kept, for stepping through it.
ifdef DEBUG
BUILD    ?= build/debug
OPTIMISE := -Og -fno-inline -fno-inline-functions-called-once -ffunction-sections -fdata-sections -DFAULTLINE_DEBUG
else
BUILD    ?= build
OPTIMISE := -O2
endif
export BUILD DEBUG # tools/ look there, and build the same

include tools/toolchain.mk
BUSYBOX ?= /bin/busybox
export STRIP BUSYBOX

# A warning of a compiler that is newer than we are stops nobody; `make test` has it stop the build.
WERROR  ?=

# Where the tree is, as one word for the shell, whatever letters are in it.
HERE    := '$(subst ','\'',$(CURDIR))'

WARN    := -Wall -Wextra $(WERROR)
CFLAGS  := -std=gnu11 -g -ffile-prefix-map=$(HERE)=. $(OPTIMISE) $(WARN) -I. -ffreestanding -mcmodel=kernel -mno-red-zone \
           -mgeneral-regs-only -fno-pic -fno-pie -fno-stack-protector -fno-strict-aliasing \
           -fno-delete-null-pointer-checks \
           -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fcf-protection=none
ASFLAGS := -f elf64 -g -F dwarf -I./
LDFLAGS := -nostdlib -static -z max-page-size=0x1000 -z noexecstack --build-id=none \
           -T linker.ld
UFLAGS  := -std=gnu11 -static -O2 -g -ffile-prefix-map=$(HERE)=. $(WARN) -I.

include tools/list.mk

# --- the kernel -------------------------------------------------------------------------------

kernel_sources := $(sort $(shell find boot arch lib mm kernel -name '*.c' -o -name '*.asm'))
kernel_objects := $(kernel_sources:%=$(BUILD)/obj/%.o)

kernel: $(BUILD)/faultline.elf

# The kernel names its own functions in a backtrace: link once with an empty table of symbols,
# read the addresses from that, and link again with the full table behind everything else.
kernel_list := $(call list,kernel,$(kernel_objects))

$(BUILD)/stage1.elf: $(kernel_objects) linker.ld $(kernel_list)
	$(LD) $(LDFLAGS) -o $@ $(kernel_objects)

ifneq ($(wildcard tools/symbols.py),)
$(BUILD)/symbols.c: $(BUILD)/stage1.elf tools/symbols.py
	$(PYTHON) tools/symbols.py $< > $@

$(BUILD)/symbols.o: $(BUILD)/symbols.c arch/symbols.h Makefile
	$(CC) $(CFLAGS) -c -o $@ $<

$(BUILD)/faultline.elf: $(kernel_objects) $(BUILD)/symbols.o linker.ld
	$(LD) $(LDFLAGS) -o $@ $(kernel_objects) $(BUILD)/symbols.o
else
$(BUILD)/faultline.elf: $(BUILD)/stage1.elf
	cp $< $@
endif

# What goes out to user memory is put together in kernel/: there every variable, with its
# padding, is zero before anything else happens to it.
$(BUILD)/obj/kernel/%: CLEARED := $(cleared)

$(BUILD)/obj/%.c.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CLEARED) -MMD -MP -c -o $@ $<

# With -MD, nasm leaves out what %include brings in; with -M it does not.
$(BUILD)/obj/%.asm.o: %.asm Makefile
	@mkdir -p $(@D)
	nasm $(ASFLAGS) -M -MP -MQ $@ $< > $(@:.o=.d)
	nasm $(ASFLAGS) -o $@ $<

# The same without trace points, to measure what they cost when nobody listens.
traced_sources    := $(shell grep -lE '"(arch|mm|kernel)/([a-z_]+/)*[a-z_]*trace\.h"' $(filter %.c,$(kernel_sources)))
untraced_objects  := $(filter-out $(traced_sources:%=$(BUILD)/obj/%.o),$(kernel_objects)) \
                     $(traced_sources:%=$(BUILD)/obj/%.untraced.o)

untraced: $(BUILD)/untraced/faultline.elf $(BUILD)/untraced/image.cpio

$(BUILD)/obj/%.c.untraced.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CLEARED) -DWITHOUT_TRACE_POINTS -MMD -MP -c -o $@ $<

$(BUILD)/untraced/faultline.elf: $(untraced_objects) $(BUILD)/symbols.o linker.ld $(kernel_list)
	@mkdir -p $(@D)
	$(LD) $(LDFLAGS) -o $@ $(untraced_objects) $(BUILD)/symbols.o

$(BUILD)/untraced/image.cpio: $(BUILD)/image.cpio
	@mkdir -p $(@D)
	ln -sf ../image.cpio $@

# --- user programs ----------------------------------------------------------------------------

user_lib      := $(patsubst %.c,$(BUILD)/obj/%.user.o,$(wildcard user/lib/*.c))
user_single   := $(patsubst user/%.c,$(BUILD)/user/bin/%,$(wildcard user/*.c))
user_bare     := $(patsubst user/%.asm,$(BUILD)/user/bin/%,$(wildcard user/*.asm))
user_tests    := $(patsubst user/tests/%.c,$(BUILD)/user/test/%,$(wildcard user/tests/*.c))
user_dirs     := $(filter-out lib tests,$(sort $(patsubst user/%/,%,$(dir $(wildcard user/*/*.c)))))
user_multi    := $(user_dirs:%=$(BUILD)/user/bin/%)
user_programs := $(user_single) $(user_bare) $(user_multi) $(user_tests)

user: $(user_programs)

$(BUILD)/obj/%.user.o: %.c Makefile
	@mkdir -p $(@D)
	$(MUSL_CC) $(UFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/user/lib.a: $(user_lib) $(call list,user-lib,$(user_lib))
	@mkdir -p $(@D)
	rm -f $@; $(AR) rcs $@ $(user_lib)

$(user_single): $(BUILD)/user/bin/%: $(BUILD)/obj/user/%.user.o $(BUILD)/user/lib.a
	@mkdir -p $(@D)
	$(MUSL_CC) -static -o $@ $^

$(user_tests): $(BUILD)/user/test/%: $(BUILD)/obj/user/tests/%.user.o $(BUILD)/user/lib.a
	@mkdir -p $(@D)
	$(MUSL_CC) -static -o $@ $^

$(user_bare): $(BUILD)/user/bin/%: $(BUILD)/obj/user/%.asm.o
	@mkdir -p $(@D)
	$(LD) -nostdlib -static -z noexecstack --build-id=none -o $@ $^

define multi_program
$(BUILD)/user/bin/$(1): $$(patsubst %.c,$(BUILD)/obj/%.user.o,$$(wildcard user/$(1)/*.c)) $(BUILD)/user/lib.a \
                        $$(call list,user-$(1),$$(wildcard user/$(1)/*.c))
	@mkdir -p $$(@D)
	$(MUSL_CC) -static -o $$@ $$(filter %.o %.a,$$^)
endef
$(foreach name,$(user_dirs),$(eval $(call multi_program,$(name))))

# --- the image and the ISO --------------------------------------------------------------------

image: $(BUILD)/image.cpio

tools_shared := $(wildcard tools/faultline/*.py)

$(BUILD)/image.cpio: $(user_programs) $(call list,image,$(user_programs)) tools/mkimage \
                     $(tools_shared) $(wildcard $(BUSYBOX)) Makefile
	$(PYTHON) tools/mkimage -o $@ --programs $(BUILD)/user $(user_programs)

iso: $(BUILD)/faultline.iso

$(BUILD)/faultline.iso: $(BUILD)/faultline.elf $(BUILD)/image.cpio boot/grub.cfg tools/mkiso $(tools_shared)
	$(PYTHON) tools/mkiso -o $@ $(BUILD)/faultline.elf $(BUILD)/image.cpio

bench: $(BUILD)/bench/vmbench $(BUILD)/bench/operation $(BUILD)/bench/costs $(BUILD)/bench/growth $(BUILD)/bench/parallel

# What one operation costs while something else grows: a table, and a drawing in build/growth/.
# GROWTH='mmap fork …': rows whose names begin so.
bench-growth: $(BUILD)/bench/growth
	@$(PYTHON) tests/growth.py $(GROWTH)

# What two processors that run at once are worth, by this machine's clock: it should be idle.
bench-parallel: kernel image $(BUILD)/bench/parallel
	@for n in 1 2; do \
	FAULTLINE_NO_BUILD=1 tools/boot --realtime --parallel --cpus 2 --add $(BUILD)/bench/parallel -- parallel $$n; done

$(BUILD)/bench/%: tests/bench/%.c Makefile
	@mkdir -p $(@D)
	$(MUSL_CC) -static -O2 -MMD -MP -MF $@.d -o $@ $<

# --- the reference simulator of page replacement -----------------------------------------------

simulator_objects := $(patsubst %.cpp,$(BUILD)/obj/%.o,$(wildcard tools/simulator/*.cpp))

policysim: $(BUILD)/policysim

$(BUILD)/policysim: $(simulator_objects) $(call list,policysim,$(simulator_objects))
	g++ -o $@ $(simulator_objects)

$(BUILD)/obj/tools/simulator/%.o: tools/simulator/%.cpp Makefile
	@mkdir -p $(@D)
	g++ -std=c++17 -O2 -g $(WARN) -MMD -MP -c -o $@ $<

# --- accesses, seen from outside: a modelled TLB, strings of references ---------------------------

access_programs := $(BUILD)/tlb-model $(BUILD)/reference-string
access_parts    := $(patsubst %.cpp,$(BUILD)/obj/%.o,$(filter-out %_main.cpp,$(wildcard tools/accessing/*.cpp)))

accesses: $(access_programs)

$(BUILD)/tlb-model: $(BUILD)/obj/tools/accessing/tlb_main.o
$(BUILD)/reference-string: $(BUILD)/obj/tools/accessing/string_main.o

$(access_programs): $(access_parts) $(call list,accesses,$(access_parts))
	g++ -o $@ $(filter %.o,$^)

$(BUILD)/obj/tools/accessing/%.o: tools/accessing/%.cpp Makefile
	@mkdir -p $(@D)
	g++ -std=c++17 -O2 -g $(WARN) -MMD -MP -c -o $@ $<

# --- do the policies keep their rules? -----------------------------------------------------------

# On this machine: the policies over a little that stands for the kernel. One place for all code, so
# that what the program says of itself is an address in the file.
POLICY_CC    ?= gcc
policy_files := $(wildcard mm/replacement/policy.c mm/replacement/policy/*.c) tests/host/policy_stand.c
policy_parts := $(policy_files:%.c=$(BUILD)/obj/check/%.o)

policy-check: $(BUILD)/policy_check $(BUILD)/policy_run

$(BUILD)/policy_check $(BUILD)/policy_run: $(BUILD)/policy_%: $(policy_parts) $(BUILD)/obj/check/tests/host/policy_%.o
	$(POLICY_CC) -no-pie -o $@ $^

$(BUILD)/obj/check/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(POLICY_CC) -DFAULTLINE_HOST -std=gnu11 -O1 -g -fno-pie -Wall -Wextra -I. -MMD -MP -c -o $@ $<

# --- the front doors --------------------------------------------------------------------------

run:
	@tools/setup run
	@settings=$$(stty -g 2> /dev/null); \
	FAULTLINE_STARTER=$$PPID tools/boot --grub --realtime --cpus 2 --swap 64M --swap-latency 1000; status=$$?; \
	[ -z "$$settings" ] || stty $$settings; exit $$status

# A lecture: its slides, and a machine prepared for its demonstrations (docs/lectures/index.md).
lecture:
	@$(if $(N),,echo "make lecture N=…: which lecture, 1 to 6?" >&2; exit 2)
	@tools/setup lectures
	@settings=$$(stty -g 2> /dev/null); FAULTLINE_STARTER=$$PPID tools/lecture $(N); status=$$?; \
	[ -z "$$settings" ] || stty $$settings; exit $$status

check-policy:
	@tools/check-policy $(POLICY)

# Everything is built first, so that the boots of the tests find nothing to do.
test:
	@echo "Faultline's tests: first what they need, then the build, then each file"
	@tools/setup test
	@$(PYTHON) tests/run_all.py $(PYTEST_ARGS)

# More of the same: every policy with every latency, Debian 12 and 13 from nothing, and what takes minutes.
test-long:
	@FAULTLINE_LONG=1 $(MAKE) --no-print-directory test

# A run of a program as a page: BOOT_ARGS go to tools/boot, ARGS to the program. However the program
# ends, there is a page of it; of one that did not run there is none. With WHATIF= the page is of two
# runs, this one and another with one thing different (WHATIF=list tells which there are).
VIEW := build/view/$(notdir $(PROGRAM))

view:
	@$(if $(PROGRAM)$(filter list,$(WHATIF)),,echo "make view PROGRAM=…: which program?" >&2; exit 2)
	@tools/setup view
ifeq ($(WHATIF),list)
	@tools/what-if list
else ifdef WHATIF
	@tools/what-if '$(WHATIF)' $(BOOT_ARGS) -- $(PROGRAM) $(ARGS)
else
	@mkdir -p build/view
	@rm -f $(VIEW).trace $(VIEW).html
	@tools/boot --trace $(VIEW).trace $(BOOT_ARGS) -- $(PROGRAM) $(ARGS) || [ -e $(VIEW).trace ]
	@tools/trace view --program '$(firstword $(PROGRAM))' $(VIEW).trace > $(VIEW).html || { rm -f $(VIEW).html; exit 1; }
	@$(PYTHON) -c 'import pathlib, sys; print(pathlib.Path(sys.argv[1]).absolute().as_uri())' $(VIEW).html
endif

# The chapter's figures, from live runs, into docs/figures/. FIGURES='fifo-grid …': these.
figures:
	@tools/setup figures
	@tools/figures $(FIGURES)

# Faultline in a browser's tab: a folder for any web server, or for none.
playground:
	@tools/setup playground
	@tools/playground

# What the README shows, made anew.
pictures:
	@tools/setup test
	@$(PYTHON) tools/pictures

# The documentation as a site, into build/docs. Where the playground has been made, its commands lead there.
docs:
	@tools/setup docs
	@$(PYTHON) tools/site $(if $(wildcard build/playground/index.html),--playground ../playground/index.html)

# All that a run needs, for machines with only QEMU and Python: build/faultline-VERSION.tar.gz. Its
# kernel goes without the lines of nasm's files: nasm writes down in which folder it was.
bundle:
	@tools/setup docs charts
	@$(PYTHON) tools/build kernel image $(BUILD)/bundle/faultline.elf
	@$(PYTHON) tools/site
	@$(PYTHON) tools/bundle

bundle_objects := $(kernel_objects:$(BUILD)/obj/%.asm.o=$(BUILD)/bundle/%.asm.o) $(BUILD)/symbols.o

$(BUILD)/bundle/faultline.elf: $(bundle_objects) linker.ld
	@$(LD) $(LDFLAGS) -o $@ $(bundle_objects)

$(BUILD)/bundle/%.asm.o: $(BUILD)/obj/%.asm.o
	@mkdir -p $(@D)
	@$(STRIP) -g -o $@ $<

loc:
	@$(PYTHON) tools/loc

# GDB gets the kernel with every function kept, unless OPTIMISED=1 asks for the other.
RECORDING ?= build/recording
ifndef OPTIMISED
gdb record replay: export BUILD := $(if $(DEBUG),$(BUILD),$(BUILD)/debug)
gdb record replay: export DEBUG := 1
endif

gdb:
	@tools/setup gdb
	@$(PYTHON) tools/debug $(if $(BOOT),--boot='$(BOOT)') $(PROGRAM) -- $(GDB_ARGS)

record:
	@tools/setup record
	@tools/boot --record "$(RECORDING)" $(BOOT) -- $(or $(PROGRAM),one-fault)

replay:
	@tools/setup record
	@$(PYTHON) tools/debug --replay "$(RECORDING)" -- $(GDB_ARGS)

# --- mm/ on the host: unit tests and the fuzzer -----------------------------------------------

host-programs:
	@$(MAKE) --no-print-directory -f tests/host/Makefile BUILD=$(BUILD) all

host-test:
	@$(MAKE) --no-print-directory -f tests/host/Makefile BUILD=$(BUILD) test

# Every mutant, of mm/ on the host and of the whole kernel in the machine; goes on where a killed
# run was. MUTANTS='words': those whose text has one of them.
mutants: host-programs kernel image
	@$(PYTHON) tests/all_mutants.py $(MUTANTS)

# --- how the code reads -----------------------------------------------------------------------

kernel_c  := $(filter %.c,$(kernel_sources))
kernel_h  := $(shell find boot arch lib mm kernel -name '*.h')
user_c    := $(shell find user -name '*.c')
formatted := $(kernel_c) $(kernel_h) $(user_c) $(shell find user tests/host -name '*.h' -o \
               -path 'tests/host/*.c')

format:
	clang-format -i $(formatted)

# clang, sparse and cppcheck read the kernel with the compiler's flags that mean something to them.
LINT_FLAGS := -std=gnu11 -I. -ffreestanding -mcmodel=kernel -mno-red-zone -fno-strict-aliasing

lint: lint-format lint-locks lint-tidy lint-sparse lint-cppcheck lint-dead lint-python lint-shell lint-page

lint-format:
	clang-format --dry-run -Werror $(formatted)

# The two slow ones read the files of LINTED, which the tests choose in turn. clang-tidy reads a file again
# only when it, a header of its, or the list of checks changed.
LINTED ?= $(kernel_c)
tidied := $(LINTED:%=$(BUILD)/lint/%.tidy)

lint-tidy:
	@$(MAKE) --no-print-directory -s -j2 $(tidied)

$(BUILD)/lint/%.tidy: % .clang-tidy Makefile
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -MM -MP -MT $@ -MF $@.d $<
	clang-tidy --quiet $< -- $(LINT_FLAGS) -mgeneral-regs-only
	@touch $@

# Who holds which lock (lib/locks.h).
lint-locks:
	clang $(LINT_FLAGS) -mgeneral-regs-only -fsyntax-only -Wthread-safety -Werror -Wno-gcc-compat $(kernel_c)

lint-sparse:
	for file in $(kernel_c); do sparse $(LINT_FLAGS) -Wno-decl -Wsparse-error $$file || exit 1; done

lint-cppcheck:
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	         --library=tools/cppcheck.cfg --suppress=missingInclude --suppress=comparePointers --suppress=autoVariables \
	         --error-exitcode=1 -I. $(LINTED)

# What nothing reaches from the kernel's entry: the debug kernel has a section for each function and
# variable, and its linker says which of them it could leave out.
lint-dead:
	@$(MAKE) --no-print-directory -s BUILD=$(BUILD)/debug DEBUG=1 dead

dead: $(kernel_objects)
	@$(LD) $(LDFLAGS) --gc-sections --print-gc-sections -o $(BUILD)/dead.elf $^ 2>&1 | \
	    sed -n "s/.*section '\.[a-z]*\.\([a-z]\w*\)' in file '.*obj\/\(.*\)\.o'/\2: nothing uses \1/p" > $(BUILD)/dead
	@cat $(BUILD)/dead; rm -f $(BUILD)/dead.elf; test ! -s $(BUILD)/dead

# Types of tools/, tests/ and, one by one since modules of one name are not taken together, labs/; and, where ruff is (Debian has no package of it), what pyproject.toml asks of it.
lint-python:
	mypy
	@set -e; for stories in labs/*/stories.py; do mypy $$stories; done
	@mypy labs/0-tour/*/*.py
	@if command -v ruff > /dev/null; then ruff check tools tests; else echo "lint-python: ruff is not here, its rules are not checked"; fi

# Every script of ours that a shell runs, found by its first line.
shell_scripts = $(shell find .ci tools tests user -type f -perm -u+x -exec awk 'FNR == 1 && /^#!.*sh( |$$)/ { print FILENAME }' {} +)

lint-shell:
	shellcheck $(shell_scripts)

# The modules of a trace's page: their types, and what eslint thinks of them. Debian's modules for node
# are told of, for a node that is not Debian's.
lint-page:
	tsc --project tools/tracing/page
	tsc --project tools/playing/page
	NODE_PATH=/usr/share/nodejs eslint --format unix tools/tracing/page tools/playing/page

clean:
	rm -rf build

help:
	@echo "make run            Faultline in this terminal: CD, GRUB, shell (installs what is missing)"
	@echo "make lecture N=…    a lecture: its slides, and a machine with its demonstrations"
	@echo "make test           every test; ends in the counts"
	@echo "make test-long      the same, with every policy on every device, and from nothing on Debian 12 and 13"
	@echo "make gdb            GDB at the kernel's entry; PROGRAM=demo-cow: at that program's main"
	@echo "                    BOOT='--swap 16M': with options of tools/boot (docs/gdb.md)"
	@echo "make record         write a run of PROGRAM= down, in build/recording (RECORDING=)"
	@echo "make replay         GDB on that run, backwards too"
	@echo "make view PROGRAM=… run a program, and make a page that shows its memory through time"
	@echo "                    WHATIF=…: beside another run with one thing different; WHATIF=list"
	@echo "make bench-growth   what one operation costs while something else grows: a table, and a drawing"
	@echo "make bench-parallel pages a second with two processors that run at once, for one process and for two"
	@echo "make figures        the chapter's figures, from live runs, into docs/figures/"
	@echo "make pictures       the README's pictures, made anew"
	@echo "make playground     Faultline in a browser's tab: a folder, build/playground"
	@echo "make bundle         all that a run needs as one archive, for QEMU and Python only"
	@echo "make docs           these pages as a site with a search, into build/docs"
	@echo "make iso            the bootable CD, build/faultline.iso"
	@echo "make policysim      build/policysim, which tools/policysim runs"
	@echo "make check-policy   does mine.c keep the rules of a policy? POLICY=clock: another one"
	@echo "make loc            lines of the reading order, of each policy and of each room"
	@echo "make host-test      mm/ on this machine: unit tests and the fuzzer"
	@echo "make mutants        break the kernel in each of many ways: does a test notice?"
	@echo "make lint, format   check, or repair, how the code is written"
	@echo "make clean          remove build/"
	@echo "tools/boot --help   run one program, with options for memory, disks and time"
	@echo
	@echo "DEBUG=1 keeps every function of the kernel (in build/debug); WERROR= lets warnings pass."

-include $(shell find $(BUILD) -path $(BUILD)/packages -prune -o -name '*.d' -print 2>/dev/null)

.PHONY: accesses bundle lecture playground check-policy docs policy-check mutants untraced pictures kernel user image iso bench bench-growth bench-parallel policysim run view figures test test-long loc gdb record replay host-programs host-test format lint \
        lint-format lint-locks lint-tidy lint-sparse lint-cppcheck lint-dead dead lint-python lint-shell lint-page clean help
