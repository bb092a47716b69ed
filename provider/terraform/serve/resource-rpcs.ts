// Longer than most files: one handler for each of the protocol's calls on a resource.
import { reports } from "../../version.gen";
import { hasUnknown, isUnknown } from "../../kit/unknown";
import type { TfDiagnostic, TfObject, TfProvider, TfResource, TfValue } from "../types";
import { toPath } from "../wire/diagnostic";
import type {
  ApplyResourceChange_Request,
  ApplyResourceChange_Response,
  DynamicValue,
  GenerateResourceConfig_Request,
  GenerateResourceConfig_Response,
  ImportResourceState_Request,
  ImportResourceState_Response,
  MoveResourceState_Request,
  MoveResourceState_Response,
  PlanResourceChange_Request,
  PlanResourceChange_Response,
  ReadResource_Request,
  ReadResource_Response,
  UpgradeResourceIdentity_Request,
  UpgradeResourceIdentity_Response,
  UpgradeResourceState_Request,
  UpgradeResourceState_Response,
  ValidateResourceConfig_Request,
  ValidateResourceConfig_Response,
} from "../wire/generated/tfplugin6";
import { decodePrivate, encodePrivate } from "../wire/private";
import { schemaType } from "../wire/type";
import { isNullValue } from "../wire/values";
import type { Calls } from "./calls";
import { decodeIdentity, encodeIdentity, rawObject, upgradeIdentity } from "./identity";
import type { Scope } from "./scope";

const nil: DynamicValue = { msgpack: Buffer.from([0xc0]), json: Buffer.alloc(0) };
const nothing = Buffer.alloc(0);

function find(scope: Scope, provider: TfProvider, typeName: string): TfResource {
  return (
    provider.resources.find((r) => r.typeName === typeName) ??
    scope.refuse("Unknown resource type", `This version of the Daytona provider has no resource "${typeName}".`)
  );
}

/** A value of the resource. Its sensitive parts are learned before anything else is done with it. */
function decode(scope: Scope, resource: TfResource, wire: DynamicValue | undefined): TfObject | null {
  const value = scope.decode(wire, schemaType(resource.schema));
  scope.learn(value, resource.schema);
  return value;
}

function learned(scope: Scope, resource: TfResource, raw: TfObject): TfObject {
  scope.learn(raw, resource.schema);
  return raw;
}

/** Texts of the API in a state: a build can print anything. */
const TEXTS = ["error_reason"];

function cleanTexts(scope: Scope, state: TfObject | null): TfObject | null {
  const found = TEXTS.filter((name) => typeof state?.[name] === "string");
  return state === null || found.length === 0
    ? state
    : { ...state, ...Object.fromEntries(found.map((name) => [name, scope.clean(String(state[name]))])) };
}

/** Older versions of Terraform know no write-only attributes, and would store them. */
function writeOnlyWritten(resource: TfResource, config: TfObject): TfDiagnostic[] {
  const written = resource.schema.attributes.filter(
    ({ name, writeOnly }) => writeOnly === true && (config[name] ?? null) !== null,
  );
  return written.map(({ name }) => ({
    severity: "error",
    summary: "Write-only attribute not supported",
    detail: `\`${name}\` is write-only, which needs Terraform 1.11 or OpenTofu 1.11, or later. This version would store it. Upgrade, or use the attribute that is stored.`,
    path: [name],
  }));
}

function required(scope: Scope, value: TfObject | null, what: string): TfObject {
  return value ?? scope.refuse("Incomplete request", `Terraform sent ${scope.rpc} without ${what}.`);
}

/** Replaces unknown values by null and reports where they were. Terraform would discard the whole state because of one. */
function settled(value: TfValue, path: string, unknowns: string[]): TfValue {
  if (isUnknown(value)) {
    unknowns.push(path);
    return null;
  }
  if (Array.isArray(value)) return value.map((v, i) => settled(v, `${path}[${i}]`, unknowns));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => [k, settled(v, path === "" ? k : `${path}.${k}`, unknowns)]),
  );
}

function encodeKnown(scope: Scope, resource: TfResource, answer: TfObject | null): DynamicValue {
  const type = schemaType(resource.schema);
  const state = cleanTexts(scope, answer);
  if (!hasUnknown(state)) return scope.encode(state, type);
  const unknowns: string[] = [];
  const known = settled(state, "", unknowns);
  scope.report([
    {
      severity: "error",
      summary: "Provider returned unknown values",
      detail:
        `${scope.rpc} of ${resource.typeName} returned unknown values: ${unknowns.join(", ")}. They are stored as null.\n\n` +
        `This is a bug in the Daytona provider, not in your configuration. Please report it with the text above: ${reports}`,
    },
  ]);
  return scope.encode(known, type);
}

