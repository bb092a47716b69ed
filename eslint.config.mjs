import boundaries from "eslint-plugin-boundaries";
import tseslint from "typescript-eslint";

/** The rooms of the house, and which other rooms each may import. See CONTRIBUTING.md. */
const rooms = {
  snapshot: [],
  source: ["snapshot"],
  config: [],
  api: [],
  lifecycle: ["snapshot", "source", "api", "config"],
  // What every face does with a connection.
  tool: ["lifecycle", "snapshot"],
  local: [],
  // What any plugin process needs, whatever tool starts it.
  process: [],
  terraform: ["tool", "lifecycle", "snapshot", "source", "process"],
  pulumi: ["tool", "lifecycle", "snapshot", "source", "process"],
  cdktf: ["snapshot", "source"],
  // Many snapshots at once: plans and states, drift, code from what exists.
  fleet: ["tool", "lifecycle", "snapshot"],
  cli: ["tool", "lifecycle", "snapshot", "source", "local", "fleet"],
  library: ["lifecycle", "snapshot", "source"],
  // Both providers and the command line in one file.
  executable: ["terraform", "pulumi", "cli"],
};

/** Types only: the shapes of the API and of a connection. */
const typesOnly = { snapshot: ["api"], source: ["api"], local: ["api"], api: ["config"] };

const element = (types) => ({ element: { type: types } });
const policy = (from, to, dependency) => ({
  from: element(from),
  allow: { to: element(to), ...(dependency ? { dependency } : {}) },
});

export default tseslint.config(
  {
    ignores: ["node_modules/", "dist/", "build/", "coverage/", "**/*.gen.ts", "**/generated/**", "**/cdktf.out/"],
  },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.ts"],
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-explicit-any": "error",
    },
  },
  // Tests read answers of foreign servers and tools as they come.
  { files: ["test/**/*.ts"], rules: { "@typescript-eslint/no-explicit-any": "off" } },
  { files: ["**/*.js", "**/*.cjs"], rules: { "@typescript-eslint/no-require-imports": "off" } },
  {
    files: ["provider/**/*.ts"],
    plugins: { boundaries },
    settings: {
      "boundaries/elements": Object.keys(rooms).map((type) => ({ type, pattern: `provider/${type}` })),
      "import/resolver": { typescript: { alwaysTryTypes: true } },
    },
    rules: {
      "boundaries/dependencies": [
        "error",
        {
          default: "disallow",
          policies: [
            ...Object.entries(rooms).map(([from, may]) => policy(from, [from, ...may])),
            ...Object.entries(typesOnly).map(([from, may]) => policy(from, may, { kind: "type" })),
          ],
        },
      ],
    },
  },
);
