/** Nothing imports in a circle, neither files nor folders, types included. ESLint holds the direction between rooms; this holds what goes on inside them. */
module.exports = {
  forbidden: [
    {
      name: "no-circular",
      severity: "error",
      comment:
        "Two files that import each other can only be read together. Move what both need into a third, or pass it in.",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-folder-cycles",
      severity: "error",
      comment:
        "Two folders that import each other are one. Move the file that both need to the folder below, or to the one above both.",
      scope: "folder",
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    // Type-only imports count as well: they are gone at run time, but not for the reader.
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/generated/" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".mjs", ".cjs", ".json"] },
  },
};
