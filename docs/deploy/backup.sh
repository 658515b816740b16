#!/bin/sh
# One backup of today in a folder, verified; the trail followed; backups older than 30 days taken away.
# The keyring is not among them: keep it elsewhere. Copy the folder and /srv/intake/instance/erasures to another machine.
set -eu

folder=$1
intake=${INTAKE:-/opt/intake/.venv/bin/intake}
mkdir -p "$folder"
file="$folder/intake-$(date -u +%Y-%m-%dT%H%M%SZ).backup"
"$intake" backup create "$file"
"$intake" backup verify "$file"
"$intake" audit verify
find "$folder" -name 'intake-*.backup' -mtime +30 -delete
