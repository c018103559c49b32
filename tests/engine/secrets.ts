import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Lab } from "../../lab/lab";
import { Sessions } from "../../lab/sps/state/sessions";

/** Everything a lab has handed out or was given that nobody may record: passwords, keys, tokens, cookies. */
export class LabSecrets {
  private readonly values = new Map<string, string>();

  private constructor(private readonly restore: () => void) {}

  /** Watches a lab from now on. */
  static watch(lab: Lab): LabSecrets {
    const logIn = Sessions.prototype.logIn;
    const secrets = new LabSecrets(() => {
      Sessions.prototype.logIn = logIn;
    });
    Sessions.prototype.logIn = function (authorization) {
      const session = logIn.call(this, authorization);
      if (session) {
        secrets.add("SPS session cookie", session.id);
        secrets.add("SPS X-Token", session.token);
        secrets.add("SPS Basic header", authorization.replace(/^Basic\s+/i, ""));
      }
      return session;
    };
    const { tokens } = lab.spp.context;
    const issueUser = tokens.issueUserToken.bind(tokens);
    tokens.issueUserToken = async (...given) => secrets.add("SPP user token", await issueUser(...given));
    const issueSts = tokens.issueStsToken.bind(tokens);
    tokens.issueStsToken = async (...given) => {
      const issued = await issueSts(...given);
      secrets.add("SPP login token", issued.token);
      return issued;
    };
    for (const node of lab.description.sps) secrets.add("SPS password", node.password);
    secrets.add("SPP password", lab.description.spp.password);
    const router = lab.description.network?.router;
    if (router) {
      const lines = readFileSync(router.privateKeyFile, "utf8").split("\n");
      for (const line of lines.filter((text) => text !== "" && !text.startsWith("-----"))) {
        secrets.add("private key of the router", line);
      }
    }
    return secrets;
  }

  /** Adds a value that nobody may record. */
  add<Value extends string>(what: string, value: Value): Value {
    this.values.set(value, what);
    return value;
  }

  /** How many values of a kind there are: nothing is proved of what was never handed out. */
  count(what: string): number {
    return [...this.values.values()].filter((kind) => kind === what).length;
  }

  /** @throws AssertionError naming the kinds of secrets that stand in a text */
  assertAbsent(text: string, where: string): void {
    assert.notEqual(text, "", `${where} is empty`);
    // As it would stand in JSON, too: there a line break of a key is not one.
    const shown = [...this.values].filter(([value]) => text.includes(value)).map(([, what]) => what);
    assert.deepEqual(shown, [], `secrets in ${where}`);
  }

  /** Ends the watch. */
  close(): void {
    this.restore();
  }
}
