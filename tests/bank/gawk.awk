BEGIN {
    for (i = 0; i < 30000; i++) {
        key = sprintf("%05d", (i * 7919) % 10007)
        count[key]++
        total += length(key) * i
    }
    n = asorti(count, keys)
    print n, keys[1], keys[n], count[keys[17]], total
    printf "%.12g %e %d %c %o %x|%-8s|%8.3f|\n", exp(1), 123456.789, 42.9, 65, 8, 255, "left", 3.14159
    text = "the frames of the pages of the space"
    print gensub(/the ([a-z]+)/, "<\\1>", "g", text), toupper(substr(text, 5, 6))
    print split(text, words, " "), words[4], match(text, /pa.es/), RSTART, RLENGTH
    srand(7); r = rand(); print (r >= 0 && r < 1), int(-3.7), 2 ^ 62, 10 % 3
    print strtonum("0x1F"), and(12, 10), or(12, 10), xor(12, 10), lshift(1, 20)
    PROCINFO["sorted_in"] = "@ind_num_desc"
    for (i = 0; i < 5; i++) small[i] = i * i
    for (i in small) printf "%s:%s ", i, small[i]
    print ""
    file = "bank-gawk"
    for (i = 1; i <= 200; i++) print i, i * i > file
    close(file)
    while ((getline line < file) > 0) { split(line, f); sum += f[2] }
    print sum
    command = "sort -rn " file " | head -n 3"
    while ((command | getline line) > 0) print "sorted:", line
    close(command)
    print "through a pipe" | "cat"
    close("cat")
    system("rm " file)
    print length(sprintf("%2000s", "")), substr("hello", 0, 3), index("abc", "c")
}
