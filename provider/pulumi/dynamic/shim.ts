/**
 * The provider that the engine stores with every resource (`__provider`), and that Pulumi's host runs, perhaps years later. It only forwards
 * to the package that is installed with the program, and says which resource it is about. It is a fixed text instead of a serialized object,
 * so that no compiler, bundler or release of Pulumi changes it, it captures nothing, and no program waits for the serializer. Never change
 * it: the host reads this form from every state, and `resource` must support these names forever. Earlier states read `impl` instead of
 * `resource("Snapshot")`.
 * @param type a name of the package's classes, such as `Snapshot`
 */
export function shimOf(type: string): string {
  return `exports.handler = () => {
  const impl = () => require("daytona-iac/pulumi/dynamic").resource(${JSON.stringify(type)});
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
}

export const SHIM = shimOf("Snapshot");
