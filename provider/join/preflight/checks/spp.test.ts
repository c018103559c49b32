import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { assignedOf, NOW, rowOf } from "../../../../benchmarks/preflight/base-facts";
import { sentenceOf, UNREAD } from "../../../../benchmarks/preflight/sentence";
import type { ErrorCode } from "../../../core/errors";
import { UNKNOWN_CHAIN } from "../../../https/trust-problem";
import type { AssignedCertificate } from "../../../spp/certificates";
import type { Facts } from "../facts";
import type { Unread } from "../gathering";

type Spp = Partial<Facts["spp"]>;
const { late, forbidden, unreachable, untrusted } = UNREAD;
const DAY = 86_400_000;
const later = { why: "its password is known only during the update" };
const NOT_YET = "not checked: its password is known only during the update";
const refused: Unread = { why: "login refused", code: "SG2001", cause: "user x was refused", remedy: "correct it" };
const notSpp: Unread = {
  why: "it is none",
  code: "SG2004",
  cause: "the server there is no SPP",
  remedy: "correct the address",
};
const unavailable: Unread = { why: "it answered 503", code: "SG2005", cause: "it answered 503", remedy: "check it" };

const status = (changes: object): Spp => ({
  status: {
    value: {
      ...{ applianceId: "00155D26E342", version: "8.0.0.21662", state: "Online", isPrimary: true },
      ...{ isMaintenance: false, isReadOnly: false, now: NOW, ...changes },
    },
  },
});
const assigned = (changes: Partial<AssignedCertificate>): Spp => ({ assigned: { value: () => assignedOf(changes) } });

describe("check: SPP answers", () => {
  it("spp-reachable passes when SPP answers, even in maintenance", () => {
    assert.equal(sentenceOf("spp-reachable"), "pass: 10.0.0.5 answers");
    assert.equal(sentenceOf("spp-reachable", { spp: { login: unavailable } }), "pass: 10.0.0.5 answers");
    assert.equal(sentenceOf("spp-reachable", { spp: { login: refused } }), "pass: 10.0.0.5 answers");
  });

  it("spp-reachable fails when SPP is unreachable, drops the connection, or always answers 5xx", () => {
    const lost = { status: unreachable, login: unreachable };
    const text = "fail: spp.address: nothing listens there; correct the port [SG1010]";
    assert.equal(sentenceOf("spp-reachable", { spp: lost }), text);
    const login: Unread = { why: "the connection broke", code: "SG1016", cause: "it broke", remedy: "look" };
    assert.equal(sentenceOf("spp-reachable", { spp: { login } }), "fail: spp.address: it broke; look [SG1016]");
    const busy = "fail: spp.address: it answered 503; check it [SG2005]";
    assert.equal(sentenceOf("spp-reachable", { spp: { status: unavailable, login: unavailable } }), busy);
  });

  it("spp-reachable warns when answers time out", () => {
    const text =
      "warn: spp.address: not all answers came: time was up after 15 s; check the load of the appliance, and proxies and firewalls in between";
    assert.equal(sentenceOf("spp-reachable", { spp: { login: late } }), text);
  });

  it("spp-reachable is skipped when no request is sent", () => {
    assert.equal(sentenceOf("spp-reachable", { spp: { status: later, login: later } }), NOT_YET);
  });
});

describe("check: SPP proves its identity", () => {
  it("spp-certificate passes with a trusted chain, regardless of its names", () => {
    const text = "pass: its certificate was issued by a trusted authority";
    assert.equal(sentenceOf("spp-certificate", { spp: { address: "nobody.example.com" } }), text);
  });

  it("spp-certificate fails with an untrusted chain", () => {
    const { certificate } = {
      certificate: { value: { ...assignedOf(), sha256: "a", notAfter: NOW, chain: UNKNOWN_CHAIN, chainProblem: "X" } },
    };
    const text =
      "fail: spp.ca: it is self-signed; set spp.ca to its authority, or pin its certificate with spp.certificateSha256 [SG1011]";
    assert.equal(sentenceOf("spp-certificate", { spp: { certificate, status: untrusted } }), text);
  });

  it("spp-certificate is skipped without a certificate", () => {
    assert.equal(sentenceOf("spp-certificate", { spp: { certificate: late } }), "not checked: time was up after 15 s");
  });
});

