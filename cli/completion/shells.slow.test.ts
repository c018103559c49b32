import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { stringify } from "yaml";
import { skipTests } from "../../tests/contract/skip";

/** The compiled command; `npm test` builds it. */
const PROGRAM = resolve(__dirname, "../../dist/cli/bin.js");

/** Shells, and how they complete a line after they have loaded what the command prints. */
const SHELLS: Record<string, (words: string[]) => string[]> = {
  // Bash runs the function with the words of the line; so does this.
  bash: (words) => [
    ...["--norc", "--noprofile", "-c"],
    `source <(pulumi-safeguard completion bash)
     complete -p pulumi-safeguard >&2
     COMP_WORDS=(pulumi-safeguard "$@"); COMP_CWORD=$#
     _pulumi_safeguard pulumi-safeguard
     printf '%s\\n' "\${COMPREPLY[@]}"`,
    ...["bash", ...words],
  ],
  // What zsh would show is printed instead: its line editor needs a terminal.
  zsh: (words) => [
    ...["-f", "-c"],
    `autoload -Uz compinit; compinit -u -D
     source <(pulumi-safeguard completion zsh)
     print -r -- "\${_comps[pulumi-safeguard]}" >&2
     _describe() { for one in "\${(@P)2}"; do print -r -- "\${one%%:*}"; done }
     _files() { print -rl -- *(N) }
     words=(pulumi-safeguard "$@"); CURRENT=$(( $# + 1 ))
     _pulumi_safeguard; true`,
    ...["zsh", ...words],
  ],
  fish: (words) => [
    ...["--no-config", "-c"],
    `pulumi-safeguard completion fish | source
     complete -c pulumi-safeguard >&2
     complete -C (string join -- ' ' pulumi-safeguard $argv) | string replace -r '\\t.*' ''; true`,
    ...["--", ...words],
  ],
};

describe("completion in real shells", function () {
  this.timeout(300_000);
  let folder: string;
  let work: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "safeguard-shells-"));
    work = join(folder, "work");
    mkdirSync(work);
    const wrapper = join(folder, "pulumi-safeguard");
    writeFileSync(wrapper, `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
    chmodSync(wrapper, 0o755);
    const connection = { address: "10.0.0.1", passwordEnv: "PASSWORD" };
    const sites = ["vienna", "graz", "two words"].map((name) => ({ name, sps: connection, spp: connection }));
    writeFileSync(join(work, "safeguard.yaml"), stringify({ sites }));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [shell, completing] of Object.entries(SHELLS)) {
    describe(shell, () => {
      const found = ["/usr/bin", "/bin"].map((path) => join(path, shell)).find((path) => existsSync(path));

      before(function () {
        if (found === undefined) skipTests(this, `${shell} is missing; run as root: apt-get install ${shell}`);
      });

      /** What the shell offers for the last word. */
      function complete(...words: string[]): string[] {
        const env = { ...process.env, HOME: folder, PATH: [folder, process.env.PATH].join(delimiter) };
        const { stdout, stderr, status } = spawnSync(found ?? shell, completing(words), {
          encoding: "utf8",
          cwd: work,
          env,
        });
        assert.equal(status, 0, stderr);
        assert.match(stderr, /_pulumi_safeguard/, "the completion is not registered");
        return stdout.split("\n").filter((line) => line !== "");
      }

      it("offers commands, sites and files", () => {
        assert.deepEqual(complete("t"), ["topology"]);
        const sites = complete("doctor", "--site", "");
        assert.deepEqual(sites.map((site) => site.replaceAll("\\", "")).sort(), ["graz", "two words", "vienna"]);
        assert.deepEqual(complete("doctor", "--file", "safeg"), ["safeguard.yaml"]);
      });

      it("runs nothing of what is typed", () => {
        assert.deepEqual(complete("doctor", "--site", "$(touch ran)", "`touch ran`", "--js"), ["--json"]);
        assert.equal(existsSync(join(work, "ran")), false);
      });
    });
  }
});
