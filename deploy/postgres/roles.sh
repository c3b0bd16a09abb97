#!/bin/sh
# Makes the two roles and the database the first time PostgreSQL starts. Names and passwords are
# those of OWNER_URL and APP_URL: postgresql://name:password@host:port/database.
set -eu

part() { # part URL NUMBER: 1 the user, 2 the password, 3 the database
    printf '%s' "$1" | sed -nE "s#^[a-z]+://([^:/@]+):([^@/]*)@[^/]+/([^?]+).*#\\$2#p"
}

psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set owner="$(part "$OWNER_URL" 1)" --set owner_secret="$(part "$OWNER_URL" 2)" \
    --set app="$(part "$APP_URL" 1)" --set app_secret="$(part "$APP_URL" 2)" \
    --set database="$(part "$APP_URL" 3)" <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_secret';
CREATE ROLE :"app" LOGIN PASSWORD :'app_secret';
CREATE DATABASE :"database" OWNER :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"app";
\connect :"database"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"app";
SQL
