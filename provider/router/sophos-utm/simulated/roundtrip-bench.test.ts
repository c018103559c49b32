import assert from "node:assert/strict";
import fc from "fast-check";
import type { z } from "zod";
import { answer } from "../../../../lab/sophos-utm/api";
import type { Configuration } from "../../../../lab/sophos-utm/configuration";
import { initialConfiguration } from "../../../../lab/sophos-utm/lab-router";
import { canonicalNetworks } from "../../networks";
import { canonicalRedirection, type Redirection } from "../../redirection";
import { topologyProblems } from "../../topology";
import { StepExecutor } from "../apply/execute";
import { readRouter } from "../apply/router-state";
import type { UtmApi } from "../apply/utm-client";
import { type Desired, desiredFor, NOTHING } from "../model/desired";
import type { Found } from "../model/found";
import { planContext } from "../plan/decision";
import { desiredRules, foundRules } from "../plan/lines";
import { areMatchesOverlapping, matchOf } from "../plan/overlap";
import { planChanges } from "../plan/plan";
import { isEmpty, type Step } from "../plan/steps";
import { type ApiObject, objectListSchema } from "../read/api-object";

const ACCESS = { address: "10.20.30.1", port: 4444 };

const OWNER = { id: "0123456789ab", urn: "urn:pulumi:lab::tests::safeguard:RouterRedirection::router" };

const networks = fc.subarray(["10.0.0.0/25", "10.0.0.5/32", "10.0.0.128/25", "10.0.1.0/24"], { minLength: 1 });
const clients = fc.option(fc.subarray(["192.168.50.0/25", "192.168.50.200/32"], { minLength: 1 }), { nil: undefined });
const ports = fc.subarray([22, 3389, "5900-5910", 8080, 8081], { minLength: 1 });

const redirection = (name: string): fc.Arbitrary<Redirection> =>
  fc
    .record({ serverCidrs: networks, clientCidrs: clients, ports, isClient: fc.boolean(), hop: fc.constantFrom(2, 3) })
    .map(({ serverCidrs, clientCidrs, isClient, hop, ...rest }) =>
      canonicalRedirection({
        ...rest,
        name,
        clientInterfaces: isClient ? ["Internal", "Management (LAN)"] : ["Internal"],
        ...(clientCidrs && { clientCidrs: canonicalNetworks(clientCidrs) }),
        serverCidrs,
        spsAddress: `172.16.9.${hop}`,
        spsInterface: "SPS",
        ...(clientCidrs && isClient && { serverInterfaces: ["address:10.0.0.1"] }),
        addressMode: clientCidrs && isClient ? "client" : "own",
        failMode: "open",
        existingConnections: "cut",
      }),
    );

/** What a resource wants: redirections that do not contradict each other. */
const wanted: fc.Arbitrary<Desired> = fc
  .tuple(redirection("rdp"), fc.option(redirection("web"), { nil: undefined }))
  .map(([first, second]) => (second && topologyProblems([first, second]).length === 0 ? [first, second] : [first]))
  .map(stateOf);

function stateOf(redirections: Redirection[]): Desired {
  const watchdog = { intervalSeconds: 5, missedProbes: 3 };
  const options = { overrideLocks: false };
  return desiredFor({ redirections, options, persist: true, bypass: "never", watchdog, owner: OWNER });
}

/** Parsed objects by those of the emulation, which replaces objects and never changes them. */
const PARSED = new WeakMap<object, ApiObject>();

function parsedOnce(list: readonly object[]): ApiObject[] {
  return list.map((one) => {
    const known = PARSED.get(one) ?? objectListSchema.element.parse(one);
    PARSED.set(one, known);
    return known;
  });
}

/** The API of an emulated device in this process. */
function apiOf(configuration: Configuration): UtmApi {
  const send = (method: string, path: string, body: unknown, headers: Record<string, string>) => {
    const type = { "content-type": "application/json" };
    const text = body === undefined ? "" : JSON.stringify(body);
    const answered = answer(configuration, { method, path, headers: { ...type, ...headers }, body: text });
    if (answered.status >= 400) assert.fail(`${method} ${path} ${text}: ${JSON.stringify(answered.body)}`);
    return answered.body;
  };
  return {
    object: "router simulated",
    get: async (path, shape) => {
      const value = send("GET", path, undefined, {});
      const isObjectList = (shape as z.ZodType) === objectListSchema;
      return (isObjectList ? parsedOnce(value as object[]) : shape.parse(value)) as never;
    },
    change: async (method, path, _step, body, directives = {}) =>
      JSON.stringify(
        send(method, path, body, {
          ...(directives.isAcknowledged && { "x-restd-err-ack": "all" }),
          ...(directives.insertInto !== undefined && { "x-restd-insert": `${directives.insertInto} 1` }),
        }) ?? null,
      ),
  };
}

