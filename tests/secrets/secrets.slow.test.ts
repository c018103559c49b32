import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "mocha";
import { skipTests } from "../contract/skip";
import { findCli } from "../engine/cli";
import { type Run, TestStack } from "../engine/test-stack";
import { captureInternal, captureTraffic } from "./capture";
import { type Hit, PlantedSecrets } from "./planted-secrets";
import { CONTROL, PlantedSite, type Ways } from "./planted-site";
import { ProcessList } from "./process-list";

/** The kinds of secrets that the appliances issue or keep. */
const OF_APPLIANCES = [
  "Basic header",
  "session cookie of SPS",
  "X-Token of SPS",
  "cookie CsrfToken of SPP",
  "cookie RstsLogin of SPP",
  "cookie stsIdentity0 of SPP",
  "authorization code of SPP",
  "PKCE verifier",
  "login token of SPP",
  "user token of SPP",
  "one-time token of the handshake",
  "client key of SPS for SPP",
  "certificate key of SPS",
  "certificate key of SPP",
  "pre-shared key of the join request",
];
/** Number of kinds among the credentials of the programs, and of those that need a routed network. */
const OF_PROGRAMS = 19;
const OF_ROUTERS = 6;

/** Log lines in which Pulumi itself prints the literal inputs of a program, including secrets. */
const OF_PULUMI = /(Unm|M)arshaling property for RPC|RegisterResource RPC|RegisterResource response/;

/** A text to search for secrets. */
interface Place {
  where: string;
  text: string;
}

/** The texts that the runs of a site produced. */
interface Traces {
  places: Place[];
  stack: TestStack;
  site: PlantedSite;
}

