import assert from "node:assert/strict";
import { BACKENDS } from "../../router/linux/model/backend-names";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

/** The warning about a policy rule that the cases below add. */
const POLICY_RULE = /policy rule "priority 100 .*" precedes the rule of the redirection/;

/** Deletes everything that the cases add. */
const CLEAN = `nft flush ruleset
for table in raw mangle nat filter; do iptables-legacy -t $table -F; iptables-legacy -t $table -X; done
ip -4 rule flush; ip -4 rule add pref 32766 lookup 254; ip -4 rule add pref 32767 lookup 253; ip -4 rule add pref 0 lookup 255 2>/dev/null
ip -4 route flush table 77; ip link del dummy9 2>/dev/null
sysctl -qw net.ipv6.conf.all.forwarding=0
for name in rcli rsrv; do ip -6 addr flush dev $name scope global; done`;

const FORWARD_DROP = `iptables -P FORWARD DROP
iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A FORWARD -i rcli -o rsrv -j ACCEPT`;

/** How a client of the redirection fares: recorded with its own address, or not. */
type Truth = "recorded" | "as another" | "unrecorded" | "other way";

interface Case {
  what: string;
  script: string;
  truth: Truth;
  found: RegExp;
}

const CASES: Case[] = [
  {
    what: "a source NAT on the way to SPS",
    script: "iptables -t nat -A POSTROUTING -s 192.168.50.0/24 -j MASQUERADE",
    truth: "as another",
    found: /rule "nat: -A POSTROUTING -s 192\.168\.50\.0\/24 -j MASQUERADE" changes the source address of clients/,
  },
  {
    what: "a source NAT of nftables on the way to SPS",
    script:
      "nft 'add table ip n; add chain ip n p { type nat hook postrouting priority 100; }; add rule ip n p oifname != \"rsrv\" ip daddr 10.0.0.0/8 masquerade'",
    truth: "as another",
    found: /rule "nft ip n: oifname != rsrv ip daddr 10\.0\.0\.0\/8 masquerade" changes the source address/,
  },
  {
    what: "a destination NAT to a protected server",
    script: "iptables -t nat -A PREROUTING -d 192.168.50.1 -p tcp --dport 3389 -j DNAT --to-destination 10.0.0.5:3389",
    truth: "other way",
    found: /rule "nat: -A PREROUTING -d 192\.168\.50\.1\/32 .*" leads clients to a server of redirection rdp/,
  },
  {
    what: "a policy rule for a client",
    script: "ip rule add pref 100 from 192.168.50.10 lookup main",
    truth: "unrecorded",
    found: POLICY_RULE,
  },
  {
    what: "a policy rule that suppresses default routes",
    script: "ip rule add pref 100 lookup main suppress_prefixlength 0",
    truth: "unrecorded",
    found: POLICY_RULE,
  },
  {
    what: "a negated policy rule",
    script: "ip rule add pref 100 not from 10.9.0.0/16 lookup main",
    truth: "unrecorded",
    found: POLICY_RULE,
  },
  {
    what: "a policy rule by protocol and port",
    script: "ip rule add pref 100 ipproto tcp dport 3389 lookup main",
    truth: "unrecorded",
    found: POLICY_RULE,
  },
  {
    what: "a policy rule by interface with a table of its own",
    script: "ip route add 10.0.0.0/24 dev rsrv table 77; ip rule add pref 100 iif rcli lookup 77",
    truth: "unrecorded",
    found: POLICY_RULE,
  },
  {
    what: "a reverse-path filter of iptables",
    script: "iptables -t raw -A PREROUTING -m rpfilter --invert -j DROP",
    truth: "unrecorded",
    found: /rule "raw: -A PREROUTING -m rpfilter --invert -j DROP" drops packets .* SPS→client/,
  },
];

