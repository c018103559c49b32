import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { AddressMode } from "../../../lab/network/audit";
import { rulesOf } from "../../../tests/support/planned-rules";
import { type OperationContext, operationContext } from "../../core/context";
import { messageOf, PartialFailure } from "../../core/errors";
import type { RouterPlatform } from "../../router/platform";
import { routerRedirection as resource } from "./operations";
import type { PlatformBed } from "./platform-beds.test";
import { SECOND_SPS_ADDRESS } from "./platform-lab.test";
import type { RouterRedirectionKnown } from "./schema";

type Parts = Record<string, unknown>;

/** What a case does with a bed. */
export interface Given extends PlatformBed {
  platform: RouterPlatform;
  /** Checked inputs of the case, with one redirection that differs from the usual one. */
  inputs(redirection?: Parts, more?: Parts): Promise<RouterRedirectionKnown>;
  /** The context of the resource in a stack of this name. */
  context(stack?: string): OperationContext;
}

/** A test that every platform passes, or refuses in previews for the reason in its table of capabilities. */
export interface PlatformCase {
  title: string;
  /** The row of the table, and the word that it must have when it is a list. */
  needs?: { row: string; word?: string; path: string };
  /** What the case asks for. */
  redirection?(bed: PlatformBed): Parts;
  more?: Parts;
  run(given: Given): Promise<void>;
}

