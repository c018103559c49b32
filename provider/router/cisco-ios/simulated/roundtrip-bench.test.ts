import assert from "node:assert/strict";
import fc from "fast-check";
import type { EntryEnd } from "../../../../lab/cisco-ios/access/access-list";
import { type Configuration, configurationText } from "../../../../lab/cisco-ios/configuration";
import { initialConfiguration } from "../../../../lab/cisco-ios/lab-router";
import type { ConfigurationContext } from "../../../../lab/cisco-ios/modes/context";
import { configureLine } from "../../../../lab/cisco-ios/modes/modes";
import { addressRange, canonicalNetworks } from "../../networks";
import { canonicalRedirection, type Redirection, redirectionSchema } from "../../redirection";
import { undoCommands } from "../../terminal/steps";
import { type Desired, desiredFor, NOTHING } from "../model/desired";
import { planContext } from "../plan/decision";
import { desiredRules, foundRules } from "../plan/lines";
import { type PlannedChanges, planChanges } from "../plan/plan";
import { readRunningConfig } from "../read/running-config";

export const FOREIGN = [
  "ip access-list extended THEIRS",
  "remark of others",
  "permit tcp any 10.9.0.0 0.0.255.255 eq www",
  "exit",
  "route-map THEIRS permit 10",
  "match ip address THEIRS",
  "set ip next-hop 172.31.255.9",
  "exit",
  "interface GigabitEthernet4",
  "ip policy route-map THEIRS",
  "exit",
  "ip sla 400",
  "icmp-echo 10.9.0.1",
  "frequency 30",
  "exit",
  "ip sla schedule 400 life forever start-time now",
  "track 401 ip sla 400 reachability",
  "delay down 10",
  "exit",
];

/** A route-map of others on the clients' interface, with sequences before and after the reserved ones. */
const EXTENDED = [
  "route-map THEIRS-TOO permit 10",
  "match ip address THEIRS",
  "set ip next-hop 172.31.255.9",
  "route-map THEIRS-TOO permit 2000",
  "match ip address THEIRS",
  "exit",
  "interface GigabitEthernet1",
  "ip policy route-map THEIRS-TOO",
  "exit",
];

