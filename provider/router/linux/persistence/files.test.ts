import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { BACKENDS } from "../model/backend-names";
import { type Desired, desiredState } from "../model/desired";
import type { Found } from "../model/found";
import { decide } from "../plan/decision";
import { desiredRules, foundRules } from "../plan/lines";
import { AUTO, bring, INTERFACES, sample } from "../simulated/planning-bench.test";
import { cases, SIMULATED } from "../simulated/roundtrip-bench.test";
import { SimulatedRouter } from "../simulated/simulated-router.test";
import { isFileRight, persistedFiles } from "./files";
import { NO_PERSISTENCE, parsePersisted } from "./found-files";

/** What is read of a router that works with systemd and ifupdown. */
function foundOn(router: SimulatedRouter): Found {
  return { ...router.read(), persistence: { ...NO_PERSISTENCE, services: ["systemd", "ifupdown"] } };
}

/** Runs the layers of a redirection's file as the program on the router does. */
function runFile(router: SimulatedRouter, content: string): void {
  for (const [, layer = ""] of content.matchAll(/^\{\n([\s\S]*?)\n\} \|\| sps_bad=1$/gm)) {
    const [command = "", ...input] = layer.split("\n");
    const [word, kind = "", chain = ""] = command.split(" ");
    if (word === "sps_policy_rules") {
      for (const line of input.slice(0, -1)) addOnce(router, line);
    } else if (word === "sps_iptables") {
      const isUsual = kind === router.tools.iptables;
      const there = isUsual ? router.contents.chains : router.contents.otherChains;
      const jumps = Object.entries(there).flatMap(([name, rules]) =>
        rules.filter((rule) => rule.endsWith(` -j ${chain}`)).map((rule) => `-D ${name} ${rule}`),
      );
      const lines = ["*mangle", ...jumps, ...input.slice(0, -1), "COMMIT", "SPS-END-OF-INPUT"];
      router.run([`iptables${isUsual ? "" : `-${kind}`}-restore -w 10 --noflush`, ...lines].join("\n"));
    } else if (word !== "sps_source_check") router.run(layer);
  }
}

function addOnce(router: SimulatedRouter, line: string): void {
  try {
    router.run(`ip -4 -batch -\n${line}\nSPS-END-OF-INPUT`);
  } catch (error) {
    assert.match(String(error), /File exists/);
  }
}

