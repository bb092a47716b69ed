import { missingUser } from "../../../../provider/source/dockerfile";

test.each([
  ["FROM scratch\nUSER ghost", "ghost"],
  ['FROM scratch\nCOPY app /app\nUSER ghost:staff\nENTRYPOINT ["/app"]', "ghost"],
  [
    "FROM golang:1.24 AS build\nRUN useradd ghost\nFROM scratch\nCOPY --from=build /out /usr/bin/app\nUSER ghost",
    "ghost",
  ],
  ["FROM scratch AS base\nUSER one\nFROM base\nCOPY app /opt/app/\nUSER two", "two"],
  ["FROM scratch AS base\nUSER one\nFROM base\nLABEL a=b", "one"],
  ["# escape=`\nFROM scratch\nADD rootfs.tar /srv\nuser ghost", "ghost"],
])("%j runs as a user that nothing makes", (text, user) => expect(missingUser(text)).toBe(user));

test.each([
  ["FROM scratch"],
  ["FROM scratch\nUSER 1000"],
  ["FROM scratch\nUSER 1000:staff"],
  ["FROM scratch\nUSER root"],
  ["FROM scratch\nUSER root:root"],
  ["FROM scratch\nUSER $WHO"],
  ["FROM scratch\nARG WHO=ghost\nUSER ${WHO}"],
  ["FROM scratch\nUSER ghost\nUSER 1000"],
  ["FROM ubuntu:24.04\nUSER ghost"],
  ["FROM python:3.12\nUSER nobody"],
  ["ARG BASE=scratch\nFROM ubuntu:24.04 AS base\nFROM base\nUSER ghost"],
  ["FROM scratch\nADD rootfs.tar /\nUSER ghost"],
  ["FROM scratch\nCOPY . /\nUSER ghost"],
  ["FROM scratch\nCOPY . .\nUSER ghost"],
  ["FROM scratch\nCOPY passwd /etc/passwd\nUSER ghost"],
  ["FROM scratch\nCOPY passwd /etc/\nUSER ghost"],
  ["FROM scratch\nCOPY passwd //etc\nUSER ghost"],
  ["FROM scratch\nCOPY --from=build /etc/passwd /app/../etc/passwd\nUSER ghost"],
  ["FROM scratch\nCOPY passwd ${TO}\nUSER ghost"],
  ['FROM scratch\nCOPY ["passwd", "/etc/passwd"]\nUSER ghost'],
  ["FROM scratch\nCOPY <<EOF /etc/passwd\nghost:x:1:1::/:/x\nEOF\nUSER ghost"],
  ["FROM scratch\nCOPY sh /bin/sh\nRUN adduser ghost\nUSER ghost"],
  ["FROM scratch\nWORKDIR /etc\nCOPY passwd ./\nUSER ghost"],
  ["# syntax=other/frontend:1\nFROM scratch\nUSER ghost"],
  ["not a Dockerfile"],
  ["FROM scratch AS base\nCOPY passwd /etc/passwd\nFROM base\nUSER ghost"],
])("%j may have its user", (text) => expect(missingUser(text)).toBeNull());
