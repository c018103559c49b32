import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { z } from "zod";
import type { Effect } from "../../lab/common/traffic";
import { failureOf } from "../../tests/support/failure";
import { changesIn, Site } from "../../tests/support/site";
import type { ApplianceConnection } from "../core/connection";
import { SafeguardError } from "../core/errors";
import { SppClient } from "./client";

const CONTROLLER = "POST /RSTS/UserLogin/LoginController";
const TOKEN = "POST /RSTS/oauth2/token";
const EXCHANGE = "POST /service/core/v4/Token/LoginResponse";
const LOGOUT = "POST /service/core/v4/Token/Logout";
const LOGIN = [CONTROLLER, CONTROLLER, CONTROLLER, TOKEN, EXCHANGE];

const meAnswer = z.looseObject({ Name: z.string().optional(), AdminRoles: z.array(z.string()) });
const clusterLock = z.looseObject({ Operation: z.string() });
const statusAnswer = z.looseObject({ IsPrimary: z.boolean() });

describe("the client of SPP", () => {
  let site: Site;
  const clients: SppClient[] = [];

  before(async () => {
    site = await Site.start({ spsCount: 1, spp: { newestApiVersion: 4 } });
  });
  after(() => site.stop());
  beforeEach(() => site.clearTraffic());
  afterEach(async () => {
    site.lab.faults.clear();
    for (const client of clients.splice(0)) await client.close();
    site.assertNoSecret(...site.log.all);
  });

  const requests = () => changesIn(site.lab.spp.traffic);
  const livingTokens = () => site.lab.spp.context.tokens.activeUserTokens;
  const status = (code: number): Effect => ({ kind: "status", status: code });

  async function open(changes: Partial<ApplianceConnection> = {}, signal?: AbortSignal): Promise<SppClient> {
    const client = await SppClient.open(site.spp(changes), site.context(signal));
    clients.push(client);
    return client;
  }

  async function refusalOf(work: Promise<unknown>): Promise<SafeguardError> {
    const error = await failureOf(work, SafeguardError);
    site.assertNoSecret(error.message);
    return error;
  }

  it("logs in without a browser or the password grant, and logs out at the end", async () => {
    assert.equal(site.lab.spp.context.settings.allowsGrant("ResourceOwner"), false);
    const client = await open();
    assert.deepEqual(requests(), LOGIN);
    const steps = site.lab.spp.traffic.requests.slice(0, 3).map(({ query }) => new URLSearchParams(query));
    assert.deepEqual(
      steps.map((query) => query.get("loginRequestStep")),
      ["1", "3", "6"],
    );
    assert.equal((await client.get("core", "Me", meAnswer)).Name, "safeguard-join");
    assert.equal(livingTokens(), 1);
    await client.close();
    assert.deepEqual(requests(), [...LOGIN, LOGOUT]);
    assert.equal(livingTokens(), 0);
  });

  it("never puts the password or a login secret into a URL", async () => {
    const { password } = site.spp();
    await open();
    for (const { query } of site.lab.spp.traffic.requests) {
      const keys = [...new URLSearchParams(query).keys()];
      assert.ok(!query.includes(encodeURIComponent(String(password))));
      assert.ok(!keys.some((key) => /verifier|password|csrf/i.test(key)), keys.join());
    }
  });

  it("uses a new PKCE challenge for every login", async () => {
    await open();
    await open();
    const challenges = site.lab.spp.traffic.requests
      .filter(({ path }) => path.endsWith("LoginController"))
      .map(({ query }) => new URLSearchParams(query).get("code_challenge") ?? "");
    assert.equal(challenges.length, 6);
    assert.equal(new Set(challenges).size, 2);
    assert.ok(challenges.every((challenge) => /^[\w-]{43}$/.test(challenge)));
  });

  it("tries a wrong password only once", async () => {
    const failure = await refusalOf(open({ password: "wrong" }));
    assert.equal(
      failure.message,
      `spp ${site.spp().address}: log in: user safeguard-join was refused; correct username or password, and set identityProvider for a user of a directory; five wrong ones lock the account for 15 minutes [SG2001]`,
    );
    assert.deepEqual(requests(), [CONTROLLER, CONTROLLER]);
  });

  it("does not send the password of an unknown user to the token service", async () => {
    assert.equal((await refusalOf(open({ username: "nobody" }))).code, "SG2001");
    assert.equal(requests().includes(TOKEN), false);
  });

  it("reports a refusal of the token service as refused credentials", async () => {
    site.lab.faults.on("spp-credentials");
    assert.equal((await refusalOf(open())).code, "SG2001");
  });

  it("refuses an account that needs a second factor", async () => {
    site.lab.faults.on("spp-second-factor");
    const failure = await refusalOf(open());
    assert.equal(failure.code, "SG2002");
    assert.deepEqual(requests(), [CONTROLLER, CONTROLLER]);
  });

  it("reports that the user logged in too often", async () => {
    const { context } = site.lab.spp;
    context.options.loginThrottle = true;
    try {
      for (let time = 1; time <= 3; time += 1) await open();
      assert.equal((await refusalOf(open())).code, "SG2003");
    } finally {
      context.options.loginThrottle = false;
    }
  });

  it("distinguishes a web site from SPP", async () => {
    site.lab.faults.on("spp-not-spp");
    const failure = await refusalOf(open());
    assert.deepEqual([failure.code, failure.text.cause], ["SG2004", "the server there is not an SPP appliance"]);
    assert.deepEqual(requests(), [CONTROLLER]);
  });

  it("distinguishes SPS from SPP", async () => {
    const { address, port } = site.sps(0);
    const failure = await refusalOf(open({ address, port }));
    assert.equal(failure.code, "SG2004");
    assert.equal(changesIn(site.lab.sps[0].traffic).length, 1);
  });

  for (const fault of ["spp-maintenance", "spp-5xx"] as const) {
    it(`reports that SPP is not available during ${fault}`, async () => {
      site.lab.faults.on(fault);
      const failure = await refusalOf(open());
      assert.deepEqual([failure.code, failure.text.cause], ["SG2005", "it answered 503"]);
      assert.deepEqual(requests(), [CONTROLLER]);
    });
  }

  for (const path of [/LoginController/, /oauth2\/token/, /LoginResponse/]) {
    it(`reports a lost answer of ${path}, and sends the request once`, async () => {
      site.lab.spp.traffic.inject({ method: "POST", path, effect: { kind: "cut-before" } });
      assert.equal((await refusalOf(open())).code, "SG1016");
      assert.equal(requests().filter((request) => path.test(request)).length, 1);
      assert.equal(requests().includes(LOGOUT), false);
    });
  }

  it("reports a token that expires before its exchange as an expired session, and sends it once", async () => {
    const { tokens } = site.lab.spp.context;
    const run = () => tokens.revokeAllStsTokens();
    site.lab.spp.traffic.inject({
      method: "POST",
      path: /LoginResponse/,
      effect: { kind: "call", when: "before", run },
    });
    const failure = await refusalOf(open());
    assert.deepEqual([failure.code, failure.text.step], ["SG2009", "log in"]);
    assert.deepEqual(requests(), LOGIN);
  });

  it("logs in again once when the token expires, and continues", async () => {
    const client = await open();
    site.lab.faults.on("spp-token-expired");
    assert.equal((await client.get("core", "Cluster/Status", clusterLock)).Operation, "None");
    assert.deepEqual(requests(), [...LOGIN, ...LOGIN]);
  });

  it("gives up when the new token expires at once", async () => {
    const client = await open();
    site.lab.spp.traffic.inject({ method: "GET", path: /Me$/, times: 9, effect: status(401) });
    const failure = await refusalOf(client.get("core", "Me", meAnswer));
    assert.equal(failure.code, "SG2009");
    assert.equal(site.lab.spp.traffic.count("GET", /Me$/), 2);
  });

  const refusals: [number, string][] = [
    [400, "SG2008"],
    [403, "SG2006"],
    [404, "SG2004"],
    [500, "SG2005"],
    [503, "SG2005"],
  ];
  for (const [code, expected] of refusals) {
    it(`reports an answer ${code} without an explanation as ${expected}`, async () => {
      const client = await open();
      site.lab.spp.traffic.inject({ method: "GET", path: /Me$/, times: 9, effect: status(code) });
      assert.equal((await refusalOf(client.get("core", "Me", meAnswer))).code, expected);
    });
  }

  it("detects a lack of rights by SPP's code", async () => {
    site.lab.spp.addUser("auditor", "its-password", ["AssetAdmin"]);
    const client = await open({ username: "auditor", password: "its-password" });
    const failure = await refusalOf(client.get("core", "Cluster/Status", clusterLock));
    assert.equal(failure.code, "SG2006");
    assert.match(failure.text.cause, /lacks a permission \(403, code 60108\)/);
  });

  it("refuses an answer of another shape without showing it", async () => {
    const client = await open();
    const failure = await refusalOf(client.get("core", "Me", z.object({ Nickname: z.string() })));
    assert.equal(failure.code, "SG1012");
    assert.match(failure.message, /read Me: the answer has an unexpected shape at Nickname/);
  });

  it("reads public data without a login, and sends no logout", async () => {
    const client = SppClient.anonymous(
      site.spp({ password: undefined, passwordEnv: "SAFEGUARD_TEST_UNSET" }),
      site.context(),
    );
    assert.equal((await client.get("notification", "Status", statusAnswer)).IsPrimary, true);
    assert.equal((await refusalOf(client.get("core", "Me", meAnswer))).code, "SG2009");
    await client.close();
    assert.deepEqual(requests(), []);
  });

  it("logs out even when the user cancelled", async () => {
    const before = livingTokens();
    const controller = new AbortController();
    const client = await open({}, controller.signal);
    assert.equal(livingTokens(), before + 1);
    controller.abort();
    await assert.rejects(client.get("core", "Me", meAnswer), { name: "AbortError" });
    await client.close();
    assert.deepEqual(requests(), [...LOGIN, LOGOUT]);
    assert.equal(livingTokens(), before);
  });

  it("ignores a failed logout", async () => {
    const client = await open();
    site.lab.spp.traffic.inject({ method: "POST", path: /Logout$/, effect: { kind: "cut-before" } });
    await client.close();
    assert.match(site.log.of("debug").at(-1) ?? "", /logging out failed/);
  });
});

