# A list of files as a file, new when the list is another: what is made of a list depends on it, so
# that what has gone from the tree goes from there too. $(call list,NAME,FILES)
list = $(BUILD)/lists/$(1)$(shell mkdir -p $(BUILD)/lists && cd $(BUILD)/lists && \
         { echo '$(2)' | cmp -s - $(1) || echo '$(2)' > $(1); })