describe("the files that restore redirections at a restart", () => {
  const redirectionFiles = (desired: Desired, found: Found) =>
    persistedFiles(decide(desired, found)).filter(({ path }) => path.endsWith(".sh"));

  for (const backend of BACKENDS) {
    it(`restores with ${backend} exactly the rules of an update, also when run twice`, () => {
      fc.assert(
        fc.property(cases(SIMULATED, backend), (wanted) => {
          const applied = new SimulatedRouter(INTERFACES);
          bring(applied, wanted, { ...wanted, chains: [], hops: [] });
          const router = new SimulatedRouter(INTERFACES);
          const files = redirectionFiles({ ...wanted, isPersistent: true }, foundOn(applied));
          assert.equal(files.length, wanted.chains.length);
          for (let time = 1; time <= 2; time += 1) {
            for (const { content = "" } of files) runFile(router, content);
            assert.deepEqual(foundRules(decide(wanted, router.read())), desiredRules(wanted));
            assert.deepEqual(router.snapshot().routes, applied.snapshot().routes);
          }
        }),
        { numRuns: 40 },
      );
    });
  }

  it("orders the source check, unreachable route, SPS route, selector and classification", () => {
    const desired = desiredState([sample()], AUTO, true);
    const [file] = redirectionFiles(desired, foundOn(new SimulatedRouter(INTERFACES)));
    assert.deepEqual([file?.path, file?.mode], ["/etc/sps-redirect/rdp.sh", "-rw-------"]);
    const commands = (file?.content ?? "").split("\n").filter((line) => /^(sps_|ip |nft |# )/.test(line));
    assert.deepEqual(
      commands.map((line) => line.replace(/ <.*/, "")),
      [
        "# Made by Safeguard for Pulumi: redirection rdp",
        "# device s0",
        "sps_source_check s0",
        "ip -4 route replace unreachable default metric 4294967295 table 10302 proto 103",
        "ip -4 route replace default via 172.16.9.2 dev s0 table 10302 proto 103",
        "sps_policy_rules",
        "sps_iptables nft SPS-R-rdp",
        "# end of redirection",
      ],
    );
  });

  it("writes no files when no redirection is persisted", () => {
    const found = foundOn(new SimulatedRouter(INTERFACES));
    assert.deepEqual(persistedFiles(decide(desiredState([sample()], AUTO), found)), []);
    assert.deepEqual(persistedFiles(decide(desiredState([], AUTO, true), found)), []);
  });

  it("writes files that a POSIX shell can parse", () => {
    const files = persistedFiles(
      decide(desiredState([sample()], AUTO, true), foundOn(new SimulatedRouter(INTERFACES))),
    );
    const scripts = files.filter(({ mode, content }) => content !== undefined && mode !== "-rw-r--r--");
    assert.equal(scripts.length, 3);
    for (const { path, content } of scripts) {
      const { status, stderr } = spawnSync("sh", ["-n"], { input: `${content}\n`, encoding: "utf8" });
      assert.deepEqual([path, status, stderr], [path, 0, ""]);
    }
  });

  it("accepts files whose kind, permissions, owner and text or target are correct", () => {
    const file = { path: "/etc/sps-redirect/a.sh", mode: "-rw-------", content: "one\ntwo" };
    const digest = createHash("sha256").update("one\ntwo\n").digest("hex");
    const there = { mode: "-rw-------", owner: 0, isMarked: true, digest };
    assert.equal(isFileRight(file, there), true);
    for (const other of [
      { mode: "-rw-r--r--" },
      { owner: 1000 },
      { digest: "0" },
      { digest: undefined },
      { target: "/x" },
    ]) {
      assert.equal(isFileRight(file, { ...there, ...other }), false, JSON.stringify(other));
    }
    assert.equal(isFileRight(file, undefined), false);
    const link = { path: "/etc/l", mode: "lrwxrwxrwx", target: "/etc/t" };
    assert.equal(isFileRight(link, { mode: "lrwxrwxrwx", owner: 0, isMarked: true, target: "/etc/t" }), true);
    assert.equal(isFileRight(link, { mode: "lrwxrwxrwx", owner: 0, isMarked: true, target: "/etc/other" }), false);
  });

  it("reads kind, permissions, owner, target and digest despite additions in ls output", () => {
    const hex = "0123456789abcdef".repeat(4);
    const found = parsePersisted(`services systemd
services ifupdown
mode drwx------. 2 0 0 4096 Nov 22 10:00 /etc/sps-redirect
mode -rw-------+ 1 0 0 812 Nov 22 10:00 /etc/sps-redirect/rdp.sh
mode -rw-r--r-- 1 1000 1000 9 Jan  1  1970 /etc/network/if-up.d/sps-redirect
mode lrwxrwxrwx 1 0 0 40 Nov 22 10:00 /etc/systemd/system/multi-user.target.wants/sps-redirect.service -> /etc/systemd/system/sps-redirect.service
marked /etc/sps-redirect/rdp.sh
digest ${hex}  /etc/sps-redirect/rdp.sh
`);
    assert.deepEqual(found.services, ["systemd", "ifupdown"]);
    assert.equal(found.canDigest, true);
    assert.deepEqual(
      [...found.files],
      [
        ["/etc/sps-redirect", { mode: "drwx------", owner: 0, isMarked: false }],
        ["/etc/sps-redirect/rdp.sh", { mode: "-rw-------", owner: 0, isMarked: true, digest: hex }],
        ["/etc/network/if-up.d/sps-redirect", { mode: "-rw-r--r--", owner: 1000, isMarked: false }],
        [
          "/etc/systemd/system/multi-user.target.wants/sps-redirect.service",
          { mode: "lrwxrwxrwx", owner: 0, isMarked: false, target: "/etc/systemd/system/sps-redirect.service" },
        ],
      ],
    );
    assert.deepEqual(parsePersisted("lacks sha256sum\n"), { services: [], canDigest: false, files: new Map() });
  });
});
