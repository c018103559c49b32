import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { DiagnosisReport, SiteCheckReport } from "../report-schema";
import type { Topology } from "../topology/schema";
import { diagnosisPage } from "./page";

const ORIGIN = { madeAt: new Date("2026-05-20T08:00:00Z"), version: "0.1.0" };

function check(parts: Partial<SiteCheckReport> = {}): SiteCheckReport {
  const base = { id: "sps-reachable", title: "SPS answers", level: "appliances", object: "sps 10.0.0.1" } as const;
  return { ...base, status: "pass", text: "10.0.0.1 answers", page: "docs/checks/README.md#sps-reachable", ...parts };
}

const TOPOLOGY: Topology = {
  site: "vienna",
  sps: { address: "10.0.0.1", version: "8.0.0", nodes: [], isCentral: true },
  spp: { address: "10.0.0.5", version: "8.2.0", isPrimary: true, members: [] },
  join: { state: "not known", reason: "no answer" },
  otherClusters: [],
  routers: [],
};

const FAILED: DiagnosisReport["sites"][number] = {
  site: "vienna",
  status: "failed",
  causes: [{ check: "sps-reachable", explains: ["sps-login"] }],
  checks: [
    check({
      status: "fail",
      text: "no answer",
      remedy: "open port 443",
      code: "SG1010",
      page: "docs/errors/SG1010.md",
    }),
    check({ id: "sps-login", title: "the login works", status: "not checked", because: "sps-reachable" }),
  ],
  topology: TOPOLOGY,
  milliseconds: 1234,
};
const FINE: DiagnosisReport["sites"][number] = {
  ...{ site: "graz", status: "fine", causes: [], checks: [check()], topology: TOPOLOGY, milliseconds: 10 },
};

/** The visible text of a page, without its style. */
const textOf = (page: string) =>
  page
    .replace(/<style>[\s\S]*<\/style>/, "")
    .replace(/<svg[\s\S]*?<\/svg>/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");

describe("HTML report", () => {
  it("names the cause, what to do, the code and what it explains", () => {
    const text = textOf(diagnosisPage({ sites: [FAILED], shared: [] }, ORIGIN));
    assert.match(
      text,
      /Site vienna: diagnosis Made on 2026-05-20 08:00 UTC by pulumi-safeguard 0\.1\.0\. Nothing was changed\./,
    );
    assert.match(
      text,
      /no answer sps 10\.0\.0\.1, check “SPS answers” What to do: open port 443 SG1010: appliance unreachable; docs\/errors\/SG1010\.md/,
    );
    assert.match(text, /Explains: the login works\./);
    assert.match(
      text,
      /1 of 2 explained by a failed check .*not checked the login works because this failed: SPS answers/,
    );
  });

  it("lists several sites with links to their sections, and shows a shared cause once", () => {
    const shared = [{ check: "sps-reachable", text: "no answer", sites: ["vienna", "linz"] }];
    const page = diagnosisPage({ sites: [FAILED, { ...FAILED, site: "linz" }, FINE], shared }, ORIGIN);
    for (const index of [0, 1, 2]) {
      assert.equal(page.split(`href="#site-${index}"`).length, 2);
      assert.equal(page.split(`id="site-${index}"`).length, 2);
    }
    assert.match(textOf(page), /2 sites \(vienna, linz\): check “SPS answers”: no answer/);
    assert.doesNotMatch(textOf(diagnosisPage({ sites: [FINE], shared: [] }, ORIGIN)), /The same cause|What to act on/);
  });

  it("loads nothing, runs nothing and forbids both", () => {
    const page = diagnosisPage({ sites: [FAILED, FINE], shared: [] }, ORIGIN);
    assert.doesNotMatch(page, /<script|<link|<img|src=|url\(|@import|https?:\/\//);
    assert.match(page, /content="default-src 'none'; style-src 'unsafe-inline'"/);
  });

  it("escapes everything that appliances and files say", () => {
    const evil = `<script>alert("x")</script>&'`;
    const topology = {
      ...TOPOLOGY,
      site: evil,
      sps: { ...TOPOLOGY.sps, address: evil },
      join: { ...TOPOLOGY.join, reason: evil },
    };
    const site = {
      ...FAILED,
      site: evil,
      topology,
      checks: [check({ status: "fail", text: evil, remedy: evil, title: evil })],
    };
    const page = diagnosisPage({ sites: [site], shared: [] }, ORIGIN);
    assert.ok(!page.includes("<script>"));
    assert.ok(page.includes("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;"));
  });

  it("shows characters that a browser would hide or obey as unreadable", () => {
    const page = diagnosisPage({ sites: [{ ...FINE, site: "gr\u202eza\u0007\ud800" }], shared: [] }, ORIGIN);
    assert.match(page, /<h1>Site gr\ufffdza\ufffd\ufffd: diagnosis<\/h1>/);
    assert.doesNotMatch(page, /\u202e|\p{Cs}/u);
  });

  it("closes every element that it opens, in order", () => {
    const open: string[] = [];
    const page = diagnosisPage({ sites: [FAILED, FINE], shared: [] }, ORIGIN).replace(/<style>[\s\S]*?<\/style>/, "");
    for (const [whole, slash, name = ""] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (name === "meta" || whole.endsWith("/>")) continue;
      if (slash === "") open.push(name);
      else assert.equal(open.pop(), name);
    }
    assert.deepEqual(open, []);
  });

  it("draws the topology of each site, open when it is the only one", () => {
    const draw = (...sites: DiagnosisReport["sites"]) => diagnosisPage({ sites, shared: [] }, ORIGIN);
    assert.match(draw(FAILED), /<details open><summary>SPP, the join/);
    const several = draw(FAILED, FINE);
    assert.equal(several.match(/<details><summary>SPP, the join/g)?.length, 2);
    for (const id of ["topology-0-title", "topology-1-text"]) assert.equal(several.split(`id="${id}"`).length, 2);
  });

  it("can be read without colours, by screen readers, on phones, in the dark and in print", () => {
    const page = diagnosisPage({ sites: [FAILED, FINE], shared: [] }, ORIGIN);
    assert.match(page, /<html lang="en">/);
    assert.match(page, /<meta name="viewport" content="width=device-width, initial-scale=1">/);
    assert.equal(page.match(/<h1>/g)?.length, 1);
    for (const query of ["prefers-color-scheme: dark", "max-width: 40rem", "print"]) assert.ok(page.includes(query));
    // Every table has a caption and headings, every result is a word.
    const tables = page.match(/<table/g)?.length;
    assert.equal(page.match(/<caption/g)?.length, tables);
    assert.equal(page.match(/<thead>/g)?.length, tables);
    assert.match(textOf(page), /fail SPS answers no answer/);
  });
});
