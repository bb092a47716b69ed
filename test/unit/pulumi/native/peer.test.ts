import { Peers } from "../../../../provider/pulumi/native/peer";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const line = (local: string, remote: string, state: string, uid: number) =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  ${uid}        0 12345 1 0000000000000000 20 4 0 10 -1\n`;
/** 8080 is ours; 40000 calls. */
const OURS = "0100007F:1F90";
const CALLER = "0100007F:9C40";

function peers(tcp: string, { tcp6 = HEAD, uid = 1000 as number | undefined } = {}): Peers {
  return new Peers(8080, uid, (file) => HEAD + (file.endsWith("6") ? tcp6 : tcp));
}

test("a caller of another user is foreign; oneself and root are not", () => {
  expect(peers(line(OURS, CALLER, "01", 1000) + line(CALLER, OURS, "01", 1001)).isForeign("127.0.0.1:40000")).toBe(
    true,
  );
  expect(peers(line(CALLER, OURS, "01", 1000)).isForeign("127.0.0.1:40000")).toBe(false);
  expect(peers(line(CALLER, OURS, "01", 0)).isForeign("127.0.0.1:40000")).toBe(false);
  expect(peers(line(CALLER, OURS, "01", 1000), { uid: 0 }).isForeign("127.0.0.1:40000")).toBe(true);
});

test("only the connection from that port to ours counts", () => {
  const elsewhere = "0100007F:0050";
  expect(peers(line(CALLER, elsewhere, "01", 1001)).isForeign("127.0.0.1:40000")).toBe(false);
  expect(peers(line(CALLER, OURS, "06", 1001)).isForeign("127.0.0.1:40000")).toBe(false);
  expect(peers(line("0100007F:9C41", OURS, "01", 1001)).isForeign("127.0.0.1:40000")).toBe(false);
});

test("IPv6, and IPv4 in IPv6", () => {
  const wide = (end: string) => `0000000000000000FFFF0000${end}`;
  expect(peers("", { tcp6: line(wide(CALLER), wide(OURS), "01", 1001) }).isForeign("[::ffff:127.0.0.1]:40000")).toBe(
    true,
  );
});

test("what cannot be known refuses nobody: no table, no such line, no port", () => {
  const missing = new Peers(8080, 1000, () => {
    throw new Error("ENOENT");
  });
  expect(missing.isForeign("127.0.0.1:40000")).toBe(false);
  expect(peers("").isForeign("127.0.0.1:40000")).toBe(false);
  expect(peers(line(CALLER, OURS, "01", 1001)).isForeign("unknown")).toBe(false);
});

test("a caller is looked up once; a foreign one is foreign every time", () => {
  let reads = 0;
  let uid = 1000;
  const asked = new Peers(8080, 1000, () => {
    reads += 1;
    return HEAD + line(CALLER, OURS, "01", uid);
  });
  expect([asked.isForeign("127.0.0.1:40000"), asked.isForeign("127.0.0.1:40000"), reads]).toEqual([false, false, 1]);
  uid = 1001;
  const other = new Peers(8080, 1000, () => HEAD + line(CALLER, OURS, "01", 1001));
  expect([other.isForeign("127.0.0.1:40000"), other.isForeign("127.0.0.1:40000")]).toEqual([true, true]);
});
