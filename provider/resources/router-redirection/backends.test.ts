import assert from "node:assert/strict";
import { BACKENDS, type BackendName } from "../../router/linux/backends/names";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionState } from "./schema";

/** What takes one rule of a redirection away by hand. */
const DAMAGE: Record<BackendName, string> = {
  "iptables-nft": "iptables-nft -t mangle -D SPS-R-rdp 1",
  "iptables-legacy": "iptables-legacy -t mangle -D SPS-R-rdp 1",
  nftables:
    "nft delete rule ip SPS-R-rdp prerouting handle $(nft -a list table ip SPS-R-rdp | sed -n 's/.*:client\" # handle //p')",
  "ip-rule": "ip rule del pref 10302 iif rcli ipproto tcp dport 22 to 10.0.0.0/24",
};

/** A redirection that every backend can express, in one of the address modes. */
function redirection(addressMode: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const client = { clientCidrs: ["192.168.50.0/24"], serverInterfaces: ["rsrv"] };
  return { addressMode, existingConnections: "cut", ...(addressMode === "client" && client), ...more };
}

/** Gives iptables of both kinds and nftables something of others to keep, so that the snapshots can be compared. */
const OTHERS = `iptables-legacy -t mangle -A PREROUTING -i none
iptables-nft -t mangle -A PREROUTING -i none
nft add table ip theirs`;

async function audited(router: LabRouter, port: number): Promise<string[]> {
  const before = (await router.network.auditRecords()).length;
  await router.seenAs(port);
  return (await router.network.auditRecords()).slice(before).map(({ server, mode }) => `${server} ${mode}`);
}

async function flap(router: LabRouter): Promise<void> {
  await router.network.setLink("rsps", "down");
  await router.network.setLink("rsps", "up");
}

/** Made, read, repaired, changed, taken over and taken away again, with connections in between. */
async function live(router: LabRouter, backend: BackendName, addressMode: "own" | "client", failMode: string) {
  const clean = await router.snapshot();
  const wanted = (ports: unknown[]) =>
    router.inputsWith(redirection(addressMode, { failMode, ports }), { linux: { backend } });
  const inputs = await wanted([22, 3389]);
  await router.network.setAddressMode(addressMode);
  const made = await resource.create(inputs, router.context());
  const { id } = made;
  assert.deepEqual([made.state.backend, made.state.rules], [backend, inputs.rules]);
  assert.deepEqual(await audited(router, 3389), [`10.0.0.5:3389 ${addressMode}`]);
  assert.deepEqual(await audited(router, 8080), []);
  const read = await resource.read(id, made.state, router.context());
  assert.deepEqual(await resource.diff(id, read?.state ?? made.state, inputs), { changes: false, paths: [] });

  await flap(router);
  await router.run(DAMAGE[backend]);
  assert.deepEqual(await audited(router, 3389), []);
  const damaged = await resource.read(id, made.state, router.context());
  assert.equal(damaged?.state.rules.length, inputs.rules.length - 2);
  const repaired = await resource.update(id, damaged?.state ?? made.state, inputs, router.context());
  assert.deepEqual(await audited(router, 3389), [`10.0.0.5:3389 ${addressMode}`]);

  await flap(router);
  assert.equal(await router.seenAs(3389), failMode === "closed" ? "EHOSTUNREACH" : "client");
  const other = await wanted(["8000-8080", 8081]);
  const changed = await resource.update(id, repaired.state, other, router.context());
  assert.deepEqual(changed.state.rules, other.rules);
  assert.deepEqual(await audited(router, 3389), []);
  assert.deepEqual(await audited(router, 8080), [`10.0.0.5:8080 ${addressMode}`]);

  // As after a state that was lost.
  const adopted = await resource.create({ ...other, adopt: true }, router.context());
  assert.deepEqual(adopted.state.rules, other.rules);
  await resource.delete(id, adopted.state, router.context());
  assert.equal(await resource.read(id, adopted.state, router.context()), undefined);
  assert.equal(await router.snapshot(), clean, "nothing is left");
}

