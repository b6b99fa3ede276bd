#!/bin/sh
# Prepares a fresh clone for work: the shop needs nothing but Node, so this only says what is there.
set -eu
echo "shop: node $(node --version)"
for file in src/*.js test/*.js; do
  node --check "$file"
done
echo "shop: all sources can be read, ready"
