#!/bin/bash
# Run once by the PostgreSQL image when its volume is empty: for each service a database and a
# role that owns it and can open no other.
set -euo pipefail

for service in catalog registration notify; do
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
    --set "service=$service" --set "secret=$(cat "/run/secrets/${service}_database_password")" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'secret';
CREATE DATABASE :"service" OWNER :"service" TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
