import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

/** What the vendor's guide has an administrator type. */
function recipe(tool: string, mode: "own" | "client"): string {
  return `${tool} -t mangle -I PREROUTING -i rcli -p tcp -d 10.0.0.0/24 --dport 3389 -j CONNMARK --set-mark 1
${mode === "client" ? `${tool} -t mangle -I PREROUTING -i rsrv -p tcp -s 10.0.0.0/24 --sport 3389 -j CONNMARK --set-mark 1` : ""}
${tool} -t mangle -A PREROUTING ! -i rsps -m connmark --mark 1 -j MARK --set-mark 1
ip route add default via 172.16.9.2 table 103
ip rule add from all fwmark 1 table 103
`;
}

/** Takes away what is left of it. */
const AWAY = `for tool in iptables-nft iptables-legacy; do $tool -t mangle -F; $tool -t mangle -X; done
ip route flush table 103; while ip rule del fwmark 1 table 103 2>/dev/null; do :; done`;

describe("RouterRedirection on a Linux router: the vendor's manual recipe", function () {
  this.timeout(30_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("recipe", "iptables-legacy -t mangle -S >/dev/null");
  });
  after(async () => {
    await router.stop();
  });
  afterEach(async () => {
    await router.run(AWAY);
    await router.network.setAddressMode("own");
    await router.assertClean();
  });

  for (const [tool, mode, backend] of [
    ["iptables-nft", "own", "auto"],
    ["iptables-nft", "client", "nftables"],
    ["iptables-legacy", "own", "iptables-nft"],
    ["iptables-nft", "own", "ip-rule"],
  ] as const) {
    it(`adopts a manual ${tool} setup into ${backend} (mode ${mode}) without losing sessions`, async () => {
      await router.run(recipe(tool, mode));
      await router.network.setAddressMode(mode);
      const spoofing = { addressMode: "client", clientCidrs: ["192.168.50.0/24"] };
      const parts = {
        ...(mode === "client" && spoofing),
        existingConnections: backend === "ip-rule" ? "cut" : "leave",
      };
      const session = await router.network.openFromClient("10.0.0.5", 3389);
      const inputs = await router.inputsWith(parts, { linux: { mark: 1, backend }, adopt: true });
      router.log.splice(0);
      const { id, state } = await router.whileConnecting(() => resource.create(inputs, router.context()));
      assert.deepEqual(state.rules, rulesOf(inputs));
      assert.doesNotMatch(router.log.join("\n"), /warn: .*rule "/, "no warning about the rules that it replaces");
      await session.ping();
      await session.close();
      const snapshot = await router.snapshot();
      assert.doesNotMatch(snapshot, /0xffffffff|table 103 |lookup 103 /);
      await resource.delete(id, state, router.context());
    });
  }

  it("refuses a manual setup without adopt and leaves it unchanged", async () => {
    await router.run(recipe("iptables", "own"));
    const before = await router.snapshot();
    await assert.rejects(
      resource.create(await router.inputs(), router.context()),
      /the vendor's manual recipe in iptables-nft \(mark 1, table 103, to 172\.16\.9\.2\) matches the same traffic; set adopt: true .* \[SG3205\]$/,
    );
    assert.equal(await router.snapshot(), before);
    const elsewhere = await resource.create(await router.inputsWith({ ports: [8080] }), router.context());
    await resource.delete(elsewhere.id, elsewhere.state, router.context());
    assert.equal(await router.snapshot(), before, "other traffic does not mind it");
  });

  const select = "-i rcli -p tcp -d 10.0.0.0/24 --dport 3389";
  const mark = "-j CONNMARK --set-mark 1";
  const restore = "iptables -t mangle -A PREROUTING ! -i rsps -m connmark --mark 1 -j MARK --set-mark 1";
  const variants: [what: string, script: string][] = [
    ["--syn", `iptables -t mangle -I PREROUTING ${select} --syn ${mark}\n${restore}`],
    ["--ctstate NEW", `iptables -t mangle -I PREROUTING ${select} -m conntrack --ctstate NEW ${mark}\n${restore}`],
    [
      "masks",
      `iptables -t mangle -I PREROUTING ${select} ${mark}/0xff
iptables -t mangle -A PREROUTING ! -i rsps -m connmark --mark 1/0xff -j MARK --set-mark 1/0xff`,
    ],
    [
      "a chain of its own",
      `iptables -t mangle -N SCB; iptables -t mangle -A SCB ${select} ${mark}; iptables -t mangle -I PREROUTING -j SCB\n${restore}`,
    ],
    [
      "--restore-mark",
      `iptables -t mangle -I PREROUTING ${select} ${mark}; iptables -t mangle -A PREROUTING ! -i rsps -j CONNMARK --restore-mark`,
    ],
    ["marks of packets only", `iptables -t mangle -I PREROUTING ${select} -j MARK --set-mark 1`],
  ];
  for (const [what, script] of variants) {
    it(`names a manual setup with ${what}, and refuses it with and without adopt`, async () => {
      await router.run(
        `${script}\nip route add default via 172.16.9.2 table 103; ip rule add from all fwmark 1 table 103`,
      );
      assert.equal(await router.seenAs(), "sps");
      for (const adopt of [false, true]) {
        await assert.rejects(
          resource.create(await router.inputs({ adopt, linux: { mark: 1 } }), router.context()),
          /a hand-made redirection in another form than the vendor's recipe matches the same traffic: rule "-A \S+ .*" marks it, and policy rule ".*" sends it to rsps; remove it on the router; it cannot be taken over with adopt \[SG3205\]$/,
        );
      }
      const other = await resource.create(await router.inputsWith({ ports: [8080] }), router.context());
      await resource.delete(other.id, other.state, router.context());
    });
  }

  it("refuses an adoption that bypasses SPS for some traffic or breaks sessions", async () => {
    await router.run(`${recipe("iptables", "own")}
iptables -t mangle -I PREROUTING -i rcli -p tcp -d 10.0.7.0/24 --dport 22 -j CONNMARK --set-mark 1`);
    const linux = { mark: 1 };
    await assert.rejects(
      resource.create(await router.inputs({ linux, adopt: true }), router.context()),
      /its rule "-A PREROUTING -d 10\.0\.7\.0\/24 -i rcli .*" matches traffic of no redirection to 172\.16\.9\.2; add that traffic .*\[SG3205\]$/,
    );
    await router.run("iptables -t mangle -D PREROUTING 1");
    await assert.rejects(
      resource.create(await router.inputs({ adopt: true }), router.context()),
      /its sessions have mark 1, but redirection rdp has mark 2; set linux\.mark to 1 .*\[SG3109\]$/,
    );
  });

  it("shows a manual setup beside a redirection as drift, and the next update adopts it", async () => {
    const inputs = await router.inputs({ linux: { mark: 1 }, adopt: true });
    const { id, state } = await resource.create(inputs, router.context());
    await router.run(recipe("iptables", "own"));
    const found = await resource.read(id, state, router.context());
    const extra = found?.state.rules.filter((rule) => !rulesOf(inputs).includes(rule)) ?? [];
    assert.deepEqual(
      extra.map((rule) => rule.endsWith("(manual recipe)")),
      [true, true],
    );
    const updated = await resource.update(id, found?.state ?? state, inputs, router.context());
    assert.deepEqual(updated.state.rules, rulesOf(inputs));
    await resource.delete(id, updated.state, router.context());
  });

  it("restores the manual setup when the changes are rolled back", async () => {
    await router.run(recipe("iptables", "own"));
    const before = await router.snapshot();
    const inputs = await router.inputs({ linux: { mark: 1 }, adopt: true, probe: { path: "required" } });
    await router.network.setRelayServing(false);
    await assert.rejects(resource.create(inputs, router.context()), /everything was rolled back; .*\[SG3306\]$/);
    await router.network.setRelayServing(true);
    assert.equal((await router.snapshot()).split("\n").sort().join("\n"), before.split("\n").sort().join("\n"));
    assert.equal(await router.seenAs(), "sps");
  });
});
