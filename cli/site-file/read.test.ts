import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { after, before, describe, it } from "mocha";
import { parse } from "yaml";
import { UsageError } from "../usage-error";
import { readSiteFile } from "./read";
import { siteFileJsonSchema } from "./schema";

const EXAMPLE = `
sites:
  - name: vienna
    sps: { address: 10.0.0.1, passwordEnv: SPS_PASSWORD, certificateSha256: ${"ab".repeat(32)} }
    spp: { address: spp.example.com, username: join, passwordFile: secrets/spp }
    routers:
      - name: edge
        platform: linux
        router:
          address: 10.0.0.254
          privateKeyFile: keys/router
          knownHostsFile: known_hosts
          jumpHost: { address: 10.9.0.1, agent: true, hostKey: ssh-ed25519 AAAA }
        redirections:
          - name: rdp
            clientInterfaces: [eth1]
            serverCidrs: [10.0.1.0/24]
            ports: [3389, "5900-5910"]
            spsAddress: 10.0.0.1
            spsInterface: eth0
`;

describe("site file", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "safeguard-sites-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function read(text: string) {
    const file = join(folder, "safeguard.yaml");
    writeFileSync(file, text);
    return readSiteFile(file);
  }

  /** The message for a changed example, without the name of the file. */
  function refusal(from: string, to: string): string {
    try {
      read(EXAMPLE.replace(from, to));
    } catch (error) {
      assert.ok(error instanceof UsageError);
      return error.message.replace(/^file \S+: /, "");
    }
    return "";
  }

  it("reads sites, with the paths of files relative to its folder", () => {
    const [site] = read(EXAMPLE);
    assert.ok(site);
    assert.equal(site.spp.passwordFile, join(folder, "secrets/spp"));
    assert.equal(site.routers?.[0]?.router.privateKeyFile, join(folder, "keys/router"));
    assert.equal(site.routers?.[0]?.router.knownHostsFile, join(folder, "known_hosts"));
    assert.deepEqual(site.routers?.[0]?.redirections[0]?.ports, [3389, "5900-5910"]);
  });

  it("refuses a caFile that is missing or holds no certificates", () => {
    writeFileSync(join(folder, "text.pem"), "hello");
    assert.match(refusal("username: join", "caFile: none.pem"), /^caFile \S+none\.pem: ENOENT/);
    assert.match(refusal("username: join", "caFile: text.pem"), /^caFile \S+text\.pem: it holds no PEM certificates$/);
  });

  it("takes no secret itself, and does not repeat it", () => {
    const secrets: [from: string, to: string, expected: RegExp][] = [
      [
        "passwordEnv: SPS_PASSWORD",
        "password: hunter2",
        /^Unknown property sites\[0\]\.sps\.password\. Did you mean password/,
      ],
      ["agent: true", "enablePassword: hunter2", /^Unknown property \S+\.jumpHost\.enablePassword\./],
      [
        "agent: true",
        "privateKey: hunter2",
        /^Unknown property sites\[0\]\.routers\[0\]\.router\.jumpHost\.privateKey\./,
      ],
    ];
    for (const [from, to, expected] of secrets) {
      const message = refusal(from, to);
      assert.match(message, expected);
      assert.ok(!message.includes("hunter2"));
    }
  });

  it("names every mistake with its place", () => {
    assert.equal(
      refusal("10.0.0.1,", "10.0.0,"),
      "Invalid value for sites[0].sps.address: 10.0.0. Allowed values are: an IPv4 address or a host name (IPv6 is not supported).",
    );
    assert.match(
      refusal("passwordEnv: SPS_PASSWORD,", ""),
      /^sites\[0\]\.sps: no password is set; set passwordEnv or passwordFile$/,
    );
    assert.match(
      refusal("  - name: vienna", "  - name: vienna\n    name: graz"),
      /^line 4, column 5: Map keys must be unique/,
    );
    assert.match(refusal("sites:", "site:"), /^Unknown property site\. Did you mean sites\?|sites: it is missing/);
    assert.match(refusal("name: vienna", "name: !!js/function f"), /^line 3, column \d+: Unresolved tag/);
  });

  it("accepts exactly what the published schema accepts", () => {
    const published = JSON.parse(readFileSync(resolve(__dirname, "../../docs/schemas/safeguard.json"), "utf8"));
    assert.deepEqual(published, siteFileJsonSchema());
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    const accepts = ajv.compile(published);
    assert.ok(accepts(parse(EXAMPLE)), JSON.stringify(accepts.errors));
    const wrong: [string, string][] = [
      ["passwordEnv: SPS_PASSWORD", "password: hunter2"],
      ["passwordEnv: SPS_PASSWORD,", ""],
      ["platform: linux", "platform: windows"],
      ["ports: [3389", "ports: [70000"],
    ];
    for (const [from, to] of wrong) {
      assert.equal(accepts(parse(EXAMPLE.replace(from, to))), false, to);
      assert.notEqual(refusal(from, to), "", to);
    }
    assert.ok(!JSON.stringify(published).includes('"allowed"'));
  });
});
