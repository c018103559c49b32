import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { type Cut, cutCommand } from "./cuts";

/** A contender's task: apply the lab's usual redirection to a router, through a port of 127.0.0.1. */
export interface Task {
  router: LabRouter;
  port: number;
  windowSeconds: number;
  /** An empty folder for this run. */
  folder: string;
  /** True when the redirection must persist; rivals cannot do that. */
  persist: boolean;
  cut?: Cut;
}

/** A program that applies redirections to routers. */
export interface Contender {
  name: string;
  /** Starts the task in its own process. */
  launch(task: Task): Promise<ChildProcess>;
  /** The text that it prints when it begins to make changes. */
  beginning(cut: Cut | undefined): string;
  /** A shell command for the router that prints changes which are neither confirmed nor rolled back. */
  pending: string;
  /** A shell command for the router that prints a line while changes are being made. */
  working: string;
  /** True when only its process shows whether it is at work. */
  isSeenByProcess: boolean;
}

/** This product: one create. */
export const PRODUCT: Contender = {
  name: "pulumi-safeguard",
  launch: async ({ router, port, windowSeconds, folder, persist, cut }) => {
    const inputs = await router.inputs({ router: { ...(router.raw().router as object), port }, persist });
    const file = join(folder, "inputs.json");
    writeFileSync(file, JSON.stringify({ ...inputs, commitConfirm: { windowSeconds } }));
    return program("victim.ts", [file, ...(cut ? [cut] : [])]);
  },
  beginning: () => "as one transaction",
  pending: `ls -d /run/sps-redirect/commit.*/undo /run/sps-redirect/commit.*/undo.run 2>/dev/null`,
  working: "flock -n /run/lock/sps-redirect true || echo at work",
  isSeenByProcess: false,
};

/** The commands for the layers, in the product's order. */
export const LAYERS = [
  "ip -4 route replace unreachable default metric 4294967295 table 10302 proto 103",
  "ip -4 route replace default via 172.16.9.2 dev rsps table 10302 proto 103",
  "ip -4 rule add pref 10302 fwmark 0x2/0xff lookup 10302 protocol 103",
];

/** The classification in the syntax of iptables-restore. */
export const CLASSIFICATION = [
  "-A SPS-R-rdp -i rcli -d 10.0.0.0/24 -p tcp -m multiport --dports 3389 -j CONNMARK --set-mark 2/0xff",
  "-A SPS-R-rdp ! -i rsps -m connmark --mark 2/0xff -j MARK --set-mark 2/0xff",
  "-I PREROUTING 1 -m comment --comment sps:rdp -j SPS-R-rdp",
];

/** One command after another over ssh2, without any protection. */
export const PLAIN: Contender = {
  name: "one command per rule",
  launch: async ({ router, port, folder, cut }) => {
    const { username, privateKeyFile } = router.network.description.router;
    const login = { host: "127.0.0.1", port, username, privateKey: readFileSync(privateKeyFile, "utf8") };
    const commands = [
      ...LAYERS,
      "iptables -w 10 -t mangle -N SPS-R-rdp",
      ...CLASSIFICATION.slice(0, 1).map((rule) => `iptables -w 10 -t mangle ${rule}`),
      ...(cut ? [cutCommand(cut)] : []),
      ...CLASSIFICATION.slice(1).map((rule) => `iptables -w 10 -t mangle ${rule}`),
    ];
    const file = join(folder, "commands.json");
    writeFileSync(file, JSON.stringify({ login, commands }), { mode: 0o600 });
    return program("plain-victim.ts", [file]);
  },
  beginning: () => "making changes",
  pending: "true",
  working: "true",
  isSeenByProcess: true,
};

function program(name: string, args: readonly string[]): ChildProcess {
  // In its own process group, as every contender, so that everything it starts can be killed.
  return spawn(process.execPath, [...startOf(name), ...args], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
}

const bundles = new Map<string, string[]>();

/** Node's arguments for a program: bundled by tsx's esbuild when possible, because that starts four times as fast. */
function startOf(name: string): string[] {
  const source = join(__dirname, name);
  const known = bundles.get(name);
  if (known) return known;
  let start = ["--require", "tsx/cjs", source];
  try {
    const path = require.resolve("esbuild", { paths: [require.resolve("tsx/cjs")] });
    const esbuild: { buildSync(options: object): unknown } = require(path);
    const outfile = join(mkdtempSync(join(tmpdir(), "lockout-")), "program.js");
    process.once("exit", () => rmSync(dirname(outfile), { recursive: true, force: true }));
    const external = ["cpu-features", "*.node"];
    esbuild.buildSync({ entryPoints: [source], bundle: true, platform: "node", target: "node20", external, outfile });
    start = [outfile];
  } catch {
    // The program starts through tsx.
  }
  bundles.set(name, start);
  return start;
}
