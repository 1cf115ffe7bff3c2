"""What of MySQL's SQL is read as one harmless SELECT, and what is sent of it."""

from __future__ import annotations

import pytest

from scheduling.clients.sources import QueryRefusedError
from scheduling.clients.sources.statement import read


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT 1", []),
        ("SELECT a FROM t", [("", "t")]),
        ("SELECT a FROM shop.t AS x JOIN `other`.`u` USING (id)", [("shop", "t"), ("other", "u")]),
        ("SELECT (SELECT a FROM u) FROM t WHERE x IN (SELECT y FROM v)", [("", "t"), ("", "u"), ("", "v")]),
        ("SELECT a FROM t UNION ALL (SELECT b FROM u LIMIT 1)", [("", "t"), ("", "u")]),
        ("WITH x AS (SELECT * FROM secret) SELECT * FROM x", [("", "x"), ("", "secret")]),
        ("SELECT * FROM (t, u)", [("", "t"), ("", "u")]),
        ("SELECT * FROM t JOIN (u, v)", [("", "t"), ("", "u"), ("", "v")]),
        ("TABLE secret", [("", "secret")]),
        ("SELECT * FROM JSON_TABLE('[1]', '$[*]' COLUMNS(a INT PATH '$')) AS j", []),
    ],
)
def test_every_table_is_seen(sql: str, tables: list[tuple[str, str]]) -> None:
    assert sorted(read(sql).tables) == sorted(tables)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t WHERE b REGEXP '^x' AND c <=> NULL AND d DIV 2 AND e LIKE '50\\%'",
        "SELECT COUNT(*), IFNULL(a, 1), DATE_FORMAT(d, '%Y'), GROUP_CONCAT(x SEPARATOR ',') FROM t GROUP BY b",
        "SELECT DATE_SUB(NOW(), INTERVAL 1 DAY), UNIX_TIMESTAMP(), FIND_IN_SET('a', b) FROM t",
        "SELECT 'it''s', \"double\", 'back\\'slash', `na``me`, x'41', 0x41, _utf8mb4'汉' FROM 表",
        "SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) FROM t",
        "SELECT CASE WHEN a THEN 1 ELSE 2 END, CAST(b AS CHAR), a ->> '$.x' FROM t",
        "SELECT '/* no comment */', '--', '#', 'INTO' FROM t",
    ],
)
def test_what_is_sent_is_what_was_written(sql: str) -> None:
    assert read(sql).sql == sql


@pytest.mark.parametrize(
    ("sql", "sent"),
    [
        ("SELECT 1;", "SELECT 1"),
        ("SELECT 1 -- DROP", "SELECT 1"),
        ("SELECT 1 # DROP", "SELECT 1"),
        ("SELECT/* */1", "SELECT 1"),
        ("SELECT 1 /*! INTO OUTFILE '/tmp/x' */", "SELECT 1"),
        ("SELECT 1 /*M!100100 INTO OUTFILE '/tmp/x' */", "SELECT 1"),
        ("SELECT a /*!50000 , (SELECT word FROM secret) */ FROM t", "SELECT a FROM t"),
    ],
)
def test_comments_are_not_sent(sql: str, sent: str) -> None:
    assert read(sql).sql == sent


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE t",
        "",
        ";",
        "-- nothing",
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET a = 1",
        "DELETE FROM t",
        "REPLACE INTO t VALUES (1)",
        "WITH x AS (SELECT 1) DELETE FROM t",
        "WITH x AS (SELECT 1) UPDATE t SET a = 1",
        "WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x",
        "DROP TABLE t",
        "CREATE TABLE x AS SELECT 1",
        "TRUNCATE t",
        "CALL p()",
        "DO SLEEP(1)",
        "SET @a = 1",
        "SHOW TABLES",
        "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE SELECT 1",
        "HANDLER t OPEN",
        "LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
        "LOCK TABLES t READ",
        "KILL 1",
        "USE mysql",
        "PREPARE s FROM 'DROP TABLE t'",
        "XA START 'x'",
        "BEGIN",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "SELECT 1 INTO DUMPFILE '/tmp/x'",
        "SELECT 1 INTO @x",
        "SELECT * FROM t INTO OUTFILE '/tmp/x' FIELDS TERMINATED BY ','",
        "SELECT * FROM t FOR UPDATE",
        "SELECT * FROM t FOR SHARE",
        "SELECT * FROM t LOCK IN SHARE MODE",
        "SELECT * FROM t PROCEDURE ANALYSE()",
        "SELECT LOAD_FILE('/etc/passwd')",
        "SELECT load_file /* */ ('/etc/passwd')",
        "SELECT SLEEP(1000)",
        "SELECT BENCHMARK(1000000000, MD5('x'))",
        "SELECT GET_LOCK('x', 1000)",
        "SELECT RELEASE_ALL_LOCKS()",
        "SELECT MASTER_POS_WAIT('x', 1)",
        "SELECT NEXTVAL(s)",
        "SELECT NEXT VALUE FOR s",
        "SELECT SETVAL(s, 1)",
        "SELECT sys_exec('id')",
        "SELECT my_function_that_writes(1)",
        "SELECT `my_function`(1)",
        "SELECT mysql.my_function(1)",
        "SELECT shop.COUNT(1)",
        "SELECT {fn SLEEP(1)}",
        "SELECT @a := 1",
        "SELECT @@datadir",
        "SELECT 5--1 INTO OUTFILE '/tmp/x'",
        "SELECT 5--SLEEP(1)",
        "SELECT 1\x00",
        "SELECT /*+ MAX_EXECUTION_TIME(0) */ 1",
        "SELECT 'unfinished",
        "SELECT 'a' /* unfinished",
        "SELECT ?",
        "SELECT :name",
        "SELECT " + "(" * 2000 + "1" + ")" * 2000,
        "SELECT 1" + " " * 200_000,
    ],
)
def test_all_else_is_refused(sql: str) -> None:
    with pytest.raises(QueryRefusedError):
        read(sql)
