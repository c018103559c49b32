import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { LabPair, SPP_PASSWORD, SPS_PASSWORD } from "../../benchmarks/preflight/lab-pair";
import type { Topology } from "../../provider/diagnosis/topology/schema";
import { getTopology, type TopologyOptions } from "../../sdk/nodejs/topology";
import { runCommand } from "../../tests/support/run-command";
import { SiteFile } from "../../tests/support/site-file";

describe("topology command", () => {
  let pair: LabPair;
  let file: SiteFile;

  before(async () => {
    pair = await LabPair.start({ members: 1 });
    file = new SiteFile(pair);
  });
  after(async () => {
    file?.remove();
    await pair?.stop();
  });

  const run = (...args: string[]) => runCommand("topology", "--file", file.path, ...args);

  async function topologyNow(): Promise<Topology> {
    const { out } = await run("--json");
    const [site] = (JSON.parse(out) as { sites: Topology[] }).sites;
    assert.ok(site);
    return site;
  }

  it("tells a cluster that is not joined, and warns that its program would join it", async () => {
    const { join: joined, sps } = await topologyNow();
    assert.deepEqual([joined.state, joined.reason], ["not joined", "SPP does not list the cluster"]);
    assert.equal(sps.nodes.length, 2);
    const program = join(file.folder, "not-joined.ts");
    const { code, error } = await run("--program", program);
    assert.equal(code, 2);
    assert.equal(error, "site vienna: it is not joined: pulumi up would join it; look at its preview first\n");
    assert.doesNotMatch(readFileSync(program, "utf8"), /acknowledge/);
  });

  it("shows both appliances, every node with its roles, and the join as a tree, with reads only", async () => {
    await pair.central.client.logIn();
    await pair.join();
    await pair.untilSynchronized();
    const requests = [pair.central.sps, pair.spp].map(({ traffic }) => traffic.requests);
    const before = requests.map(({ length }) => length);
    const { code, out, error } = await run();
    assert.deepEqual([code, error], [0, ""]);
    const lines = out.trimEnd().split("\n");
    const id = pair.spp.sessionModules[0]?.Id;
    for (const [index, line] of [
      /^site vienna$/,
      /^├─ spp 127\.0\.60\.5, version \S+, primary$/,
      new RegExp(`^├─ join: joined, connection ${id}$`),
      /^└─ sps cluster of 127\.0\.61\.\d+, version \S+$/,
      /^ {3}├─ 127\.0\.61\.\d+ sps1\.lab\.example: central-management, search-local; \S+$/,
      /^ {3}└─ 127\.0\.61\.\d+ sps2\.lab\.example: managed-host, search-local; up-to-date$/,
    ].entries()) {
      assert.match(lines[index] ?? "", line);
    }
    assert.equal(lines.length, 6);
    const changing = requests.flatMap((all, index) =>
      all.slice(before[index]).filter(({ method, path }) => method !== "GET" && !/RSTS|Token/.test(path)),
    );
    assert.deepEqual(changing, []);
  });

  it("writes picture and tree as one page with --html, and returns the same from the function", async () => {
    const path = join(file.folder, "vienna.html");
    const { code, out } = await run("--html", path);
    assert.equal(code, 0);
    const text = readFileSync(path, "utf8");
    assert.match(text, /<title>Site vienna: topology<\/title>/);
    assert.ok(text.includes(`<pre>${out.trimEnd()}</pre>`));
    assert.equal(text.match(/<svg class="topology"/g)?.length, 1);
    for (const secret of [SPS_PASSWORD, SPP_PASSWORD]) assert.ok(!text.includes(secret));
    const { sps, spp } = pair.order();
    const site = { name: "vienna", sps: sps.connection, spp: spp.connection };
    const { sites } = await getTopology({ sites: [site] } as TopologyOptions);
    assert.deepEqual(JSON.parse(JSON.stringify(sites)), [await topologyNow()]);
    await assert.rejects(getTopology({ sites: [site, site] } as TopologyOptions), /two of them are named vienna/);
  });

  it("draws the same as an SVG picture with --svg", async () => {
    const path = join(file.folder, "vienna.svg");
    const { code, out } = await run("--svg", path);
    assert.equal(code, 0);
    const text = readFileSync(path, "utf8");
    assert.match(
      text,
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" .*\n<title id="title">Topology of site vienna<\/title>\n/,
    );
    const [, ...lines] = out.trimEnd().split("\n");
    for (const line of lines) assert.ok(text.includes(line.replace(/^[\s│├└─]+/, "")), line);
    assert.match(text, /<text class="state good" [^>]*>join: joined<\/text>/);
    const refused = await run("--svg", join(file.folder, "none", "vienna.svg"));
    assert.equal(refused.code, 3);
    assert.match(refused.error, /^error: Invalid value for --svg: \S+ cannot be written \(ENOENT/);
  });

  it("writes a program with the connections of the file, every node and no secret, once", async () => {
    const path = join(file.folder, "index.ts");
    const { code, error } = await run("--program", path);
    assert.deepEqual([code, error], [0, ""]);
    const text = readFileSync(path, "utf8");
    assert.match(
      text,
      /^import \{ readFileSync \} from "node:fs";\nimport \{ Site \} from "pulumi-safeguard";\n\nnew Site\("vienna", \{\n/,
    );
    assert.equal(text.match(/passwordFile: "sps-password"/g)?.length, 2);
    assert.match(text, /ca: readFileSync\("ca\.pem", "utf8"\)/);
    assert.match(text, /acknowledge: \{\n\s+irreversible: true,/);
    for (const secret of [SPS_PASSWORD, SPP_PASSWORD]) assert.ok(!text.includes(secret));
    const again = await run("--program", path);
    assert.deepEqual(
      [again.code, again.error],
      [3, `error: Invalid value for --program: ${path} exists already. Name another file.\n`],
    );
  });

  it("tells a join that only SPP knows, and other clusters of the same SPP", async () => {
    const { modules } = pair.spp.context;
    const [entry] = modules.all();
    assert.ok(entry);
    modules.split(entry);
    assert.deepEqual((await topologyNow()).join, {
      state: "one-sided",
      reason: "SPP lists it as disconnected",
      connectionId: entry.row.Id,
    });
    const { NodeId } = entry.row;
    Object.assign(entry.row, { NodeId: "another" });
    const { join: joined, otherClusters } = await topologyNow();
    Object.assign(entry.row, { NodeId });
    assert.equal(joined.state, "not joined");
    assert.deepEqual(
      otherClusters.map((cluster) => [cluster.nodeId, cluster.state]),
      [["another", "disconnected"]],
    );
  });

  it("refuses a node that does not manage its cluster, and pins no certificate of one node for another", async () => {
    const [, member] = pair.nodes;
    assert.ok(member);
    const { sps, ...rest } = file.site("vienna") as { sps: Record<string, unknown> };
    const path = join(file.folder, "other.ts");
    file.write([{ ...rest, sps: { ...sps, ...member.sps.endpoint } }]);
    const refused = await run("--program", path);
    assert.deepEqual([refused.code, existsSync(path)], [1, false]);
    assert.match(
      refused.error,
      /is not the Central Management node; set sps to 127\.0\.61\.\d+; no program was written$/m,
    );
    assert.match(refused.out, /^├─ join: .*, connection 1/m, "the join is that of the cluster");
    const pin = pair.central.sps.certificate.sha256;
    file.write([{ ...rest, sps: { ...sps, certificateSha256: pin } }]);
    const pinned = await run("--program", path);
    assert.equal(pinned.code, 2, pinned.error);
    assert.match(pinned.error, /the other nodes need ca or certificateSha256 of their own in the program$/m);
    assert.equal(readFileSync(path, "utf8").split(pin).length, 2);
    file.write([file.site("vienna")]);
  });

  it("says what it could not read, writes no program of it, and exits with 1", async () => {
    file.write([file.site("vienna", { username: "nobody" })]);
    const path = join(file.folder, "half.ts");
    const { code, out, error } = await run("--program", path);
    assert.equal(code, 1);
    assert.match(out, /^├─ spp 127\.0\.60\.5, version \S+, primary: not read: /m);
    assert.match(out, /^├─ join: not known: /m);
    assert.match(error, /^site vienna: spp \S+ could not be read completely: .*; no program was written$/m);
    assert.equal(existsSync(path), false);
    file.write([file.site("vienna")]);
  });
});