const network = fc
  .tuple(fc.constantFrom("10.0.0.0", "10.0.1.128", "10.128.0.0", "10.200.7.4"), fc.constantFrom(16, 24, 30, 32))
  .map(([address, prefix]) => {
    const { first } = addressRange(`${address}/${prefix}`);
    return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${prefix}`;
  });

const port = fc.oneof(fc.constantFrom<number | string>(22, 80, 3389), fc.constantFrom("5900-5910", "80-90"));

const redirection = (name: string) =>
  fc
    .record({
      clientInterfaces: fc.subarray(["GigabitEthernet1", "Gi2"], { minLength: 1 }),
      serverCidrs: fc.array(network, { minLength: 1, maxLength: 3 }),
      ports: fc.array(port, { minLength: 1, maxLength: 3 }),
      spsAddress: fc.constantFrom("172.16.9.2", "172.16.9.3"),
      failMode: fc.constantFrom("open", "closed"),
      addressMode: fc.constantFrom("own", "client"),
    })
    .map((parts) =>
      canonicalRedirection(
        redirectionSchema.parse({
          name,
          ...parts,
          clientCidrs: ["192.168.50.0/24"],
          serverCidrs: canonicalNetworks(parts.serverCidrs),
          serverInterfaces: ["GigabitEthernet2"],
          spsInterface: "GigabitEthernet3",
          existingConnections: "cut",
        }) as Redirection,
      ),
    );

const watchdog = fc.record(
  {
    intervalSeconds: fc.constantFrom(1, 5, 60),
    missedProbes: fc.constantFrom(1, 3),
    port: fc.constantFrom(443, 3389),
  },
  { requiredKeys: ["intervalSeconds", "missedProbes"] },
);

const wanted = fc
  .tuple(
    fc.tuple(...["rdp", "ssh", "web"].map((name) => fc.option(redirection(name), { nil: undefined }))),
    fc.constantFrom("never", "when-sps-silent"),
    fc.boolean(),
    watchdog,
  )
  .map(([all, bypass, trackSps, settings]): Desired => {
    const failMode = bypass === "never" ? {} : { failMode: "open" };
    const redirections = all.filter((one) => one !== undefined).map((one) => ({ ...one, ...failMode }));
    const extend = { firstSequence: 100, lastSequence: 1999 };
    const options = { reloadFallback: false, trackSps, extend };
    const inputs = { redirections, options, persist: false, bypass, watchdog: settings, owner: { id: "0123456789ab" } };
    return desiredFor(inputs as unknown as Parameters<typeof desiredFor>[0]);
  });

/** Enters commands one by one. @throws when the device refuses one or prints anything */
export function enter(
  configuration: Configuration,
  commands: readonly string[],
  afterEach: () => void = () => {},
): void {
  const context: ConfigurationContext = { configuration, place: { mode: "config" } };
  for (const command of commands) {
    if (command === "exit") context.place = { mode: "config" };
    else assert.deepEqual(configureLine(context, command), { output: undefined }, command);
    afterEach();
  }
}

export const found = (configuration: Configuration, spelling: "ios" | "ios-xe") =>
  readRunningConfig(configurationText(configuration, spelling), "router simulated");

function planTo(configuration: Configuration, to: Desired, from: Desired, spelling: "ios" | "ios-xe"): PlannedChanges {
  const scope = { wanted: to, owned: from, isAdopting: false };
  return planChanges(planContext(found(configuration, spelling), scope, "router simulated"));
}

const commandsOf = ({ changes, cleanup }: PlannedChanges) =>
  [...changes, ...cleanup].flatMap(({ commands }) => commands);

interface Packet {
  key: string;
  arrivesOn: string;
  source: number;
  destination: number;
  port: number;
}

/** Each address of the generated entries is read once: packets meet them thousands of times in a case. */
const addresses = new Map<string, number>();

function bitsOf(address: string): number {
  const known = addresses.get(address) ?? addressRange(address).first;
  addresses.set(address, known);
  return known;
}

function isIn(address: number, end: EntryEnd): boolean {
  const wildcard = bitsOf(end.wildcard);
  return (address | wildcard) === (bitsOf(end.address) | wildcard);
}

function isPort({ operator, ports: [first = 0, last = 0] }: EntryEnd, value: number): boolean {
  return operator === undefined || (operator === "range" ? first <= value && value <= last : first === value);
}

/** The next hop that policy routing gives packets of clients; undefined for normal routing. */
function policyOf({ interfaces, accessLists, sequences }: Configuration): (packet: Packet) => string | undefined {
  const lists = new Map(accessLists.map(({ name, lines }) => [name, lines]));
  return ({ arrivesOn, source, destination, port: toPort }) => {
    const policy = interfaces.find(({ name }) => name === arrivesOn)?.policy;
    const sequence = sequences.find(
      ({ map, accessLists: names }) =>
        map === policy &&
        (names.length === 0 ||
          names.some((name) =>
            lists
              .get(name)
              ?.some(
                ({ entry }) =>
                  entry.destination !== undefined &&
                  isPort(entry.destination, toPort) &&
                  isIn(destination, entry.destination) &&
                  isIn(source, entry.source) &&
                  entry.source.operator === undefined,
              ),
          )),
    );
    return sequence && [...sequence.verifiedHops.map(({ address }) => address), ...sequence.nextHops][0];
  };
}

/** One packet for each combination of interface, server network and port. */
function packetsOf({ legs }: Desired): Packet[] {
  return legs
    .filter(({ direction }) => direction === "in")
    .flatMap(({ redirection: { clientInterfaces, serverCidrs, ports } }) =>
      clientInterfaces.flatMap((text) =>
        serverCidrs.flatMap((network) =>
          ports.map((one) => {
            const arrivesOn = text === "Gi2" ? "GigabitEthernet2" : text;
            const destination = network.split("/")[0] ?? "";
            const toPort = Number(String(one).split("-")[0]);
            return {
              key: JSON.stringify([arrivesOn, destination, toPort]),
              arrivesOn,
              source: bitsOf("192.168.50.10"),
              destination: bitsOf(destination),
              port: toPort,
            };
          }),
        ),
      ),
    );
}

const SPELLINGS = ["ios", "ios-xe"] as const;

/** Routers with lines of others, entered once: every case begins with a copy of one. */
const [PLAIN_ROUTER, EXTENDED_ROUTER] = [FOREIGN, [...FOREIGN, ...EXTENDED]].map((lines) => {
  const configuration = initialConfiguration(true);
  enter(configuration, lines);
  return configuration;
}) as [Configuration, Configuration];

/** How many cases, and from which seed. */
export interface Cases {
  numRuns: number;
  seed?: number;
}

/** Reaches every wanted state from every other one without a gap, beside foreign lines, and leaves no trace of it. */
export function reachesEveryState(parameters: Cases): void {
  fc.assert(
    fc.property(wanted, wanted, fc.constantFrom(...SPELLINGS), fc.boolean(), (first, second, spelling, isExtended) => {
      const configuration = structuredClone(isExtended ? EXTENDED_ROUTER : PLAIN_ROUTER);
      const before = configurationText(configuration, spelling);
      const commandsTo = (to: Desired, from: Desired) => commandsOf(planTo(configuration, to, from, spelling));
      const assertReached = (state: Desired) => {
        assert.deepEqual(planTo(configuration, state, state, spelling), { changes: [], cleanup: [] });
        assert.deepEqual(foundRules(state, found(configuration, spelling)), desiredRules(state));
      };
      enter(configuration, commandsTo(first, NOTHING));
      assertReached(first);
      const after = new Set(packetsOf(second).map(({ key }) => key));
      const lasting = packetsOf(first).filter(({ key }) => after.has(key));
      enter(configuration, commandsTo(second, first), () => {
        const nextHop = policyOf(configuration);
        for (const packet of lasting) assert.ok(nextHop(packet) !== undefined, `${packet.key} goes direct`);
      });
      assertReached(second);
      enter(configuration, commandsTo(NOTHING, second));
      assert.equal(configurationText(configuration, spelling), before);
    }),
    parameters,
  );
}

/** Undoes a change that was interrupted at any command. */
export function undoesInterruptedChanges(parameters: Cases): void {
  fc.assert(
    fc.property(wanted, wanted, fc.nat(), fc.boolean(), (first, second, cut, isExtended) => {
      const configuration = structuredClone(isExtended ? EXTENDED_ROUTER : PLAIN_ROUTER);
      enter(configuration, commandsOf(planTo(configuration, first, NOTHING, "ios")));
      const before = configurationText(configuration, "ios");
      const { changes: steps } = planTo(configuration, second, first, "ios");
      const commands = steps.flatMap((step) => step.commands.map((command) => ({ step, command })));
      const done = commands.slice(0, cut % (commands.length + 1));
      enter(
        configuration,
        done.map(({ command }) => command),
      );
      const begun = steps.filter((step) => done.some((one) => one.step === step));
      enter(configuration, undoCommands(begun));
      assert.equal(configurationText(configuration, "ios"), before);
    }),
    parameters,
  );
}