/** Rules that connections pass unharmed. */
const HEALTHY: [what: string, script: string][] = [
  ["mark rules for UDP", "iptables -t mangle -A PREROUTING -p udp -j MARK --set-mark 0x1f"],
  [
    "comments that contain rule text",
    'iptables -A FORWARD -p udp -m comment --comment "-j MARK --set-mark 0x2 -j DROP" -j ACCEPT; iptables -t mangle -A PREROUTING -m comment --comment "x -j CT --notrack" -j RETURN',
  ],
  [
    "rules for other clients",
    "iptables -A FORWARD -s 192.168.99.0/24 -j DROP; ip rule add pref 100 from 192.168.99.0/24 lookup main",
  ],
  [
    "a policy rule to a table without a route",
    "ip route add 100.64.0.0/10 dev rmgt table 77; ip rule add pref 100 lookup 77",
  ],
  [
    "a policy DROP with rules for both legs",
    `${FORWARD_DROP}; iptables -A FORWARD -i rcli -o rsps -j ACCEPT; iptables -A FORWARD -i rsps -o rsrv -p tcp --dport 3389 -j ACCEPT`,
  ],
  ["a source NAT for another network", "iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE"],
];

describe("RouterRedirection on a Linux router: rules of other programs", function () {
  this.timeout(60_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("neighbours", "iptables-legacy -t mangle -S >/dev/null");
    await router.run(CLEAN);
    await router.noteClean();
  });
  after(async () => {
    await router.stop();
  });
  beforeEach(() => router.log.splice(0));
  afterEach(async () => {
    await router.run(CLEAN);
    await router.assertClean();
  });

  /** What becomes of a connection of the client. */
  async function truth(): Promise<Truth> {
    const before = (await router.network.auditRecords()).length;
    await router.seenAs();
    const [record] = (await router.network.auditRecords()).slice(before);
    if (!record) return "unrecorded";
    return record.client.startsWith("192.168.50.10:") ? "recorded" : "as another";
  }

  const warned = () =>
    router.log.filter((line) => line.startsWith("warn: ") && !line.includes("not proved")).join("\n");

  async function previewed(linux: Record<string, unknown>): Promise<string> {
    const { failures, notes } = await resource.preview(
      undefined,
      { ...(await router.inputsWith({ existingConnections: "cut" }, { linux })), preview: "auto" } as never,
      router.context(),
    );
    return [...failures.map(({ reason }) => reason), ...notes.map(({ severity, text }) => `${severity}: ${text}`)].join(
      "\n",
    );
  }

  for (const { what, script, truth: expected, found } of CASES) {
    it(`finds ${what}, in preview, create and refresh`, async () => {
      const backend = BACKENDS[CASES.findIndex((one) => one.what === what) % BACKENDS.length] ?? "auto";
      const inputs = await router.inputsWith({ existingConnections: "cut" }, { linux: { backend } });
      const { id, state } = await resource.create(inputs, router.context());
      assert.equal(await truth(), "recorded");
      assert.equal(warned(), "");
      await router.run(script);
      if (expected !== "other way") assert.equal(await truth(), expected);
      else
        assert.equal((await router.network.connectFromClient("192.168.50.1", 3389)).peerSeenByServer, "192.168.50.10");
      await resource.read(id, state, router.context());
      assert.match(warned(), found);
      await resource.delete(id, state, router.context());
      assert.match(await previewed({ backend }), found);
    });
  }

  it("does not repeat in the change what a proof before it has told", async () => {
    await router.run("iptables -t nat -A POSTROUTING -s 192.168.50.0/24 -j MASQUERADE");
    const context = router.context();
    const inputs = await router.inputs({ preview: "always" });
    const { notes } = await resource.preview(undefined, inputs, context);
    const told = notes.filter(({ severity }) => severity === "warning").map(({ text }) => text);
    assert.ok(told.length > 0);
    for (const text of told) context.deployment.toldWarnings.add(text);
    router.log.splice(0);
    const { id, state } = await resource.create(inputs, context);
    assert.doesNotMatch(warned(), /changes the source address/);
    await resource.delete(id, state, router.context());
  });

  for (const [what, script] of HEALTHY) {
    it(`is silent about ${what}`, async () => {
      await router.run(script);
      const { id, state } = await resource.create(await router.inputs(), router.context());
      assert.equal(await truth(), "recorded");
      await resource.read(id, state, router.context());
      assert.equal(warned(), "");
      await resource.delete(id, state, router.context());
    });
  }

  it("refuses a redirection whose traffic a filter drops, and reports a filter that comes later", async () => {
    await router.run(FORWARD_DROP);
    const refused =
      /rule "iptables-nft filter: policy DROP of FORWARD" drops packets of redirection rdp on the way client→SPS and SPS→server; accept TCP between rcli and rsps, and between rsps and .* before it \[SG3207\]$/;
    await assert.rejects(resource.create(await router.inputs(), router.context()), refused);
    assert.match(await previewed({ backend: "nftables" }), /\[SG3207\]/);
    await router.run("iptables -A FORWARD -i rcli -o rsps -j ACCEPT");
    await assert.rejects(
      resource.create(await router.inputs(), router.context()),
      /on the way SPS→server; .*\[SG3207\]$/,
    );
    await router.run("iptables -A FORWARD -i rsps -o rsrv -j ACCEPT");
    const { id, state } = await resource.create(await router.inputs(), router.context());
    assert.deepEqual([await truth(), warned()], ["recorded", ""]);
    await router.run("iptables -D FORWARD -i rsps -o rsrv -j ACCEPT");
    assert.equal(await truth(), "recorded", "SPS accepts, and cannot connect");
    await resource.read(id, state, router.context());
    assert.match(warned(), /policy DROP of FORWARD" drops packets of redirection rdp on the way SPS→server;/);
    const { state: updated } = await resource.update(
      id,
      state,
      await router.inputsWith({ ports: [22] }),
      router.context(),
    );
    await resource.delete(id, updated, router.context());
  });

  it("reports IPv6 between the networks of clients and servers until it is dropped", async () => {
    const { id, state } = await resource.create(await router.inputs(), router.context());
    await router.run(`sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.rcli.disable_ipv6=0 net.ipv6.conf.rsrv.disable_ipv6=0
sysctl -qw net.ipv6.conf.all.forwarding=1
ip -6 addr add fd00:50::1/64 dev rcli nodad; ip -6 addr add fd00:10::1/64 dev rsrv nodad`);
    await resource.read(id, state, router.context());
    assert.match(warned(), /the router forwards IPv6 from rcli to rsrv, which redirection rdp does not cover/);
    router.log.splice(0);
    await router.run("ip6tables -A FORWARD -i rcli -p tcp -m multiport --dports 22,3389 -j DROP");
    await resource.read(id, state, router.context());
    assert.equal(warned(), "");
    await resource.delete(id, state, router.context());
  });

  for (const [what, rule, failed] of [
    ["one port of clients direct", "ipproto tcp dport 8080 lookup main", "192.168.50.2 on rcli elsewhere: 10.0.0.2 "],
    [
      "answers of SPS nowhere",
      "from 10.0.0.0/24 iif rsps unreachable",
      "packets from SPS with source 10.0.0.2 elsewhere: ",
    ],
    [
      "connections of SPS nowhere",
      "iif rsps ipproto tcp dport 3389 prohibit",
      "packets from SPS with source 172.16.9.2 else",
    ],
  ] as const) {
    it(`proves no path when a policy rule by protocol or port sends ${what}`, async () => {
      await router.run(`ip rule add pref 100 ${rule}`);
      const inputs = await router.inputsWith({ ports: [3389, 8080] }, { probe: { path: "required" } });
      await assert.rejects(resource.create(inputs, router.context()), (error: Error) => {
        assert.ok(error.message.includes(`(the router routes ${failed}`), error.message);
        assert.match(error.message, /everything was rolled back; .*\[SG3306\]$/);
        return true;
      });
    });
  }

  for (const tool of ["iptables-nft", "iptables-legacy"] as const) {
    it(`puts its jump in front again when a chain before it accepts known connections with ${tool}`, async () => {
      const inputs = await router.inputs({ linux: { backend: tool } });
      const { id, state } = await resource.create(inputs, router.context());
      for (const rule of ["-m conntrack --ctstate RELATED,ESTABLISHED", "-p tcp --dport 3389 -m ttl --ttl-gt 1"]) {
        await router.run(
          `${tool} -t mangle -N XX; ${tool} -t mangle -A XX ${rule} -j ACCEPT; ${tool} -t mangle -I PREROUTING 1 -j XX`,
        );
        assert.notEqual(await truth(), "recorded");
        const found = await resource.read(id, state, router.context());
        assert.match(found?.state.rules.join("\n") ?? "", /never reached: behind -j XX/);
        await resource.update(id, found?.state ?? state, inputs, router.context());
        assert.equal(await truth(), "recorded");
        await router.run(`${tool} -t mangle -D PREROUTING -j XX; ${tool} -t mangle -F XX; ${tool} -t mangle -X XX`);
      }
      await resource.delete(id, state, router.context());
    });
  }
});
