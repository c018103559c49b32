import assert from "node:assert/strict";
import type { AddressMode } from "../../../lab/network/audit";
import { rulesOf } from "../../../tests/support/planned-rules";
import { BACKENDS, type BackendName } from "../../router/linux/model/backend-names";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

/** One way to redirect; every one of them has to go through the same life. */
interface Way {
  backend: BackendName;
  addressMode: AddressMode;
  failMode: "closed" | "open";
}

/** What every backend can be at once. */
const MODES: Omit<Way, "backend">[] = [
  { addressMode: "own", failMode: "closed" },
  { addressMode: "own", failMode: "open" },
  { addressMode: "client", failMode: "closed" },
  { addressMode: "client", failMode: "open" },
];

/** What takes one rule of a redirection away by hand. */
const DAMAGE: Record<BackendName, string> = {
  "iptables-nft": "iptables-nft -t mangle -D SPS-R-rdp 1",
  "iptables-legacy": "iptables-legacy -t mangle -D SPS-R-rdp 1",
  nftables:
    "nft delete rule ip SPS-R-rdp prerouting handle $(nft -a list table ip SPS-R-rdp | sed -n 's/.*:client\" # handle //p')",
  "ip-rule": "ip rule del pref 10302 iif rcli ipproto tcp dport 3389 to 10.0.0.0/24",
};

/** Gives iptables of both kinds and nftables something of others to keep, so that the snapshots can be compared. */
const OTHERS = `iptables-legacy -t mangle -A PREROUTING -i none
iptables-nft -t mangle -A PREROUTING -i none
nft add table ip theirs`;

/** The life of one redirection: made, read, changed, taken over, damaged, repaired and taken away again. */
async function live(router: LabRouter, { backend, addressMode, failMode }: Way): Promise<void> {
  await router.noteClean();
  await router.network.setAddressMode(addressMode);
  const client = { clientCidrs: ["192.168.50.0/24"], serverInterfaces: ["rsrv"] };
  // Policy rules can only cut; of the others half do as they do by default.
  const existingConnections = backend === "ip-rule" || failMode === "open" ? "cut" : "leave";
  const traffic = { addressMode, failMode, existingConnections, ...(addressMode === "client" && client) };
  const wanted = (ports: (number | string)[]) => router.inputsWith({ ...traffic, ports }, { linux: { backend } });
  const peer = addressMode === "own" ? "sps" : "client";
  const isAudited = async (port: number) =>
    assert.deepEqual(await seen(router, port), [peer, `10.0.0.5:${port} ${addressMode}`]);
  const isDirect = async (port: number) => assert.deepEqual(await seen(router, port), ["client"]);

  const inputs = await wanted([22, 3389]);
  const { id, state: made } = await resource.create(inputs, router.context());
  assert.deepEqual([made.linuxStatus?.backend, made.rules], [backend, rulesOf(inputs)]);
  await isAudited(3389);
  await isDirect(8080);

  const read = await resource.read(id, made, router.context());
  assert.deepEqual(
    resource.diff(id, read?.state ?? made, inputs).map(({ path }) => path),
    [],
  );
  const there = await router.snapshot();
  await resource.update(id, made, inputs, router.context());
  assert.match(router.log.at(-1) ?? "", /in sync, nothing to change$/);
  assert.equal(await router.snapshot(), there);

  const other = await wanted([3389, "8000-8080", 8081]);
  const taken = await router.whileConnecting(async () => {
    const { state } = await resource.update(id, made, other, router.context());
    assert.deepEqual(state.rules, rulesOf(other));
    // As after a state that was lost.
    return await resource.create({ ...other, adopt: true }, router.context());
  });
  assert.deepEqual(taken.state.rules, rulesOf(other));
  await isAudited(8080);
  await isDirect(22);

  await router.network.setLink("rsps", "down");
  await router.network.setLink("rsps", "up");
  assert.deepEqual(await seen(router, 3389), [failMode === "closed" ? "EHOSTUNREACH" : "client"]);
  await router.run(DAMAGE[backend]);
  // Policy rules know of no connections: with the way to SPS gone, they still refuse what the server answers.
  const isStranded = backend === "ip-rule" && addressMode === "client" && failMode === "closed";
  assert.deepEqual(await seen(router, 3389, 0.3), [isStranded ? "ETIMEDOUT" : "client"]);
  const damaged = await resource.read(id, taken.state, router.context());
  assert.equal(damaged?.state.rules.length, rulesOf(other).length - 2);
  const repaired = await resource.update(id, damaged.state, other, router.context());
  assert.deepEqual(repaired.state.rules, rulesOf(other));
  await isAudited(3389);

  await resource.delete(id, repaired.state, router.context());
  assert.equal(await resource.read(id, repaired.state, router.context()), undefined);
  await isDirect(3389);
  await router.assertClean();
}

/** Who the server saw, and what SPS recorded of that connection. */
async function seen(router: LabRouter, port: number, timeoutSeconds = 1): Promise<string[]> {
  const before = (await router.network.auditRecords()).length;
  const peer = await router.seenAs(port, timeoutSeconds);
  const records = (await router.network.auditRecords()).slice(before);
  return [peer, ...records.map(({ server, mode }) => `${server} ${mode}`)];
}

describe("RouterRedirection on a Linux router: every backend, address mode and fail mode", function () {
  this.timeout(60_000);
  let routers: LabRouter[];

  before(async () => {
    routers = await Promise.all(MODES.map((_, index) => LabRouter.start(`matrix-${index}`, OTHERS)));
  });
  after(async () => {
    await Promise.all(routers.map((one) => one.stop()));
  });

  for (const backend of BACKENDS) {
    it(`redirects to SPS with ${backend} through a whole life cycle without a gap`, async () => {
      const lives = MODES.map(async (modes, index) => {
        const router = routers[index] ?? assert.fail("no router");
        await live(router, { backend, ...modes }).catch((error: Error) => {
          throw new Error(`${JSON.stringify(modes)}: ${error.message}`, { cause: error });
        });
      });
      // All of them come to an end before one is told.
      await Promise.allSettled(lives);
      await Promise.all(lives);
    });
  }
});
