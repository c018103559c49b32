import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { withTestBench } from "../testing/hooks";
import type { TestBench } from "../testing/test-bench";
import { at } from "../testing/test-client";

let bench: TestBench;
const SSH = "/api/configuration/ssh/options";
const RDP = "/api/configuration/rdp/options";

describe("protocol options and host data of SPS", () => {
  withTestBench((created) => {
    bench = created;
  });

  it("has audit settings and a log level of every protocol in 6.x and 7.0", async () => {
    for (const firmwareVersion of ["6.9.5", "7.0.5"]) {
      const { client } = await bench.startSps({ firmwareVersion });
      await client.logIn();
      const ssh = at((await client.get(SSH)).body, "body");
      assert.deepEqual(
        [Object.keys(ssh), ssh.service],
        [["audit", "gssapi", "service"], { enabled: true, log_level: 4 }],
      );
      assert.deepEqual(Object.keys(at((await client.get(RDP)).body, "body")), ["audit", "service"]);
    }
  });

  it("has no audit settings since 7.1, and no log level of a disabled service", async () => {
    const { client } = await bench.startSps({ firmwareVersion: "7.1.1" });
    await client.logIn();
    assert.deepEqual(at((await client.get(RDP)).body, "body"), {
      channel_database_cleanup: { enabled: false },
      service: { enabled: false },
    });
    assert.deepEqual(at((await client.get(SSH)).body, "body").service, { enabled: true, log_level: 4 });
  });

  it("changes only the log level when the whole object is sent back, as safeguard-ps does", async () => {
    const { sps, client } = await bench.startSps({ firmwareVersion: "8.0.0" });
    await client.logIn();
    const body = at((await client.get(SSH)).body, "body");
    const changed = { ...body, service: { ...at(body, "service"), log_level: 7 } };
    await client.expect(200, client.put(SSH, changed));
    await client.expect(200, client.commit());
    assert.deepEqual(sps.object(SSH), changed);
  });

  it("shows the default level when a disabled service is enabled without one", async () => {
    const { client } = await bench.startSps({ firmwareVersion: "8.0.0" });
    await client.logIn();
    await client.expect(200, client.put(RDP, { service: { enabled: true } }));
    assert.deepEqual(at((await client.get(RDP)).body, "body", "service"), { enabled: true, log_level: 4 });
    await client.expect(200, client.put(RDP, { service: { enabled: false } }));
    assert.deepEqual(at((await client.get(RDP)).body, "body", "service"), { enabled: false });
  });

  it("shows its names and the mail settings of the Welcome Wizard", async () => {
    const { client } = await bench.startSps();
    await client.logIn();
    const naming = at((await client.get("/api/configuration/network/naming")).body, "body");
    assert.deepEqual(naming, { hostname: "sps1", domainname: "lab.example", nickname: null });
    const email = at((await client.get("/api/configuration/management/email")).body, "body");
    assert.deepEqual(Object.keys(email), ["smtp_server", "admin_email"]);
  });
});
