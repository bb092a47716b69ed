/**
 * The provider as the engine stores it with every resource (`__provider`) and as Pulumi's host runs it, years later perhaps:
 * it only forwards to the package that is installed beside the program. A fixed text, and not the serialized form of an object:
 * no compiler, bundler or release of Pulumi changes a byte of it, nothing can be captured in it, and no program waits for the
 * serializer. Its form is the one that the host reads from every state. Never change it: `impl` answers to these names for good.
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
