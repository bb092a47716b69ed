import { tellOfUnused } from "../../../provider/cli/filters";

test("a filter that matches nothing is told, one that matches is not", () => {
  let err = "";
  const io = { out: () => undefined, err: (text: string) => void (err += text), env: {} };
  tellOfUnused(io, ["agent-*", "agnet-*", "?"], ["agent-1", "b"]);
  expect(err).toBe(
    'Warning: --filter "agnet-*" matches no snapshot\n  Check the spelling. * matches any text, ? matches one character.\n',
  );
});