/** The calls that concern one resource. */
export function resourceRpcs(calls: Calls) {
  return {
    validateResourceConfig: calls.unary<ValidateResourceConfig_Request, ValidateResourceConfig_Response>(
      "ValidateResourceConfig",
      async (request, scope, provider) => {
        const resource = find(scope, provider, request.typeName);
        const type = schemaType(resource.schema);
        const config = required(scope, decode(scope, resource, request.config), "configuration");
        if (request.clientCapabilities?.writeOnlyAttributesAllowed !== true)
          scope.report(writeOnlyWritten(resource, config), type);
        scope.report(await resource.validate(config, scope.call), type);
        return { diagnostics: [] };
      },
      () => ({ diagnostics: [] }),
    ),

    upgradeResourceState: calls.unary<UpgradeResourceState_Request, UpgradeResourceState_Response>(
      "UpgradeResourceState",
      async (request, scope, provider) => {
        const resource = find(scope, provider, request.typeName);
        if (request.version > resource.schema.version) {
          scope.refuse(
            "State from a newer provider",
            `${request.typeName}: the stored state has version ${request.version}, but this provider supports version ${resource.schema.version}. Upgrade the provider.`,
          );
        }
        const { state, diagnostics } = await resource.upgrade(
          request.version,
          learned(scope, resource, rawObject(scope, request.rawState, "state")),
          scope.call,
        );
        const type = schemaType(resource.schema);
        scope.report(diagnostics, type);
        return { upgradedState: scope.failed ? undefined : scope.encode(state, type, true), diagnostics: [] };
      },
      () => ({ upgradedState: undefined, diagnostics: [] }),
    ),

    upgradeResourceIdentity: calls.unary<UpgradeResourceIdentity_Request, UpgradeResourceIdentity_Response>(
      "UpgradeResourceIdentity",
      async (request, scope, provider) => upgradeIdentity(request, scope, find(scope, provider, request.typeName)),
      () => ({ upgradedIdentity: undefined, diagnostics: [] }),
    ),

    readResource: calls.unary<ReadResource_Request, ReadResource_Response>(
      "ReadResource",
      async (request, scope, provider) => {
        const resource = find(scope, provider, request.typeName);
        const type = schemaType(resource.schema);
        const state = decode(scope, resource, request.currentState);
        if (state === null)
          return { newState: nil, diagnostics: [], private: request.private, newIdentity: request.currentIdentity };
        const found = await resource.read(
          {
            state,
            private: decodePrivate(request.private),
            identity: decodeIdentity(scope, resource, request.currentIdentity),
          },
          scope.call,
        );
        scope.report(found.diagnostics, type);
        return {
          newState: encodeKnown(scope, resource, found.state),
          diagnostics: [],
          private: encodePrivate(found.private),
          newIdentity: encodeIdentity(scope, resource, found.identity),
        };
      },
      (request) => ({
        newState: request.currentState,
        diagnostics: [],
        private: request.private,
        newIdentity: request.currentIdentity,
      }),
    ),

    planResourceChange: calls.unary<PlanResourceChange_Request, PlanResourceChange_Response>(
      "PlanResourceChange",
      async (request, scope, provider) => {
        const resource = find(scope, provider, request.typeName);
        const type = schemaType(resource.schema);
        const prior = decode(scope, resource, request.priorState);
        const before = decodePrivate(request.priorPrivate);
        if (isNullValue(request.proposedNewState)) {
          let plannedPrivate: Buffer = request.priorPrivate;
          if (prior !== null && resource.planDestroy !== undefined) {
            const plan = await resource.planDestroy({ prior, private: before }, scope.call);
            scope.report(plan.diagnostics, type);
            plannedPrivate = encodePrivate(plan.private);
          }
          return {
            plannedState: nil,
            requiresReplace: [],
            plannedPrivate,
            diagnostics: [],
            plannedIdentity: request.priorIdentity,
          };
        }
        const config = required(scope, decode(scope, resource, request.config), "configuration");
        const identity = decodeIdentity(scope, resource, request.priorIdentity);
        const plan = await resource.plan(
          {
            prior,
            config,
            private: before,
            identity,
            // Decoded on demand: it is a third of what a plan has to decode.
            get proposed() {
              return required(scope, decode(scope, resource, request.proposedNewState), "proposed state");
            },
          },
          scope.call,
        );
        scope.report(plan.diagnostics, type);
        return {
          plannedState: scope.encode(plan.planned, type),
          requiresReplace: plan.requiresReplace.map((path) => toPath(path, type)),
          plannedPrivate: encodePrivate(plan.private),
          diagnostics: [],
          plannedIdentity: encodeIdentity(scope, resource, plan.identity),
        };
      },
      (request) => ({
        plannedState: request.priorState,
        requiresReplace: [],
        plannedPrivate: request.priorPrivate,
        diagnostics: [],
        plannedIdentity: request.priorIdentity,
      }),
    ),

    applyResourceChange: calls.unary<ApplyResourceChange_Request, ApplyResourceChange_Response>(
      "ApplyResourceChange",
      async (request, scope, provider) => {
        const resource = find(scope, provider, request.typeName);
        const type = schemaType(resource.schema);
        const applied = await resource.apply(
          {
            prior: decode(scope, resource, request.priorState),
            planned: decode(scope, resource, request.plannedState),
            config: decode(scope, resource, request.config),
            private: decodePrivate(request.plannedPrivate),
            identity: decodeIdentity(scope, resource, request.plannedIdentity),
          },
          scope.call,
        );
        scope.report(applied.diagnostics, type);
        return {
          newState: encodeKnown(scope, resource, applied.state),
          private: encodePrivate(applied.private),
          diagnostics: [],
          // The only way in the protocol to return an output that differs from the plan: Terraform then logs it instead of failing.
          legacyTypeSystem: applied.unlikePlan === true,
          newIdentity: encodeIdentity(scope, resource, applied.identity),
        };
      },
      // The unchanged state: nothing better is known, and it must not be lost.
      (request) => ({
        newState: request.priorState ?? nil,
        private: request.plannedPrivate,
        diagnostics: [],
        legacyTypeSystem: false,
        newIdentity: request.plannedIdentity,
      }),
    ),

    importResourceState: calls.unary<ImportResourceState_Request, ImportResourceState_Response>(
      "ImportResourceState",
      async (request, scope, provider) => {
        const resource = find(scope, provider, request.typeName);
        const identity = decodeIdentity(scope, resource, request.identity);
        const { imported, diagnostics } = await resource.import(
          { id: request.id === "" ? null : request.id, identity },
          scope.call,
        );
        scope.report(diagnostics, schemaType(resource.schema));
        return {
          importedResources: imported.map((one) => ({
            typeName: resource.typeName,
            state: encodeKnown(scope, resource, one.state),
            private: encodePrivate(one.private),
            identity: encodeIdentity(scope, resource, one.identity),
          })),
          diagnostics: [],
        };
      },
      () => ({ importedResources: [], diagnostics: [] }),
    ),

    moveResourceState: calls.unary<MoveResourceState_Request, MoveResourceState_Response>(
      "MoveResourceState",
      async (request, scope, provider) => {
        const resource = find(scope, provider, request.targetTypeName);
        const from = {
          sourceProvider: request.sourceProviderAddress,
          sourceType: request.sourceTypeName,
          sourceVersion: request.sourceSchemaVersion,
        };
        const moved =
          (await resource.move?.(
            { ...from, raw: learned(scope, resource, rawObject(scope, request.sourceState, "state")) },
            scope.call,
          )) ?? null;
        if (moved === null) {
          return scope.refuse(
            "Unsupported move",
            `${request.sourceTypeName} of ${request.sourceProviderAddress} cannot be moved to ${request.targetTypeName}. Remove it from the state, and import it instead.`,
          );
        }
        scope.report(moved.diagnostics, schemaType(resource.schema));
        return {
          targetState: encodeKnown(scope, resource, moved.state),
          targetPrivate: encodePrivate(moved.private),
          targetIdentity: encodeIdentity(scope, resource, moved.identity),
          diagnostics: [],
        };
      },
      () => ({ targetState: undefined, targetPrivate: nothing, targetIdentity: undefined, diagnostics: [] }),
    ),

    generateResourceConfig: calls.unary<GenerateResourceConfig_Request, GenerateResourceConfig_Response>(
      "GenerateResourceConfig",
      async (request, scope, provider) => {
        const resource = find(scope, provider, request.typeName);
        const type = schemaType(resource.schema);
        const state = decode(scope, resource, request.state);
        if (state === null) return { config: nil, diagnostics: [] };
        if (resource.generate === undefined)
          return scope.refuse(
            "Configuration cannot be generated",
            `The provider generates no configuration for ${request.typeName}. Write it manually.`,
          );
        const { config, diagnostics } = await resource.generate(state, scope.call);
        scope.report(diagnostics, type);
        return { config: scope.encode(config, type), diagnostics: [] };
      },
      () => ({ config: undefined, diagnostics: [] }),
    ),
  };
}
