import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, connect as dial, type Server } from "node:net";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "mocha";
import { LabPair } from "../../../benchmarks/preflight/lab-pair";
import { LabCertificateAuthority } from "../../../lab/common/certificates";
import { spawnAttached } from "../../../lab/network/attached";
import { inspect } from "../../../tests/support/inspecting-relay";
import { operationContext } from "../../core/context";
import { LabRouter } from "../../resources/router-redirection/lab-router.test";
import { type Site, siteSchema } from "../site/inputs";
import { type ConnectFacts, HERE, type PathFacts } from "./facts";
import { pathsFromRouter } from "./from-router";
import { connectReport } from "./report";
import { seenFromHere } from "./seen-certificate";

const SPS_ADDRESS = "172.16.9.2";
const [GENUINE, INSPECTED] = [443, 8443];
/** Sends connections of the router to SPS through the proxy. */
const STEER = `OUTPUT -d ${SPS_ADDRESS} -p tcp --dport ${GENUINE} -j DNAT --to-destination ${SPS_ADDRESS}:${INSPECTED}`;

/** Listens on the SPS host of the lab's network, and joins each connection to a socket of this process. */
const BRIDGE = `const [address, port, path] = process.argv.slice(1);
const { connect, createServer } = require("node:net");
createServer((near) => {
  const far = connect(path);
  for (const [from, to] of [[near, far], [far, near]]) from.on("error", () => to.destroy()).pipe(to);
}).listen(Number(port), address, () => console.log("ready"));`;

/**
 * The web interface of a simulated SPS at an address of the lab's network, directly and behind an inspecting proxy. This machine has no address
 * in that network: it sees the same two servers on loopback, so that routing between it and SPS is not proved here.
 */
describe("the certificate of SPS from here and from a router", function () {
  this.timeout(300_000);
  const closing: (() => unknown)[] = [];
  let pair: LabPair;
  let lab: LabRouter;
  let proxy: Awaited<ReturnType<typeof inspect>>;

  before(async () => {
    pair = await LabPair.start();
    lab = await LabRouter.start("connect-certs");
    const { endpoint } = pair.central.sps;
    const company = await LabCertificateAuthority.create("Company Inspection");
    proxy = await inspect(endpoint, await company.issue({ commonName: "sps", ipAddresses: [SPS_ADDRESS] }));
    await serve(GENUINE, endpoint);
    await serve(INSPECTED, proxy);
  });
  after(async () => {
    for (const close of closing) await close();
    await proxy?.close();
    await lab?.stop();
    await pair?.stop();
  });

  /** Opens a server of this machine on the SPS host. */
  async function serve(port: number, target: { address: string; port: number }): Promise<void> {
    const path = join(dirname(lab.network.description.sps.auditFile), `${port}.sock`);
    const server: Server = createServer((near) => {
      const far = dial(target.port, target.address);
      near.on("error", () => far.destroy()).pipe(far);
      far.on("error", () => near.destroy()).pipe(near);
    }).listen(path);
    await once(server, "listening");
    const command = [process.execPath, "-e", BRIDGE, SPS_ADDRESS, `${port}`, path];
    const bound = ["setpriv", "--pdeathsig", "KILL", ...command];
    const bridge: ChildProcess = spawnAttached(lab.network.keeperPid, "sps", bound, {
      stdio: ["ignore", "pipe", "inherit"],
    });
    closing.push(
      () => bridge.kill("SIGKILL"),
      () => server.close(),
    );
    await once(bridge.stdout ?? assert.fail(), "data");
  }

  function site(): Site {
    const { preview: _preview, ...router } = lab.raw();
    const { sps, spp } = pair.order();
    return siteSchema.parse({
      name: "vienna",
      sps: { ...sps.connection, address: SPS_ADDRESS, port: GENUINE },
      spp: spp.connection,
      routers: [{ name: "edge", ...router }],
    }) as Site;
  }

  /** What this machine sees at a server, in place of SPS, and what the router sees. */
  async function examine(server = pair.central.sps.endpoint) {
    const known = site();
    const context = operationContext();
    const [router] = known.routers;
    const byRouter = await pathsFromRouter(router ?? assert.fail(), known, 60, context);
    const to = { kind: "sps", object: `sps ${SPS_ADDRESS}`, address: SPS_ADDRESS } as const;
    const seen = await seenFromHere(to, { ...known.sps, ...server }, context.signal);
    const here: PathFacts = { from: HERE, to, tcp: [], certificate: { port: GENUINE, seen: { value: seen } } };
    const facts: ConnectFacts = {
      gatheredAt: Date.now(),
      paths: [here, ...byRouter],
      clusterNodes: { value: [] },
      clusterInterface: { value: SPS_ADDRESS },
      centralAddress: SPS_ADDRESS,
      sppAddress: known.spp.address,
      sppThumbprint: { value: undefined },
    };
    const { causes, tests } = connectReport("vienna", facts, 0);
    return { causes, rows: tests.filter(({ what }) => what === "certificate") };
  }

  it("is the same, and proved by ca for both", async () => {
    const before = await lab.snapshot();
    const { causes, rows } = await examine();
    const { sha256 } = pair.central.sps.certificate;
    assert.deepEqual(causes, []);
    assert.deepEqual(
      rows.map(({ status, certificate }) => [status, certificate?.sha256, certificate?.provedBy]),
      [
        ["pass", sha256, "ca"],
        ["pass", sha256, "ca"],
      ],
    );
    assert.equal(await lab.snapshot(), before);
  });

  it("names the way of the router where a proxy there replaces it", async () => {
    await lab.run(`iptables -t nat -I ${STEER}`);
    const { causes, rows } = await examine();
    await lab.run(`iptables -t nat -D ${STEER}`);
    const [cause, ...more] = causes;
    assert.deepEqual([cause?.code, more], ["SG2515", []], JSON.stringify(rows));
    assert.match(cause?.object ?? "", /^router /);
    assert.match(cause?.text ?? "", /issued by CN=Company Inspection, and this machine sees \S+, which ca proves/);
    assert.match(cause?.remedy ?? "", new RegExp(`firewall between router \\S+ and sps ${SPS_ADDRESS}, and exempt`));
    assert.deepEqual((await examine()).causes, []);
  });

  it("names the way of this machine where a proxy there replaces it", async () => {
    const [cause, ...more] = (await examine(proxy)).causes;
    assert.deepEqual([cause?.code, cause?.object, more], ["SG2515", HERE.object, []]);
    assert.match(cause?.text ?? "", /issued by CN=Company Inspection, and router \S+ sees \S+, which ca proves/);
    assert.match(cause?.remedy ?? "", new RegExp(`firewall between this machine and sps ${SPS_ADDRESS}, and exempt`));
  });

  it("is not checked from a router that cannot reach it", async () => {
    const drop = `INPUT -p tcp --dport ${GENUINE} -j DROP`;
    await lab.network.exec("sps", ["iptables", "-I", ...drop.split(" ")]);
    const { causes, rows } = await examine();
    await lab.network.exec("sps", ["iptables", "-D", ...drop.split(" ")]);
    assert.deepEqual(
      causes.filter(({ code }) => code === "SG2515"),
      [],
    );
    assert.deepEqual(
      rows.map(({ status, text }) => [status, status === "pass" ? "" : text]),
      [
        ["pass", ""],
        ["not checked", "no certificate arrives at the router"],
      ],
    );
  });
});
