/**
 * The provider that the engine stores with every resource (`__provider`), and that Pulumi's host runs, perhaps years later. It only forwards
 * to the package that is installed with the program. It is a fixed text instead of a serialized object, so that no compiler, bundler or
 * release of Pulumi changes it, it captures nothing, and no program waits for the serializer. Never change it: the host reads this form from
 * every state, and `impl` must support these names forever.
 */
export const SHIM = `exports.handler = () => {
  const impl = () => require("daytona-iac/pulumi/dynamic").impl;
  return {
    configure: async (request) => impl().configure(request),
    check: async (olds, news) => impl().check(olds, news),
    diff: async (id, olds, news) => impl().diff(id, olds, news),
    create: async (inputs) => impl().create(inputs),
    read: async (id, props) => impl().read(id, props),
    update: async (id, olds, news) => impl().update(id, olds, news),
    delete: async (id, props) => impl().delete(id, props),
  };
};
`;
