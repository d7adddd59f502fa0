-- A sieve, a sort, closures, coroutines, strings, and enough garbage to be collected.
local limit, primes, crossed = 50000, {}, {}
for n = 2, limit do
    if not crossed[n] then
        primes[#primes + 1] = n
        for m = n * n, limit, n do crossed[m] = true end
    end
end
print(#primes, primes[#primes])
local seed, list = 42, {}
for i = 1, 5000 do
    seed = (seed * 1103515245 + 12345) % 2147483648
    list[i] = seed
end
table.sort(list)
print(list[1], list[2500], list[5000])
local function counter()
    local n = 0
    return function() n = n + 1; return n end
end
local a, b = counter(), counter()
print(a(), a(), b(), a())
local producer = coroutine.wrap(function() for i = 1, 5 do coroutine.yield(i * i) end end)
print(producer(), producer(), producer())
local text = {}
for word in ("pages come and frames go, slots remain"):gmatch("%a+") do
    text[#text + 1] = word:upper():reverse()
end
print(table.concat(text, " "))
local sum = 0
for i = 1, 200000 do
    local t = { i, tostring(i) }
    sum = sum + #t[2] + t[1] % 7
end
print(sum, string.format("%.10f %q %x", math.pi, "a\nb", 48879))
print(pcall(error, "code 7"))
print(select("#", table.unpack({ 1, nil, 3 }, 1, 3)), 7 // 2, 7 % -3, 2 ^ 53, 1 << 40)
print(utf8.char(960, 8364), ("%d"):rep(3, ","):format(1, 2, 3))
local file = assert(io.open("bank-lua", "w"))
for i = 1, 1000 do file:write(i, "\n") end
file:close()
local total = 0
for line in io.lines("bank-lua") do total = total + tonumber(line) end
print(total, os.remove("bank-lua"))
