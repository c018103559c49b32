import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { LabClock } from "../../common/clock";
import { type Session, Sessions } from "./sessions";

/** A clock that only moves when the test says so. */
class ManualClock extends LabClock {
  private milliseconds = 0;

  override now(): Date {
    return new Date(this.milliseconds);
  }

  pass(seconds: number): void {
    this.milliseconds += seconds * 1000;
  }
}

const ACCOUNT = { username: "admin", password: "pä:ss" };

function start(idleSeconds = 600) {
  const clock = new ManualClock();
  const sessions = new Sessions(clock, ACCOUNT, () => idleSeconds);
  return { clock, sessions };
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text, "utf8").toString("base64")}`;
}

function loggedIn(sessions: Sessions): Session {
  const session = sessions.logIn(basic("admin:pä:ss"));
  assert.ok(session);
  return session;
}

describe("sessions of SPS", () => {
  it("reads passwords as UTF-8 with colons", () => {
    const { sessions } = start();
    assert.equal(loggedIn(sessions).username, "admin");
    const latin1 = `Basic ${Buffer.from("admin:pä:ss", "latin1").toString("base64")}`;
    const refused = [basic("admin:pä"), basic("root:pä:ss"), latin1, "Bearer x", "Basic", ""];
    assert.deepEqual(
      refused.map((header) => sessions.logIn(header)),
      Array(refused.length).fill(undefined),
    );
  });

  it("ends a session after the idle time since its last request", () => {
    const { sessions, clock } = start();
    const { id } = loggedIn(sessions);
    clock.pass(599);
    assert.equal(sessions.find(id)?.id, id);
    clock.pass(599);
    assert.equal(sessions.find(id)?.id, id);
    clock.pass(600);
    assert.equal(sessions.find(id), undefined);
  });

  it("reports the remaining time of a session in whole seconds", () => {
    const { sessions, clock } = start();
    const session = loggedIn(sessions);
    clock.pass(10.5);
    assert.equal(sessions.remainingSeconds(session), 589);
    sessions.find(session.id);
    assert.equal(sessions.remainingSeconds(session), 600);
  });

  it("creates distinct sessions and ends all of them together", () => {
    const { sessions } = start();
    const ids = [loggedIn(sessions), loggedIn(sessions)].map(({ id }) => id);
    assert.equal(new Set(ids).size, 2);
    assert.equal(sessions.active().length, 2);
    sessions.endAll();
    assert.equal(sessions.active().length, 0);
  });
});