describe("RouterRedirection on a Linux router: every backend", function () {
  this.timeout(60_000);
  let routers: LabRouter[];
  let router: LabRouter;
  let clean = "";

  before(async () => {
    routers = await Promise.all([1, 2, 3, 4].map((number) => LabRouter.start(`backends-${number}`)));
    await Promise.all(routers.map((one) => one.run(OTHERS)));
    router = routers[0] ?? assert.fail("no router");
    clean = await router.snapshot();
  });
  after(async () => {
    await Promise.all(routers.map((one) => one.stop()));
  });
  afterEach(async () => {
    await router.network.setAddressMode("own");
    assert.equal(await router.snapshot(), clean, "nothing is left");
  });

  for (const backend of BACKENDS) {
    it(`${backend} lives its whole life, in both address modes and both fail modes`, async () => {
      const modes = (["own", "client"] as const).flatMap((address) => [
        [address, "closed"] as const,
        [address, "open"] as const,
      ]);
      await Promise.all(
        routers.map(async (one, index) => {
          const [addressMode, failMode] = modes[index] ?? assert.fail("no modes");
          await live(one, backend, addressMode, failMode).catch((error: Error) => {
            throw new Error(`${addressMode} address, fail ${failMode}: ${error.message}`, { cause: error });
          });
        }),
      );
    });
  }

  it("moves from each backend to each other without a connection that goes direct or fails", async () => {
    const using = (backend: BackendName) => router.inputsWith(redirection("own"), { linux: { backend } });
    let { id, state } = await resource.create(await using("ip-rule"), router.context());
    const order: BackendName[] = ["iptables-nft", "iptables-legacy", "nftables", "ip-rule", "nftables"];
    const attempts = router.network.connectRepeatedly("10.0.0.5", 3389, { seconds: 8 });
    const started = Date.now();
    for (const backend of order) {
      const news = await using(backend);
      assert.equal((await resource.diff(id, state, news)).changes, true);
      ({ state } = await resource.update(id, state, news, router.context()));
      assert.deepEqual([state.backend, state.rules], [backend, news.rules]);
    }
    assert.ok(Date.now() - started < 8_000, `${Date.now() - started} ms`);
    const seen = new Map<string, number>();
    for (const attempt of await attempts) {
      const who = attempt.connected ? attempt.peerSeenByServer : attempt.error;
      seen.set(who, (seen.get(who) ?? 0) + 1);
    }
    assert.deepEqual([...seen.keys()], ["172.16.9.2"], JSON.stringify([...seen]));
    await resource.delete(id, state, router.context());
  });

  it("refuses to leave ip-rule for marks that established sessions do not have, and says how to", async () => {
    const before = await router.inputsWith(redirection("own"), { linux: { backend: "ip-rule" } });
    const { id, state } = await resource.create(before, router.context());
    const news = await router.inputsWith({}, { linux: { backend: "nftables" } });
    await assert.rejects(
      resource.update(id, state, news, router.context()),
      /redirection rdp goes from ip-rule to nftables with existingConnections leave, .*; set existingConnections to cut together .* \[SG3109\]$/,
    );
    await resource.delete(id, state, router.context());
  });

  it("refuses a redirection of that name in another backend, and takes it over with adopt", async () => {
    const there = await resource.create(
      await router.inputsWith({}, { linux: { backend: "iptables-legacy" } }),
      router.context(),
    );
    const inputs = await router.inputsWith({}, { linux: { backend: "nftables" } });
    await assert.rejects(
      resource.create(inputs, router.context()),
      /redirection rdp exists already in iptables-legacy, and not in nftables; set linux\.backend to that one, .* \[SG3108\]$/,
    );
    const moved = await resource.create({ ...inputs, adopt: true }, router.context());
    assert.deepEqual([moved.state.backend, moved.state.rules], ["nftables", inputs.rules]);
    assert.deepEqual(
      (await resource.read(there.id, there.state, router.context()))?.state.rules.slice(0, 4),
      inputs.rules.slice(0, 4),
    );
    await resource.delete(moved.id, moved.state, router.context());
  });

  it("chooses the router's iptables, says why, and nftables where there is none", async () => {
    const made = await resource.create(await router.inputs(), router.context());
    assert.equal(made.state.backend, "iptables-nft");
    assert.ok(
      router.log.some((line) => /backend iptables-nft: it is what the router's command iptables uses$/.test(line)),
    );
    await resource.delete(made.id, made.state, router.context());
    const programs = ["xtables-nft-multi", "xtables-legacy-multi"].map((name) => `/usr/sbin/${name}`);
    await router.runOverSsh(programs.map((path) => `mount --bind /dev/null ${path}`).join("\n"));
    try {
      const without = await resource.create(await router.inputs(), router.context());
      assert.equal(without.state.backend, "nftables");
      assert.match(without.state.backendReason, /^iptables (is missing|cannot be run)$/);
      assert.equal(await router.seenAs(), "sps");
      await resource.delete(without.id, without.state, router.context());
      const wasThere: RouterRedirectionState = { ...without.state, backend: "iptables-nft" };
      await assert.rejects(
        resource.read(without.id, wasThere, router.context()),
        /backend iptables-nft: iptables (is missing|cannot be run); .*\[SG3101\]$/,
      );
    } finally {
      await router.runOverSsh(programs.map((path) => `umount ${path}`).join("\n"));
    }
  });
});
