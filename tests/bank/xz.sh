mkdir bank-xz && cd bank-xz
i=0
while [ $i -lt 2000 ]; do echo "$i line $((i * i % 1009)) of a text that repeats itself"; i=$((i + 1)); done > text
for level in 0 1 3 6; do xz -T1 -$level < text > text.$level.xz; cat text.$level.xz; done
xz --format=lzma -1 -c text
xz -t text.6.xz && echo tested
xz -dc text.3.xz | cmp - text && echo the same
xz --robot -l text.0.xz | tail -n 1
head -c 100 text.0.xz | xz -t 2> /dev/null; echo cut off: $?
cd .. && rm -rf bank-xz
