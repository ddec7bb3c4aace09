#!/bin/sh
# Run once by the PostgreSQL image: the owner migrates, the application has rights on data only.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 \
    --set owner="$OWNER_PASSWORD" --set app="$APP_PASSWORD" <<'SQL'
CREATE ROLE coursive_owner LOGIN CREATEDB PASSWORD :'owner';
CREATE ROLE coursive_app LOGIN PASSWORD :'app';
CREATE DATABASE coursive OWNER coursive_owner;
SQL
