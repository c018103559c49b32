import { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { routerRedirection } from "../../provider/resources/router-redirection/operations";
import type { BackendName } from "../../provider/router/linux/model/backend-names";
import { type Desired, desiredState, NOTHING } from "../../provider/router/linux/model/desired";
import { decide, planContext } from "../../provider/router/linux/plan/decision";
import { desiredRules, foundRules } from "../../provider/router/linux/plan/lines";
import { requirePreconditions } from "../../provider/router/linux/plan/preconditions";
import { warnings } from "../../provider/router/linux/plan/warnings";
import { parseReadBack } from "../../provider/router/linux/read/read-back";
import { readScope, readScript } from "../../provider/router/linux/read/read-script";
import { addingText, type RuleSet, removingText } from "./rule-set";

/** The fate of a client's connection, and what the product says of the rules. */
export interface Trial {
  /** True when the connection works and is recorded with the client's address. */
  isHealthy: boolean;
  /** What became of the connection, in words. */
  truth: string;
  /** What is reported while the redirection is in force. */
  alarms: string[];
}

const SERVER = "10.0.0.5";
const PORT = 3389;
/** A dead connection is found by its time limit. */
const LIMIT_SECONDS = 0.7;

/** A router with one redirection, on which rule sets are tried one after the other. */
export class Trials {
  private base = "";

  private constructor(
    private readonly router: LabRouter,
    private readonly desired: Desired,
  ) {}

  static async start(backend: BackendName): Promise<Trials> {
    const router = await LabRouter.start(`neighbours-${backend}`);
    const inputs = await router.inputsWith({ existingConnections: "cut" }, { linux: { backend } });
    await routerRedirection.create(inputs, router.context());
    const trials = new Trials(router, desiredState(inputs.redirections, { backend }));
    await trials.saveBase();
    return trials;
  }

  async stop(): Promise<void> {
    await this.router.stop();
  }

  /** Adds the rules, connects, reads and removes the rules. */
  async try(set: RuleSet): Promise<Trial> {
    await this.router.run(addingText(set));
    const truth = await this.connect(set.address ?? SERVER);
    const alarms = await this.read();
    await this.router.run(`${removingText(set)}\n${this.base}`);
    return { isHealthy: truth === (set.address === undefined ? RECORDED : BLOCKED), truth, alarms };
  }

  /** Creates all tables of iptables, and notes how to restore the firewalls. */
  private async saveBase(): Promise<void> {
    const tables = ["filter", "nat", "mangle", "raw", "security"];
    for (const tool of ["iptables-nft", "iptables-legacy"]) {
      await this.router.run(
        tables.map((table) => `${tool} -t ${table} -S >/dev/null; ${tool} -t ${table} -P OUTPUT ACCEPT`).join("\n"),
      );
    }
    const [nft, legacy] = [await this.router.run("iptables-nft-save"), await this.router.run("iptables-legacy-save")];
    this.base = `iptables-nft-restore <<'SAVED' || exit 1\n${nft}\nSAVED\niptables-legacy-restore <<'SAVED' || exit 1\n${legacy}\nSAVED
nft list tables | grep -v -e SPS-R- -e 'ip filter$' -e 'ip nat$' -e 'ip mangle$' -e 'ip raw$' -e 'ip security$' | while read -r line; do nft delete "$line"; done; true`;
  }

  private async connect(address: string): Promise<string> {
    const before = (await this.router.network.auditRecords()).length;
    const result = await this.router.network.connectFromClient(address, PORT, { timeoutSeconds: LIMIT_SECONDS }).then(
      () => "",
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    const [record] = (await this.router.network.auditRecords()).slice(before);
    if (address !== SERVER) return result === "" ? "connected under another address" : BLOCKED;
    if (!record) return result === "" ? "went direct" : `not recorded: ${result}`;
    if (!record.client.startsWith("192.168.50.10:")) return `recorded as ${record.client}`;
    return result === "" ? RECORDED : `recorded, but broken: ${result}`;
  }

  /** Everything that a refresh reports, and why a create would be refused. */
  private async read(): Promise<string[]> {
    const scope = readScope(this.desired);
    const output = await this.router.network.exec("router", ["sh", "-s"], {
      input: readScript(scope),
      timeoutSeconds: 20,
    });
    const found = parseReadBack(output, "router");
    const decision = decide(this.desired, found);
    const lines = desiredRules(this.desired);
    const drift = foundRules(decision).filter((line) => !lines.includes(line));
    const texts = [...warnings(decision), ...drift];
    try {
      requirePreconditions(planContext(found, { wanted: this.desired, owned: NOTHING, isAdopting: true }, "router"));
    } catch (error) {
      texts.push(String(error));
    }
    return texts;
  }
}

const RECORDED = "recorded";
const BLOCKED = "blocked";
