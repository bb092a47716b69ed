import { ok, setup } from "./setup";

const { api, project } = setup({ pullSeconds: 0.3 });

// The keys of a for_each renamed without `moved`: one apply creates and deletes the same names. Snapshots of one image wait for each other.
const IMAGES = { "one image": "ubuntu:24.04", "an image each": "ubuntu:24.${each.value}" };

const program = (round: string, adopt: boolean, image: string): string => `resource "daytona_snapshot" "vm" {
  for_each       = { for i in range(9) : "${round}\${i}" => i }
  name           = "fx-\${each.value}"
  image          = "${image}"
  adopt_existing = ${adopt}
}
`;

test.each<[boolean, number, keyof typeof IMAGES]>([
  [true, 0, "one image"],
  [true, 30, "an image each"],
  [false, 0, "an image each"],
  [false, 40, "one image"],
])(
  "adopt_existing = %s, %s ms to the API, %s: all are there, and the next plan has nothing to do",
  async (adopt, latencyMs, images) => {
    const before = project(program("a", adopt, IMAGES[images]));
    ok(await before.apply());
    api().control.settings({ latencyMs });
    for (const round of ["b", "c"]) {
      ok(await before.program(program(round, adopt, IMAGES[images])).apply());
      const names = api()
        .control.snapshots()
        .map(({ name }) => name);
      expect(names.sort()).toEqual(Array.from({ length: 9 }, (_, i) => `fx-${i}`));
      expect(Object.keys(before.state()).sort()).toEqual(
        Array.from({ length: 9 }, (_, i) => `daytona_snapshot.vm["${round}${i}"]`),
      );
      ok(await before.plan(), 0);
    }
  },
  240_000,
);
