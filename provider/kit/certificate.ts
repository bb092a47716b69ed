import type { webcrypto } from "node:crypto";

/** A certificate for one run of a program, with its private key. */
export interface Certificate {
  der: Buffer;
  certPem: string;
  keyPem: string;
}

/** What a certificate is for. Every one is of an elliptic curve, and valid for a year from a minute ago (the clocks of containers differ a little). */
interface CertificateRequest {
  readonly now: Date;
  /** `P-256` */
  readonly namedCurve: string;
  readonly subject: string;
  /** Who signs it; not set: itself. */
  readonly issuer?: { readonly subject: string; readonly key: webcrypto.CryptoKey };
  /** Whether it may sign others. */
  readonly authority: boolean;
  readonly hosts: readonly string[];
}

interface Signed extends Certificate {
  readonly key: webcrypto.CryptoKey;
}

// DER without a library: loading one takes about 50 ms, this takes 3 ms.
function tlv(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let rest = body.length; rest > 0; rest >>= 8) length.unshift(rest & 0xff);
  return Buffer.concat([
    Buffer.from(body.length < 128 ? [tag, body.length] : [tag, 0x80 | length.length, ...length]),
    body,
  ]);
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let high = arc >> 7; high > 0; high >>= 7) groups.unshift(0x80 | (high & 0x7f));
    bytes.push(...groups);
  }
  return tlv(0x06, Buffer.from(bytes));
}

const sequence = (...parts: Uint8Array[]): Buffer => tlv(0x30, ...parts);
const bitString = (bytes: Uint8Array, unusedBits = 0): Buffer => tlv(0x03, Buffer.from([unusedBits]), bytes);
const yes = tlv(0x01, Buffer.from([0xff]));

function time(date: Date): Buffer {
  const text = `${date.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
  // RFC 5280 requires UTCTime through 2049.
  return date.getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(text.slice(2))) : tlv(0x18, Buffer.from(text));
}

const extension = (id: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(oid(id), ...(critical ? [yes] : []), tlv(0x04, value));

/** One for `localhost` that signs itself. Terraform receives it on the handshake line and trusts no other. */
export async function createCertificate(now: Date, namedCurve = "P-256"): Promise<Certificate> {
  return sign({ now, namedCurve, subject: "localhost", authority: true, hosts: ["localhost"] });
}

/** One for a server on this machine, and the authority that signed it, which clients have to trust. */
export async function createServerCertificate(now: Date): Promise<{ server: Certificate; authorityPem: string }> {
  const namedCurve = "P-256";
  const subject = "Local Daytona API, authority of one run";
  const authority = await sign({ now, namedCurve, subject, authority: true, hosts: [] });
  const issuer = { subject, key: authority.key };
  const hosts = ["localhost", "127.0.0.1", "::1"];
  const server = await sign({ now, namedCurve, subject: "localhost", issuer, authority: false, hosts });
  return { server, authorityPem: authority.certPem };
}

const commonName = (text: string): Buffer =>
  sequence(tlv(0x31, sequence(oid("2.5.4.3"), tlv(0x0c, Buffer.from(text)))));

/** The form of a host in a certificate, which is what clients look at, never the name. */
function hostName(host: string): Buffer {
  if (host === "::1") return tlv(0x87, Buffer.from([...new Array<number>(15).fill(0), 1]));
  if (/^[\d.]+$/.test(host)) return tlv(0x87, Buffer.from(host.split(".").map(Number)));
  return tlv(0x82, Buffer.from(host));
}

/** Uses Web Crypto, because loading `node:crypto` takes 4 ms. */
async function sign({ now, namedCurve, subject, issuer, authority, hosts }: CertificateRequest): Promise<Signed> {
  const { subtle } = globalThis.crypto;
  const { publicKey, privateKey } = await subtle.generateKey({ name: "ECDSA", namedCurve }, true, ["sign", "verify"]);
  const ecdsaSha256 = sequence(oid("1.2.840.10045.4.3.2"));
  const serial = Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(16)));
  serial[0] = (serial[0]! & 0x3f) | 0x40; // positive, and no leading zero byte

  const extensions = sequence(
    extension("2.5.29.19", true, authority ? sequence(yes) : sequence()), // basic constraints
    // Key usage: digital signature, and certificate signing.
    extension("2.5.29.15", true, authority ? bitString(Buffer.from([0x84]), 2) : bitString(Buffer.from([0x80]), 7)),
    ...(hosts.length === 0
      ? []
      : [
          extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1"), oid("1.3.6.1.5.5.7.3.2"))), // extended key usage: server, client
          extension("2.5.29.17", false, sequence(...hosts.map(hostName))),
        ]),
  );
  const toBeSigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    ecdsaSha256,
    commonName(issuer?.subject ?? subject),
    sequence(time(new Date(now.getTime() - 60_000)), time(new Date(now.getTime() + 365 * 24 * 3_600_000))),
    commonName(subject),
    Buffer.from(await subtle.exportKey("spki", publicKey)),
    tlv(0xa3, extensions),
  );
  const signature = await subtle.sign({ name: "ECDSA", hash: "SHA-256" }, issuer?.key ?? privateKey, toBeSigned);
  const der = sequence(toBeSigned, ecdsaSha256, bitString(inDer(Buffer.from(signature))));
  return {
    der,
    certPem: pem(der, "CERTIFICATE"),
    keyPem: pem(Buffer.from(await subtle.exportKey("pkcs8", privateKey)), "PRIVATE KEY"),
    key: privateKey,
  };
}

/** Converts a signature: Web Crypto concatenates its two numbers, X.509 requires a DER sequence. */
function inDer(signature: Buffer): Buffer {
  const half = signature.length / 2;
  return sequence(
    ...[signature.subarray(0, half), signature.subarray(half)].map((number) => {
      const significant = number.subarray(number.findIndex((byte) => byte !== 0));
      return tlv(0x02, ...(significant[0]! & 0x80 ? [Buffer.from([0])] : []), significant);
    }),
  );
}

/** Encodes PEM without a blank line before the end marker, even if the last line is full: Bun rejects one. */
export function pem(der: Buffer, label = "CERTIFICATE"): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
