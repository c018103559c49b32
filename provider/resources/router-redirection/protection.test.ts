import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { rulesOf } from "../../../tests/support/planned-rules";
import { PartialFailure } from "../../core/errors";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionKnown } from "./schema";

/** Adds a rule of its own that keeps new management connections out, as an administrator's mistake would. */
const SHUT = "iptables -I INPUT 1 -i rmgt -p tcp --dport 22 -m conntrack --ctstate NEW -j DROP";
const OPEN = "iptables -D INPUT 1";

describe("RouterRedirection on a Linux router: the commit window and rollback", function () {
  this.timeout(40_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start(
      "protection",
      `iptables -t mangle -A PREROUTING -i rsrv -j MARK --set-mark 0x4200/0xff00
iptables -A FORWARD -s 10.9.9.0/24 -m conntrack --ctstate NEW -j DROP; ip rule add pref 500 to 10.77.0.0/16 lookup 77; ip route add 10.77.0.0/16 via 10.0.0.5 table 77`,
    );
  });
  after(async () => {
    await router.stop();
  });
  beforeEach(() => router.log.splice(0));
  afterEach(async () => {
    await router.run("rm -rf /run/sps-redirect");
    await router.assertClean();
  });

  /** Inputs with a window that only tests may have. */
  async function inputs(windowSeconds: number, parts: Record<string, unknown> = {}): Promise<RouterRedirectionKnown> {
    return { ...(await router.inputs(parts)), commitConfirm: { windowSeconds } };
  }

  async function failure(work: Promise<unknown>): Promise<string> {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof Error, "it had to fail");
    return error instanceof PartialFailure ? `partial: ${error.reasons[0]}` : error.message;
  }

  it("confirms over a new connection and reports the proofs and the time", async () => {
    const before = new Date().toISOString();
    const { id, state } = await resource.create(await inputs(60), router.context());
    assert.ok(state.confirmedAt !== undefined && state.confirmedAt >= before);
    assert.deepEqual(state.confirmedUnproven, []);
    assert.equal(resource.diff(id, state, await inputs(60)).length > 0, false);
    assert.equal((await resource.read(id, state, router.context()))?.state.confirmedAt, state.confirmedAt);
    const proved = router.log.find((line) => line.includes("; proved: "));
    assert.match(
      proved ?? "",
      /a new SSH login works, SPS 172\.16\.9\.2 answers ARP, router routes packets of redirection rdp to SPS 172\.16\.9\.2, SPS 172\.16\.9\.2 accepts TCP on port 3389; not proved for clients of redirection rdp; not proved: that SPS records a session$/,
    );
    assert.equal(await router.run("ls /run/sps-redirect"), "owner.rdp\n");
    await resource.delete(id, state, router.context());
  });

  it("proves routes with each client's own addresses under strict reverse-path filters", async () => {
    const filter = "/proc/sys/net/ipv4/conf/another/rp_filter";
    await router.run(`ip link add another type veth peer name its-end; ip link set its-end up
ip addr add 192.168.99.1/24 dev another; ip link set another up
echo 1 >${filter}`);
    const twoInterfaces = {
      clientInterfaces: ["another", "rcli"],
      clientCidrs: ["192.168.50.0/24", "192.168.99.0/24", "192.168.100.0/24"],
      serverCidrs: ["10.0.0.0/24", "10.1.0.0/16"],
    };
    const wanted = await router.inputsWith(twoInterfaces, { probe: { path: "required" } });
    const { id, state } = await resource.create(wanted, router.context());
    assert.deepEqual(state.confirmedUnproven, []);
    await resource.delete(id, state, router.context());

    const steal = "ip rule add pref 50 iif another lookup main";
    const misled = router.contextAtChange(() => void router.run(steal));
    assert.match(
      await failure(resource.create(wanted, misled)),
      /router routes packets .* \(the router routes 192\.168\.99\.2 on another elsewhere: .*rolled back/,
    );
    await router.run(`${steal.replace("add", "del")}; ip link del another`);
  });

  it("proves the route by TCP alone when SPS has a static neighbour entry", async () => {
    const [, mac = ""] =
      /lladdr (\S+)/.exec(await router.run("ping -c 1 -W 2 172.16.9.2 >/dev/null; ip neigh show 172.16.9.2")) ?? [];
    await router.run(`ip neigh replace 172.16.9.2 lladdr ${mac} dev rsps nud permanent`);
    const { id, state } = await resource.create(await inputs(60, { probe: { path: "required" } }), router.context());
    assert.deepEqual(state.confirmedUnproven, []);
    assert.ok(
      router.log.some((line) =>
        /^info: .*not proved: SPS 172\.16\.9\.2 answers ARP \(not checked: the neighbour entry is static/.test(line),
      ),
    );
    await resource.delete(id, state, router.context());
    await router.run("ip neigh del 172.16.9.2 dev rsps");
  });

  it("begins the new login only after the changes are made", async () => {
    const context = router.context();
    const logins = "grep -c 'Accepted publickey' /run/safeguard-lab/sshd.log || true";
    const before = Number(await router.run(logins));
    let seen: Promise<string> = Promise.resolve("");
    const status = (line: string) => {
      if (line.includes("logging in again and repeating"))
        seen = router.run(`${logins}; iptables -t mangle -S SPS-R-rdp | wc -l`);
    };
    const wanted = await inputs(60);
    // Long enough to look before the login is through.
    await router.network.setDelay(150);
    const { id, state } = await resource
      .create(wanted, { ...context, log: { ...context.log, status } })
      .finally(() => router.network.setDelay(0));
    assert.deepEqual((await seen).trim().split("\n"), [`${before + 1}`, "3"]);
    assert.equal(Number(await router.run(logins)), before + 2);
    await resource.delete(id, state, router.context());
  });

  it("rolls back at once over the open connection when no new login succeeds", async () => {
    const context = router.contextAtChange(() => void router.run(SHUT));
    const started = performance.now();
    const message = await failure(resource.create(await inputs(5), context));
    assert.match(
      message,
      /confirm the changes: no new login after the changes: .*everything was rolled back; .*\[SG3306\]$/,
    );
    assert.ok(performance.now() - started < 5000, "before the window is over");
    await router.run(OPEN);
  });

  it("rolls back by the router's timer within the window when the provider is gone", async () => {
    assert.match(await failure(resource.create(await inputs(2), router.contextLostAtConfirmation())), /^partial: /);
    assert.match(await router.snapshot(), /SPS-R-rdp/);
    await pause(2900);
    assert.doesNotMatch(await router.snapshot(), /SPS-R-rdp|10302/);
    assert.match(await router.run("ls /run/sps-redirect/commit.*"), /^undo\.back$/m);
  });

  it("reports a completed rollback to a confirmation that comes too late", async () => {
    const context = router.context();
    const status = (line: string) => {
      // Nothing else of this process goes on meanwhile, as when the machine sleeps.
      if (line.includes("logging in again and repeating"))
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    };
    const late = { ...context, log: { ...context.log, status } };
    await router.network.setDelay(80);
    const message = await failure(resource.create(await inputs(2), late)).finally(() => router.network.setDelay(0));
    assert.match(
      message,
      /(came after the commit window|no new login after the changes: .*everything was rolled back).*\[SG3306\]$/,
    );
  });

  it("changes nothing when the timer cannot be armed because /run is full", async () => {
    await router.runOverSsh(
      "mkdir -p /run/sps-redirect && mount -t tmpfs -o size=4k,nr_inodes=3 tmpfs /run/sps-redirect && echo full >/run/sps-redirect/a",
    );
    const wanted = await inputs(5);
    const message = await failure(resource.create(wanted, router.context()));
    await router.runOverSsh("umount /run/sps-redirect");
    assert.match(
      message,
      /protect the changes: the timer .* cannot be armed: .*; free space in \/run .*; nothing was changed \[SG3305\]$/,
    );
  });

  it("rolls back when a probe passes before the changes and fails after them", async () => {
    await router.run(
      "iptables -N CUT; iptables -A OUTPUT -d 10.0.0.6 -p tcp --dport 8080 -m connmark --mark 9 -j DROP",
    );
    const seeded = await router.snapshot();
    const wanted = await inputs(20, {
      probe: {
        hosts: [
          { address: "10.0.0.5", port: 8080 },
          { address: "10.0.0.99", port: 8080 },
        ],
      },
    });
    const cut = "iptables -I OUTPUT 1 -d 10.0.0.5 -p tcp --dport 8080 -j REJECT";
    const context = router.context();
    let isCut: Promise<unknown> = Promise.resolve();
    const status = (line: string) => {
      if (line.includes("logging in again and repeating")) isCut = router.run(cut);
    };
    const started = performance.now();
    const message = await failure(resource.create(wanted, { ...context, log: { ...context.log, status } }));
    await isCut;
    assert.match(
      message,
      /confirm the changes: host 10\.0\.0\.5 port 8080 \(no TCP connection\); everything was rolled back;/,
    );
    assert.ok(performance.now() - started < 15_000, "at once");
    assert.ok(
      router.log.some((line) => /host 10\.0\.0\.99 port 8080 did not answer before the changes either/.test(line)),
    );
    await router.run("iptables -D OUTPUT 1");
    assert.equal(await router.snapshot(), seeded);
    await router.run("iptables -F OUTPUT; iptables -X CUT");
  });

  it("rolls back when a required proof of the route to SPS fails", async () => {
    const redirections = [router.redirection({ spsAddress: "172.16.9.77" })];
    const message = await failure(
      resource.create(await inputs(20, { redirections, probe: { path: "required" } }), router.context()),
    );
    assert.match(
      message,
      /SPS 172\.16\.9\.77 answers ARP \(no answer to ARP\).*everything was rolled back; .*\[SG3306\]$/,
    );
  });

  it("records unproven checks when the program does not require the proof", async () => {
    const redirections = [router.redirection({ spsAddress: "172.16.9.77" })];
    const { id, state } = await resource.create(await inputs(20, { redirections }), router.context());
    const unproven = [
      "SPS 172.16.9.77 answers ARP (no answer to ARP)",
      "SPS 172.16.9.77 accepts TCP on port 3389 (no TCP connection)",
    ];
    assert.deepEqual(state.confirmedUnproven, unproven);
    assert.deepEqual(
      router.log
        .filter((line) => line.startsWith("warn: "))
        .map((line) => line.replace(/^.*: not proved: /, ""))
        .slice(-2),
      unproven,
    );
    const read = await resource.read(id, state, router.context());
    assert.deepEqual(read?.state.confirmedUnproven, unproven);
    await resource.delete(id, state, router.context());
  });

  it("reports a failed rollback and keeps the known state", async () => {
    const context = router.contextAtChange(() => void router.run(SHUT));
    let spoiling: Promise<unknown> | undefined;
    const status = (line: string) => {
      context.log.status(line);
      if (line.includes("new login failed")) spoiling ??= router.run("ip -4 rule del pref 10302");
    };
    const message = await failure(resource.create(await inputs(6), { ...context, log: { ...context.log, status } }));
    await spoiling;
    assert.match(message, /^partial: .*confirm the changes: no new login .*the rollback failed: .*\[SG3307\]$/);
    await router.run(OPEN);
    assert.doesNotMatch(await router.snapshot(), /SPS-R-rdp/, "what could be taken back is");
  });

  it("rolls back the changes of an interrupted run before it begins", async () => {
    const wanted = await inputs(60);
    await failure(resource.create(wanted, router.contextLostAtConfirmation()));
    const { id, state } = await resource.create(wanted, router.context());
    assert.ok(router.log.some((line) => /rolled back changes of an earlier run that were never confirmed$/.test(line)));
    assert.deepEqual(state.rules, rulesOf(wanted));
    await resource.delete(id, state, router.context());
  });
});
