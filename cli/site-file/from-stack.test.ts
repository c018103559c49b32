import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, describe, it } from "mocha";
import { runCommand } from "../../tests/support/run-command";
import { readStack, stackSites } from "./from-stack";

const SIGNATURE = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const secret = (value: unknown) => ({ ...SIGNATURE, plaintext: JSON.stringify(value) });
const urn = (types: string, name: string) => `urn:pulumi:dev::branches::${types}::${name}`;
const dynamic = (type: string) => `pulumi-nodejs:dynamic/safeguard:${type}`;

function resource(type: string, name: string, inputs: object, site?: string, dependencies: string[] = []) {
  const whole = site === undefined ? dynamic(type) : `safeguard:index:Site$${dynamic(type)}`;
  const parent = site === undefined ? urn("pulumi:pulumi:Stack", "dev") : urn("safeguard:index:Site", site);
  return { urn: urn(whole, name), type: dynamic(type), parent, dependencies, inputs };
}

const join_ = (name: string, address: string, site?: string) =>
  resource(
    "SppJoin",
    name,
    { __provider: "text", sps: { address, password: secret("s1") }, spp: { address: "10.0.0.5" }, clusterId: "id" },
    site,
  );
const router = (name: string, site?: string, dependencies?: string[]) =>
  resource(
    "RouterRedirection",
    name,
    { platform: "linux", router: { address: name, privateKey: secret("k") }, rules: ["x"], probe: {}, persist: true },
    site,
    dependencies,
  );
const stackOf = (...resources: object[]) => ({ version: 3, deployment: { resources } });

