import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Harness, HOST_NAME } from "../testing/harness";

const DIAGNOSTICS = "/service/appliance/v4/NetworkDiagnostics";

describe("network diagnostics of the simulated SPP", () => {
  let harness: Harness;
  let token: string;

  before(async () => {
    harness = await Harness.start();
    token = await harness.login();
    harness.addressBook.add("sps1.lab.example", { address: "127.88.3.5", port: 8443 });
  });
  after(() => harness.stop());

  async function run(tool: string, json: Record<string, unknown>): Promise<string> {
    const answer = await harness.request("POST", `${DIAGNOSTICS}/${tool}`, { token, json });
    assert.equal(answer.status, 200, answer.text);
    return String(answer.json);
  }
  const refusal = (tool: string, json: object) =>
    harness.statusAndCode("POST", `${DIAGNOSTICS}/${tool}`, { token, json });

  it("connects only to open ports of known hosts", async () => {
    assert.equal(await run("Telnet", { NetworkAddress: HOST_NAME, Port: 8649 }), `Connected to ${HOST_NAME}:8649.\r\n`);
    for (const [address, port] of [
      [HOST_NAME, 22],
      ["sps1.lab.example", 8649],
      ["192.0.2.1", 8649],
    ] as const) {
      const output = await run("Telnet", { NetworkAddress: address, Port: port });
      assert.equal(output, `Could not open a connection to ${address}:${port}.\r\n`);
    }
  });

  it("pings as often and with as many bytes as asked, and prints the averages", async () => {
    const output = await run("Ping", {
      NetworkAddress: "sps1.lab.example",
      NumberEchoRequests: 2,
      BufferSize: 64,
      TimeToLive: 9,
      CountHops: 1,
      TimestampForCountHops: 1,
    });
    const replies = output.split("\r\n").filter((line) => line.startsWith("Reply from"));
    assert.deepEqual(replies, Array(2).fill("Reply from 127.88.3.5: bytes=64 time<1ms TTL=9"));
    assert.match(output, /^\r\nPinging sps1\.lab\.example \[127\.88\.3\.5\] with 64 bytes of data:\r\n/);
    assert.match(output, /Packets: Sent = 2, Received = 2, Lost = 0 \(0% loss\),/);
    assert.match(output, /Minimum = 0ms, Maximum = 0ms, Average = 0ms\r\n$/);
    assert.match(output, /Route: 127\.88\.3\.5\r\n {4}Timestamp: 127\.88\.3\.5 : 0/);
  });

  it("prints no averages without a reply, also of SPP itself, which drops pings", async () => {
    for (const address of ["192.0.2.1", HOST_NAME]) {
      const output = await run("Ping", { NetworkAddress: address });
      assert.match(output, /Packets: Sent = 4, Received = 0, Lost = 4 \(100% loss\),\r\n$/, address);
      assert.equal(output.match(/Request timed out\./g)?.length, 4);
    }
    assert.match(await run("Ping", { NetworkAddress: "nobody.example" }), /could not find host nobody\.example/);
  });

  it("refuses options out of range and empty addresses", async () => {
    const host = { NetworkAddress: HOST_NAME };
    const wrong: [string, object, number][] = [
      ["Ping", { NetworkAddress: "" }, 60318],
      ["CldapPing", {}, 60318],
      ["Ping", { ...host, BufferSize: 65_501 }, 70000],
      ["Ping", { ...host, NumberEchoRequests: 0 }, 70000],
      ["Ping", { ...host, CountHops: 10 }, 70000],
      ["Ping", { ...host, TimestampForCountHops: 5 }, 70000],
      ["Traceroute", { ...host, CountHops: 256 }, 70000],
      ["Throughput", { MbToTransfer: 10 }, 70007],
      ["Throughput", { TargetApplianceId: "00155D000001", MbToTransfer: 1001 }, 70000],
    ];
    for (const [tool, json, code] of wrong) assert.deepEqual(await refusal(tool, json), [400, code], tool);
  });

  it("traces routes within the hops that are allowed and resolves names", async () => {
    assert.match(
      await run("Traceroute", { NetworkAddress: "sps1.lab.example" }),
      / 127\.88\.3\.5\r\n\r\nTrace complete/,
    );
    const lost = await run("Traceroute", { NetworkAddress: "192.0.2.1", CountHops: 3 });
    assert.equal(lost.match(/Request timed out\./g)?.length, 3);
    assert.match(await run("Nslookup", { NetworkAddress: "sps1.lab.example" }), /Address: 127\.88\.3\.5/);
    assert.match(await run("Nslookup", { NetworkAddress: "nobody.example" }), /non-existent domain/);
  });

  it("reports the domain of a CLDAP ping, the throughput, and flushes the DNS cache", async () => {
    const ping = await harness.request("POST", `${DIAGNOSTICS}/CldapPing`, {
      token,
      json: { NetworkAddress: "corp.example" },
    });
    assert.equal((ping.json as { DomainName: string }).DomainName, "corp.example");
    const { applianceId } = harness.spp.context.identity;
    assert.match(await run("Throughput", { TargetApplianceId: applianceId, MbToTransfer: 5 }), /^Throughput: \d+$/);
    assert.deepEqual(await harness.statusAndCode("POST", `${DIAGNOSTICS}/FlushDns`, { token }), [204, undefined]);
  });
});