/** What takes little time, in every run of the tests. */
export const CASES: readonly PlatformCase[] = [
  {
    title: "redirects to SPS, reads back what is planned, changes nothing twice, and leaves no trace",
    async run({ platform, lab, inputs: inputsOf, context, changesDuring }) {
      const inputs = await inputsOf();
      let made: Awaited<ReturnType<typeof resource.create>> | undefined;
      const changes = await changesDuring(async () => {
        made = await resource.create(inputs, context());
      });
      assert.ok(made && changes.length > 0);
      const { id, state } = made;
      const rules = rulesOf(inputs, platform);
      assert.deepEqual([state.rules, resource.diff(id, state, inputs)], [rules, []]);
      const audited = (await lab.network?.auditRecords())?.length ?? 0;
      assert.deepEqual([await lab.seenAs(3389), await lab.seenAs(8080)], ["sps", "client"]);
      assert.equal((await lab.network?.auditRecords())?.length, audited + 1);
      const read = await resource.read(id, state, context());
      assert.deepEqual([read?.inputs, read?.state.rules], [inputs, rules]);
      assert.deepEqual(await changesDuring(() => resource.update(id, state, inputs, context())), []);

      await resource.delete(id, state, context());
      assert.equal(await lab.seenAs(), "client");
      assert.equal(await resource.read(id, state, context()), undefined);
      assert.deepEqual(await changesDuring(() => resource.delete(id, state, context())), []);
    },
  },
  {
    title: "finds what was broken by hand, and repairs it",
    async run({ platform, lab, inputs: inputsOf, context, damage }) {
      const inputs = await inputsOf();
      const { id, state } = await resource.create(inputs, context());
      await damage();
      assert.notEqual(await lab.seenAs(), "sps");
      const read = await resource.read(id, state, context());
      assert.ok(read);
      assert.match(
        resource
          .diff(id, read.state, inputs)
          .map(({ path }) => path)
          .join(),
        /^rules\[\d+\]/,
      );
      const repaired = await resource.update(id, read.state, inputs, context());
      assert.deepEqual(repaired.state.rules, rulesOf(inputs, platform));
      assert.equal(await lab.seenAs(), "sps");
      await resource.delete(id, repaired.state, context());
    },
  },
  {
    title: "keeps the addresses of clients",
    needs: { row: "`addressMode`", word: "`client`", path: "redirections[0].addressMode" },
    redirection: ({ serverInterface }) => ({ addressMode: "client", serverInterfaces: [serverInterface] }),
    async run({ lab, inputs, context }) {
      await lab.network?.setAddressMode("client");
      const { id, state } = await resource.create(await inputs(), context());
      const before = (await lab.network?.auditRecords())?.length ?? 0;
      assert.equal(await lab.seenAs(), "client");
      const records = ((await lab.network?.auditRecords()) ?? []).slice(before);
      await lab.network?.setAddressMode("own");
      assert.deepEqual(
        records.map(({ server, mode }) => `${server} ${mode}`),
        ["10.0.0.5:3389 client"],
      );
      await resource.delete(id, state, context());
    },
  },
  {
    title: "lets no connection pass while the link to SPS is down",
    needs: { row: "`failMode`", word: "`closed`", path: "redirections[0].failMode" },
    redirection: () => ({ failMode: "closed" }),
    async run({ lab, inputs, context }) {
      const { id, state } = await resource.create(await inputs(), context());
      await lab.network?.setLink("rsps", "down");
      assert.match(await lab.seenAs(3389, 0.3), /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNREFUSED)$/);
      await lab.network?.setLink("rsps", "up");
      await resource.delete(id, state, context());
    },
  },
  {
    title: "passes connections directly while the link to SPS is down",
    needs: { row: "`failMode`", word: "`open`", path: "redirections[0].failMode" },
    redirection: () => ({ failMode: "open" }),
    async run({ lab, inputs, context }) {
      const { id, state } = await resource.create(await inputs(), context());
      assert.equal(await lab.seenAs(), "sps");
      await lab.network?.setLink("rsps", "down");
      assert.equal(await lab.seenAs(), "client");
      await lab.network?.setLink("rsps", "up");
      await resource.delete(id, state, context());
    },
  },
  {
    title: "refuses the redirection of another stack unless it adopts it, which the other then leaves alone",
    needs: { row: "`adopt: true`", path: "adopt" },
    more: { adopt: true },
    async run({ lab, inputs, context, configuration }) {
      const mine = await resource.create(await inputs({}, { adopt: false }), context());
      const before = await configuration();
      const refused = await inputs({}, { adopt: false });
      assert.equal(await codeOf(resource.create(refused, context("other"))), "SG3201");
      assert.equal(await configuration(), before);
      const adopted = await resource.create(await inputs(), context("other"));
      await resource.delete(mine.id, mine.state, context());
      assert.equal(await lab.seenAs(), "sps");
      await resource.delete(adopted.id, adopted.state, context("other"));
    },
  },
  {
    title: "refuses interfaces and an SPS that do not fit the router, before it changes anything",
    async run({ inputs, context, changesDuring, missingInterface }) {
      const changes = await changesDuring(async () => {
        for (const [code, redirection] of [
          ["SG3103", { clientInterfaces: [missingInterface] }],
          ["SG3106", { spsAddress: "172.16.8.2" }],
          ["SG3107", { spsAddress: "172.16.9.1" }],
        ] as const) {
          assert.equal(await codeOf(resource.create(await inputs(redirection), context())), code);
        }
      });
      assert.deepEqual(changes, []);
    },
  },
];

