import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { endOf, spawnAttached } from "../network/attached";
import type { LabNetwork } from "../network/network";

/** What the program `clish` of expert mode asks the device for. */
export interface ClishRequest {
  /** Commands to execute; none opens Clish on the terminal of the program. */
  commands?: string[];
  /** True executes commands after a refused one, too (`-i`). */
  isIgnoring?: boolean;
}

/** The folder of the search path that gets the programs of a gateway. */
const PROGRAMS = "/usr/local/sbin";

/** The folder of `fwaccel`, which only the profile of login shells adds to the search path. */
const SUITE = "/run/CPsuite/bin";
const PROFILE = "/etc/profile.d/CP.sh";

/**
 * The shell of a gateway: a real bash on the lab's router, with the programs of Gaia that are needed there. Its program `clish`
 * is served by the emulated device. What it does ends with the network, or with `restart`.
 */
export class ExpertMode {
  private readonly folder: string;
  private readonly server: Server;
  private readonly shells = new Set<ChildProcess>();
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly network: LabNetwork,
    serve: (request: ClishRequest, socket: Socket) => void,
  ) {
    this.folder = dirname(network.description.sps.auditFile);
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("error", () => undefined);
      socket.once("data", (line: Buffer) => serve(JSON.parse(line.toString()) as ClishRequest, socket));
    });
  }

  /** Puts the programs where the router's shells find them. */
  static async start(network: LabNetwork, serve: (request: ClishRequest, socket: Socket) => void): Promise<ExpertMode> {
    const mode = new ExpertMode(network, serve);
    mode.server.listen(mode.path("clish.sock"));
    await once(mode.server, "listening");
    writeFileSync(mode.path("clish.js"), clishProgram(mode.path("clish.sock")));
    writeFileSync(mode.path("clish"), `#!/bin/sh\nexec ${process.execPath} ${mode.path("clish.js")} "$@"\n`, {
      mode: 0o755,
    });
    writeFileSync(mode.path("fwaccel"), FWACCEL, { mode: 0o755 });
    const install = [
      "mkdir -p /run/programs",
      `cp -a ${PROGRAMS}/. /run/programs 2>/dev/null || true`,
      `cp ${mode.path("clish")} /run/programs`,
      `mkdir -p ${SUITE} ${dirname(PROFILE)}`,
      `cp ${mode.path("fwaccel")} ${SUITE}`,
      `echo 'PATH=$PATH:${SUITE}; export PATH' >${PROFILE}`,
      `mount --bind /run/programs ${PROGRAMS}`,
    ].join(" && ");
    const status = await endOf(
      spawnAttached(network.keeperPid, undefined, ["sh", "-ec", install], { stdio: "ignore" }),
    );
    if (status !== 0) throw new Error(`the programs of the gateway cannot be installed: status ${status}`);
    return mode;
  }

  /** Tells the router that it runs Gaia, and whether SecureXL is on. */
  async describe(version: string, hasSecureXl: boolean): Promise<void> {
    const files = [
      `echo 'This is Check Point Gaia ${version}' >/etc/cp-release`,
      `echo ${hasSecureXl ? "enabled" : "disabled"} >/run/securexl`,
    ];
    await this.network.exec("router", ["sh", "-c", files.join("; ")]);
  }

  /** A bash on a terminal of its own, as after `expert`. */
  openShell(hostname: string): ChildProcess {
    writeFileSync(
      this.path("bashrc"),
      `PS1='[Expert@${hostname}:0]# '\nbind 'set enable-bracketed-paste off' 2>/dev/null\n`,
    );
    const bash = `exec bash --noprofile --rcfile ${this.path("bashrc")} -i`;
    return this.started(["script", "-qfec", bash, "/dev/null"]);
  }

  /** A command that is run without a terminal. */
  run(command: string): ChildProcess {
    return this.started(["bash", "-c", command]);
  }

  /** Ends what runs, and forgets what a restart forgets. */
  async restart(): Promise<void> {
    for (const shell of this.shells) shell.kill("SIGKILL");
    // A timer without its folder ends by itself.
    await this.network.exec("router", ["sh", "-c", "rm -rf /run/sps-redirect*"]);
  }

  async stop(): Promise<void> {
    for (const shell of this.shells) shell.kill("SIGKILL");
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private started(command: readonly string[]): ChildProcess {
    // nsenter stays between: what it has started must end with it.
    const bound = ["setpriv", "--pdeathsig", "KILL", ...command];
    const child = spawnAttached(this.network.keeperPid, "router", bound, { stdio: "pipe" });
    this.shells.add(child);
    child.on("close", () => this.shells.delete(child));
    child.on("error", () => this.shells.delete(child));
    child.stdin?.on("error", () => undefined);
    return child;
  }

  private path(name: string): string {
    return join(this.folder, name);
  }
}

/** As its first lines are in published output of R80.20 and later. */
const FWACCEL = `#!/bin/sh
[ "$1" = stat ] || exit 1
state=$(cat /run/securexl 2>/dev/null || echo enabled)
cat <<END
+---------------------------------------------------------------------------------+
|Id|Name     |Status     |Interfaces               |Features                       |
+---------------------------------------------------------------------------------+
|0 |SND      |$state    |eth1,eth2,eth3,Mgmt      |Acceleration,Cryptography      |
+---------------------------------------------------------------------------------+
END
`;

/** The program: options as of Gaia, \`-c COMMAND\`, \`-f FILE\` and \`-i\`; without any it opens Clish on its terminal. */
function clishProgram(socket: string): string {
  return `const { readFileSync } = require("node:fs");
const words = process.argv.slice(2);
const valueOf = (option) => { const at = words.indexOf(option); return at < 0 ? undefined : words[at + 1]; };
const command = valueOf("-c"), file = valueOf("-f");
const commands = file !== undefined ? readFileSync(file, "utf8").split("\\n") : command !== undefined ? [command] : undefined;
const stream = require("node:net").connect(${JSON.stringify(socket)});
stream.on("error", () => process.exit(1));
stream.write(JSON.stringify({ commands, isIgnoring: words.includes("-i") }));
if (commands === undefined) {
  if (process.stdin.isTTY) process.stdin.setRawMode(true);
  process.stdin.pipe(stream);
}
stream.pipe(process.stdout);
// The process ends once its output is written: a long configuration is more than a pipe holds.
stream.on("close", () => process.stdin.destroy());
`;
}
