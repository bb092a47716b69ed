/** Jest runs the TypeScript sources through swc; types are checked apart, by `npm run typecheck`. */
module.exports = {
  testEnvironment: "node",
  // A machine with more to do is slow, not wrong.
  testTimeout: 30_000,
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  transform: {
    "^.+\\.tsx?$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript", decorators: true } }, module: { type: "commonjs" } },
    ],
  },
};
