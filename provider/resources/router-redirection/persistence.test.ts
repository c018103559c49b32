import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { PartialFailure } from "../../core/errors";
import { BOOT, LabRouter, RESTART } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionKnown, RouterRedirectionState } from "./schema";

const HOOKS = {
  NetworkManager: "/etc/NetworkManager/dispatcher.d/90-sps-redirect rsps up",
  "networkd-dispatcher": "IFACE=rsps /etc/networkd-dispatcher/routable.d/90-sps-redirect",
  ifupdown: "IFACE=rsps MODE=start /etc/network/if-up.d/sps-redirect",
};

/** A router on which one or more of them work. All of it lies in the router's own /etc and /run. */
const WITHOUT_ANY = `rm -rf /run/systemd /etc/NetworkManager /etc/networkd-dispatcher /etc/network
rm -f /usr/local/sbin/*`;
const WITH = {
  systemd: "mkdir -p /run/systemd/system /etc/systemd/system",
  NetworkManager: "mkdir -p /etc/NetworkManager/dispatcher.d; ln -s /bin/true /usr/local/sbin/NetworkManager",
  "networkd-dispatcher":
    "mkdir -p /etc/networkd-dispatcher/routable.d; ln -s /bin/true /usr/local/sbin/networkd-dispatcher",
  ifupdown: "mkdir -p /etc/network/if-up.d; ln -s /bin/true /usr/local/sbin/ifup",
};