async function execute(executor: StepExecutor, step: Step): Promise<unknown> {
  if (step.kind === "create") return await executor.create(step);
  if (step.kind === "change") return await executor.change(step);
  return assert.deepEqual(await executor.delete(step), [], "nothing else uses it");
}

/** The gateways to which the wanted traffic goes: for every part of it that of the first policy route that takes some of it. */
function gatewaysOf(state: Desired, { routes }: Found): (string | undefined)[] {
  return state.legs.flatMap((leg) =>
    leg.interfaces
      .map((text) => (text === "address:10.0.0.1" ? "ServerFarm" : text))
      .flatMap((name) =>
        leg.sources.concat(leg.sources.length === 0 ? ["192.168.50.7/32"] : []).flatMap((source) =>
          leg.destinations.flatMap((destination) =>
            leg.ports.map((range) => {
              const part = matchOf({ ...leg, sources: [source], destinations: [destination], ports: [range] }, name);
              return routes.find((one) => one.isOn && one.position > 0 && areMatchesOverlapping(one.match, part))
                ?.gateway;
            }),
          ),
        ),
      ),
  );
}

/** A new device of a case; the first one is made by requests, the others are its copies. */
const BEGINNING = initialConfiguration({ unknownAttributes: "refuse" });

/** All objects that do not belong to redirections, as text. */
function foreignObjects({ objects }: Configuration): string {
  return JSON.stringify([...objects.values()].filter(({ name }) => !/^sps:/.test(String(name))));
}

/** How many cases, and from which seed. */
export interface Cases {
  numRuns: number;
  seed?: number;
}

/** Reaches every wanted state beside foreign objects, and leaves no trace of it. */
export async function reachesEveryState(parameters: Cases): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(wanted, { minLength: 1, maxLength: 4 }), async (states) => {
      const configuration = BEGINNING.copy();
      const snapshot = () => JSON.stringify([[...configuration.objects], [...configuration.nodes]]);
      const before = snapshot();
      const untouched = foreignObjects(configuration);
      const api = apiOf(configuration);
      let owned: Desired = NOTHING;
      let found = await readRouter(api);
      for (const state of [...states, { ...NOTHING, owner: OWNER }]) {
        const plan = () =>
          planChanges(planContext(found, { wanted: state, owned, isAdopting: false, access: ACCESS }, "router"));
        const { prepare, activate, clean } = plan();
        const executor = new StepExecutor(api, found, false);
        for (const step of [...prepare, ...activate, ...clean]) {
          await execute(executor, step);
        }
        found = await readRouter(api);
        assert.deepEqual(foundRules(state, found), desiredRules(state));
        assert.ok(isEmpty(plan()), "nothing is left to do");
        assert.equal(foreignObjects(configuration), untouched);
        owned = state;
      }
      assert.equal(snapshot(), before);
    }),
    parameters,
  );
}

/** Keeps every packet of traffic that stays on its way to SPS while ports and networks change. */
export async function keepsTrafficThatStays(parameters: Cases): Promise<void> {
  await fc.assert(
    fc.asyncProperty(redirection("rdp"), redirection("rdp"), async (first, second) => {
      const api = apiOf(BEGINNING.copy());
      const [from, to] = [stateOf([{ ...first, ports: [3389] }]), stateOf([{ ...second, ports: [22, 3389] }])];
      /** The traffic that both states redirect, if there is any. */
      const both = from.legs.flatMap((leg) => {
        const other = to.legs.find((one) => one.direction === leg.direction);
        const common = <T>(left: readonly T[], right: readonly T[] = []) => left.filter((one) => right.includes(one));
        if (!other || (leg.sources.length === 0) !== (other.sources.length === 0)) return [];
        return [
          {
            ...leg,
            interfaces: common(leg.interfaces, other.interfaces),
            sources: common(leg.sources, other.sources),
            destinations: common(leg.destinations, other.destinations),
          },
        ].filter(({ sources }) => sources.length > 0 || leg.sources.length === 0);
      });
      let owned: Desired = NOTHING;
      for (const state of [from, to]) {
        const found = await readRouter(api);
        const { prepare, activate, clean } = planChanges(
          planContext(found, { wanted: state, owned, isAdopting: false, access: ACCESS }, "router"),
        );
        const executor = new StepExecutor(api, found, false);
        for (const step of [...prepare, ...activate, ...clean]) {
          await execute(executor, step);
          if (owned === NOTHING) continue;
          const gateways = gatewaysOf({ ...state, legs: both }, await readRouter(api));
          assert.ok(
            gateways.every((one) => one === first.spsAddress || one === second.spsAddress),
            String(gateways),
          );
        }
        owned = state;
      }
    }),
    parameters,
  );
}
