"""Imports a data folder of QingLong: its Python tasks, environment variables and robots.

Facts about its tables, files and commands are from its public source: back/data/*.ts, back/services/env.ts,
shell/task.sh, shell/otask.sh and shell/preload/sitecustomize.py of whyour/qinglong.
"""