describe("RouterRedirection on a Linux router: restarts", function () {
  this.timeout(60_000);
  let router: LabRouter;
  let clean = "";

  before(async () => {
    router = await LabRouter.start("persistence");
    await router.runOverSsh("mount -t tmpfs tmpfs /usr/local/sbin");
    clean = await kernel();
  });
  after(async () => {
    await router.stop();
  });
  beforeEach(() => {
    router.log.splice(0);
    return having("systemd", "ifupdown");
  });
  afterEach(async () => {
    assert.equal(await kernel(), clean, "nothing is left in the kernel");
    assert.equal(await files(), "", "no file is left");
  });

  async function having(...means: (keyof typeof WITH)[]): Promise<void> {
    await router.runOverSsh([WITHOUT_ANY, ...means.map((name) => WITH[name])].join("\n"));
  }

  /** What redirections could touch there, without the numbers that nft gives anew each time. */
  async function kernel(): Promise<string> {
    return (await router.snapshot()).replaceAll(/ # handle \d+$/gm, "");
  }

  async function files(): Promise<string> {
    return await router.runOverSsh("find /etc -name '*sps-redirect*' -o -path '/etc/sps-redirect/*' | sort");
  }

  const persisting = (redirection: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
    router.inputsWith(redirection, { persist: true, ...more });

  async function partial(work: Promise<unknown>): Promise<{ state: RouterRedirectionState; reason: string }> {
    const error: unknown = await work.catch((reason: unknown) => reason);
    assert.ok(error instanceof PartialFailure, String(error));
    return { state: error.state as unknown as RouterRedirectionState, reason: error.reasons[0] ?? "" };
  }

  async function reread(id: string, state: RouterRedirectionState, wanted: RouterRedirectionKnown) {
    const found = await resource.read(id, state, router.context());
    assert.deepEqual(found?.inputs, wanted);
    return found?.state;
  }

  const ways: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ["iptables-nft", {}, {}],
    ["iptables-legacy", {}, {}],
    ["nftables", {}, { failMode: "open" }],
    ["ip-rule", {}, { existingConnections: "cut" }],
    ["iptables-nft", { strict: true }, { addressMode: "client", clientCidrs: ["192.168.50.0/24"] }],
  ];
  for (const [backend, { strict }, redirection] of ways) {
    it(`restores the confirmed rules with ${backend}${strict ? ", client addresses and strict source checks" : ""}`, async () => {
      if (strict) await router.run("echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter");
      if (strict) await router.network.setAddressMode("client");
      const inputs = await persisting(redirection, { linux: { backend } });
      assert.equal(rulesOf(inputs).at(-1), "persist: redirection rdp");
      const { id, state } = await resource.create(inputs, router.context());
      assert.deepEqual(state.rules, rulesOf(inputs));
      assert.deepEqual(state.linuxStatus?.persistedBy, ["systemd", "ifupdown"]);
      const confirmed = await kernel();
      await router.run(RESTART);
      assert.equal(await router.seenAs(), "client", "a restart leaves nothing");
      await router.runOverSsh(BOOT);
      assert.equal(await kernel(), confirmed);
      await reread(id, state, inputs);
      const audited = (await router.network.auditRecords()).length;
      assert.equal(await router.seenAs(), strict ? "client" : "sps");
      assert.equal((await router.network.auditRecords()).length, audited + 1);
      await router.runOverSsh(BOOT);
      assert.equal(await kernel(), confirmed, "once more changes nothing");
      await resource.delete(id, state, router.context());
      if (strict) await router.run("echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter");
      await router.network.setAddressMode("own");
    });
  }

  it("restores the watchdog at a restart, but not before the network is up", async () => {
    const watchdog = { bypass: "when-sps-silent", watchdog: { intervalSeconds: 1, missedProbes: 1 } };
    const inputs = await persisting({}, watchdog);
    const { id, state } = await resource.create(inputs, router.context());
    await router.run(RESTART);
    await router.runOverSsh("/bin/sh /etc/sps-redirect/run early");
    assert.equal(await router.run("ls /run/sps-redirect 2>/dev/null; true"), "owner.rdp\n");
    await router.runOverSsh(BOOT);
    await reread(id, state, inputs);
    const pid = await router.run("cat /run/sps-redirect/watchdog.10302/pid");
    await router.runOverSsh(BOOT);
    assert.equal(await router.run("cat /run/sps-redirect/watchdog.10302/pid"), pid, "once more leaves it alone");
    await resource.delete(id, state, router.context());
  });

  it("restores the route to SPS by any hook after its own link was down, not another link", async () => {
    const hooks = Object.keys(HOOKS) as (keyof typeof HOOKS)[];
    await having(...hooks);
    const { id, state } = await resource.create(await persisting(), router.context());
    assert.deepEqual(state.linuxStatus?.persistedBy, hooks);
    const confirmed = await kernel();
    const path = "export PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    const awaited =
      "n=0; until ip route show table 10302 | grep -q via; do n=$((n+1)); [ $n -lt 100 ] || exit 1; sleep 0.05; done";
    for (const command of Object.values(HOOKS)) {
      await router.network.setLink("rsps", "down");
      await router.network.setLink("rsps", "up");
      await router.runOverSsh(`${path}\n${command.replaceAll("rsps", "rcli")}; sleep 0.3`);
      assert.equal(await router.seenAs(), "EHOSTUNREACH");
      await router.runOverSsh(`${path}\n${command}\n${awaited}`);
      assert.equal(await router.seenAs(), "sps");
      assert.equal(await kernel(), confirmed);
    }
    await resource.delete(id, state, router.context());
  });

  it("writes only files readable by root alone and a unit valid for systemd", async () => {
    await having("systemd", "NetworkManager", "networkd-dispatcher", "ifupdown");
    const { id, state } = await resource.create(await persisting(), router.context());
    assert.deepEqual(state.linuxStatus?.persistedBy, ["systemd", "NetworkManager", "networkd-dispatcher", "ifupdown"]);
    assert.equal(
      await router.runOverSsh(
        "find /etc -name '*sps-redirect*' -o -path '/etc/sps-redirect/*' | sort | xargs stat -c '%A %u %n'",
      ),
      `-rwx------ 0 /etc/NetworkManager/dispatcher.d/90-sps-redirect
-rwx------ 0 /etc/network/if-up.d/sps-redirect
-rwx------ 0 /etc/networkd-dispatcher/routable.d/90-sps-redirect
drwx------ 0 /etc/sps-redirect
-rw------- 0 /etc/sps-redirect/rdp.sh
-rwx------ 0 /etc/sps-redirect/run
lrwxrwxrwx 0 /etc/systemd/system/multi-user.target.wants/sps-redirect-early.service
lrwxrwxrwx 0 /etc/systemd/system/multi-user.target.wants/sps-redirect.service
-rw-r--r-- 0 /etc/systemd/system/sps-redirect-early.service
-rw-r--r-- 0 /etc/systemd/system/sps-redirect.service
`,
    );
    const verify =
      "command -v systemd-analyze >/dev/null || exit 0; systemd-analyze verify multi-user.target sps-redirect.service sps-redirect-early.service 2>&1 | grep sps-redirect || true";
    assert.equal(await router.runOverSsh(verify), "");
    await resource.delete(id, state, router.context());
  });

  it("blocks traffic from before the network is up until the route to SPS exists", async () => {
    const { id, state } = await resource.create(await persisting(), router.context());
    const confirmed = await kernel();
    await router.network.setLink("rsps", "down");
    await router.run(RESTART);
    assert.equal(await router.seenAs(), "client");
    await router.runOverSsh("/bin/sh /etc/sps-redirect/run early");
    assert.equal(await router.seenAs(), "EHOSTUNREACH");
    const begun = router.runOverSsh(BOOT);
    await router.network.setLink("rsps", "up");
    await begun;
    assert.equal(await router.seenAs(), "sps");
    assert.equal(await kernel(), confirmed);
    await resource.delete(id, state, router.context());
  });

  it("restores the last confirmed rules after a restart within the commit window", async () => {
    const { id, state } = await resource.create(await persisting(), router.context());
    const confirmed = await kernel();
    const news = await persisting({ ports: [8080] });
    await partial(resource.update(id, state, news, router.contextLostAtConfirmation()));
    assert.match(await kernel(), /dports 8080/);
    await router.restart();
    assert.equal(await kernel(), confirmed);
    assert.deepEqual([await router.seenAs(), await router.seenAs(8080)], ["sps", "client"]);
    const updated = await resource.update(id, state, news, router.context());
    await router.restart();
    assert.deepEqual([await router.seenAs(), await router.seenAs(8080)], ["client", "sps"]);
    await resource.delete(id, updated.state, router.context());
  });

  it("does not overwrite changes that await their confirmation", async () => {
    const { id, state } = await resource.create(await persisting(), router.context());
    await router.run(
      "mkdir -p /run/sps-redirect/commit.000000000000 && touch /run/sps-redirect/commit.000000000000/undo",
    );
    await router.run("ip route del default via 172.16.9.2 dev rsps table 10302");
    await router.runOverSsh(`${HOOKS.ifupdown}; sleep 1.5`);
    assert.doesNotMatch(await router.run("ip route show table 10302"), /via/);
    await router.run("rm -r /run/sps-redirect");
    await router.run(
      "n=0; until ip route show table 10302 | grep -q via; do n=$((n+1)); [ $n -lt 100 ] || exit 1; sleep 0.05; done",
    );
    await resource.delete(id, state, router.context());
  });

  it("shows missing or changed files as drift and repairs only the files", async () => {
    const inputs = await persisting();
    const { id, state } = await resource.create(inputs, router.context());
    const changes: [script: string, line: string | undefined][] = [
      ["rm /etc/sps-redirect/rdp.sh", undefined],
      ["echo >>/etc/sps-redirect/rdp.sh", "/etc/sps-redirect/rdp.sh is altered"],
      ["chmod 644 /etc/sps-redirect/rdp.sh", "/etc/sps-redirect/rdp.sh is altered"],
      ["rm /etc/sps-redirect/run", "/etc/sps-redirect/run is missing"],
      ["rm /etc/network/if-up.d/sps-redirect", "/etc/network/if-up.d/sps-redirect is missing"],
      [
        "rm /etc/systemd/system/multi-user.target.wants/*",
        "/etc/systemd/system/multi-user.target.wants/sps-redirect-early.service is missing",
      ],
    ];
    const before = await kernel();
    for (const [script, line] of changes) {
      await router.run(script);
      const found = await resource.read(id, state, router.context());
      const shown = line === undefined ? [] : [`persist: redirection rdp (${line})`];
      assert.deepEqual(found?.state.rules.slice(rulesOf(inputs).length - 1), shown);
      const diff = await resource.diff(id, found?.state ?? state, inputs);
      assert.equal(diff.length > 0, true);
      const { state: repaired } = await resource.update(id, found?.state ?? state, inputs, router.context());
      assert.deepEqual(repaired.rules, rulesOf(inputs));
      assert.equal(repaired.confirmedAt, state.confirmedAt, "no change of rules was needed");
    }
    assert.equal(await kernel(), before);
    await resource.delete(id, state, router.context());
  });

  it("turns persistence on and off without changing rules, and reports which", async () => {
    const without = await router.inputs();
    const lost =
      "info: router 127.0.0.1: redirection rdp is lost when the router restarts, until the next pulumi up; set persist to true to keep it, or to false to accept that";
    assert.deepEqual(router.log, [lost]);
    await router.inputs({ persist: false });
    assert.deepEqual(router.log, [lost], "nobody has to be told what the program says itself");
    const { id, state } = await resource.create(without, router.context());
    assert.equal(await files(), "");
    assert.deepEqual(state.linuxStatus?.persistedBy, []);
    const confirmed = await kernel();
    const { state: kept } = await resource.update(id, state, await persisting(), router.context());
    assert.match(router.log.at(-1) ?? "", /: the redirections are restored at restarts by systemd, ifupdown$/);
    assert.deepEqual(kept.linuxStatus?.persistedBy, ["systemd", "ifupdown"]);
    const { state: again } = await resource.update(id, kept, without, router.context());
    assert.match(router.log.at(-1) ?? "", /: removed redirections are not restored at a restart$/);
    assert.equal(await files(), "");
    assert.equal(await kernel(), confirmed);
    await resource.delete(id, again, router.context());
  });

  it("keeps the files of other resources and foreign files", async () => {
    await router.run("mkdir /etc/sps-redirect && echo 'touch /run/foreign' >/etc/sps-redirect/foreign.sh");
    const one = await resource.create(await persisting(), router.context());
    const two = await resource.create(await persisting({ name: "web", ports: [8080] }), router.context());
    await resource.delete(one.id, one.state, router.context());
    await router.restart();
    assert.deepEqual([await router.seenAs(), await router.seenAs(8080)], ["client", "sps"]);
    assert.deepEqual((await resource.read(two.id, two.state, router.context()))?.state.rules, two.state.rules);
    await resource.delete(two.id, two.state, router.context());
    assert.equal(await files(), "/etc/sps-redirect\n/etc/sps-redirect/foreign.sh\n");
    await router.run("rm -r /etc/sps-redirect; [ ! -e /run/foreign ]");
  });

  it("reports the unsaved redirections when /etc is full, and the next update saves them", async () => {
    await router.runOverSsh("mkdir /etc/sps-redirect && mount -t tmpfs -o size=4k,nr_inodes=3 tmpfs /etc/sps-redirect");
    const inputs = await persisting();
    const failed = await partial(resource.create(inputs, router.context()));
    assert.match(
      failed.reason,
      /persist the redirections: the redirections are confirmed and in force, but after a restart the router would be without rdp, because its files in \/etc could not be changed: .*(No space left|write error).*\[SG3309\]$/,
    );
    assert.deepEqual(failed.state.rules, rulesOf(inputs).slice(0, -1));
    assert.ok(failed.state.confirmedAt);
    assert.equal(await router.seenAs(), "sps");
    await router.runOverSsh("umount /etc/sps-redirect && rmdir /etc/sps-redirect");
    const { state } = await resource.update("id", failed.state, inputs, router.context());
    assert.deepEqual(state.rules, rulesOf(inputs));
    assert.equal(state.confirmedAt, failed.state.confirmedAt);
    await resource.delete("id", state, router.context());
  });

  it("keeps a resource in the state while files that cannot be removed would restore it", async () => {
    const { id, state } = await resource.create(await persisting(), router.context());
    await router.runOverSsh(
      "mount --bind /etc/sps-redirect /etc/sps-redirect && mount -o remount,ro,bind /etc/sps-redirect",
    );
    await assert.rejects(
      resource.delete(id, state, router.context()),
      /what was wanted gone is gone, but a restart of the router would bring rdp back, because .*Read-only file system.*\[SG3309\]$/,
    );
    assert.equal(await kernel(), clean);
    const left = await resource.read(id, state, router.context());
    assert.match(left?.state.rules.join("\n") ?? "", /persist: redirection rdp/);
    await router.runOverSsh("umount /etc/sps-redirect");
    await resource.delete(id, left?.state ?? state, router.context());
    assert.equal(await resource.read(id, state, router.context()), undefined);
  });

  it("persists a thousand rules without an additional connection", async () => {
    const logins = async () => Number(await router.run("grep -c 'Accepted publickey' /run/safeguard-lab/sshd.log"));
    const networks = Array.from({ length: 1000 }, (_, index) => `10.${1 + (index >> 8)}.${index & 255}.0/24`);
    const wanted = await persisting({ serverCidrs: networks });
    const before = await logins();
    const { id, state } = await resource.create(wanted, router.context());
    assert.equal((await logins()) - before, 2);
    assert.deepEqual(state.rules, rulesOf(wanted));
    const confirmed = await kernel();
    await router.restart();
    assert.equal(await kernel(), confirmed);
    await resource.delete(id, state, router.context());
  });

  it("refuses a router without a boot service, and foreign files", async () => {
    await having();
    const refused = resource.create(await persisting(), router.context());
    await assert.rejects(
      refused,
      /the router has no systemd, NetworkManager, networkd-dispatcher or ifupdown; set persist to false .*\[SG3110\]$/,
    );
    await having("ifupdown");
    await router.run("echo '#!/bin/sh' >/etc/network/if-up.d/sps-redirect");
    const taken = resource.create(await persisting(), router.context());
    await assert.rejects(
      taken,
      /\/etc\/network\/if-up\.d\/sps-redirect exists and was made by another program; .*\[SG3206\]$/,
    );
    await router.run("rm /etc/network/if-up.d/sps-redirect");
  });

  it("keeps the owner of persisted redirections over restarts, and hands them over only with adopt", async () => {
    const { id, state } = await resource.create(await persisting(), router.context());
    const other = router.context(undefined, "router", "other");
    const belongs = /redirection rdp exists already and belongs to resource router of stack tests\/lab; .*\[SG3201\]$/;
    await router.run(RESTART);
    await assert.rejects(resource.create(await persisting(), other), belongs);
    await router.restart();
    await assert.rejects(resource.create(await persisting(), other), belongs);
    const taken = await resource.create(await persisting({ ports: [8080] }, { adopt: true }), other);
    await router.restart();
    assert.equal(await router.seenAs(8080), "sps");
    assert.equal(await resource.read(id, state, router.context()), undefined);
    await resource.delete(id, state, router.context());
    await router.restart();
    assert.equal(await router.seenAs(8080), "sps");
    await resource.delete(taken.id, taken.state, other);
    assert.equal(await resource.read(taken.id, taken.state, other), undefined);
  });
});