describe("sites of a Pulumi stack", () => {
  const outerPath = process.env.PATH;
  let folder = "";

  afterEach(() => {
    process.env.PATH = outerPath;
    if (folder !== "") rmSync(folder, { recursive: true });
    folder = "";
  });

  /** Puts a program in the place of the Pulumi CLI. */
  function withCli(script: string): void {
    folder = mkdtempSync(join(tmpdir(), "safeguard-cli-"));
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "pulumi"), 0o755);
    process.env.PATH = [folder, outerPath].join(delimiter);
  }

  it("takes a join whose creation was interrupted, and tells which updates are unfinished", () => {
    const begun = join_("vienna-join", "10.1.0.1", "vienna");
    const failed = {
      ...router("vienna-gate", "vienna"),
      initErrors: ["router 10.1.0.9: confirm: it was undone", "more"],
    };
    const foreign = { type: "creating", resource: { urn: urn("aws:s3:Bucket", "logs"), type: "aws:s3:Bucket" } };
    const { sites, unfinished } = stackSites({
      deployment: { resources: [failed], pending_operations: [{ type: "creating", resource: begun }, foreign] },
    });
    assert.deepEqual(
      sites.map(({ name, routers }) => [name, (routers as unknown[]).length]),
      [["vienna", 1]],
    );
    assert.deepEqual(unfinished, [
      "vienna-join: an update was interrupted while creating it",
      "vienna-gate: the last update failed: router 10.1.0.9: confirm: it was undone",
    ]);
    const updating = { type: "updating", resource: begun };
    const again = stackSites({ deployment: { resources: [begun], pending_operations: [updating] } });
    assert.deepEqual(
      [again.sites.length, again.unfinished],
      [1, ["vienna-join: an update was interrupted while updating it"]],
    );
  });

  it("passes over an interrupted creation that a later update has made good, and names one of two attempts", () => {
    const join = join_("vienna-join", "10.1.0.1", "vienna");
    const creating = { type: "creating", resource: join };
    const whole = stackSites({ deployment: { resources: [join], pending_operations: [creating, creating] } });
    assert.deepEqual([whole.sites.length, whole.unfinished], [1, []]);
    const twice = stackSites({ deployment: { resources: [], pending_operations: [creating, creating] } });
    assert.deepEqual(
      [twice.sites.length, twice.unfinished],
      [1, ["vienna-join: an update was interrupted while creating it"]],
    );
  });

  it("takes no join that an interrupted update was deleting in favour of another", () => {
    const old = { ...join_("vienna-join", "10.1.0.1", "vienna"), delete: true };
    const { sites, unfinished } = stackSites({
      deployment: { resources: [old], pending_operations: [{ type: "deleting", resource: old }] },
    });
    assert.deepEqual([sites, unfinished], [[], ["vienna-join: an update was interrupted while deleting it"]]);
  });

  it("prints the reason of a failed update as one line without control characters", () => {
    const failed = { ...join_("one", "10.1.0.1"), initErrors: ["cancelled.\nDone: \u001b[31mjoin request sent"] };
    assert.deepEqual(stackSites(stackOf(failed)).unfinished, [
      "one: the last update failed: cancelled. Done: \\u001b[31mjoin request sent",
    ]);
    assert.deepEqual(stackSites(stackOf({ ...failed, initErrors: null })).unfinished, []);
  });

  it("takes one site from each Site, with its routers, and decrypts secrets", () => {
    const { sites, leftOut } = stackSites(
      stackOf(
        join_("vienna-join", "10.1.0.1", "vienna"),
        router("vienna-gate", "vienna"),
        join_("oslo-join", "10.2.0.1", "oslo"),
      ),
    );
    assert.deepEqual(leftOut, []);
    assert.deepEqual(sites, [
      {
        name: "vienna",
        sps: { address: "10.1.0.1", password: "s1" },
        spp: { address: "10.0.0.5" },
        clusterId: "id",
        routers: [
          {
            platform: "linux",
            router: { address: "vienna-gate", privateKey: "k" },
            persist: true,
            name: "vienna-gate",
          },
        ],
      },
      {
        name: "oslo",
        sps: { address: "10.2.0.1", password: "s1" },
        spp: { address: "10.0.0.5" },
        clusterId: "id",
        routers: [],
      },
    ]);
  });

  it("finds the site of a router outside of any Site by what it depends on, and says when there is none", () => {
    const [one, two] = [join_("one", "10.1.0.1"), join_("two", "10.2.0.1")];
    const routers = [router("r2", undefined, [two.urn]), router("lost")];
    const { sites, leftOut } = stackSites(stackOf(one, two, ...routers));
    assert.deepEqual(
      sites.map(({ name, routers: found }) => [name, (found as { name: string }[]).map((each) => each.name)]),
      [
        ["one", []],
        ["two", ["r2"]],
      ],
    );
    assert.deepEqual(leftOut, ["lost: it depends on none of the stack's 2 joins, so its site is not known"]);
    const [only] = stackSites(stackOf(one, router("lost"))).sites;
    assert.equal((only as { routers: unknown[] }).routers.length, 1);
  });

  it("passes over what waits for its deletion and what has no inputs", () => {
    const [old, bare] = [{ ...join_("one", "10.1.0.1"), delete: true }, join_("bare", "10.1.0.2")];
    const { inputs: _inputs, ...withoutInputs } = bare;
    const { sites } = stackSites(stackOf(old, withoutInputs, join_("one", "10.1.0.3")));
    assert.deepEqual(
      sites.map(({ name, sps }) => [name, (sps as { address: string }).address]),
      [["one", "10.1.0.3"]],
    );
  });

  it("runs the Pulumi CLI once, and names the cause when it fails", async () => {
    withCli(`echo "$@" >&2; cat <<'END'\n${JSON.stringify(stackOf(join_("one", "10.1.0.1")))}\nEND`);
    assert.equal((await readStack("dev")).sites.length, 1);
    withCli("echo 'some noise' >&2; echo 'error: passphrase must be set' >&2; echo 'more of it' >&2; exit 255");
    await assert.rejects(readStack("dev"), {
      message: "stack dev: pulumi stack export failed: error: passphrase must be set",
    });
    withCli(`echo '{"version":3,"deployment":{}}'`);
    await assert.rejects(readStack("dev"), {
      message: "stack dev: it holds no SppJoin, so there is no site to look at; name a file with --file",
    });
    const cluster = resource("SpsCluster", "vienna-cluster", { centralManagement: { address: "10.0.0.1" } });
    withCli(`echo '${JSON.stringify(stackOf(cluster))}'`);
    await assert.rejects(readStack("dev"), {
      message:
        "stack dev: it holds vienna-cluster and no SppJoin yet: its join was not requested; run pulumi preview, which checks the join, or describe the site in a file and name it with --file",
    });
    withCli("echo 'hunter2 is no JSON'");
    await assert.rejects(readStack("dev"), { message: "stack dev: pulumi stack export printed no JSON" });
    process.env.PATH = folder.replace(/$/, "-missing");
    await assert.rejects(readStack("dev"), /there is no command pulumi on PATH/);
    process.env.PATH = outerPath;
  });

  it("names in the JSON of doctor the routers that were left out", async () => {
    const silent = { address: "127.0.0.1", port: 1, username: "a", password: "b" };
    const joins = ["one", "two"].map((name) => ({
      ...join_(name, "127.0.0.1"),
      inputs: { sps: silent, spp: silent },
    }));
    withCli(`cat <<'END'\n${JSON.stringify(stackOf(...joins, router("lost")))}\nEND`);
    const { out, error } = await runCommand("doctor", "--stack", "dev", "--json");
    const reason = "lost: it depends on none of the stack's 2 joins, so its site is not known";
    assert.deepEqual(JSON.parse(out || "{}").leftOut, [reason], error);
    assert.equal(error, `stack dev: left out ${reason}\n`);
  });

  it("is refused together with a file, and with the name of a site that the stack lacks", async () => {
    withCli(`cat <<'END'\n${JSON.stringify(stackOf(join_("one", "10.1.0.1")))}\nEND`);
    const both = await runCommand("doctor", "--stack", "dev", "--file", "x.yaml");
    assert.deepEqual([both.code, both.error], [3, "error: Only one of --file and --stack may be given.\n"]);
    const other = await runCommand("doctor", "--stack", "dev", "--site", "paris");
    assert.equal(
      other.error,
      "error: Invalid value for --site: paris. Allowed values are: one, the sites of stack dev.\n",
    );
  });
});
