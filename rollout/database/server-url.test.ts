import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { serverUrl } from "./server-url";

describe("the URL of a PostgreSQL server", () => {
  it("is taken as it is", () => {
    for (const url of [
      "postgres://rollout:a%40b@db.example.com:5433/rollout",
      "postgresql://rollout@[fd00::1]/rollout?sslmode=verify-full",
      "postgres:///rollout?host=/var/run/postgresql",
      "postgres://db/x?sslmode=require&uselibpqcompat=true",
      "postgres://db/x?sslmode=disable",
    ])
      assert.equal(serverUrl(` ${url} `), url);
  });

  it("asks for a verified certificate in the way that the driver does not warn of", () => {
    for (const mode of ["prefer", "require", "verify-ca"])
      assert.equal(
        serverUrl(`postgres://u:p%23@db/x?sslmode=${mode}&sslrootcert=ca.pem`),
        "postgres://u:p%23@db/x?sslmode=verify-full&sslrootcert=ca.pem",
      );
  });

  it("is refused when it is none, without its password", () => {
    assert.throws(() => serverUrl(""), {
      message: "it is empty; set postgres://USER:PASSWORD@HOST:PORT/DATABASE, or unset it for an embedded database",
    });
    for (const url of [
      "db",
      "http://db/x",
      "postgress://db/x",
      "postgres://u:hunter2#3@db/x",
      "postgres://u:hunter2%@db/x",
    ])
      assert.throws(() => serverUrl(url), {
        message:
          "it is no URL of a PostgreSQL database; set postgres://USER:PASSWORD@HOST:PORT/DATABASE, with % codes for special characters, such as %40 for @ in the password",
      });
  });
});
