import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { redactor } from "./redact";
import { failureResult } from "./result";

const asIs = (text: string) => text;

describe("the result of a failed run", () => {
  it("has the first messages in one line, with the first code", () => {
    const messages = [
      "error: sps 10.0.0.1: log in: user admin was refused; correct the password [SG1013]\n",
      "error: sps 10.0.0.1: log in: user admin was refused; correct the password [SG1013]",
      "update failed",
      "second\n    at Object.<anonymous> (/home/ada/index.js:1:94)",
      "third",
      "fourth",
    ];
    assert.deepEqual(failureResult(messages, asIs), {
      outcome: "failed",
      message:
        "sps 10.0.0.1: log in: user admin was refused; correct the password [SG1013] | second | third | and 1 more",
      code: "SG1013",
    });
  });

  it("ends a long message with a whole character", () => {
    const { message } = failureResult([`${"a".repeat(999)}\u{1f44d}`], asIs);
    assert.equal(message, "a".repeat(999));
  });

  it("tells an unreachable appliance and an unknown outcome from a failure by the code", () => {
    const outcomeOf = (code: string) => failureResult([`a: b: c; d [${code}]`], asIs).outcome;
    assert.deepEqual(["SG1010", "SG1016", "SG1013"].map(outcomeOf), ["unreachable", "unknown", "failed"]);
  });

  it("never is without a message", () => {
    assert.equal(failureResult([""], asIs).message, "the run failed without a message");
  });
});

describe("secrets in messages", () => {
  it("are replaced when their names say that they are secret", () => {
    const redact = redactor(
      { SPS_PASSWORD: "hunter2hunter2", EMPTY_TOKEN: "", SHORT_SECRET: "abc" },
      { "site:apiKey": "0123456789" },
    );
    assert.equal(redact("login with hunter2hunter2 and 0123456789 at abc"), "login with [secret] and [secret] at abc");
  });

  it("are replaced whole when one contains another", () => {
    assert.equal(redactor({ A_TOKEN: "abcdef", B_TOKEN: "abcdefghi" })("abcdefghi"), "[secret]");
  });

  it("knows a secret by each usual name of its variable, and by no name that is only like it", () => {
    const text = "dial with 4f9c2e71d8";
    const names = [
      "SPS_PW",
      "DB_PASS",
      "adminPass",
      "DBPASS",
      "ROOT_PWD",
      "ROOT_PASSWD",
      "REGISTRY_AUTH",
      "SSH_KEY",
      "AZURE_STORAGE_KEY",
    ];
    const more = ["AWS_SECRET_ACCESS_KEY", "ARM_ACCOUNT_KEY", "SESSION_COOKIE", "AZURE_STORAGE_CONNECTION_STRING"];
    for (const name of [...names, ...more])
      assert.equal(redactor({ [name]: "4f9c2e71d8" })(text), "dial with [secret]", name);
    for (const name of ["PWD", "OLDPWD", "SSH_AUTH_SOCK", "KEYBOARD", "PASSENGERS", "site:bypass", "COMPASS"])
      assert.equal(redactor({ [name]: "4f9c2e71d8" })(text), text, name);
  });

  it("are replaced when they are passwords of URLs, as written, decoded and encoded", () => {
    const redact = redactor(
      { PULUMI_BACKEND_URL: "postgres://ada:p%40ss%2Fw0rd@db/state?sslmode=disable" },
      { "site:mirror": "https://ci:raw/pass@w0rd@mirror/x", "site:url": "postgres://db/x?user=a&password=in+query" },
    );
    assert.equal(
      redact("p%40ss%2Fw0rd, p@ss/w0rd, raw/pass@w0rd and in query at db"),
      "[secret], [secret], [secret] and [secret] at db",
    );
  });

  it("are replaced in every URL of a message, also of one that no variable has", () => {
    const redact = redactor({ PULUMI_BACKEND_URL: "postgres://user:S3cretPw99@127.0.0.1:1/db" });
    assert.equal(
      redact("open postgres://user:S3cretPw99@127.0.0.1:1/db and postgres://bob:pw@db:5432/x: refused"),
      "open postgres://user:[secret]@127.0.0.1:1/db and postgres://bob:[secret]@db:5432/x: refused",
    );
    const plain = "https://10.0.0.5:443/api: SPS of a@b; file:///s/0b.json: created by root@build-7 (pid 1)";
    assert.equal(redact(plain), plain);
  });
});
