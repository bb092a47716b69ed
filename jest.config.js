// No test asks a registry of the internet for the tags of its images: those that are about it switch it on.
process.env.DAYTONA_RESOLVE_TAGS = "false";

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
