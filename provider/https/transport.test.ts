import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, before, describe, it } from "mocha";
import { type IssuedCertificate, LabCertificateAuthority } from "../../lab/common/certificates";
import { type Script, ScriptedServer } from "../../tests/support/https-server";
import type { ApplianceConnection } from "../core/connection";
import { operationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import { certificatesIn } from "../core/pem";
import { AnswerLost, ConnectionBroken, explainConnectionError } from "./failures";
import { type HttpRequest, Transport, USER_AGENT } from "./transport";

const GET: HttpRequest = { method: "GET", path: "/api/info?x=hunter2" };
const POST: HttpRequest = { method: "POST", path: "/api/transaction", body: "" };
const ok = { status: 200, body: '{"a":1}' };

describe("the transport to an appliance", () => {
  let authority: LabCertificateAuthority;
  let certificate: IssuedCertificate;
  const endings: (() => unknown)[] = [];

  before(async () => {
    authority = await LabCertificateAuthority.create("Transport test");
    certificate = await authority.issue({ commonName: "sps", dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"] });
  });
  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  async function serve(script: Script, served = certificate, port = 0): Promise<ScriptedServer> {
    const server = await ScriptedServer.start(served, script, port);
    endings.push(() => server.stop());
    return server;
  }

  function transport(port: number, changes: Partial<ApplianceConnection> = {}, signal?: AbortSignal): Transport {
    const connection: ApplianceConnection = {
      address: "127.0.0.1",
      port,
      username: "admin",
      password: "hunter2",
      ca: authority.certificatePem,
      insecureSkipVerify: false,
      ...changes,
    };
    const made = new Transport(`sps ${connection.address}`, connection, operationContext({ signal }));
    endings.push(() => made.close());
    return made;
  }

  async function failureOf(question: Promise<unknown>): Promise<SafeguardError> {
    const error = await question.then(
      () => assert.fail("it was answered"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof SafeguardError, String(error));
    assert.ok(!error.message.includes("hunter2"), error.message);
    return error;
  }

  describe("verifies the identity of the appliance", () => {
    it("verifies an appliance by the given authority, and then sends the request", async () => {
      const server = await serve(() => ({ ...ok, headers: { "x-a": "b" } }));
      const answer = await transport(server.port).send({ ...POST, headers: { "content-type": "x/y" }, body: "{}" });
      assert.deepEqual([answer.status, answer.text, answer.headers["x-a"]], [200, '{"a":1}', "b"]);
      const [request] = server.requests;
      assert.deepEqual([request?.method, request?.path, request?.body], ["POST", "/api/transaction", "{}"]);
      assert.equal(request?.headers["user-agent"], USER_AGENT);
      assert.equal(request?.headers.accept, "application/json");
      assert.equal(request?.headers["content-type"], "x/y");
    });

    it("verifies an appliance by its host name", async () => {
      const server = await serve(() => ok);
      assert.equal((await transport(server.port, { address: "localhost" }).send(GET)).status, 200);
    });

    it("sends an empty POST with its length, which the appliances require", async () => {
      const server = await serve(() => ok);
      await transport(server.port).send(POST);
      assert.equal(server.requests[0]?.headers["content-length"], "0");
    });

    it("identifies itself with a user agent that is no browser's", () => {
      assert.doesNotMatch(USER_AGENT, /Mozilla/i);
    });

    const refusals: Record<string, () => Promise<[Partial<ApplianceConnection>, IssuedCertificate, string]>> = {
      "an authority nobody was told about": async () => {
        const other = await LabCertificateAuthority.create("Other");
        const names = { commonName: "sps", ipAddresses: ["127.0.0.1"] };
        return [
          {},
          await other.issue(names),
          'its certificate was issued by the authority "Other", which is not in ca',
        ];
      },
      "the system's authorities only": async () => [
        { ca: undefined },
        certificate,
        'its certificate was issued by the authority "Transport test", which this system does not trust',
      ],
      "an authority that is no PEM": async () => [
        { ca: "rubbish" },
        certificate,
        'its certificate was issued by the authority "Transport test", which is not in ca',
      ],
      "a certificate for another address": async () => {
        const other = await authority.issue({ commonName: "sps", ipAddresses: ["127.0.0.2"], dnsNames: ["other.lab"] });
        const names = "DNS:other.lab, IP Address:127.0.0.2";
        return [{}, other, `its certificate is for ${names}, not for the address used`];
      },
      "a certificate for another name": async () => {
        const other = await authority.issue({ commonName: "sps", dnsNames: ["other.lab"] });
        return [{ address: "localhost" }, other, "its certificate is for DNS:other.lab, not for the address used"];
      },
      "a certificate that has expired": async () => {
        const days = (count: number) => new Date(Date.now() + count * 86_400_000);
        const names = { commonName: "sps", ipAddresses: ["127.0.0.1"] };
        const expired = await authority.issue({ ...names, notBefore: days(-9), notAfter: days(-1) });
        return [{}, expired, "its certificate has expired"];
      },
      "a certificate of tomorrow": async () => {
        const days = (count: number) => new Date(Date.now() + count * 86_400_000);
        const names = { commonName: "sps", ipAddresses: ["127.0.0.1"] };
        const early = await authority.issue({ ...names, notBefore: days(1), notAfter: days(9) });
        return [{}, early, "its certificate is not valid yet (check the clocks)"];
      },
      "another certificate than the pinned one": async () => [
        { certificateSha256: "ab".repeat(32) },
        certificate,
        `its certificate is ${colons(certificate.sha256)}, not the pinned one`,
      ],
    };
    for (const [name, prepare] of Object.entries(refusals)) {
      it(`sends nothing to ${name}`, async () => {
        const [changes, served, cause] = await prepare();
        const server = await serve(() => ok, served);
        for (const question of [GET, POST]) {
          const failure = await failureOf(transport(server.port, changes).send(question));
          assert.equal(failure.code, "SG1011");
          assert.equal(failure.text.cause, cause);
          assert.equal(failure.text.step, "prove identity");
        }
        assert.equal(server.requests.length, 0);
      });
    }

    const chains: Record<string, (parts: ChainParts) => [string[], string | undefined, string, string]> = {
      "an appliance that does not send its intermediate certificate": ({ leaf, root }) => [
        [leaf],
        root,
        'it sends no certificate but its own, whose issuer "sps intermediate 1" is not in ca',
        'install the intermediate certificate "sps intermediate 1" on the appliance, or add the certificate of "sps intermediate 1" to ca; nothing was sent',
      ],
      "the system's authorities and no intermediate certificate": ({ leaf }) => [
        [leaf],
        undefined,
        'it sends no certificate but its own, whose issuer "sps intermediate 1" is not trusted by this system',
        'install the intermediate certificate "sps intermediate 1" on the appliance, or set ca to the certificate of "sps intermediate 1"; nothing was sent',
      ],
      "an authority that is not the root of the chain": ({ leaf, intermediate, other }) => [
        [leaf, intermediate],
        other,
        'its certificate was issued by the authority "Transport test", which is not in ca',
        'add the certificate of "Transport test" to ca, or pin the certificate of the appliance with certificateSha256; nothing was sent',
      ],
      "an intermediate certificate without its root": ({ leaf, intermediate }) => [
        [leaf, intermediate],
        intermediate,
        'an intermediate certificate is trusted here, but not its issuer "Transport test"',
        'add the certificate of "Transport test" to ca, up to the root; nothing was sent',
      ],
      "the appliance's own certificate instead of its authority": ({ leaf }) => [
        [leaf],
        leaf,
        'ca holds the appliance\'s own certificate and not that of its issuer "sps intermediate 1"',
        'set ca to the certificate of "sps intermediate 1", or pin the certificate of the appliance with certificateSha256; nothing was sent',
      ],
      "a self-signed certificate": ({ self }) => [
        [self],
        undefined,
        "its certificate is self-signed and not trusted here",
        "compare it with the one on the appliance and set ca to it, or pin the certificate of the appliance with certificateSha256; nothing was sent",
      ],
    };
    for (const [name, choose] of Object.entries(chains)) {
      it(`names what is missing, with its remedy, with ${name}`, async () => {
        const issued = await authority.issue({ commonName: "sps", ipAddresses: ["127.0.0.1"], intermediates: 1 });
        const [leaf = "", intermediate = "", root = ""] = certificatesIn(issued.chainPem).map(String);
        const self = selfSigned();
        const other = (await LabCertificateAuthority.create("Other")).certificatePem;
        const [chain, ca, cause, remedy] = choose({ leaf, intermediate, root, other, self: self.chainPem });
        const privateKeyPem = chain[0] === self.chainPem ? self.privateKeyPem : issued.privateKeyPem;
        const server = await serve(() => ok, { ...issued, privateKeyPem, chainPem: chain.join("\n") });
        const failure = await failureOf(transport(server.port, { ca }).send(POST));
        assert.deepEqual([failure.code, failure.text.cause, failure.text.remedy], ["SG1011", cause, remedy]);
        assert.equal(server.requests.length, 0);
      });
    }

    it("verifies an appliance by its pinned certificate, whatever its names, issuer and age", async () => {
      const other = await LabCertificateAuthority.create("Other");
      const days = (count: number) => new Date(Date.now() + count * 86_400_000);
      const odd = await other.issue({ commonName: "odd", notBefore: days(-9), notAfter: days(-1) });
      const server = await serve(() => ok, odd);
      const pinned = transport(server.port, { certificateSha256: odd.sha256, ca: undefined });
      for (let time = 1; time <= 3; time += 1) assert.equal((await pinned.send(GET)).status, 200);
    });

    it("verifies the certificate once, and resumes that session on further connections, also with a pin", async () => {
      const server = await serve(() => ok);
      const handshakesOf = async (given: Transport) => {
        const { whole, resumed } = server.handshakes;
        await given.send(GET);
        await Promise.all([1, 2, 3, 4].map(() => given.send(GET)));
        // The first connection may be used again, or not.
        const isResuming = server.handshakes.resumed - resumed >= 3;
        return { whole: server.handshakes.whole - whole, isResuming };
      };
      assert.deepEqual(await handshakesOf(transport(server.port)), { whole: 1, isResuming: true });
      assert.deepEqual(
        await handshakesOf(transport(server.port)),
        { whole: 1, isResuming: true },
        "of no other transport",
      );
      const pin = { certificateSha256: certificate.sha256, ca: undefined };
      assert.deepEqual(await handshakesOf(transport(server.port, pin)), { whole: 1, isResuming: true });
    });

    it("refuses another appliance at the same address, although it has a proved session with a pin", async () => {
      const pinned = await serve(() => ok);
      const { port } = pinned;
      const sending = transport(port, { certificateSha256: certificate.sha256, ca: undefined });
      await sending.send(GET);
      await sending.send(GET);
      await pinned.stop();
      const other = await serve(() => ok, await authority.issue({ commonName: "other" }), port);
      const { code } = await failureOf(sending.send(GET));
      assert.deepEqual([code, other.requests.length], ["SG1011", 0]);
    });

    it("trusts any certificate with insecureSkipVerify", async () => {
      const other = await LabCertificateAuthority.create("Other");
      const server = await serve(() => ok, await other.issue({ commonName: "odd" }));
      const trusting = transport(server.port, { insecureSkipVerify: true, ca: undefined });
      assert.equal((await trusting.send(GET)).status, 200);
    });
  });

  describe("explains why it cannot connect to", () => {
    it("explains a port where nothing listens", async () => {
      const failure = await failureOf(transport(await closedPort()).send(POST));
      assert.equal(
        failure.message,
        "sps 127.0.0.1: connect: nothing listens there; correct address or port of the connection, or let this machine through the firewall [SG1010]",
      );
    });

    it("explains an unknown host name", async () => {
      const failure = await failureOf(transport(443, { address: "no-such-host.invalid" }).send(GET));
      assert.deepEqual([failure.code, failure.text.step], ["SG1010", "connect"]);
      assert.match(failure.text.cause, /^the (host name is unknown|DNS server does not answer)$/);
    });

    it("explains a server without TLS, with unsuitable TLS or a certificate that is not accepted", () => {
      const explained = (code: string) => {
        const { code: ours, text } = explainConnectionError("sps", { method: "GET", path: "/" }, { code });
        return [ours, text.cause];
      };
      const plain = ["SG1012", "the server there does not speak HTTPS"];
      assert.deepEqual(explained("ERR_SSL_WRONG_VERSION_NUMBER"), plain);
      assert.deepEqual(explained("ERR_SSL_HTTP_REQUEST"), plain);
      for (const code of ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "ERR_SSL_UNSUPPORTED_PROTOCOL"]) {
        assert.deepEqual(explained(code), ["SG1012", `the TLS handshake failed (${code})`]);
      }
      for (const code of [
        "INVALID_CA",
        "CERT_REVOKED",
        "CERT_CHAIN_TOO_LONG",
        "UNABLE_TO_GET_CRL",
        "CRL_HAS_EXPIRED",
      ]) {
        assert.deepEqual(explained(code), ["SG1011", `its certificate is not accepted (${code})`]);
      }
      assert.equal(explained("ECONNRESET")[0], "SG1017");
    });

    for (const greeting of ["SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n"]) {
      it(`explains a server that speaks ${greeting.slice(0, 4)} instead of TLS`, async () => {
        const failure = await failureOf(transport(await plainServer(greeting)).send(POST));
        assert.equal(failure.code, "SG1012");
        assert.equal(failure.text.cause, "the server there does not speak HTTPS");
      });
    }
  });

  describe("retries only what is safe", () => {
    it("retries a read twice after a broken connection", async () => {
      const server = await serve((_request, number) => (number < 3 ? "cut" : ok));
      assert.equal((await transport(server.port).send(GET)).status, 200);
      assert.equal(server.requests.length, 3);
    });

    it("fails a read after the third broken connection", async () => {
      const server = await serve(() => "cut");
      const failure = await failureOf(transport(server.port).send(GET));
      assert.ok(failure instanceof ConnectionBroken);
      assert.equal(failure.code, "SG1017");
      assert.equal(failure.text.step, "GET /api/info");
      assert.equal(server.requests.length, 3);
    });

    for (const status of [502, 503, 504]) {
      it(`retries a read after ${status}, and returns the answer if it stays so`, async () => {
        const server = await serve((_request, number) => (number < 3 ? { status } : ok));
        assert.equal((await transport(server.port).send(GET)).status, 200);
        assert.equal(server.requests.length, 3);
        const down = await serve(() => ({ status, body: "busy" }));
        const answer = await transport(down.port).send(GET);
        assert.deepEqual([answer.status, answer.text, down.requests.length], [status, "busy", 3]);
      });
    }

    it("retries no read after another answer", async () => {
      for (const status of [301, 400, 401, 404, 500]) {
        const server = await serve(() => ({ status }));
        assert.equal((await transport(server.port).send(GET)).status, status);
        assert.equal(server.requests.length, 1);
      }
    });

    for (const method of ["POST", "PUT", "DELETE"] as const) {
      it(`never retries a ${method}: a broken connection leaves its outcome unknown`, async () => {
        const server = await serve(() => "cut");
        const failure = await failureOf(transport(server.port).send({ ...POST, method }));
        assert.ok(failure instanceof AnswerLost);
        assert.equal(failure.code, "SG1016");
        assert.match(failure.message, /the outcome of the request is unknown/);
        assert.equal(server.requests.length, 1);
        const busy = await serve(() => ({ status: 503 }));
        assert.equal((await transport(busy.port).send({ ...POST, method })).status, 503);
        assert.equal(busy.requests.length, 1);
      });
    }

    it("waits for an answer no longer than the limit", async () => {
      const server = await serve(() => "hang");
      const started = Date.now();
      const failure = await failureOf(transport(server.port).send({ ...POST, answerSeconds: 1 }));
      assert.ok(failure instanceof AnswerLost);
      assert.ok(Date.now() - started < 5000, "the bound is the one given");
    });
  });

  describe("ends when the operation is cancelled", () => {
    it("cancels a running request at once, without a retry", async () => {
      const controller = new AbortController();
      const server = await serve(() => {
        controller.abort();
        return "hang";
      });
      const question = transport(server.port, {}, controller.signal).send(GET);
      await assert.rejects(question, { name: "AbortError" });
      assert.equal(server.requests.length, 1);
    });

    it("cancels a request in the pause before a retry", async () => {
      const controller = new AbortController();
      const server = await serve(() => {
        setTimeout(() => controller.abort(), 50);
        return { status: 503 };
      });
      const question = transport(server.port, {}, controller.signal).send(GET);
      await assert.rejects(question, { name: "AbortError" });
      assert.equal(server.requests.length, 1);
    });

    it("sends nothing when the operation is cancelled before the request", async () => {
      const server = await serve(() => ok);
      const question = transport(server.port, {}, AbortSignal.abort()).send(POST);
      await assert.rejects(question, { name: "AbortError" });
      assert.equal(server.requests.length, 0);
    });

    it("lets a request that is on its way go on for the given time, and sends none after a cancel", async () => {
      const controller = new AbortController();
      const server = await serve((_request, number) => {
        controller.abort(new Error("cancelled"));
        return number === 1 ? ok : "hang";
      });
      const patient: HttpRequest = { ...POST, secondsAfterCancel: 5 };
      assert.equal((await transport(server.port, {}, controller.signal).send(patient)).status, 200);
      await assert.rejects(transport(server.port, {}, controller.signal).send(patient), /^Error: cancelled$/);
      assert.equal(server.requests.length, 1);
      const other = new AbortController();
      const question = transport(server.port, {}, other.signal).send({ ...POST, secondsAfterCancel: 0.2 });
      other.abort(new Error("cancelled"));
      await assert.rejects(question, /^Error: cancelled$/);
    });

    it("sends clean-up requests after a cancel, within their own limit", async () => {
      const server = await serve((_request, number) => (number === 1 ? ok : "hang"));
      const cancelled = transport(server.port, {}, AbortSignal.abort());
      const tidying: HttpRequest = { method: "DELETE", path: "/api/transaction", evenIfCancelled: true };
      assert.equal((await cancelled.send(tidying)).status, 200);
      const started = Date.now();
      await assert.rejects(cancelled.send({ ...tidying, answerSeconds: 0.2 }));
      assert.ok(Date.now() - started < 5000, "the bound is the one given");
      assert.equal(server.requests.length, 2);
    });
  });

  async function plainServer(greeting: string): Promise<number> {
    const server = createServer((socket) => socket.on("error", () => undefined).write(greeting));
    const port = await listening(server);
    endings.push(() => void server.close());
    return port;
  }
});

interface ChainParts {
  leaf: string;
  intermediate: string;
  root: string;
  other: string;
  self: string;
}

/** A self-signed certificate and its key, from openssl. */
function selfSigned(): { chainPem: string; privateKeyPem: string } {
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "-", "-subj", "/CN=sps"];
  const pem = execFileSync("openssl", ["req", "-x509", ...made], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [privateKeyPem = "", chainPem = ""] = pem.split(/(?=-----BEGIN CERTIFICATE)/);
  return { chainPem, privateKeyPem };
}

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function colons(sha256: string): string {
  return (sha256.toUpperCase().match(/../g) ?? []).join(":");
}