describe("secrets of all resources", function () {
  this.timeout(600_000);
  const secrets = new PlantedSecrets();
  const cleanups: (() => unknown)[] = [];
  let processes: ProcessList;
  let everyWay: Traces;
  let references: Traces;

  before(async function () {
    const cli = findCli();
    if ("reason" in cli) skipTests(this, cli.reason);
    processes = new ProcessList();
    cleanups.push(() => processes.stop(), captureTraffic(secrets));
    everyWay = await trace("every way", "usual");
    references = await trace("references", "everything");
  });
  after(async () => {
    for (const cleanUp of cleanups.reverse()) await cleanUp();
  });

  /** Creates, refreshes and changes a site, and collects all texts. */
  async function trace(ways: Ways, log: "usual" | "everything"): Promise<Traces> {
    const site = await PlantedSite.start(ways, secrets);
    cleanups.push(() => site.stop());
    const stack = await TestStack.inline("secrets");
    cleanups.push(() => stack.close());
    const places: Place[] = [];
    const run = async (what: string, ...given: Parameters<TestStack["run"]>): Promise<Run> => {
      const [operation, program, , flags] = given;
      const result = await stack.run(operation, program, log, flags);
      places.push(...placesOf(result, what), { where: `the state after ${what}`, text: stack.stateText() });
      return result;
    };
    const resources = site.lab.network ? 4 : 3;
    assert.deepEqual((await run("a preview", "preview", site.creating)).changes, { create: resources });
    const up = await run("an up", "up", site.creating);
    assert.deepEqual([up.failure, up.changes], [undefined, { create: resources }]);
    captureInternal(site.lab, secrets);
    assert.equal((await run("a refresh", "refresh")).failure, undefined);
    // Otherwise the engine stops at the first failure, and the other resources write nothing.
    const failing = await run("an up that fails", "up", site.failing, log, { continueOnError: true });
    assert.match(failing.failure ?? "", /\[SG1013\]/);
    assert.match((await run("a preview that is refused", "preview", site.refused)).failure ?? "", /Invalid value for/);
    return { places, stack, site };
  }

  const hitsIn = (places: readonly Place[]) =>
    places.flatMap(({ where, text }) => secrets.find(text).map((hit) => ({ where, ...hit })));

  it("plants or captures every kind of secret at least once in these runs", () => {
    const counts = secrets.counts;
    assert.deepEqual(
      OF_APPLIANCES.filter((kind) => !counts.has(kind)),
      [],
    );
    const isRouted = everyWay.site.lab.network !== undefined;
    assert.equal(
      counts.size,
      OF_APPLIANCES.length + OF_PROGRAMS - (isRouted ? 0 : OF_ROUTERS),
      [...counts.keys()].join("\n"),
    );
    assert.ok(counts.size > 20);
  });

  it("shows no secret in the state, output or events of any run", () => {
    assert.equal(everyWay.places.length, 15);
    assert.deepEqual(hitsIn(everyWay.places), []);
  });

  it("shows no secret in the most verbose log when secrets are given by reference", () => {
    const output = references.places.find(({ where }) => where === "the output of an up")?.text ?? "";
    assert.match(output, /Marshaling property for RPC/);
    assert.match(output, /the cluster has 2 node\(s\)/, "the debug lines of the provider are missing");
    assert.deepEqual(hitsIn(references.places), []);
  });

  it("leaves no secret in output or state after a destroy", async () => {
    for (const [{ stack }, log] of [
      [everyWay, "usual"],
      [references, "everything"],
    ] as const) {
      const run = await stack.run("destroy", undefined, log);
      assert.equal(run.failure, undefined);
      assert.deepEqual(hitsIn([...placesOf(run, "a destroy"), { where: "the state", text: stack.stateText() }]), []);
    }
  });

  it("puts no secret on the command line of any process", () => {
    const lines = processes.commandLines;
    assert.ok(lines.some((line) => /cmd\/dynamic-provider/.test(line)));
    assert.ok(lines.some((line) => /\/pulumi up\b/.test(line)));
    assert.deepEqual(hitsIn([{ where: "the process list", text: lines.join("\n") }]), []);
  });

  describe("detection of planted secrets", () => {
    it("finds secrets in the state that Pulumi decrypts", async () => {
      const { stack, site } = everyWay;
      await stack.run("up", site.creating);
      const kinds = secrets.find(JSON.stringify(await stack.decrypted())).map(({ kind }) => kind);
      const literal = ["password of SPS, literal", "password of SPP, secret output"];
      assert.deepEqual(
        kinds.filter((kind) => literal.includes(kind)),
        literal,
      );
      assert.ok(stack.stateText().includes(CONTROL), "the state must contain values that are not secret in plain text");
    });

    it("finds literal secrets in the most verbose log, but only in lines of Pulumi itself", async () => {
      const { stack, site } = everyWay;
      const { output, events } = await stack.run("preview", site.creating, "everything");
      // The other lines repeat the events, some of them over several lines.
      const logged = output.split("\n").filter((line) => line.startsWith("{"));
      const messages = events.map((event) => event.diagnosticEvent?.message ?? "");
      const lines = [...logged, ...messages].filter((line) => secrets.find(line).length > 0);
      assert.ok(lines.length > 0);
      assert.deepEqual(
        lines.filter((line) => !OF_PULUMI.test(line)).map((line) => secrets.find(line)),
        [],
      );
      const kinds = new Set(lines.flatMap((line) => secrets.find(line).map(({ kind }) => kind)));
      assert.deepEqual(
        [...kinds].filter((kind) => !/(literal|secret output)$/.test(kind)),
        [],
      );
    });

    it("finds a secret on the command line of a process", async () => {
      const control = secrets.add("control", "planted control on a command line");
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", control], { stdio: "ignore" });
      await once(child, "spawn");
      processes.read();
      child.kill();
      await once(child, "exit");
      const hits: Hit[] = secrets.find(processes.commandLines.join("\n"));
      assert.deepEqual(hits, [{ kind: "control", form: "plain" }]);
    });

    it("finds a secret as JSON, base64, URL part and hexadecimal digits", () => {
      const control = secrets.add("another control", 'a "control" of /forms/');
      const forms = {
        JSON: JSON.stringify({ control }),
        base64: Buffer.from(control).toString("base64"),
        "URL-encoded": `https://spp/?password=${encodeURIComponent(control)}`,
        hexadecimal: Buffer.from(control).toString("hex"),
      };
      for (const [form, text] of Object.entries(forms)) {
        assert.deepEqual(secrets.find(text), [{ kind: "another control", form }], text);
      }
    });
  });
});

/** The texts of an engine run, without the debug events in which Pulumi's SDK prints all inputs: by default they are not shown. */
function placesOf(run: Run, what: string): Place[] {
  const shown = run.events.filter(({ diagnosticEvent: event }) => {
    const isOfSdk = String(event?.severity) === "debug" && OF_PULUMI.test(event?.message ?? "");
    return !isOfSdk;
  });
  return [
    { where: `the output of ${what}`, text: run.output + (run.failure ?? "") },
    { where: `the events of ${what}`, text: JSON.stringify(shown) },
  ];
}
