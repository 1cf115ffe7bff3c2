"""A data folder of QingLong, made as its public source makes one (back/data/*.ts, whyour/qinglong)."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE Crontabs (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255), command VARCHAR(255),
    schedule VARCHAR(255), timestamp VARCHAR(255), saved TINYINT(1), status NUMBER, isSystem NUMBER, pid NUMBER,
    isDisabled NUMBER, isPinned NUMBER, log_path VARCHAR(255), labels JSON, last_running_time NUMBER,
    last_execution_time NUMBER, sub_id NUMBER, extra_schedules JSON, task_before VARCHAR(255), task_after VARCHAR(255),
    log_name VARCHAR(255), allow_multiple_instances NUMBER, work_dir VARCHAR(255), createdAt DATETIME NOT NULL,
    updatedAt DATETIME NOT NULL, UNIQUE (name, command, schedule));
CREATE TABLE CrontabViews (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255) UNIQUE, position NUMBER,
    isDisabled NUMBER, filters JSON, sorts JSON, filterRelation VARCHAR(255), type NUMBER, createdAt DATETIME NOT NULL,
    updatedAt DATETIME NOT NULL);
CREATE TABLE Envs (id INTEGER PRIMARY KEY AUTOINCREMENT, value VARCHAR(255), timestamp VARCHAR(255), status NUMBER,
    position NUMBER, name VARCHAR(255), remarks VARCHAR(255), isPinned NUMBER, labels JSON,
    createdAt DATETIME NOT NULL, updatedAt DATETIME NOT NULL, UNIQUE (value, name));
CREATE TABLE Dependences (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255), type NUMBER, timestamp VARCHAR(255),
    status NUMBER, log JSON, remark VARCHAR(255), createdAt DATETIME NOT NULL, updatedAt DATETIME NOT NULL);
"""
TIMES = {"createdAt": "2026-01-01 00:00:00.000 +00:00", "updatedAt": "2026-01-01 00:00:00.000 +00:00"}


class QingLongData:
    def __init__(self, folder: Path) -> None:
        self.folder, self.scripts = folder, folder / "scripts"
        self.file = folder / "db/database.sqlite"
        self.scripts.mkdir(parents=True)
        self.file.parent.mkdir()
        self.execute(SCHEMA)

    def execute(self, sql: str) -> None:
        with closing(sqlite3.connect(self.file)) as database:
            database.executescript(sql)

    def add(self, table: str, **columns: Any) -> None:
        columns = {name: json.dumps(v) if isinstance(v, list) else v for name, v in columns.items()} | TIMES
        marks = ", ".join("?" * len(columns))
        with closing(sqlite3.connect(self.file)) as database:
            database.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(columns.values())
            )
            database.commit()

    def script(self, name: str, text: str | bytes) -> None:
        path = self.scripts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def task(self, command: str, schedule: str = "0 9 * * *", name: str = "task", **columns: Any) -> None:
        defaults = {"isDisabled": 0, "isSystem": 0, "status": 1, "labels": []}
        self.add("Crontabs", name=name, command=command, schedule=schedule, **defaults | columns)

    def variable(self, name: str, value: str, **columns: Any) -> None:
        self.add("Envs", name=name, value=value, **{"status": 0, "position": 4_500_000_000_000_000} | columns)

    def package(self, name: str, kind: int = 1) -> None:
        self.add("Dependences", name=name, type=kind, status=1)