/** What waits, or what more features need. */
export const SLOW_CASES: readonly PlatformCase[] = [
  {
    title: "keeps a redirection across a restart of the router",
    needs: { row: "`persist: true`", path: "persist" },
    more: { persist: true },
    async run({ platform, lab, inputs: inputsOf, context, restart }) {
      const inputs = await inputsOf();
      const { id, state } = await resource.create(inputs, context());
      await restart();
      assert.equal(await lab.seenAs(), "sps");
      assert.deepEqual((await resource.read(id, state, context()))?.state.rules, rulesOf(inputs, platform));
      await resource.delete(id, state, context());
    },
  },
  {
    title: "leaves existing connections direct",
    needs: { row: '`existingConnections: "leave"`', path: "redirections[0].existingConnections" },
    redirection: () => ({ existingConnections: "leave" }),
    async run({ lab, inputs, context }) {
      const session = await lab.network?.openFromClient("10.0.0.5", 3389);
      const { id, state } = await resource.create(await inputs(), context());
      await session?.ping();
      assert.equal(await lab.seenAs(), "sps");
      await session?.close();
      await resource.delete(id, state, context());
    },
  },
  {
    title: "cuts existing connections",
    redirection: () => ({ existingConnections: "cut" }),
    async run({ lab, inputs, context }) {
      const session = await lab.network?.openFromClient("10.0.0.5", 3389);
      const { id, state } = await resource.create(await inputs(), context());
      assert.ok(session);
      await assert.rejects(session.ping(2));
      assert.equal(await lab.seenAs(), "sps");
      await resource.delete(id, state, context());
    },
  },
  {
    title: "waits before a removal until sessions through SPS have ended",
    needs: { row: '`removal.connections: "drain"`', path: "removal.connections" },
    more: { removal: { connections: "drain", drainSeconds: 30 } },
    async run({ lab, inputs, context }) {
      const { id, state } = await resource.create(await inputs(), context());
      const session = await lab.network?.openFromClient("10.0.0.5", 3389);
      let isRemoved = false;
      const removing = resource.delete(id, state, context()).then(() => {
        isRemoved = true;
      });
      await until(lab, "client");
      await session?.ping();
      assert.equal(isRemoved, false);
      await session?.close();
      await removing;
    },
  },
  {
    title: "passes connections directly while SPS is silent",
    needs: { row: '`bypass: "when-sps-silent"`', path: "bypass" },
    redirection: () => ({ failMode: "open" }),
    more: { bypass: "when-sps-silent", watchdog: { intervalSeconds: 1, missedProbes: 1 } },
    async run({ lab, inputs, context }) {
      const { id, state } = await resource.create(await inputs(), context());
      assert.equal(await lab.seenAs(), "sps");
      await lab.network?.setLink("sps0", "down");
      await until(lab, "client");
      await lab.network?.setLink("sps0", "up");
      await until(lab, "sps");
      await resource.delete(id, state, context());
    },
  },
  {
    title: "rolls back when SPS must answer and does not",
    needs: { row: '`probe.path: "required"`', path: "probe.path" },
    more: { probe: { path: "required" } },
    run: ({ inputs, context }) => rollsBack(inputs({ spsAddress: "172.16.9.77" }), context()),
  },
  {
    title: "rolls back when a client must have connected and none has",
    needs: { row: '`probe.traffic: "required"`', path: "probe.traffic" },
    more: { probe: { traffic: "required", trafficSeconds: 1 } },
    run: ({ inputs, context }) => rollsBack(inputs(), context()),
  },
  {
    title: "confirms a change after which the router still reaches a probed host",
    needs: { row: "`probe.hosts`", path: "probe.hosts" },
    more: { probe: { hosts: [{ address: "10.0.0.5" }] } },
    run: confirms,
  },
  {
    title: "confirms a change after which the router still reaches a port of a probed host",
    needs: { row: "`probe.hosts[].port`", path: "probe.hosts[0].port" },
    more: { probe: { hosts: [{ address: "10.0.0.5", port: 3389 }] } },
    run: ({ inputs, rootShell, ...given }) => confirms({ ...given, inputs: () => inputs({}, rootShell) }),
  },
];

/** One kind of update: what differs from the usual redirection after it. */
export interface UpdateKind {
  title: string;
  needs?: PlatformCase["needs"];
  to: Parts | ((bed: Pick<PlatformBed, "serverInterface">) => Parts);
  /** Whose address SPS uses from just before the update on, or from just after it. */
  spsMode?: { before?: AddressMode; after?: AddressMode };
}

const SERVERS = ["10.0.0.5/32", "10.0.0.6/32"];
const FAIL_MODE = { row: "`failMode`", word: "`closed`", path: "redirections[0].failMode" };

const CLIENT_MODE = { row: "`addressMode`", word: "`client`", path: "redirections[0].addressMode" };
const toClientMode =
  (parts: Parts = {}) =>
  ({ serverInterface }: Pick<PlatformBed, "serverInterface">): Parts => ({
    addressMode: "client",
    serverInterfaces: [serverInterface],
    ...parts,
  });
