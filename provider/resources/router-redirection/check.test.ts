import assert from "node:assert/strict";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import { type Log, operationContext, silentLog } from "../../core/context";
import type { Settings } from "../../core/settings";
import { UNKNOWN } from "../../core/unknown";
import { HOST_KEY_FORM } from "../../ssh/host-keys/host-key";
import { routerRedirection } from "./operations";
import { hostKey, program, redirection } from "./program.test";

async function refusals(parts: Record<string, unknown>): Promise<string[]> {
  const { failures } = await checkAndPreview(routerRedirection, {}, program(parts), operationContext());
  for (const { path, reason } of failures) {
    assert.ok(path !== "" && reason.includes(path), `${path}: ${reason}`);
    assert.doesNotMatch(reason, /hunter2|\n/);
  }
  return failures.map(({ reason }) => reason);
}

const ofRedirection = (parts: Record<string, unknown>) => refusals({ redirections: [redirection(parts)] });

describe("RouterRedirection: the input check", () => {
  it("fills in defaults and computes the rules in canonical order", async () => {
    const { inputs, outputs, failures } = await checkAndPreview(routerRedirection, {}, program(), operationContext());
    assert.deepEqual(failures, []);
    assert.deepEqual(inputs, {
      platform: "linux",
      router: {
        address: "10.0.0.1",
        port: 22,
        username: "root",
        password: "hunter2",
        hostKey,
        insecureSkipVerify: false,
      },
      redirections: [
        {
          ...redirection(),
          ports: [22, 3389],
          addressMode: "own",
          failMode: "closed",
          existingConnections: "leave",
        },
      ],
      linux: { backend: "auto" },
      commitConfirm: { windowSeconds: 60 },
      probe: { hosts: [], path: "whenPossible", traffic: "whenPossible" },
      preview: "never",
      persist: false,
      bypass: "never",
      watchdog: { intervalSeconds: 5, missedProbes: 3 },
      removal: { connections: "cut", drainSeconds: 300 },
      adopt: false,
    });
    assert.deepEqual(outputs, {
      rules: [
        "route: default via 172.16.9.2 dev rsps table 10302 proto 103",
        "route: unreachable default metric 4294967295 table 10302 proto 103",
        "rp_filter: rsps not strict",
        "rule: pref 10302 fwmark 0x2/0xff lookup 10302 protocol 103",
        'mangle: -A SPS-R-rdp -d 10.0.0.0/24 -i rcli -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m multiport --dports 22,3389 -m comment --comment "sps:rdp:client" -j CONNMARK --set-xmark 0x2/0xff',
        'mangle: -A SPS-R-rdp ! -i rsps -m connmark --mark 0x2/0xff -m comment --comment "sps:rdp:restore" -j MARK --set-xmark 0x2/0xff',
        'mangle: -A PREROUTING -m comment --comment "sps:rdp" -j SPS-R-rdp',
      ],
    });
    assert.deepEqual(JSON.parse(JSON.stringify(inputs)), inputs);
  });

  it("marks SPS's connections with client addresses, and existing ones with cut", async () => {
    const parts = {
      addressMode: "client",
      clientCidrs: ["192.168.50.0/24"],
      existingConnections: "cut",
      failMode: "open",
    };
    const { outputs } = await checkAndPreview(
      routerRedirection,
      {},
      program({ redirections: [redirection(parts)] }),
      operationContext(),
    );
    assert.deepEqual((outputs.rules as string[]).slice(0, -2), [
      "route: default via 172.16.9.2 dev rsps table 10302 proto 103",
      "rp_filter: rsps not strict",
      "rule: pref 10302 fwmark 0x2/0xff lookup 10302 protocol 103",
      'mangle: -A SPS-R-rdp -s 192.168.50.0/24 -d 10.0.0.0/24 -i rcli -p tcp -m multiport --dports 22,3389 -m comment --comment "sps:rdp:client" -j CONNMARK --set-xmark 0x2/0xff',
      'mangle: -A SPS-R-rdp -s 192.168.50.0/24 -d 10.0.0.0/24 -i rsps -p tcp -m multiport --dports 22,3389 -m comment --comment "sps:rdp:sps" -j CONNMARK --set-xmark 0x2/0xff',
    ]);
  });

  it("lets previews check the router by default, unless a setting or the program says otherwise", () => {
    const previewOf = (parts: Record<string, unknown>, settings: Settings) =>
      routerRedirection.check(program({ preview: undefined, ...parts }), operationContext({ settings })).inputs.preview;
    assert.equal(previewOf({}, {}), "auto");
    assert.equal(previewOf({}, { preview: "never" }), "never");
    assert.equal(previewOf({ preview: "always" }, { preview: "never" }), "always");
  });

  it("returns the same inputs for every order of the same redirections", async () => {
    const list = [
      redirection(),
      redirection({ name: "vnc", ports: ["5900-5910"], serverCidrs: ["10.0.9.0/24", "10.0.10.0/24"] }),
    ];
    const turned = [
      redirection({ name: "vnc", ports: ["5900-5910"], serverCidrs: ["10.0.10.0/24", "10.0.9.0/24"] }),
      redirection({ ports: [22, 3389] }),
    ];
    const one = await checkAndPreview(routerRedirection, {}, program({ redirections: list }), operationContext());
    const other = await checkAndPreview(routerRedirection, {}, program({ redirections: turned }), operationContext());
    assert.deepEqual(other, one);
  });

  it("returns its own result unchanged when it checks that result again", async () => {
    const first = await checkAndPreview(routerRedirection, {}, program(), operationContext());
    const { inputs } = first;
    assert.deepEqual(await checkAndPreview(routerRedirection, inputs, inputs, operationContext()), first);
  });

  it("accepts unknown inputs and shows no rules while the rules depend on them", async () => {
    for (const parts of [
      { redirections: UNKNOWN },
      { redirections: [UNKNOWN] },
      { redirections: [redirection({ spsAddress: UNKNOWN })] },
      { redirections: [redirection({ serverCidrs: ["10.0.0.0/24", UNKNOWN] })] },
      { linux: UNKNOWN },
      { linux: { mark: UNKNOWN } },
    ]) {
      const { outputs, failures } = await checkAndPreview(routerRedirection, {}, program(parts), operationContext());
      assert.deepEqual(failures, []);
      assert.equal(outputs.rules, UNKNOWN);
    }
  });

  it("shows the rules although the router's connection is unknown", async () => {
    for (const router of [UNKNOWN, { address: UNKNOWN, password: UNKNOWN, hostKey: UNKNOWN }]) {
      const { outputs, failures } = await checkAndPreview(
        routerRedirection,
        {},
        program({ router }),
        operationContext(),
      );
      assert.deepEqual(failures, []);
      assert.equal((outputs.rules as string[]).length, 7);
    }
  });

  it("refuses platforms that do not exist", async () => {
    assert.deepEqual(await refusals({ platform: "vyos" }), [
      "Invalid value for platform: vyos. Allowed values are: linux, cisco-ios, sophos-utm, check-point.",
    ]);
  });

  it("refuses properties that do not exist", async () => {
    assert.deepEqual(await ofRedirection({ port: 22 }), ["Unknown property redirections[0].port. Did you mean ports?"]);
  });

  const badValues: [property: string, value: unknown, path: string][] = [
    ["name", "RDP", "name: RDP"],
    ["name", "a-name-of-21-letters-", "name: a-name-of-21-letters-"],
    ["clientInterfaces", ["eth+"], "clientInterfaces[0]: eth+"],
    ["clientInterfaces", ["a23456789012345x"], "clientInterfaces[0]: a23456789012345x"],
    ["clientInterfaces", ["all"], "clientInterfaces[0]: all"],
    ["clientInterfaces", ["../eth0"], "clientInterfaces[0]: ../eth0"],
    ["clientInterfaces", ["-eth0"], "clientInterfaces[0]: -eth0"],
    ["clientInterfaces", [], "clientInterfaces"],
    ["clientInterfaces", undefined, "clientInterfaces: it is missing"],
    ["spsInterface", "$(reboot)", "spsInterface: $(reboot)"],
    ["serverCidrs", ["10.0.0.5/24"], "serverCidrs[0]: 10.0.0.5/24"],
    ["serverCidrs", ["fd00::/64"], "serverCidrs[0]: fd00::/64"],
    ["serverCidrs", ["0.0.0.0/0"], "serverCidrs[0]: 0.0.0.0/0"],
    ["serverCidrs", ["10.0.0.0"], "serverCidrs[0]: 10.0.0.0"],
    ["clientCidrs", ["224.0.0.0/4"], "clientCidrs[0]: 224.0.0.0/4"],
    ["spsAddress", "fe80::1", "spsAddress: fe80::1"],
    ["spsAddress", "127.0.0.1", "spsAddress: 127.0.0.1"],
    ["spsAddress", "172.16.9.2/24", "spsAddress: 172.16.9.2/24"],
    ["ports", [22, 0], "ports[1]: 0"],
    ["ports", [70000], "ports[0]: 70000"],
    ["ports", ["22"], 'ports[0]: "22", which is text'],
    ["ports", ["5910-5900"], "ports[0]: 5910-5900"],
    ["addressMode", "spoofed", "addressMode: spoofed"],
    ["failMode", "ajar", "failMode: ajar"],
    ["existingConnections", "drain", "existingConnections: drain"],
  ];
  for (const [property, value, shown] of badValues) {
    it(`refuses ${property} ${JSON.stringify(value)}`, async () => {
      const [only, ...more] = await ofRedirection({ [property]: value });
      assert.deepEqual(more, []);
      const expected = `Invalid value for redirections[0].${shown}. Allowed values are: `;
      assert.ok(only?.startsWith(expected), `${only} should start with ${expected}`);
    });
  }

  it("refuses numbers that exceed the range of the kernel or of the packet marks", async () => {
    for (const [linux, shown] of [
      [{ mark: 0 }, "linux.mark: 0"],
      [{ mark: 256 }, "linux.mark: 256"],
      [{ table: 254 }, "linux.table: 254"],
      [{ priority: 32766 }, "linux.priority: 32766"],
      [{ backend: "iptables" }, "linux.backend: iptables"],
    ] as const) {
      const [only] = await refusals({ linux });
      assert.ok(only?.startsWith(`Invalid value for ${shown}. Allowed values are: `), only);
    }
  });

  it("refuses inputs that the ip-rule backend cannot express, and names the remedy", async () => {
    const linux = { backend: "ip-rule" };
    const reasons = await refusals({
      linux,
      redirections: [redirection({ addressMode: "client", clientCidrs: ["192.168.50.0/24"] })],
    });
    assert.equal(reasons.length, 2);
    assert.match(
      reasons[0] ?? "",
      /^redirections\[0\]\.existingConnections: .*; set existingConnections to cut, or choose another backend$/,
    );
    assert.match(
      reasons[1] ?? "",
      /^redirections\[0\]\.serverInterfaces: it is missing; .*; name them, or choose another backend$/,
    );
    const cutting = (ports: unknown[]) => ({
      linux,
      redirections: [redirection({ existingConnections: "cut", ports })],
    });
    assert.deepEqual(await refusals(cutting([22, "1024-65534"])), []);
    for (const ports of [[65535], [22, "1024-65535"]]) {
      const [reason = ""] = await refusals(cutting(ports));
      assert.match(reason, /^redirections\[0\]\.ports: Linux refuses policy rules for port 65535; leave it out, or /);
    }
  });

  it("refuses conflicting redirections and names the property of the later one", async () => {
    const twice = [redirection(), redirection({ ports: [8080] })];
    assert.match((await refusals({ redirections: twice }))[0] ?? "", /^redirections\[1\]\.name: rdp is used twice/);
    const overlap = [redirection(), redirection({ name: "x", spsAddress: "172.16.9.3" })];
    assert.match(
      (await refusals({ redirections: overlap }))[0] ?? "",
      /^redirections\[1\]: overlaps with redirection rdp/,
    );
    const twins = [redirection(), redirection({ name: "x", ports: [1], spsAddress: "172.17.0.2", spsInterface: "s1" })];
    assert.match(
      (await refusals({ redirections: twins }))[0] ?? "",
      /^redirections\[1\]\.spsAddress: 172\.17\.0\.2 and 172\.16\.9\.2/,
    );
  });

  it("requires a credential and a complete host key, and shows neither", async () => {
    assert.deepEqual(await refusals({ router: { address: "10.0.0.1", hostKey } }), [
      "router: no password, private key or agent is set; set password, passwordEnv, passwordFile, privateKey, privateKeyEnv, privateKeyFile or agent",
    ]);
    const [reason] = await refusals({
      router: { address: "10.0.0.1", password: "hunter2", hostKey: "ssh-ed25519 AAAA" },
    });
    assert.match(
      reason ?? "",
      /^Invalid value for router\.hostKey\. Allowed values are: a public host key in one line/,
    );
    const [password] = await refusals({ router: { address: "10.0.0.1", password: { vault: "hunter2" }, hostKey } });
    assert.match(password ?? "", /^Invalid value for router\.password\. Allowed values are: /);
  });

  it("accepts known hosts instead of a host key, but not both and not without a key", async () => {
    const router = { address: "10.0.0.1", password: "hunter2" };
    for (const known of [{ knownHosts: `10.0.0.1 ${hostKey}\n` }, { knownHostsFile: "known_hosts" }]) {
      const { inputs, failures } = await checkAndPreview(
        routerRedirection,
        {},
        program({ router: { ...router, ...known } }),
        operationContext(),
      );
      assert.deepEqual(failures, []);
      const {
        port: _port,
        username: _name,
        insecureSkipVerify: _verify,
        ...rest
      } = inputs.router as object & Record<string, unknown>;
      assert.deepEqual(rest, { ...router, ...known });
    }
    assert.deepEqual(await refusals({ router: { ...router, hostKey, knownHostsFile: "known_hosts" } }), [
      "router: both hostKey and knownHostsFile are set; set only one of them",
    ]);
    for (const knownHosts of ["10.0.0.1", "", { path: "known_hosts" }, { file: "" }, 7]) {
      const [reason, ...others] = await refusals({ router: { ...router, knownHosts } });
      const allowed = "lines as in ~/.ssh/known_hosts; or set knownHostsFile instead";
      assert.match(reason ?? "", /^Invalid value for router\.knownHosts/);
      assert.ok(reason?.endsWith(`Allowed values are: ${allowed}.`));
      assert.deepEqual(others, []);
    }
  });

  it("accepts a jump host with the router's properties and names invalid ones", async () => {
    const router = { address: "10.0.0.1", agent: true, hostKey };
    const jumpHost = { address: "bastion.example", privateKeyEnv: "KEY", passphrase: "hunter2", hostKey };
    const { inputs, failures } = await checkAndPreview(
      routerRedirection,
      {},
      program({ router: { ...router, jumpHost } }),
      operationContext(),
    );
    assert.deepEqual(failures, []);
    assert.deepEqual((inputs.router as Record<string, unknown>).jumpHost, {
      ...jumpHost,
      port: 22,
      username: "root",
      insecureSkipVerify: false,
    });
    const wrong = async (parts: object) =>
      await refusals({ router: { ...router, jumpHost: { ...jumpHost, ...parts } } });
    const cases: [object, string][] = [
      [
        { privateKeyEnv: undefined, passphrase: undefined },
        "router.jumpHost: no password, private key or agent is set; set password, passwordEnv, passwordFile, privateKey, privateKeyEnv, privateKeyFile or agent",
      ],
      [
        { privateKeyEnv: undefined, agent: true, agentSocket: "/run/agent" },
        "router.jumpHost: passphrase is set without privateKey; set privateKey or privateKeyEnv or privateKeyFile, or remove passphrase",
      ],
      [
        { agentSocket: "/run/agent" },
        "router.jumpHost: agentSocket is set without agent; set agent, or remove agentSocket",
      ],
      [{ agentKey: "work" }, "router.jumpHost: agentKey is set without agent; set agent, or remove agentKey"],
      [
        { agent: true, agentKey: "ssh-ed25519 AAAA" },
        `Invalid value for router.jumpHost.agentKey. Allowed values are: ${HOST_KEY_FORM}, a fingerprint "SHA256:…", or a comment.`,
      ],
      [
        { privateKey: "hunter2", privateKeyFile: "key" },
        "router.jumpHost: privateKey, privateKeyEnv and privateKeyFile are set; set only one of them",
      ],
      [{ knownHostsFile: "x" }, "router.jumpHost: both hostKey and knownHostsFile are set; set only one of them"],
      [{ agent: 7 }, "Invalid value for router.jumpHost.agent: 7. Allowed values are: true, false."],
      [{ jumpHost }, "Unknown property router.jumpHost.jumpHost. Remove it or correct its name."],
      [
        { passphrase: ["hunter2"] },
        "Invalid value for router.jumpHost.passphrase. Allowed values are: text that is not empty; or set passphraseEnv or passphraseFile instead.",
      ],
    ];
    for (const [parts, reason] of cases) assert.deepEqual(await wrong(parts), [reason]);
  });

  it("requires a commit window above trafficSeconds and a backend that tracks connections", async () => {
    const waiting = (probe: object, windowSeconds: number, more: object = {}) =>
      refusals({ probe, commitConfirm: { windowSeconds }, ...more });
    assert.deepEqual(await waiting({ traffic: "required" }, 10), [
      "probe.trafficSeconds: 10, the default with traffic required, is not less than commitConfirm.windowSeconds 10; lower it, or raise commitConfirm.windowSeconds",
    ]);
    assert.deepEqual(await waiting({ trafficSeconds: 60 }, 60), [
      "probe.trafficSeconds: 60 is not less than commitConfirm.windowSeconds 60; lower it, or raise commitConfirm.windowSeconds",
    ]);
    assert.deepEqual(await waiting({ traffic: "required", trafficSeconds: 9 }, 10), []);
    assert.deepEqual(await waiting({ traffic: "off", trafficSeconds: 60 }, 10), []);
    const policyRules = { redirections: [redirection({ existingConnections: "cut" })], linux: { backend: "ip-rule" } };
    const [reason, ...others] = await waiting({ traffic: "required" }, 60, policyRules);
    assert.match(reason ?? "", /^probe\.traffic: backend ip-rule tracks no connections, .*another backend$/);
    assert.deepEqual(others, []);
    assert.deepEqual(await waiting({ traffic: "whenPossible" }, 60, policyRules), []);
    const unknown = await refusals({ probe: { traffic: "required", trafficSeconds: UNKNOWN }, commitConfirm: UNKNOWN });
    assert.deepEqual(unknown, []);
  });

  it("warns in every preview about an unverified router and a host key not yet learned", async () => {
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (message) => warnings.push(message) };
    const router = { address: "10.0.0.1", password: "hunter2" };
    await checkAndPreview(
      routerRedirection,
      {},
      program({ router: { ...router, insecureSkipVerify: true } }),
      operationContext({ log }),
    );
    await checkAndPreview(routerRedirection, {}, program({ router }), operationContext({ log }));
    assert.equal(warnings.length, 2);
    assert.match(warnings[0] ?? "", /^router\.insecureSkipVerify is true: the identity of 10\.0\.0\.1 /);
    assert.match(warnings[1] ?? "", /^router\.hostKey is missing: the connection to 10\.0\.0\.1 will be refused/);
  });
});
