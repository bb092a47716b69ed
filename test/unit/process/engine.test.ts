import { type AddressInfo, createServer } from "node:net";
import { watchEngine } from "../../../provider/process/engine";

const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function listening(): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

test("an engine that ends is noticed once; while it is there, nothing happens", async () => {
  const engine = await listening();
  const gone = jest.fn();
  watchEngine(engine.address, gone, 5);
  await soon(100);
  expect(gone).not.toHaveBeenCalled();
  await engine.close();
  for (let i = 0; i < 400 && gone.mock.calls.length === 0; i++) await soon(5);
  await soon(50);
  expect(gone).toHaveBeenCalledTimes(1);
});

test("an address where nobody ever listened is no engine that has ended", async () => {
  const { address, close } = await listening();
  await close();
  const gone = jest.fn();
  const stop = watchEngine(address, gone, 5);
  await soon(150);
  stop();
  expect(gone).not.toHaveBeenCalled();
});

test("after the watch has ended, an engine may end", async () => {
  const engine = await listening();
  const gone = jest.fn();
  const stop = watchEngine(engine.address, gone, 5);
  await soon(50);
  stop();
  await engine.close();
  await soon(100);
  expect(gone).not.toHaveBeenCalled();
});