const OTHER_ADDRESS = { spsAddress: SECOND_SPS_ADDRESS };

/** Other ways to SPS, which has two addresses here. A router sends no answers to SPS before SPS asks in the name of clients. */
export const SPS_UPDATES: readonly UpdateKind[] = [
  { title: "another address of SPS", to: OTHER_ADDRESS },
  { title: "the first address of SPS", to: {} },
  { title: "addressMode client", needs: CLIENT_MODE, to: toClientMode(), spsMode: { after: "client" } },
  { title: "another address of SPS with addressMode client", needs: CLIENT_MODE, to: toClientMode(OTHER_ADDRESS) },
  { title: "the first address of SPS with addressMode client", needs: CLIENT_MODE, to: toClientMode() },
  { title: "addressMode own and another address", needs: CLIENT_MODE, to: OTHER_ADDRESS, spsMode: { before: "own" } },
  {
    title: "addressMode client and the first address",
    needs: CLIENT_MODE,
    to: toClientMode(),
    spsMode: { after: "client" },
  },
  { title: "addressMode own", needs: CLIENT_MODE, to: {}, spsMode: { before: "own" } },
];

/** Makes an update of a kind while a client connects in a tight loop. */
export async function updateWhileConnecting<T>(
  lab: PlatformBed["lab"],
  { title, spsMode = {} }: UpdateKind,
  update: () => Promise<T>,
): Promise<T> {
  if (spsMode.before) await lab.network?.setAddressMode(spsMode.before);
  const updated = await lab.whileConnecting(update).catch((error: Error) => {
    throw new Error(`update to ${title}: ${error.message}`, { cause: error });
  });
  if (spsMode.after) await lab.network?.setAddressMode(spsMode.after);
  return updated;
}

/** Each update begins where the one before it has ended. */
export const UPDATE_KINDS: readonly UpdateKind[] = [
  ...SPS_UPDATES,
  { title: "another port", to: { ports: [3389, 8080] } },
  { title: "a range of ports", to: { ports: ["3388-3391"] } },
  { title: "narrower networks of servers", to: { serverCidrs: SERVERS } },
  { title: "wider networks of servers", to: {} },
  { title: "other networks of clients", to: { clientCidrs: ["192.168.50.0/27", "192.168.50.64/26"] } },
  { title: "failMode open", needs: FAIL_MODE, to: { failMode: "open" } },
  { title: "failMode closed", needs: FAIL_MODE, to: { failMode: "closed" } },
];

async function confirms({ lab, inputs, context }: Given): Promise<void> {
  const { id, state } = await resource.create(await inputs(), context());
  assert.ok(state.confirmedAt);
  assert.equal(await lab.seenAs(), "sps");
  await resource.delete(id, state, context());
}

/** Creates, which must fail with a rollback of everything. */
async function rollsBack(inputs: Promise<RouterRedirectionKnown>, context: OperationContext): Promise<void> {
  assert.equal(await codeOf(resource.create(await inputs, context)), "SG3306");
}

/** The error code of work that fails without a state to record. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => assert.fail("the work succeeded"),
    (failure: unknown) => failure,
  );
  assert.ok(!(error instanceof PartialFailure), messageOf(error));
  return /\[(SG\d+)\]$/.exec(messageOf(error))?.[1] ?? messageOf(error);
}

/** Waits until the server sees this client, at most for 30 s. */
async function until(lab: PlatformBed["lab"], wanted: string): Promise<void> {
  const end = performance.now() + 30_000;
  let seen = "";
  while (seen !== wanted && performance.now() < end) {
    seen = await lab.seenAs();
    await pause(50);
  }
  assert.equal(seen, wanted);
}

/** The context of the resource in a stack of this name. */
export function contextOf(lab: PlatformBed["lab"], stack: string): OperationContext {
  const { log } = lab.context();
  const urn = `urn:pulumi:${stack}::tests::safeguard:RouterRedirection::router`;
  return operationContext({ log, resource: { name: "router", urn } });
}
