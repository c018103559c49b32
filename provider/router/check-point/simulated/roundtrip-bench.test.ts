import assert from "node:assert/strict";
import fc from "fast-check";
import { selectCommand } from "../../../../lab/check-point/commands/command-table";
import { PBR_COMMANDS } from "../../../../lab/check-point/commands/pbr";
import { type Configuration, configurationText, type MatchLines } from "../../../../lab/check-point/configuration";
import { initialConfiguration } from "../../../../lab/check-point/lab-router";
import { isRangeWithin, type Range } from "../../../core/ranges";
import { addressRange } from "../../networks";
import { canonicalRedirection, type Redirection, redirectionSchema } from "../../redirection";
import { batchesOf } from "../../terminal/batches";
import type { CommandStep } from "../../terminal/steps";
import { undoCommands } from "../../terminal/steps";
import { topologyProblems } from "../../topology";
import { type Desired, desiredFor, NOTHING } from "../model/desired";
import { planContext } from "../plan/decision";
import { desiredRules, foundRules } from "../plan/lines";
import { planChanges } from "../plan/plan";
import { readConfiguration } from "../read/configuration";

/** How many cases are generated, and from which seed. */
export interface Cases {
  numRuns: number;
  seed?: number;
}

const OWNER = { id: "0123456789ab", urn: "urn:pulumi:lab::tests::safeguard:RouterRedirection::router" };

const networks = fc.subarray(["10.0.0.0/25", "10.0.0.5/32", "10.0.0.128/25", "10.0.1.0/24"], { minLength: 1 });
const clients = fc.option(fc.subarray(["192.168.50.0/25", "192.168.50.200/32"], { minLength: 1 }), { nil: undefined });
const ports = fc.subarray([22, 3389, "5900-5902", 8080], { minLength: 1 });

const redirection = (name: string): fc.Arbitrary<Redirection> =>
  fc
    .record({
      clientInterfaces: fc.subarray(["eth1", "address:10.0.0.1"], { minLength: 1 }),
      clientCidrs: clients,
      serverCidrs: networks,
      ports,
      spsAddress: fc.constantFrom("172.16.9.2", "172.16.9.3"),
      failMode: fc.constantFrom("open", "closed"),
    })
    .map(({ clientCidrs, ...parts }) =>
      canonicalRedirection(
        redirectionSchema.parse({
          name,
          ...parts,
          ...(clientCidrs && { clientCidrs }),
          spsInterface: "eth3",
          existingConnections: "cut",
        }) as Redirection,
      ),
    );

const wanted: fc.Arbitrary<Desired> = fc
  .tuple(redirection("rdp"), fc.option(redirection("web-1"), { nil: undefined }))
  .map(([first, second]) => (second && topologyProblems([first, second]).length === 0 ? [first, second] : [first]))
  .map((redirections) => {
    const options = { overrideLock: false, firstPriority: 1000, lastPriority: 1999 };
    const watchdog = { intervalSeconds: 5, missedProbes: 3 };
    return desiredFor({ redirections, options, persist: false, bypass: "never", watchdog, owner: OWNER });
  });

const spellings = fc.constantFrom<MatchLines>("grouped", "single");

/** Enters commands one by one. @throws when the device refuses one */
function enter(
  configuration: Configuration,
  spelling: MatchLines,
  commands: readonly string[],
  afterEach: () => void = () => {},
): void {
  for (const command of commands) {
    const selected = selectCommand(PBR_COMMANDS, command);
    assert.ok("entry" in selected, command);
    assert.equal(selected.entry.run(configuration, selected.values, command, spelling), undefined, command);
    afterEach();
  }
}

const found = (configuration: Configuration, spelling: MatchLines) =>
  readConfiguration(configurationText(configuration, spelling, ["# Exported by admin on Mon Jan 5 10:00:00 2026"]));

function stepsTo(configuration: Configuration, spelling: MatchLines, to: Desired, from: Desired): CommandStep[] {
  const scope = { wanted: to, owned: from, isAdopting: false, access: { address: "10.20.30.1", port: 22 } };
  return planChanges(planContext(found(configuration, spelling), scope, "router simulated"));
}

/** In the order in which they are entered. */
const commandsOf = (steps: readonly CommandStep[]) => batchesOf(steps).flatMap(({ sendings }) => sendings.flat());

