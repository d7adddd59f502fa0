.bail on
PRAGMA journal_mode;
CREATE TABLE numbers (n INTEGER PRIMARY KEY, square INTEGER, name TEXT);
BEGIN;
WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 20000)
INSERT INTO numbers SELECT n, n * n, printf('number %08d', n) FROM count;
COMMIT;
SELECT count(*), sum(square), max(name) FROM numbers;
CREATE INDEX by_name ON numbers (name);
SELECT n % 10 AS last, count(*), avg(square) FROM numbers GROUP BY last ORDER BY last;
UPDATE numbers SET name = upper(name) WHERE n % 7 = 0;
DELETE FROM numbers WHERE n % 3 = 0;
SELECT name FROM numbers WHERE name > 'n' ORDER BY name LIMIT 5;
SELECT name FROM numbers WHERE name < 'O' ORDER BY name DESC LIMIT 5;
BEGIN; DELETE FROM numbers; SELECT count(*) FROM numbers; ROLLBACK;
SELECT count(*), total(square) FROM numbers;
CREATE TABLE words (word TEXT);
INSERT INTO words VALUES ('page'), ('frame'), ('slot'), ('region'), ('space');
SELECT a.word, b.word FROM words a, words b WHERE a.word < b.word ORDER BY 1, 2;
SELECT group_concat(word, '-') FROM (SELECT word FROM words ORDER BY length(word), word);
VACUUM;
PRAGMA integrity_check;
SELECT hex(substr(name, 1, 4)), length(name), typeof(square) FROM numbers LIMIT 3;
DROP TABLE numbers; DROP TABLE words;
.quit
