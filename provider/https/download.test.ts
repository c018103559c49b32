import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, before, describe, it } from "mocha";
import { type IssuedCertificate, LabCertificateAuthority } from "../../lab/common/certificates";
import { operationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import { type Download, Transport } from "./transport";

const CONTENT = randomBytes(3_000_000);

describe("a download from an appliance", () => {
  let authority: LabCertificateAuthority;
  let certificate: IssuedCertificate;
  const endings: (() => unknown)[] = [];

  before(async () => {
    authority = await LabCertificateAuthority.create("Download test");
    certificate = await authority.issue({ commonName: "sps", dnsNames: [], ipAddresses: ["127.0.0.1"] });
  });
  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  /** A server that breaks each of the first answers after a third of it; gives the ranges that were asked for. */
  async function serve({ breaks = 0, hasRanges = true, resumes = true } = {}) {
    const ranges: (string | undefined)[] = [];
    const keys = { key: certificate.privateKeyPem, cert: certificate.chainPem };
    const server: Server = createServer(keys, ({ headers: { range } }, response) => {
      ranges.push(range);
      const begin = hasRanges ? Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0) : 0;
      const part = CONTENT.subarray(begin);
      response.writeHead(begin > 0 ? 206 : 200, {
        etag: '"one"',
        "content-length": part.length,
        ...(begin > 0 && { "content-range": `bytes ${begin}-${CONTENT.length - 1}/${CONTENT.length}` }),
      });
      if (ranges.length > breaks) return void response.end(part);
      response.write(part.subarray(0, CONTENT.length / 3), () => response.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    endings.push(() => {
      server.close();
      server.closeAllConnections();
    });
    const connection = { username: "admin", ca: authority.certificatePem, insecureSkipVerify: false };
    const { port } = server.address() as AddressInfo;
    const transport = new Transport("sps x", { ...connection, address: "127.0.0.1", port }, operationContext());
    endings.push(() => transport.close());
    return { ranges, download: await transport.download("/bundle", {}, 5, resumes) };
  }

  async function contentOf({ body }: Download): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  it("goes on where it broke when the server allows that", async () => {
    const { download, ranges } = await serve({ breaks: 2 });
    assert.equal(download.status, 200);
    assert.ok((await contentOf(download)).equals(CONTENT));
    assert.equal(ranges.length, 3);
    assert.ok(
      ranges.slice(1).every((range) => /^bytes=[1-9]\d*-/.test(range ?? "")),
      String(ranges),
    );
  });

  it("asks once where each answer is another one", async () => {
    const { download, ranges } = await serve({ breaks: 1, resumes: false });
    await assert.rejects(contentOf(download));
    assert.equal(ranges.length, 1);
  });

  it("fails rather than joins parts of two answers when the server begins anew", async () => {
    const { download, ranges } = await serve({ breaks: 1, hasRanges: false });
    const error = await contentOf(download).then(
      () => assert.fail("it was read"),
      (reason) => download.explain(reason),
    );
    assert.ok(error instanceof SafeguardError);
    assert.equal(error.code, "SG1017");
    assert.equal(ranges.length, 2);
  });
});