describe("check: the appliance is an SPP", () => {
  it("spp-is-spp passes with an SPP status or after a login", () => {
    assert.equal(sentenceOf("spp-is-spp"), "pass: it answers as an SPP appliance does");
    assert.equal(sentenceOf("spp-is-spp", { spp: { status: late } }), "pass: it answers as an SPP appliance does");
  });

  it("spp-is-spp fails for another product", () => {
    const text = "fail: spp.address: the server there is no SPP; correct the address [SG2004]";
    assert.equal(sentenceOf("spp-is-spp", { spp: { status: notSpp, login: refused } }), text);
  });

  it("spp-is-spp is skipped without an answer", () => {
    assert.equal(
      sentenceOf("spp-is-spp", { spp: { status: unavailable, login: unavailable } }),
      "not checked: it answered 503",
    );
  });
});

describe("check: SPP is online", () => {
  const remedy = "check the state of the appliance, then run the command again [SG2005]";

  it("spp-online passes when the state is online, in any spelling, and for replicas", () => {
    assert.equal(sentenceOf("spp-online"), "pass: its state is Online");
    assert.equal(sentenceOf("spp-online", { spp: status({ state: "ONLINE" }) }), "pass: its state is ONLINE");
    const replica = status({ state: "ReplicaWithQuorum", isPrimary: false });
    assert.equal(sentenceOf("spp-online", { spp: replica }), "pass: its state is ReplicaWithQuorum");
  });

  it("spp-online fails in any other state, in maintenance and when read-only", () => {
    const text = (what: string) => `fail: spp.address: it answered that it is ${what}; ${remedy}`;
    assert.equal(sentenceOf("spp-online", { spp: status({ state: "PrimaryNoQuorum" }) }), text("PrimaryNoQuorum"));
    const maintenance = status({ state: "Maintenance", isMaintenance: true });
    assert.equal(sentenceOf("spp-online", { spp: maintenance }), text("Maintenance"));
    assert.equal(sentenceOf("spp-online", { spp: status({ isReadOnly: true }) }), text("read-only"));
  });

  it("spp-online is skipped without the status of SPP", () => {
    assert.equal(sentenceOf("spp-online", { spp: { status: unreachable } }), "not checked: not reached");
  });
});

describe("check: SPP is the primary", () => {
  const cause = "fail: spp.address: the appliance is a replica, and only the primary accepts this";

  it("spp-primary passes on the primary", () => assert.equal(sentenceOf("spp-primary"), "pass: it is"));

  it("spp-primary fails on a replica, and names the primary when it is known", () => {
    const replica = status({ isPrimary: false });
    const leader = { applianceId: "1", isLeader: true, ipv4Address: "10.0.0.6", ipv6Address: undefined };
    assert.equal(
      sentenceOf("spp-primary", { spp: { ...replica, members: { value: [leader] } } }),
      `${cause}; point spp.address at the primary, 10.0.0.6 [SG2007]`,
    );
    assert.equal(
      sentenceOf("spp-primary", { spp: { ...replica, members: refused } }),
      `${cause}; point spp.address at the primary [SG2007]`,
    );
  });

  it("spp-primary is skipped without the status of SPP", () => {
    assert.equal(sentenceOf("spp-primary", { spp: { status: late } }), "not checked: time was up after 15 s");
  });
});

