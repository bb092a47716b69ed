// Preloaded into the Node.js processes of the tests. @pulumi/pulumi loads the TypeScript compiler and npm's resolver before it does anything, for
// functions that it has to serialize. Nothing here has any, and they are two thirds of what a process loads. They are loaded when they are used.
const Module = require("node:module");

const LATE = new Set(["typescript", "@npmcli/arborist"]);
const load = Module._load;

Module._load = function (request, parent, isMain) {
  if (!LATE.has(request) || !/@pulumi[\\/]pulumi[\\/]/.test(parent?.filename ?? ""))
    return load.call(this, request, parent, isMain);
  let loaded;
  const real = () => (loaded ??= load.call(this, request, parent, isMain));
  // With this mark, an import of everything does not copy it.
  return new Proxy(function () {}, {
    get: (_target, name) => name === "__esModule" || real()[name],
    has: (_target, name) => name in real(),
    construct: (_target, args) => new (real())(...args),
  });
};
