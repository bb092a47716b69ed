import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import type { TfObject, TfProvider, TfResource } from "../../../../provider/terraform/types";

type Things = { [id: string]: TfObject };

/** A resource that lives in a JSON file, with every kind of attribute; some names make it misbehave. */
function thing(file: string): TfResource {
  const load = (): Things => (existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Things) : {});
  const save = (things: Things) => writeFileSync(file, JSON.stringify(things));
  return {
    typeName: "toy_thing",
    schema: {
      version: 1,
      description: "A toy.",
      attributes: [
        { name: "id", type: "string", description: "Id.", computed: true },
        { name: "name", type: "string", description: "Name.", required: true },
        { name: "size", type: "number", description: "Size.", optional: true },
        { name: "tags", type: ["map", "string"], description: "Tags.", optional: true },
        { name: "zones", type: ["set", "string"], description: "Zones.", optional: true },
        { name: "command", type: ["list", "string"], description: "Command.", optional: true },
        { name: "on", type: "bool", description: "On.", optional: true, computed: true },
        {
          name: "timeouts",
          nested: [{ name: "create", type: "string", description: "Create.", optional: true }],
          description: "Timeouts.",
          optional: true,
        },
      ],
    },
    identity: {
      version: 0,
      attributes: [{ name: "name", type: "string", description: "Name.", requiredForImport: true }],
    },
    async validate(config) {
      return config.name === "bad"
        ? [{ severity: "error", summary: "Bad name", detail: "The name is bad.", path: ["name"] }]
        : [];
    },
    async upgrade(_version, raw) {
      return { state: raw, diagnostics: [] };
    },
    async read({ state, private: kept, identity }) {
      return {
        state: load()[String(state.id)] ?? null,
        private: kept,
        identity: identity ?? { name: state.name ?? null },
        diagnostics: [],
      };
    },
    async plan({ prior, proposed, private: kept, identity }) {
      if (proposed.name === "plan-bug") throw new Error("the plan went wrong");
      const planned: TfObject = { ...proposed, on: proposed.on === UNKNOWN ? true : (proposed.on ?? true) };
      if (prior === null) planned.id = UNKNOWN;
      const renamed = prior !== null && prior.name !== proposed.name;
      if (renamed) planned.id = UNKNOWN;
      return { planned, requiresReplace: renamed ? [["name"]] : [], private: kept, identity, diagnostics: [] };
    },
    async planDestroy({ prior, private: kept }) {
      return {
        private: kept,
        diagnostics: [{ severity: "warning", summary: "Destroying", detail: `${String(prior.name)} goes away.` }],
      };
    },
    async apply({ prior, planned, private: kept }, call) {
      const things = load();
      if (planned === null) {
        delete things[String(prior?.id)];
        save(things);
        return { state: null, private: {}, identity: null, diagnostics: [] };
      }
      call.log("info", "applying", { name: planned.name });
      if (planned.name === "apply-bug") throw new Error("the apply went wrong");
      if (planned.name === "crash")
        setTimeout(() => {
          throw new Error("thrown outside of any call");
        }, 10);
      const id = prior === null ? `id-${String(planned.name)}` : String(prior.id);
      const state: TfObject = { ...planned, id };
      if (planned.name === "slow" || planned.name === "crash") {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 60_000);
          call.signal.addEventListener("abort", () => {
            clearTimeout(timer);
            resolve();
          });
        });
      }
      if (planned.name === "left-unknown") state.on = UNKNOWN;
      if (planned.name === "wrong-type") state.size = "many";
      things[id] = { ...state, on: true };
      save(things);
      const diagnostics = call.signal.aborted
        ? [{ severity: "warning" as const, summary: "Interrupted", detail: `${id} is kept.` }]
        : [];
      return { state, private: { ...kept, made: true }, identity: { name: planned.name ?? null }, diagnostics };
    },
    async import({ id, identity }) {
      const state = load()[id ?? `id-${String(identity?.name)}`];
      if (state === undefined)
        return {
          imported: [],
          diagnostics: [{ severity: "error", summary: "Not found", detail: `There is no ${id}.` }],
        };
      return { imported: [{ state, private: {}, identity: { name: state.name ?? null } }], diagnostics: [] };
    },
    async move({ sourceType, raw }) {
      if (sourceType !== "other_thing") return null;
      return {
        state: { id: raw.id ?? null, name: raw.name ?? null, on: true },
        private: {},
        identity: { name: raw.name ?? null },
        diagnostics: [],
      };
    },
  };
}

export function toyProvider(file: string): TfProvider {
  let prefix = "";
  return {
    schema: {
      version: 0,
      description: "Toys.",
      attributes: [
        { name: "token", type: "string", description: "Secret.", optional: true, sensitive: true },
        { name: "prefix", type: "string", description: "Prefix.", optional: true },
      ],
    },
    async validate() {
      return [];
    },
    async configure(config, _version, call) {
      prefix = typeof config.prefix === "string" ? config.prefix : "";
      call.log("info", `configured with ${String(config.token)}`);
      return config.token === "refused-token"
        ? [{ severity: "error", summary: "Refused", detail: "refused-token is not accepted", path: ["token"] }]
        : [];
    },
    resources: [thing(file)],
    dataSources: [
      {
        typeName: "toy_things",
        schema: {
          version: 0,
          description: "All toys.",
          attributes: [{ name: "names", type: ["list", "string"], description: "Names.", computed: true }],
        },
        validate: async () => [],
        read: async () => {
          const things = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Things) : {};
          return {
            state: {
              names: Object.values(things)
                .map((t) => prefix + String(t.name))
                .sort(),
            },
            diagnostics: [],
          };
        },
      },
    ],
    stop: () => undefined,
    close: () => undefined,
  };
}