describe("check: the SPP account can log in", () => {
  const failed = (code: ErrorCode) => ({ why: "login refused", code, cause: "cause", remedy: "remedy" });

  it("spp-login passes after a login", () =>
    assert.equal(sentenceOf("spp-login"), "pass: user safeguard-join can log in"));

  it("spp-login fails with the property that caused the refusal", () => {
    for (const code of ["SG1001", "SG2001", "SG2008"] as const) {
      assert.equal(
        sentenceOf("spp-login", { spp: { login: failed(code) } }),
        `fail: spp.password: cause; remedy [${code}]`,
      );
    }
    for (const code of ["SG2002", "SG2003"] as const) {
      assert.equal(
        sentenceOf("spp-login", { spp: { login: failed(code) } }),
        `fail: spp.username: cause; remedy [${code}]`,
      );
    }
  });

  it("spp-login is skipped when no login was tried, or something else refused it", () => {
    assert.equal(sentenceOf("spp-login", { spp: { login: unavailable } }), "not checked: it answered 503");
    assert.equal(sentenceOf("spp-login", { spp: { login: later } }), NOT_YET);
    assert.equal(sentenceOf("spp-login", { spp: { status: notSpp, login: refused } }), "not checked: it is none");
  });
});

describe("check: the SPP account may join", () => {
  const withRoles = (...roles: string[]) => sentenceOf("spp-permissions", { spp: { roles: { value: roles } } });
  const failure = (missing: string, own: string) =>
    `fail: spp.username: the account lacks a permission (missing: ${missing}; it has ${own}); give it the Appliance and Operations permissions [SG2006]`;

  it("spp-permissions passes with both permissions", () => {
    assert.equal(sentenceOf("spp-permissions"), "pass: user safeguard-join has ApplianceAdmin and OperationsAdmin");
    assert.match(withRoles("operationsadmin", "Auditor", "applianceadmin"), /^pass: /);
  });

  it("spp-permissions fails with one permission, with none, and with similar names", () => {
    assert.equal(withRoles("ApplianceAdmin"), failure("OperationsAdmin", "ApplianceAdmin"));
    assert.equal(withRoles(), failure("ApplianceAdmin, OperationsAdmin", "none"));
    const alike = withRoles("ApplicationAuditor", "SystemAuditor", "GlobalAdmin");
    assert.equal(alike, failure("ApplianceAdmin, OperationsAdmin", "ApplicationAuditor, SystemAuditor, GlobalAdmin"));
  });

  it("spp-permissions is skipped without a login", () => {
    assert.equal(sentenceOf("spp-permissions", { spp: { roles: refused } }), "not checked: login refused");
  });
});

describe("check: SPP's certificate names its address", () => {
  const sentence = (names: string[], address = "10.0.0.5", commonName = "") =>
    sentenceOf("spp-certificate-name", { spp: { address, ...assigned({ names, commonName }) } });

  it("spp-certificate-name passes with the exact name or address, or a matching wildcard", () => {
    assert.equal(sentenceOf("spp-certificate-name"), "pass: it names 10.0.0.5");
    assert.equal(sentence(["SPP.example.com"], "spp.EXAMPLE.com"), "pass: it names spp.EXAMPLE.com");
    assert.equal(sentence(["*.example.com"], "spp.example.com"), "pass: it names spp.example.com");
  });

  it("spp-certificate-name checks the served certificate when the assigned one is unknown", () => {
    assert.equal(sentenceOf("spp-certificate-name", { spp: { assigned: refused } }), "pass: it names 10.0.0.5");
    const spp = { assigned: refused, address: "10.0.0.6" };
    assert.match(
      sentenceOf("spp-certificate-name", { spp }),
      /^fail: spp\.address: its certificate names spp\.example\.com, /,
    );
  });

  it("spp-certificate-name fails with another name, and suggests the name to use", () => {
    assert.equal(
      sentence(["spp.example.com"]),
      "fail: spp.address: its certificate names spp.example.com, not 10.0.0.5; SPS would refuse to join; set spp.address to spp.example.com if that is the same appliance, or assign it a certificate that names its address [SG2011]",
    );
    assert.equal(
      sentence(["10.0.0.5"], "spp.example.com"),
      "fail: spp.address: its certificate names 10.0.0.5, not spp.example.com; SPS would refuse to join; set spp.address to 10.0.0.5, which is the same appliance [SG2011]",
    );
    assert.equal(
      sentence(["a.b.example.com"], "b.example.com"),
      "fail: spp.address: its certificate names a.b.example.com, not b.example.com; SPS would refuse to join; set spp.address to a.b.example.com if that is the same appliance, or assign it a certificate that names its address [SG2011]",
    );
  });

  it("spp-certificate-name fails with an address that is only a DNS name or the common name", () => {
    const text = (names: string) =>
      `fail: spp.address: its certificate names ${names}, not 10.0.0.5; SPS would refuse to join; assign it a certificate that names its address [SG2011]`;
    assert.equal(sentence(["DNS:10.0.0.5"]), text("DNS:10.0.0.5"));
    assert.match(sentence([], "10.0.0.5", "10.0.0.5"), /^fail: /);
  });

  it("spp-certificate-name warns when only the common name matches", () => {
    const text =
      "warn: spp.address: only its common name does, which newer software ignores; " +
      "assign SPP a certificate with its address among the subject alternative names";
    assert.equal(sentence([], "spp.example.com", "spp.example.com"), text);
    assert.match(sentence([], "spp.example.com", "other.example.com"), /^fail: .* names other\.example\.com, not /);
  });

  it("spp-certificate-name is skipped without a certificate", () => {
    const spp = { certificate: unreachable, assigned: unreachable };
    assert.equal(sentenceOf("spp-certificate-name", { spp }), "not checked: not reached");
  });
});

