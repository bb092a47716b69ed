#!/bin/sh
exec python /app/src/main.py
