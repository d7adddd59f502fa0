set -u
echo "arguments: $# $0" | sed 's|/.*/||'
fib() { if [ "$1" -lt 2 ]; then echo "$1"; else echo $(($(fib $(($1 - 1))) + $(fib $(($1 - 2))))); fi; }
echo "fib 9: $(fib 9)"
for word in one "two words" three; do printf '[%s]' "$word"; done; echo
case frame.c in *.h) echo header ;; *.c | *.cc) echo source ;; esac
i=0; while :; do i=$((i + 1)); [ $i -gt 5 ] && break; [ $((i % 2)) = 0 ] && continue; echo odd $i; done
cat <<END | tr a-z A-Z
here document: $((6 * 7)) ${HOME:+home is set} ${unset_name:-default}
END
trap 'echo caught USR1' USR1; kill -USR1 $$; trap 'echo at the end' EXIT
(trap 'echo subshell ends' EXIT; exit 4); echo status $?
(sleep 0; exit 7) & wait $!; echo "background: $?"
path=/usr/lib/libc.so.6; echo "${path##*/} ${path%/*} ${#path} ${path%%.*}"
echo a:b:c | { IFS=: read -r x y z; echo "$z$y$x"; }
exec 3> bank-dash; echo to three >&3; exec 3>&-; cat bank-dash; rm bank-dash
false || echo or; true && echo and; ! false && echo not
set -- p q r; shift; echo "$@" $#; echo "$*"
eval 'v=5; echo evaluated $v'; command -v echo; type cd | head -n 1
seq 1 100 | while read -r n; do echo $n; done | wc -l | tr -d ' '
sh -c 'kill -9 $$'; echo killed: $?
printf '%s %d %x\n' text 10 255; test -d /tmp -a ! -e /nonexistent && echo tested
umask 022; umask; ulimit -n > /dev/null && echo limits
