mkdir bank-busybox && cd bank-busybox
seq 1 3000 | awk '{ s += $1 * $1; print $1 % 17, s }' > table
sort -k1n -k2nr table | uniq -c | head -n 20
cut -d' ' -f1 table | sort -n | uniq -c
sed -n '100,110s/ /:/p' table
mkdir -p a/b && cp table a/b/copy && ln -s b/copy a/link && ln table a/hard
tar cf all.tar a && tar tf all.tar | sort
rm -r a && tar xf all.tar && md5sum a/link a/hard a/b/copy
grep -c 7 table; tr 0-9 a-j < table | tail -n 2; rev table | head -n 3; wc table
printf '%05d|%x|%s\n' 42 255 text; expr 6 \* 7; factor 1234567890
(exit 3); echo $?; x=$(cat table | md5sum); echo "$x"
for i in 1 2 3 4 5; do echo $i; done | while read n; do echo $((n * n)); done
cd .. && rm -rf bank-busybox && test ! -e bank-busybox && echo gone
