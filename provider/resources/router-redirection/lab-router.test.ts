import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabNetwork } from "../../../lab/network/network";
import { type Log, type OperationContext, operationContext } from "../../core/context";
import { dial } from "../../ssh/dial";
import { PlatformLab } from "./platform-lab.test";
import type { RouterRedirectionInputs } from "./schema";

/** What the kernel and /run lose when a router restarts. What this does not prove is a real start of a real system. */
export const RESTART = `rm -rf /run/sps-redirect /run/lock/sps-redirect*
iptables-nft -t mangle -F; iptables-nft -t mangle -X
if grep -q . /proc/net/ip_tables_names; then iptables-legacy -t mangle -F; iptables-legacy -t mangle -X; fi
nft list tables ip | sed -n 's/^table ip SPS-R-/delete &/p' | nft -f -
ip -4 rule show | grep 'proto 103' | sed 's/^\\([0-9]*\\):.*/rule del pref \\1/' | ip -4 -batch -
ip -4 route flush table all proto 103
echo 0 >/proc/sys/net/ipv4/conf/rsps/rp_filter`;

/** As the unit of systemd has it. */
export const BOOT = "/bin/sh /etc/sps-redirect/run boot";

/** A lab network for tests of this folder, and inputs that fit it. */
export class LabRouter extends PlatformLab {
  readonly log: string[] = [];
  private clean = "";

  private constructor(
    readonly network: LabNetwork,
    private readonly directory: string,
  ) {
    super();
  }

  /** A router that is as it shall be left; `preparation` is run on it before. */
  static async start(labName: string, preparation = ""): Promise<LabRouter> {
    const directory = mkdtempSync(join(tmpdir(), "router-"));
    const router = new LabRouter(await LabNetwork.start({ labName, directory }), directory);
    await router.run(preparation);
    await router.noteClean();
    return router;
  }

  async stop(): Promise<void> {
    await this.network.stop();
    rmSync(this.directory, { recursive: true });
  }

  /** Runs a script on the router, past the product. */
  async run(script: string): Promise<string> {
    const { status, stdout, stderr } = await this.network.exec("router", ["sh", "-s"], { input: script });
    assert.equal(status, 0, stderr);
    return stdout;
  }

  /** Restarts the router: what is kept below /etc is restored. */
  async restart(): Promise<void> {
    await this.run(RESTART);
    await this.runOverSsh(BOOT);
  }

  /** Waits until a file is there, at most for 5 s, and takes it away. */
  async awaitFile(path: string): Promise<void> {
    await this.run(`n=0; until [ -e ${path} ]; do n=$((n+1)); [ $n -lt 100 ] || exit 1; sleep 0.05; done; rm ${path}`);
  }

  /** Runs a script as the router's SSH server runs it, so that what it mounts counts for all later sessions. */
  async runOverSsh(script: string, limitSeconds?: number): Promise<string> {
    const { address, port, username, privateKeyFile, hostKey } = this.network.description.router;
    const login = { address, port, username, hostKey, insecureSkipVerify: false, dialLimitSeconds: limitSeconds ?? 5 };
    const { signal } = new AbortController();
    const connection = await dial({ ...login, privateKey: readFileSync(privateKeyFile, "utf8") }, signal);
    try {
      const shell = await connection.openShell("sh -s");
      const { status, stdout, stderr } = await shell.run(script, { limitSeconds: limitSeconds ?? 10, signal });
      assert.equal(status, 0, stderr);
      return stdout;
    } finally {
      connection.close();
    }
  }

  /** Everything on the router that redirections could touch, in the tools' own words. */
  async snapshot(): Promise<string> {
    return await this.run(`iptables-nft-save | grep -e '^-A' -e '^:[^ ]* - '
if grep -q . /proc/net/ip_tables_names; then iptables-legacy-save | grep -e '^-A' -e '^:[^ ]* - '; fi
nft -a list ruleset | awk '/^table/ { shown = !/^table ip (mangle|filter|nat|raw) / } shown' | sed 's/counter packets [0-9]* bytes [0-9]*/counter/'
ip -N -4 rule show
ip -N -4 route show table all | sort
cat /proc/sys/net/ipv4/conf/rsps/rp_filter
ls /run/sps-redirect 2>/dev/null || true
`);
  }

  /** From now on the router counts as it shall be left. */
  async noteClean(): Promise<void> {
    this.clean = await this.snapshot();
  }

  /** Nothing of a redirection is left, but perhaps the first match of a pattern, and nothing of others was touched. */
  async assertClean({ but = /^$/ }: { but?: RegExp } = {}): Promise<void> {
    const left = (await this.snapshot()).replace(but, "");
    assert.equal(left, this.clean, "nothing is left, and nothing of others is touched");
  }

  /** One redirection of the lab's servers. */
  redirection(parts: Record<string, unknown> = {}): RouterRedirectionInputs["redirections"][number] {
    return {
      name: "rdp",
      clientInterfaces: ["rcli"],
      serverCidrs: ["10.0.0.0/24"],
      ports: [3389],
      spsAddress: "172.16.9.2",
      spsInterface: "rsps",
      ...parts,
    };
  }

  /** What a program would write for this router, without a check on the router in previews. */
  raw(parts: Record<string, unknown> = {}): Record<string, unknown> {
    const { address, port, username, privateKeyFile, hostKey } = this.network.description.router;
    return {
      platform: "linux",
      preview: "never",
      router: { address, port, username, privateKeyFile, hostKey },
      redirections: [this.redirection()],
      ...parts,
    };
  }

  /** A context that calls `onChange` when the changes are about to be sent. */
  contextAtChange(onChange: () => void, signal?: AbortSignal): OperationContext {
    const { log, signal: abort, resource } = this.context(signal);
    let isFirst = true;
    const status = (message: string) => {
      if (isFirst && message.endsWith("as one transaction")) {
        isFirst = false;
        onChange();
      }
    };
    return operationContext({ log: { ...log, status }, signal: abort, resource });
  }

  /** The context of a run that is lost after its changes, while it logs in again to confirm them. */
  contextLostAtConfirmation(): OperationContext {
    const abort = new AbortController();
    const context = this.context(abort.signal);
    const status = (line: string) => {
      if (line.includes("logging in again and repeating")) abort.abort(new Error("killed"));
    };
    return { ...context, log: { ...context.log, status } };
  }

  /** A context whose lasting lines go to `log`, for a resource of a stack. */
  context(signal?: AbortSignal, resource = "router", stack = "lab"): OperationContext {
    const keep = (level: string) => (message: string) => this.log.push(`${level}: ${message}`);
    const info = keep("info");
    const log: Log = { result: info, info, warn: keep("warn"), debug: () => undefined, status: () => undefined };
    const urn = `urn:pulumi:${stack}::tests::safeguard:RouterRedirection::${resource}`;
    return operationContext({ log, resource: { name: resource, urn }, ...(signal && { signal }) });
  }
}