describe("check: SPS can receive SPP's certificate chain", () => {
  const sentence = (changes: Partial<AssignedCertificate>) =>
    sentenceOf("spp-certificate-chain", { spp: assigned(changes) });

  it("spp-certificate-chain passes with a complete chain", () => {
    assert.equal(sentenceOf("spp-certificate-chain"), "pass: 2 certificates, complete");
    assert.equal(sentence({ chainPem: ["leaf"] }), "pass: 1 certificate, complete");
  });

  it("spp-certificate-chain fails without a certificate, and with an unreadable or expired one", () => {
    assert.equal(
      sentenceOf("spp-certificate-chain", { spp: { assigned: { value: () => undefined } } }),
      "fail: spp.address: no TLS certificate is assigned to appliance 00155D26E342; assign one at Appliance Management > Certificates > SSL/TLS Certificates [SG2010]",
    );
    assert.equal(
      sentence({ notAfter: undefined }),
      "fail: spp.address: SPP's certificate cannot be read; assign SPP another certificate [SG2207]",
    );
    assert.equal(
      sentence({ notAfter: NOW - DAY }),
      "fail: spp.address: the certificate expired on 2026-05-19; assign SPP a new certificate [SG2208]",
    );
  });

  it("spp-certificate-chain warns about a missing issuer and about another served certificate", () => {
    assert.equal(
      sentence({ missingIssuer: "CN=Root" }),
      "warn: spp.address: it lacks the issuer CN=Root; SPS may not trust it; install that issuer on SPP, so that SPS gets the whole chain",
    );
    assert.equal(
      sentence({ thumbprint: "C".repeat(40) }),
      "warn: spp.address: the certificate served here is not the one that SPP says it uses; the connection may be intercepted; make sure that SPS reaches SPP itself",
    );
  });

  it("spp-certificate-chain is skipped without the certificates of SPP", () => {
    assert.equal(
      sentenceOf("spp-certificate-chain", { spp: { assigned: forbidden } }),
      "not checked: the account may not read it",
    );
    assert.equal(sentenceOf("spp-certificate-chain", { spp: { status: late } }), "not checked: time was up after 15 s");
  });
});

describe("check: no cluster operation runs on SPP", () => {
  const running = (name: string, startedAt?: string) =>
    sentenceOf("spp-operation", { spp: { operation: { value: { name, startedAt } } } });

  it("spp-operation passes when no operation runs", () => assert.equal(sentenceOf("spp-operation"), "pass: none runs"));

  it("spp-operation fails with any operation except a join", () => {
    const remedy = "let the operation end (Appliance Management > Cluster), then run pulumi up again [SG2113]";
    const text = `fail: spp.address: Patch runs since 2026-05-20T07:58:00Z; ${remedy}`;
    assert.equal(running("Patch", "2026-05-20T07:58:00Z"), text);
    assert.equal(running("Enroll"), `fail: spp.address: Enroll runs; ${remedy}`);
  });

  it("spp-operation warns about a running join, because the next one waits for it", () => {
    const text = "warn: spp.address: JoinSessionsModule runs; no action is needed: the join waits for its end";
    assert.equal(running("JoinSessionsModule"), text);
  });

  it("spp-operation is skipped when the operation cannot be read", () => {
    assert.equal(
      sentenceOf("spp-operation", { spp: { operation: forbidden } }),
      "not checked: the account may not read it",
    );
  });
});

