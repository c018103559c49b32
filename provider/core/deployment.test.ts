import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Deployment } from "./deployment";

const REFUSED = new Error("refused");
const BROKEN = new Error("connection broken");
const isRefusal = (error: unknown) => error === REFUSED;

/** Logins of one deployment; each answers with the next outcome, or succeeds. */
function logins(outcomes: (Error | undefined)[] = []) {
  const deployment = new Deployment();
  const log = { tried: 0 };
  const logIn = (...credentials: string[]) =>
    deployment.logIn(
      credentials,
      async () => {
        log.tried += 1;
        await new Promise((resolve) => setImmediate(resolve));
        const outcome = outcomes.shift();
        if (outcome) throw outcome;
        return "session";
      },
      isRefusal,
    );
  return { log, logIn };
}

describe("logins of a deployment", () => {
  it("tries refused credentials once, also when many logins start at the same time", async () => {
    const { log, logIn } = logins([REFUSED]);
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => logIn("spp", "admin", "wrong")));
    assert.ok(results.every((result) => result.status === "rejected" && result.reason === REFUSED));
    await assert.rejects(logIn("spp", "admin", "wrong"), REFUSED);
    assert.equal(log.tried, 1);
  });

  it("logs in with other credentials after a refusal", async () => {
    const { log, logIn } = logins([REFUSED]);
    await assert.rejects(logIn("spp", "admin", "wrong"), REFUSED);
    assert.equal(await logIn("spp", "admin", "right"), "session");
    assert.equal(log.tried, 2);
  });

  it("repeats a login that failed for another reason than the credentials", async () => {
    const { log, logIn } = logins([BROKEN]);
    await assert.rejects(logIn("spp"), BROKEN);
    assert.equal(await logIn("spp"), "session");
    assert.equal(log.tried, 2);
  });

  it("repeats accepted credentials for each login, in parallel", async () => {
    const { log, logIn } = logins();
    assert.deepEqual(await Promise.all([logIn("sps"), logIn("sps"), logIn("sps")]), ["session", "session", "session"]);
    assert.equal(log.tried, 3);
  });
});
