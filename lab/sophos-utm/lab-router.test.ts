import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, request } from "undici";
import { LabCertificateAuthority } from "../common/certificates";
import { Lab } from "../lab";
import { LabNetwork } from "../network/network";
import { SophosRouter } from "./lab-router";

describe("a lab with a Sophos UTM", function () {
  this.timeout(30_000);

  it("describes the router beside the appliances, serves it to users with a token or password, and stops", async () => {
    const lab = await Lab.start({ name: `utm-${process.pid}`, network: false, spsCount: 1, router: "sophos-utm" });
    try {
      const { sophosUtm } = lab.description;
      assert.ok(sophosUtm);
      const { address, port, username, password, token, caFile, certificateSha256, ...interfaces } = sophosUtm;
      assert.match(certificateSha256, /^[0-9a-f]{64}$/);
      assert.deepEqual(interfaces, {
        clientInterface: "Internal",
        serverInterface: "ServerFarm",
        spsInterface: "SPS",
        managementInterface: "Management (LAN)",
      });
      const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } });
      const statusFor = async (user: string, secret: string) => {
        const authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
        const url = `https://${address}:${port}/api/status/version`;
        return (await request(url, { dispatcher, headers: { authorization } })).statusCode;
      };
      assert.deepEqual(
        [await statusFor(username, password), await statusFor("token", token), await statusFor("token", password)],
        [200, 200, 401],
      );
      await dispatcher.close();
    } finally {
      await lab.stop();
    }
  });

  it("routes packets as the first matching policy route says that is on", async () => {
    const directory = mkdtempSync(join(tmpdir(), "utm-"));
    const network = await LabNetwork.start({ labName: `utm-${process.pid}`, directory });
    const authority = await LabCertificateAuthority.create("utm");
    const router = await SophosRouter.start(network, { authority });
    try {
      const { configuration } = router.device;
      const apply = async (method: string, path: string, values: unknown, headers: Record<string, string> = {}) => {
        const json = { "content-type": "application/json" };
        const made = {
          method,
          path: `/api/objects/${path}`,
          headers: { ...json, ...headers },
          body: JSON.stringify(values),
        };
        return (await router.device.handle(made))?.body as { _ref: string };
      };
      const seenAs = async () => (await network.connectFromClient("10.0.0.5", 3389)).peerSeenByServer;
      const service = await apply("POST", "service/tcp/", { name: "RDP", dst_low: 3389, dst_high: 3389 });
      const host = await apply("POST", "network/host/", { name: "SPS", address: "172.16.9.2" });
      const route = await apply(
        "POST",
        "route/policy/",
        {
          name: "RDP to SPS",
          interface: "REF_IntEthInternal",
          source: "REF_DefaultInternalNetwork",
          service: service._ref,
          destination: "REF_NetIntNetwServerFarm",
          target: host._ref,
        },
        { "x-restd-insert": "routes.policy 1" },
      );
      assert.deepEqual(configuration.node("routes.policy"), [route._ref, "REF_RouPolWebToProxy"]);
      assert.equal(await seenAs(), "192.168.50.10", "a route that is off does nothing");
      await apply("PATCH", `route/policy/${route._ref}`, { status: true });
      assert.equal(await seenAs(), "172.16.9.2");
      await apply("PATCH", `service/tcp/${service._ref}`, { dst_low: 8080, dst_high: 8080 });
      assert.equal(await seenAs(), "192.168.50.10");
      await apply("PATCH", `service/tcp/${service._ref}`, { dst_low: 3389, dst_high: 3389 });
      const range = await apply("POST", "network/range/", { name: "servers", from: "10.0.0.3", to: "10.0.0.5" });
      await apply("PATCH", `route/policy/${route._ref}`, { destination: range._ref });
      assert.equal(await seenAs(), "172.16.9.2");
      await apply("PATCH", `network/range/${range._ref}`, { to: "10.0.0.4" });
      assert.equal(await seenAs(), "192.168.50.10");
    } finally {
      await router.stop();
      await network.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