describe("check: no access requests are open", () => {
  const sentence = (count: number, roles: string[], others: Spp = {}) =>
    sentenceOf("spp-access-requests", { spp: { roles: { value: roles }, openRequests: { value: count }, ...others } });

  it("spp-access-requests passes when none is open, and when no join is due", () => {
    assert.equal(sentence(0, ["Auditor"]), "pass: none is open");
    const joined = { modules: { value: [rowOf()] } };
    assert.equal(sentence(2, ["Auditor"], joined), "pass: no join is due, so none will be closed");
  });

  it("spp-access-requests warns with their number", () => {
    const remedy = "join when they are no longer needed";
    assert.equal(sentence(1, ["PolicyAdmin"]), `warn: acknowledge: the join closes 1 open access request; ${remedy}`);
    assert.equal(sentence(7, ["auditor"]), `warn: acknowledge: the join closes 7 open access requests; ${remedy}`);
  });

  it("spp-access-requests is skipped for an account that sees only its own requests", () => {
    const text = (count: number) =>
      `not checked: the join closes them all, and user safeguard-join sees only its own (${count})`;
    assert.equal(sentence(0, ["ApplianceAdmin", "OperationsAdmin", "SystemAuditor"]), text(0));
    assert.equal(sentence(3, ["ApplianceAdmin"]), text(3));
    assert.equal(sentenceOf("spp-access-requests", { spp: { roles: refused } }), "not checked: login refused");
  });

  it("spp-access-requests treats a split entry like a missing one", () => {
    const split = { modules: { value: [rowOf({ isConnected: false })] } };
    assert.match(sentence(2, ["Auditor"], split), /^warn: acknowledge: the join closes 2/);
  });
});

describe("check: SPP has a recent backup", () => {
  const remedy = "make one at Appliance Management > Backup and Retention";
  const sentence = (newest: number | undefined, spp: Facts["backups"]["spp"] = "report") =>
    sentenceOf("spp-backup", { spp: { newestBackup: { value: newest } }, backups: { sps: "report", spp } });

  it("spp-backup passes with a backup of the last seven days, by SPP's own clock", () => {
    assert.equal(sentence(NOW - 7 * DAY), "pass: the newest is 7 days old");
    const ahead = { ...status({ now: NOW + 30 * DAY }), newestBackup: { value: NOW + 29.5 * DAY } };
    assert.equal(sentenceOf("spp-backup", { spp: ahead }), "pass: the newest is 12 h old");
  });

  it("spp-backup passes when the join takes a backup or the program skips the check", () => {
    assert.equal(sentence(undefined, "take"), "pass: the join takes one first");
    assert.equal(sentence(undefined, "skip"), "pass: there is none, and the program skips it");
  });

  it("spp-backup warns without a backup, and fails when the program requires one", () => {
    const undone = "and the join cannot be undone";
    assert.equal(sentence(undefined), `warn: spp.address: there is none, ${undone}; ${remedy}`);
    assert.equal(sentence(NOW - 8 * DAY), `warn: spp.address: the newest is 8 days old, ${undone}; ${remedy}`);
    const required = `fail: spp.address: the newest is 8 days old; ${remedy}, or set backups.spp to "take" or "skip" [SG2209]`;
    assert.equal(sentence(NOW - 8 * DAY, "require"), required);
  });

  it("spp-backup is skipped when the backups cannot be read", () => {
    assert.equal(
      sentenceOf("spp-backup", { spp: { newestBackup: forbidden } }),
      "not checked: the account may not read it",
    );
  });
});
