import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseWatchdogs, WATCHDOGS_FUNCTION } from "./found-watchdogs";
import { STARTING_FUNCTIONS } from "./script";

const BUSYBOX = ["/usr/bin/busybox", "/bin/busybox"].find((file) => existsSync(file));
const SHELLS: [string, string[]][] = [["sh", ["sh"]]];
if (BUSYBOX) SHELLS.push(["busybox", [BUSYBOX, "ash"]]);

/** Nothing is there, so that what is started would find no link and change nothing. */
const SETTINGS = "192.0.2.1 nowhere0 3600 3";

for (const [name, [shell = "", ...options]] of SHELLS) {
  describe(`the watchdog start and list script in ${name}`, () => {
    let folder = "";
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "watchdog-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    function run(...lines: string[]): { status: number | null; stdout: string; stderr: string } {
      const input = [`sps_run=${folder}\nsps_notes=${folder}/notes`, STARTING_FUNCTIONS, ...lines].join("\n");
      const { status, stdout, stderr } = spawnSync(shell, [...options, "-s"], { input, encoding: "utf8" });
      return { status, stdout, stderr };
    }

    /** What starting one says where its script says this of SPS; it is not to come to be. */
    const refusal = (port: string, status: number, said: string) =>
      run(
        `sh() { echo "$*" >>${folder}/asked; cat >>${folder}/asked; echo '${said}'; return ${status}; }`,
        `sps_watch_start 10302 ${SETTINGS} ${port} 0a1b2c3d`,
      );

    it("refuses an impossible check with the reason and remedy, and leaves no files", () => {
      const why = "the watchdog cannot probe SPS 192.0.2.1:";
      const arp = refusal("-", 2, "the neighbour entry is static");
      const stderr = `${why} the neighbour entry is static; set watchdog.port\n`;
      assert.deepEqual(arp, { status: 1, stdout: "", stderr });
      const tcp = refusal("22", 2, "no tool for TCP on the router");
      assert.equal(tcp.stderr, `${why} no tool for TCP on the router; remove watchdog.port\n`);
      assert.match(refusal("22", 127, "").stderr, /: its script does not run; remove watchdog\.port\n$/);
      const asked = (port: string) => `${folder}/notes/watchdog.10302.new/run.sh ask 192.0.2.1 nowhere0 ${port}\n`;
      assert.equal(readFileSync(join(folder, "asked"), "utf8"), asked("-") + asked("22") + asked("22"));
      assert.deepEqual(readdirSync(folder), ["asked"]);
    });

    for (const [status, seen] of [
      [0, ["seen"]],
      [1, []],
    ] as const) {
      it(`starts a watchdog and records ${seen.length > 0 ? "an" : "no"} answer from SPS`, () => {
        const { stderr } = run(
          `sh() { case "$2" in ask) return ${status} ;; esac; }`,
          "command() { return 1; }",
          "sps_watch_runs() { [ -d $sps_notes/watchdog.10302 ]; }",
          `sps_watch_start 10302 ${SETTINGS} 22 0a1b2c3d`,
        );
        assert.equal(stderr, "");
        const watchdog = join(folder, "notes/watchdog.10302");
        const token = readFileSync(join(watchdog, "token"), "utf8").trim();
        const there = readdirSync(watchdog).sort();
        assert.deepEqual(there, ["run.sh", ...seen.map((file) => `${file}.${token}`), "settings", "token"]);
      });
    }

    /** The options that systemd-run is called with, where it does not know those that begin so. */
    function unitOptions(unknown: string): string[] {
      mkdirSync(join(folder, "bin"));
      const said = `#!/bin/sh\necho "\${*%% /bin/sh*}" >>${folder}/units\ncase "$*" in *${unknown}*) exit 1 ;; esac\n`;
      writeFileSync(join(folder, "bin/systemd-run"), said, { mode: 0o755 });
      run(
        `PATH=${folder}/bin:$PATH\nmkdir -p ${folder}/systemd/system`,
        "sps_watch_runs() { [ -s $sps_run/units ]; }",
        `sps_watch_start 10302 ${SETTINGS} - 0a1b2c3d`,
      );
      const units = readFileSync(join(folder, "units"), "utf8").trim().split("\n");
      return units.map((line) => line.replace(/(10302-)[0-9a-f-]{36}/, "$1TOKEN"));
    }

    it("sets up systemd to restart the supervisor, also when the watchdog is out of memory", () => {
      const usual = "--quiet --collect --unit=sps-redirect-watchdog-10302-TOKEN";
      assert.deepEqual(unitOptions("--nothing"), [`${usual} -p Restart=on-failure -p RestartSec=3`]);
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      assert.deepEqual(
        unitOptions("Restart="),
        [`${usual} -p Restart=on-failure -p RestartSec=3`, usual],
        "an old one",
      );
    });

    it("lists a watchdog whose time record is empty, as on a full disk", () => {
      const listed = (since: string) => {
        run(`mkdir -p "$sps_notes/watchdog.10302"; echo ${SETTINGS} - 0a1b2c3d >"$sps_notes/watchdog.10302/settings"`);
        writeFileSync(join(folder, "notes/watchdog.10302/since"), since);
        return parseWatchdogs(run(WATCHDOGS_FUNCTION, "sps_watchdogs").stdout).get(10302);
      };
      const watchdog = { settings: `${SETTINGS} - 0a1b2c3d`, isRunning: false };
      assert.deepEqual(listed(""), watchdog);
      assert.deepEqual(listed("2026-01-02T03:04:05Z\n"), { ...watchdog, since: "2026-01-02T03:04:05Z" });
    });
  });
}