/** Each network of the generated rules is read once: packets meet them thousands of times in a case. */
const ranges = new Map<string, Range>();

function rangeOf(network: string): Range {
  const known = ranges.get(network) ?? addressRange(network);
  ranges.set(network, known);
  return known;
}

/**
 * What PBR does with packets: the next hop of the first rule that matches one, `reject`, or undefined for normal routing.
 * `source` and `destination` of a packet are single addresses.
 */
function pbrOf({ rules, tables }: Configuration): (packet: Packet) => string | undefined {
  const inOrder = [...rules]
    .filter(({ action }) => action !== undefined)
    .sort((left, right) => left.priority - right.priority);
  return ({ interface: name, source, destination, port }) => {
    const rule = inOrder.find(
      ({ match }) =>
        (match.interface === undefined || match.interface === name) &&
        (match.port === undefined || match.port === port) &&
        (match.to === undefined || isRangeWithin(destination, rangeOf(match.to))) &&
        (match.from === undefined || isRangeWithin(source, rangeOf(match.from))),
    );
    const table = tables.find((one) => `table ${one.name}` === rule?.action);
    const [route] = table?.routes ?? [];
    return route?.special ?? route?.nextHops[0]?.value;
  };
}

interface Packet {
  key: string;
  interface: string;
  source: Range;
  destination: Range;
  port: number;
}

/** One packet for each selector, on the interface that the router has. */
function packetsOf({ routes }: Desired): Packet[] {
  const hostOf = (network: string) => network.split("/")[0] ?? "";
  return routes
    .flatMap(({ selectors }) => selectors)
    .map((one) => {
      const name = one.interface === "address:10.0.0.1" ? "eth2" : one.interface;
      const from = one.from && hostOf(one.from);
      const to = hostOf(one.to);
      return {
        key: JSON.stringify([name, from, to, one.port]),
        interface: name,
        source: rangeOf(from ?? "192.168.50.7"),
        destination: rangeOf(to),
        port: one.port,
      };
    });
}

/** Every wanted state is reached without a gap beside foreign rules, and removal leaves no trace. @throws with the smallest case */
export function reachesEveryState(cases: Cases): void {
  fc.assert(
    fc.property(wanted, wanted, spellings, (first, second, spelling) => {
      const configuration = initialConfiguration();
      const before = configurationText(configuration, spelling, []);
      const assertReached = (state: Desired) => {
        assert.deepEqual(stepsTo(configuration, spelling, state, state), []);
        assert.deepEqual(foundRules(state, found(configuration, spelling)), desiredRules(state));
      };
      enter(configuration, spelling, commandsOf(stepsTo(configuration, spelling, first, NOTHING)));
      assertReached(first);
      const after = new Set(packetsOf(second).map(({ key }) => key));
      const lasting = packetsOf(first).filter(({ key }) => after.has(key));
      enter(configuration, spelling, commandsOf(stepsTo(configuration, spelling, second, first)), () => {
        const wayOf = pbrOf(configuration);
        for (const packet of lasting) {
          const way = wayOf(packet);
          assert.ok(way?.startsWith("172."), `${packet.key} goes ${way ?? "direct"}`);
        }
      });
      assertReached(second);
      enter(
        configuration,
        spelling,
        commandsOf(stepsTo(configuration, spelling, { ...NOTHING, owner: OWNER }, second)),
      );
      assert.equal(configurationText(configuration, spelling, []), before);
    }),
    cases,
  );
}

/** A change that was interrupted at any command is undone. @throws with the smallest case */
export function undoesInterruptedChanges(cases: Cases): void {
  fc.assert(
    fc.property(wanted, wanted, spellings, fc.nat(), (first, second, spelling, cut) => {
      const configuration = initialConfiguration();
      enter(configuration, spelling, commandsOf(stepsTo(configuration, spelling, first, NOTHING)));
      const before = configurationText(configuration, spelling, []);
      const steps = stepsTo(configuration, spelling, second, first);
      const commands = commandsOf(steps);
      const done = commands.slice(0, cut % (commands.length + 1));
      enter(configuration, spelling, done);
      const begun = steps.filter((step) => step.commands.some((command) => done.includes(command)));
      enter(configuration, spelling, undoCommands(begun));
      assert.equal(configurationText(configuration, spelling, []), before);
    }),
    cases,
  );
}
