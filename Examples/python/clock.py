"""Tells what time it was in a city, from a database in memory."""

import datetime
import os
import pwd
import sqlite3
import ssl
import sys
import zoneinfo

cities = sqlite3.connect(":memory:")
cities.execute("create table city (name text, zone text)")
cities.executemany(
    "insert into city values (?, ?)",
    [("Berlin", "Europe/Berlin"), ("Tokyo", "Asia/Tokyo"), ("Lima", "America/Lima")],
)
noon = datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.timezone.utc)
for name in sys.argv[1:] or ["Berlin"]:
    row = cities.execute("select zone from city where name = ?", [name]).fetchone()
    print(f"{name}: {noon.astimezone(zoneinfo.ZoneInfo(row[0])):%H:%M %Z}" if row else f"{name}: unknown")
authorities = len(ssl.create_default_context().get_ca_certs())
print(f"python {sys.version_info.major}, {pwd.getpwuid(os.getuid()).pw_name},", end=" ")
print("more than 100 authorities" if authorities > 100 else f"{authorities} authorities")
