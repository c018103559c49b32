import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, describe, it } from "mocha";
import { LabSite } from "../../benchmarks/doctor/lab-site";
import { watchWrites } from "../../benchmarks/doctor/wire-log";
import { SPP_PASSWORD } from "../../benchmarks/preflight/lab-pair";
import { main } from "../../cli/main";
import { runCommand } from "../support/run-command";
import { SiteFile } from "../support/site-file";
import { captureTraffic } from "./capture";
import { PlantedSecrets } from "./planted-secrets";

/** Kinds of secrets that logins and answers of the appliances hold. */
const KINDS = [
  ...["Basic header", "session cookie of SPS", "X-Token of SPS", "login token of SPP", "user token of SPP"],
  ...["authorization code of SPP", "PKCE verifier", "one-time token of the handshake", "client key of SPS for SPP"],
  ...["password of SPP", "wrong password", "password of a router", "secret in an answer of SPP"],
];

const planted = (what: string) => `planted ${what} ${randomBytes(12).toString("hex")}`;

describe("secrets of the commands", function () {
  this.timeout(180_000);
  const secrets = new PlantedSecrets();
  const outerStateHome = process.env.XDG_STATE_HOME;
  let restore: () => void;
  let lab: LabSite;
  let file: SiteFile;
  let state: string;
  /** Everything that the commands print and write, by the command. */
  const places: { where: string; text: string }[] = [];

  before(async () => {
    restore = captureTraffic(secrets);
    lab = await LabSite.start({ members: 1 });
    file = new SiteFile(lab.pair);
    state = join(file.folder, "state");
    process.env.XDG_STATE_HOME = state;
    secrets.add("password of SPP", SPP_PASSWORD);
    writeFileSync(join(file.folder, "wrong"), secrets.add("wrong password", planted("wrong")));
    writeFileSync(join(file.folder, "router"), secrets.add("password of a router", planted("router")));
    const inAnswer = secrets.add("secret in an answer of SPP", planted("answer"));
    for (const { row } of lab.pair.spp.context.modules.all()) {
      Object.assign(row, { PreSharedKey: inAnswer, SpsApiToken: inAnswer, OneTimeToken: inAnswer });
    }
    const redirection = {
      ...{ name: "rdp", clientInterfaces: ["eth1"], serverCidrs: ["10.0.1.0/24"], ports: [3389] },
      ...{ spsAddress: "10.0.0.1", spsInterface: "eth0" },
    };
    const router = { address: "127.0.0.1", port: 1, passwordFile: "router", insecureSkipVerify: true };
    const routers = [{ name: "edge", platform: "linux", router, redirections: [redirection] }];
    file.write([{ ...file.site("vienna"), routers }, file.site("refused", { passwordFile: "wrong" })]);
  });
  after(async () => {
    restore?.();
    if (outerStateHome === undefined) delete process.env.XDG_STATE_HOME;
    else process.env.XDG_STATE_HOME = outerStateHome;
    file?.remove();
    await lab?.stop();
  });

  async function run(...args: string[]): Promise<void> {
    const { out, error } = await runCommand(...args, "--file", file.path);
    assert.doesNotMatch(error, /Unknown option|Unknown property/);
    places.push({ where: args.join(" "), text: out + error });
  }

  const written = (name: string) => {
    places.push({ where: name, text: readFileSync(join(file.folder, name), "utf8") });
  };

  /** Collects what `logs` notes while a level is raised, and what it prints. */
  async function raiseLogs(): Promise<void> {
    const cancel = new AbortController();
    const writesSince = watchWrites(lab.pair);
    let text = "";
    const add = (part: string) => {
      text += part;
    };
    const output = { out: add, error: add };
    const ended = main(["logs", "--file", file.path, "--site", "vienna", "--level", "7"], output, cancel.signal);
    for (let tries = 0; tries < 3000 && !text.includes(": raised "); tries += 1) await pause(10);
    const notes = readdirSync(state, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
    assert.equal(notes.length, 1);
    for (const name of notes) written(join("state", name));
    cancel.abort(new Error("cancelled"));
    await ended;
    assert.ok(writesSince().length > 0, "a change must show in the log of the wire");
    places.push({ where: "logs --level", text });
  }

  it("sends only reads besides logins for doctor, topology and logs without a level", async () => {
    const writesSince = watchWrites(lab.pair);
    await run("doctor", "--all", "--html", join(file.folder, "doctor.html"), "--traffic-seconds", "0");
    await run("doctor", "--json", "--traffic-seconds", "0");
    await run("topology", "--svg", join(file.folder, "topology.svg"));
    await run("topology", "--json", "--site", "vienna");
    await run("logs", "--site", "vienna");
    assert.deepEqual(writesSince(), []);
    for (const name of ["doctor.html", "topology.svg"]) written(name);
  });

  it("prints and writes no secret of files, logins, answers and logs", async () => {
    await run("logs", "--site", "refused", "--json");
    await run("connect");
    await run("connect", "--json");
    await raiseLogs();
    for (const site of ["vienna", "refused"]) await run("support-bundle", "--site", site, "--folder", file.folder);
    const missing = KINDS.filter((kind) => !secrets.counts.has(kind));
    assert.deepEqual(missing, []);
    assert.equal(places.length, 14);
    assert.deepEqual(
      places.flatMap(({ where, text }) => secrets.find(text).map((hit) => ({ where, ...hit }))),
      [],
    );
    assert.deepEqual(
      places.filter(({ text }) => text.includes("s3cret")),
      [],
      "the password of SPS, which is too short for the other search",
    );
  });

  it("collects texts that do hold what is not secret", () => {
    const { address } = lab.pair.central.sps.endpoint;
    for (const { where, text } of places.filter((place) => !/refused/.test(place.where))) {
      assert.ok(text.includes(address), where);
    }
  });
});
