#!/bin/sh
# Before the first start and after every upgrade: run history's tables, the queue's limit, the warehouse's tables.
# It changes nothing that is already as it should be, and may be repeated.
set -eu
dagster instance migrate
dagster instance concurrency set phase3_writer 1
phase3 init