describe("the client of an older SPP", () => {
  let site: Site;
  before(async () => {
    site = await Site.start({ spsCount: 1, spp: { newestApiVersion: 3 } });
  });
  after(() => site.stop());

  it("uses version 3 of the API from the login on", async () => {
    const client = await SppClient.open(site.spp(), site.context());
    assert.deepEqual((await client.get("core", "Me", meAnswer)).AdminRoles, ["ApplianceAdmin", "OperationsAdmin"]);
    await client.close();
    assert.deepEqual(
      site.lab.spp.traffic.requests.slice(4).map(({ method, path, status }) => `${method} ${path} ${status}`),
      [
        `${EXCHANGE} 404`,
        "POST /service/core/v3/Token/LoginResponse 200",
        "GET /service/core/v3/Me 200",
        "POST /service/core/v3/Token/Logout 204",
      ],
    );
  });
});

describe("the client of an SPP with an Active Directory", () => {
  const PROVIDERS = "GET /service/core/v4/AuthenticationProviders";
  let site: Site;

  before(async () => {
    site = await Site.start({ spsCount: 1, spp: { directory: "corp.example.com" } });
  });
  after(() => site.stop());
  beforeEach(() => site.clearTraffic());

  const asked = () => site.lab.spp.traffic.requests.map(({ method, path }) => `${method} ${path}`);

  async function nameOf(identityProvider?: string): Promise<string | undefined> {
    const client = await SppClient.open(site.spp({ ...(identityProvider && { identityProvider }) }), site.context());
    const { Name: name } = await client.get("core", "Me", meAnswer);
    await client.close();
    return name;
  }

  for (const wanted of ["corp.example.com", "AD7-Corp.example.com", "ad7"]) {
    it(`logs in a user of the directory that is named as ${wanted}, after one request for its id`, async () => {
      assert.equal(await nameOf(wanted), "corp.example.com\\safeguard-join");
      assert.equal(asked()[0], PROVIDERS);
      assert.equal(asked().filter((request) => request === PROVIDERS).length, 1);
    });
  }

  it("logs in a local user by default, without a request for providers", async () => {
    for (const provider of [undefined, "local", "Local"]) assert.equal(await nameOf(provider), "safeguard-join");
    assert.ok(!asked().includes(PROVIDERS));
  });

  it("lists the identity providers when none or several match, and sends no password", async () => {
    const { address } = site.spp();
    const begin = `spp ${address}: choose the identity provider: `;
    const end = "; set spp.identityProvider to the name of one of them [SG2012]";
    const none = await failureOf(nameOf("other.example.com"), SafeguardError);
    assert.equal(
      none.message,
      `${begin}it has no identity provider other.example.com, only Local, corp.example.com${end}`,
    );
    const several = await failureOf(nameOf("o"), SafeguardError);
    assert.equal(several.message, `${begin}o matches several of its identity providers: Local, corp.example.com${end}`);
    assert.deepEqual(asked(), [PROVIDERS, PROVIDERS]);
  });

  it("refuses a wrong password of a user of the directory as that of a local user", async () => {
    const wrong = site.spp({ identityProvider: "corp.example.com", password: "wrong-but-secret" });
    const error = await failureOf(SppClient.open(wrong, site.context()), SafeguardError);
    assert.equal(error.code, "SG2001");
  });
});
