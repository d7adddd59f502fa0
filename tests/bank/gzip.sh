mkdir bank-gzip && cd bank-gzip
i=0
while [ $i -lt 2000 ]; do echo "$i line $((i * i % 1009)) of a text that repeats itself"; i=$((i + 1)); done > text
for level in 1 6 9; do gzip -n -$level < text > text.$level.gz; cat text.$level.gz; done
gzip -t text.9.gz && echo tested
gzip -dc text.1.gz | cmp - text && gzip -d text.6.gz && cmp text text.6 && echo the same
gzip -l text.9.gz | tail -n 1
head -c 100 text.9.gz | gzip -t 2> /dev/null; echo cut off: $?
cd .. && rm -rf bank-gzip
