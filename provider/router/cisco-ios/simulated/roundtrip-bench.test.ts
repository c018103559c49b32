import assert from "node:assert/strict";
import fc from "fast-check";
import type { EntryEnd } from "../../../../lab/cisco-ios/access-list";
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
  arrivesOn: string;
  source: string;
  destination: string;
  port: number;
}

/** The next hop that policy routing gives a packet of a client; undefined for normal routing. */
function nextHop({ interfaces, accessLists, sequences }: Configuration, packet: Packet): string | undefined {
  const policy = interfaces.find(({ name }) => name === packet.arrivesOn)?.policy;
  const isIn = (address: string, end: EntryEnd) => {
    const bits = (text: string) => addressRange(text).first;
    return (bits(address) | bits(end.wildcard)) === (bits(end.address) | bits(end.wildcard));
  };
  const isPort = ({ operator, ports: [first = 0, last = 0] }: EntryEnd, value: number) =>
    operator === undefined || (operator === "range" ? first <= value && value <= last : first === value);
  const sequence = sequences
    .filter(({ map }) => map === policy)
    .find(
      ({ accessLists: names }) =>
        names.length === 0 ||
        names.some((name) =>
          accessLists
            .find((list) => list.name === name)
            ?.lines.some(
              ({ entry: { source, destination } }) =>
                destination !== undefined &&
                isIn(packet.source, source) &&
                isIn(packet.destination, destination) &&
                source.operator === undefined &&
                isPort(destination, packet.port),
            ),
        ),
    );
  return sequence && [...sequence.verifiedHops.map(({ address }) => address), ...sequence.nextHops][0];
}

/** One packet for each combination of interface, server network and port. */
function packetsOf({ legs }: Desired): Packet[] {
  return legs
    .filter(({ direction }) => direction === "in")
    .flatMap(({ redirection: { clientInterfaces, serverCidrs, ports } }) =>
      clientInterfaces.flatMap((text) =>
        serverCidrs.flatMap((network) =>
          ports.map((one) => ({
            arrivesOn: text === "Gi2" ? "GigabitEthernet2" : text,
            source: "192.168.50.10",
            destination: network.split("/")[0] ?? "",
            port: Number(String(one).split("-")[0]),
          })),
        ),
      ),
    );
}

const SPELLINGS = ["ios", "ios-xe"] as const;

/** How many cases, and from which seed. */
export interface Cases {
  numRuns: number;
  seed?: number;
}

/** Reaches every wanted state from every other one without a gap, beside foreign lines, and leaves no trace of it. */
export function reachesEveryState(parameters: Cases): void {
  fc.assert(
    fc.property(wanted, wanted, fc.constantFrom(...SPELLINGS), fc.boolean(), (first, second, spelling, isExtended) => {
      const configuration = initialConfiguration(true);
      enter(configuration, [...FOREIGN, ...(isExtended ? EXTENDED : [])]);
      const before = configurationText(configuration, spelling);
      const commandsTo = (to: Desired, from: Desired) => commandsOf(planTo(configuration, to, from, spelling));
      const assertReached = (state: Desired) => {
        assert.deepEqual(planTo(configuration, state, state, spelling), { changes: [], cleanup: [] });
        assert.deepEqual(foundRules(state, found(configuration, spelling)), desiredRules(state));
      };
      enter(configuration, commandsTo(first, NOTHING));
      assertReached(first);
      const lasting = packetsOf(first).filter((packet) => {
        const isSame = (other: Packet) => JSON.stringify(other) === JSON.stringify(packet);
        return packetsOf(second).some(isSame);
      });
      enter(configuration, commandsTo(second, first), () => {
        for (const packet of lasting) {
          assert.notEqual(nextHop(configuration, packet), undefined, `${JSON.stringify(packet)} goes direct`);
        }
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
      const configuration = initialConfiguration(true);
      enter(configuration, isExtended ? [...FOREIGN, ...EXTENDED] : []);
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
